"""How good a model is: perplexity, agreement with people, retrieval, translation."""

from imi.metrics.language import mix, mixture_weight, perplexity, token_log_probs
from imi.metrics.places import neighbour_accuracy, retrieval_precision, silhouette, squared_error
from imi.metrics.translation import (
    Score,
    alignment_error,
    bleu,
    chrf,
    pair_loss,
    score_by_length,
)
from imi.metrics.words import Analogies, Similarity, analogies, total, word_similarity

__all__ = [
    "Analogies",
    "Score",
    "Similarity",
    "alignment_error",
    "analogies",
    "bleu",
    "chrf",
    "mix",
    "mixture_weight",
    "neighbour_accuracy",
    "pair_loss",
    "perplexity",
    "retrieval_precision",
    "score_by_length",
    "silhouette",
    "squared_error",
    "token_log_probs",
    "total",
    "word_similarity",
]
