"""How good a model is: perplexity, agreement with people, retrieval, translation, tasks."""

from imi.metrics.language import mix, mixture_weight, perplexity, token_log_probs
from imi.metrics.places import neighbour_accuracy, retrieval_precision, silhouette, squared_error
from imi.metrics.tasks import (
    EntityScore,
    accuracy,
    entities,
    entity_f1,
    exact_match,
    f1,
    matthews,
    pearson,
    span_f1,
    spearman,
)
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
    "EntityScore",
    "Score",
    "Similarity",
    "accuracy",
    "alignment_error",
    "analogies",
    "bleu",
    "chrf",
    "entities",
    "entity_f1",
    "exact_match",
    "f1",
    "matthews",
    "mix",
    "mixture_weight",
    "neighbour_accuracy",
    "pair_loss",
    "pearson",
    "perplexity",
    "retrieval_precision",
    "score_by_length",
    "silhouette",
    "span_f1",
    "spearman",
    "squared_error",
    "token_log_probs",
    "total",
    "word_similarity",
]
