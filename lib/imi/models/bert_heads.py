"""One layer on top of BERT: for a class, a number, a choice, a span, or a tag for each word.

Source: Devlin et al., "BERT" (2019), sections 3.2 and 4, figure 4 in the appendix; for tags 5.3.
Lecture: notebooks/12_bert_finetuning_2019.ipynb
Shapes: B texts (or pairs), N choices, S places, D width (H in the paper), K scores.
Differs: where the paper scores choices and spans by a product with a vector, this layer has a bias
    too; it is the same for all choices and places, so nothing depends on it.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

READS = ("C", "T")  # the vector of the whole text, or that of each place


class FineTuned(nn.Module):
    """A BERT and the layer on top, C W^T or T_i W^T.

    Args:
        bert: gives `.hidden` (B, S, D) and `.pooled` (B, D), as `models.bert.Bert` does.
        outputs: K: classes; 1 for a number or a choice; 2, S and E, for a span; tags.
        reads: "C" for one answer a text, "T" for one a place.
        dropout: of what the layer reads.

    Raises:
        ValueError: if it should read something else, or have no output.
    """

    def __init__(self, bert: nn.Module, outputs: int, *, reads: str = "C", dropout: float = 0.1):
        super().__init__()
        if reads not in READS:
            raise ValueError(f"the layer reads C or T, not {reads!r}")
        if outputs < 1:
            raise ValueError(f"the layer needs at least 1 output, got {outputs}")
        self.bert, self.reads = bert, reads
        self.dropout, self.head = nn.Dropout(dropout), nn.Linear(bert.config.dim, outputs)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)

    def forward(self, ids: Tensor, lengths: Tensor, segments: Tensor) -> Tensor:
        """Scores texts (B, S) as (B, K), or their places as (B, S, K); choices (B, N, S) as (B, N).

        Raises:
            ValueError: if a text has no places, or more than there are positions.
        """
        flat = (ids.flatten(0, -2), lengths.flatten(), segments.flatten(0, -2))
        reading = self.bert(*flat)
        scores = self.head(self.dropout(reading.pooled if self.reads == "C" else reading.hidden))
        return scores.view(ids.shape[:2]) if ids.ndim == 3 else scores

    def train_top(self, layers: int | None) -> FineTuned:
        """Lets only the last `layers` of BERT learn, with what lies above them; None: all of it.

        0 is the layer on top alone: C, too, is as the pre-training left it.

        Raises:
            ValueError: if there are not so many layers.
        """
        depth = len(self.bert.encoder)
        if layers is not None and not 0 <= layers <= depth:
            raise ValueError(f"there are {depth} layers; 0 to {depth} can learn, not {layers}")
        self.bert.requires_grad_(layers is None)
        if layers:
            for part in (*self.bert.encoder[depth - layers :], self.bert.pooler):
                part.requires_grad_(True)
        return self


def span_scores(scores: Tensor, lengths: Tensor) -> Tensor:
    """Returns S.T_i and E.T_i as (2, B, S), -inf where a text is filled up, from (B, S, 2)."""
    filled = torch.arange(scores.shape[1], device=scores.device) >= lengths[:, None]
    return scores.movedim(-1, 0).masked_fill(filled, -torch.inf)
