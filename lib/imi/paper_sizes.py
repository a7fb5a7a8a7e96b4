"""The papers' nets at their full size: how large, what they read, on which machines.

Every number is the paper's own; where it says none, there is none. Nets are built on PyTorch's
`meta` device, which has shapes and no memory.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

from imi.costs import Part
from imi.models.attention import RNNsearch, RNNsearchConfig
from imi.models.autoencoder import Autoencoder, AutoencoderConfig
from imi.models.bert import BASE, LARGE, BertConfig, BertForPretraining
from imi.models.gnmt import GNMT, GNMTConfig
from imi.models.nplm import NPLM, NPLMConfig
from imi.models.rnn import MRNN, MRNNConfig
from imi.models.seq2seq import Seq2Seq, Seq2SeqConfig
from imi.models.transformer import Transformer, TransformerConfig
from imi.models.word2vec import Word2Vec, Word2VecConfig

K80, P100 = 2.8e12, 9.5e12  # FLOPs a second, Vaswani et al. (2017), footnote 5
PASS = "of one pass; the number of passes is not said"


@dataclass(frozen=True)
class Machines:
    """On what a paper trained, and for how long; None where it does not say.

    Attributes:
        speed: FLOPs a second of each, where Vaswani et al. (2017) give them.
    """

    count: int | None = None
    kind: str = ""
    days: float | None = None
    speed: float | None = None

    def __str__(self) -> str:
        if self.count is None:
            return "not said"
        lasted = "time not said" if self.days is None else f"{self.days:.2g} days"
        return f"{self.count} {self.kind}, {lasted}"


@dataclass(frozen=True)
class Paper:
    """One net of one paper.

    Attributes:
        net: which of its nets.
        parameters: as counted in our net, or where ours differs too much to be counted, `told`.
        parts: what tokens go through.
        tokens: read in the whole training, of both sides; `what` they are.
        machines: the paper's.
        note: what was taken for granted, and what the paper leaves open.
        told: parameters, as the paper says.
        counted: whether `parameters` were.
    """

    name: str
    net: str
    parameters: float
    parts: tuple[Part, ...]
    tokens: float | None
    what: str
    machines: Machines
    note: str
    told: float | None = None
    counted: bool = True


def shape(make: Callable[[], nn.Module]) -> nn.Module:
    """Builds a net that has shapes and no memory."""
    with torch.device("meta"):
        return make()


def size(net: nn.Module) -> int:
    """Counts parameters."""
    return sum(weights.numel() for weights in net.parameters())


def bengio() -> Paper:
    """The largest net of table 2, on AP News."""
    words = 14e6 * 5
    net = shape(lambda: NPLM(NPLMConfig(17_964, 5, 100, 60, direct=True)))
    part = Part.of(net.hidden, net.output, tokens=words, batch=1)
    return Paper("Bengio et al. 2003", "MLP10 on AP News", size(net), (part,), words, "words",
                 Machines(40, "CPUs", 21), "5 passes over 14 million words, one word at a time, in "
                 "over three weeks; n = 6, m = 100, h = 60; SGD without moments.")  # fmt: skip


def hinton() -> Paper:
    """The digits of figure 2."""
    net = shape(lambda: Autoencoder(AutoencoderConfig()))
    part = Part.of(net, tokens=60_000, batch=1_000)
    return Paper("Hinton & Salakhutdinov 2006", "digits, 784-1000-500-250-30", size(net), (part,),
                 60_000, "images", Machines(), f"60,000 images {PASS}; fine-tuning alone, in "
                 "batches of 1,000.")  # fmt: skip


def sutskever_2011() -> Paper:
    """The multiplicative net on Wikipedia."""
    net = shape(lambda: MRNN(MRNNConfig(86, 1_500, 1_500)))
    part = Part.of(net, tokens=1e8)
    return Paper("Sutskever et al. 2011", "multiplicative RNN, 1,500 units", size(net), (part,),
                 1e8, "characters", Machines(8, "GPUs", 5), f"100 million characters {PASS}, and "
                 "one of its Hessian-free steps costs many; batches of unknown size.",
                 told=4.9e6)  # fmt: skip


def mikolov() -> Paper:
    """Skip-gram of table 6, by the paper's own count: Q = C (D + D log2 V)."""
    dim, known, window, words = 1_000, 1_000_000, 10, 6e9
    net = shape(lambda: Word2Vec(Word2VecConfig(known, dim, output_size=known - 1)))
    met = round(window * dim * (1 + math.log2(known)))
    return Paper("Mikolov et al. 2013", "Skip-gram, 1,000 numbers", size(net),
                 (Part(met, words),), words, "words", Machines(125, "CPU cores", 2.5),
                 f"6 billion words {PASS}; C = 10, a million words in a Huffman tree, the paper's "
                 "Q weights for each word, by SGD; its time goes into fetching them, which is not "
                 "counted.")  # fmt: skip


def sutskever_2014() -> Paper:
    """One net of the ensemble."""
    config = Seq2SeqConfig(160_000, 80_000, 1_000, 1_000, 4, tied=False)
    net = shape(lambda: Seq2Seq(config))
    epochs, pairs, english, french = 7.5, 12e6, 304e6, 348e6
    read, wrote = (128 * words / pairs for words in (english, french))
    parts = (Part.of(net.encoder, tokens=english * epochs, batch=read),
             Part.of(net.decoder, net.output, tokens=french * epochs, batch=wrote))  # fmt: skip
    return Paper("Sutskever et al. 2014", "4 layers of 1,000 cells", size(net), parts,
                 (english + french) * epochs, "words", Machines(8, "GPUs", 10),
                 "7.5 passes over 12 million pairs, 304 and 348 million words, in batches of 128 "
                 "pairs; SGD without moments.", told=384e6)  # fmt: skip


def karpathy() -> Paper:
    """The net that read Linux."""
    weights, characters = 10e6, 474e6
    return Paper("Karpathy 2015", "three layers on Linux", weights,
                 (Part(round(weights), characters),), characters, "characters", Machines(),
                 f"474 MB of C {PASS}; the essay gives no widths, so nothing can be counted; "
                 "\"a few days\" on an unnamed GPU.", told=weights, counted=False)  # fmt: skip


def bahdanau() -> Paper:
    """RNNsearch-50."""
    config = RNNsearchConfig(30_000, 30_000, 620, 1_000, 1_000, 500, tied=False)
    net = shape(lambda: RNNsearch(config))
    epochs, words, sentence = 2.2, 348e6, 348 / 12
    looks = sentence * (config.alignment_dim + 2 * config.hidden_dim)
    writing = (net.attention.query, net.unit, net.from_state, net.from_word, net.from_context,
               net.output)  # fmt: skip
    about = {"tokens": words * epochs, "batch": 80 * sentence}
    parts = (Part.of(net.encoder, net.attention.key, **about),
             Part.of(*writing, products=looks, looks=sentence * (1 + config.alignment_dim),
                     **about))  # fmt: skip
    return Paper("Bahdanau et al. 2015", "RNNsearch-50", size(net), parts, 2 * words * epochs,
                 "words", Machines(1, "Quadro K-6000", 111 / 24), "2.2 passes over 348 million "
                 "words, taken for each side, 29 in a sentence, 80 sentences in a batch; 111 "
                 "hours (appendix B); Adadelta keeps as much as Adam.")  # fmt: skip


def deep(name: str, net: str, machines: Machines, told: float | None, note: str) -> Paper:
    """Google's deep stacks; neither paper says how many words were read."""
    made = shape(lambda: GNMT(GNMTConfig(32_000, 32_000, 1_024, 1_024, 1_024, 8, tied=False)))
    return Paper(name, net, size(made), (), None, "", machines, note, told=told)


def vaswani(name: str, dim: int, heads: int, updates: int, told: float, days: float) -> Paper:
    """A Transformer of table 3, English to German."""
    config = TransformerConfig(37_000, 37_000, dim, heads, 4 * dim, 6, shared=True)
    net, batch = shape(lambda: Transformer(config)), 25_000
    read = batch * float(updates)
    parts = (
        Part.of(net.encoder, tokens=read, batch=batch),
        Part.of(net.decoder, net.target_embedding.weight, tokens=read, batch=batch),
    )
    return Paper("Vaswani et al. 2017", name, size(net), parts, 2 * read, "word pieces",
                 Machines(8, "P100", days, P100), f"{updates:,} updates of 25,000 source and "
                 "25,000 target pieces; how long sentences are, and so what the scores of "
                 "attention cost, is not said and left out.", told=told)  # fmt: skip


def devlin(name: str, config: BertConfig, chips: int, told: float) -> Paper:
    """BERT, nine tenths of it on rows of 128 pieces."""
    net = shape(lambda: BertForPretraining(config))
    batch, updates, asked = 128_000, 1e6, 0.15
    length = 0.9 * 128 + 0.1 * 512
    products = 2 * config.layers * config.dim * length  # scores, and the sums that they weigh
    looks = config.layers * config.heads * 512
    parts = (Part.of(net.bert.encoder, tokens=batch * updates, batch=batch, products=products,
                     looks=looks),
             Part.of(net.transform, net.bert.words.weight, tokens=asked * batch * updates,
                     batch=asked * batch))  # fmt: skip
    return Paper("Devlin et al. 2019", name, size(net), parts, batch * updates, "word pieces",
                 Machines(chips, "TPU chips", 4), "a million updates of 128,000 pieces, 40 passes "
                 "over 3.3 billion words; rows of 128 pieces, in the last tenth of 512; 15 % are "
                 "guessed; activations of the long rows.", told=told)  # fmt: skip


def papers() -> list[Paper]:
    """Returns all, in the order of the lectures."""
    return [
        bengio(), hinton(), sutskever_2011(), mikolov(), sutskever_2014(), karpathy(), bahdanau(),
        deep("Wu et al. 2016", "GNMT, 8 and 8 layers, English to French",
             Machines(96, "K80", 6, K80), None,
             "36 million pairs, how many words and passes is not said; FLOPs and days are those "
             "of its machines at the speed that Vaswani et al. (2017) give."),
        deep("Johnson et al. 2016", "12 pairs of languages in one net", Machines(100, "GPUs", 21),
             255e6, "Google's own data, of unknown size; about three weeks on 100 GPUs of no "
             "stated kind. Ours has a table of pieces for each side."),
        vaswani("base", 512, 8, 100_000, 65e6, 0.5),
        vaswani("big", 1_024, 16, 300_000, 213e6, 3.5),
        devlin("BASE", BASE, 16, 110e6),
        devlin("LARGE", LARGE, 64, 340e6),
    ]  # fmt: skip
