"""One text that no language model of the series has seen, and how many bits each needs for it.

Nets of letters and nets of words keep different articles aside; here are those that both do.
A perplexity is a mean over a net's own tokens, so that of another vocabulary cannot stand beside
it. Bits a character can: all divide by the characters of the same text. What a net of words says of
an unknown word is that it is unknown, nothing of its letters; so it is also spelled, by how often
letters are. Its words are small and without blanks: less is asked of it than of a net of letters.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from imi import checkpoints, metrics, text
from imi.checkpoints import Checkpoint
from imi.data import corpora, prose, source_code
from imi.recipes import compression, language_model, nplm_english, rnnlm
from imi.recipes.characters import bits_per_character
from imi.text import Characters, Vocabulary

LETTERS = ("wiki_rnn", "wiki_mrnn", "wiki_lstm")
ORDER = 8  # of the letters that are counted


class Told(NamedTuple):
    """What a net of words says of a text.

    Attributes:
        nats: minus the log-probability of each predicted word (N,).
        unknown: the words that it does not know, one by one.
        vocabulary: its words.
    """

    nats: Tensor
    unknown: Sequence[str]
    vocabulary: Vocabulary


def articles() -> list[str]:
    """Returns the openings of articles that neither nets of letters nor nets of words learned from.

    Raises:
        DataError: if the articles are neither in the cache nor to be had.
    """
    return [
        article.text
        for article in corpora.wikipedia_leads()
        if source_code.is_aside(article.title) and prose.part_of(article.text.lower()) == "test"
    ]


def characters(texts: Sequence[str]) -> Tensor:
    """Returns the texts as one row of characters (N,), as nets of letters read them."""
    return torch.tensor(Characters.encode(text.plain("\n".join(f"{one}\n" for one in texts))))


def tokens(texts: Sequence[str]) -> list[str]:
    """Returns the texts as one row of words, as nets of words read them, with gaps of marks."""
    gap = [prose.BOUNDARY] * prose.GAP
    cut = [text.words(part) for one in texts for part in prose.sentences(one.lower())]
    return [*(token for words in cut for token in (*gap, *words)), prose.BOUNDARY]


def spelling(vocabulary: Vocabulary) -> Callable[[str], float]:
    """Returns what tells how many bits the letters of a word take, its end among them.

    How often a letter is, is counted in the known words, each once: unknown ones are like rare
    ones. A letter that no known word has counts as if it were there once.
    """
    counts = Counter(sign for word in vocabulary.words[1:] for sign in f"{text.plain(word)}\n")
    counts.update(Characters.ALPHABET)
    every = counts.total()
    return lambda word: sum(math.log2(every / counts[sign]) for sign in f"{text.plain(word)}\n")


def window_net(shipped: Checkpoint, words: Sequence[str]) -> Told:
    """Asks an NPLM for each word of a text and for the end of each sentence."""
    model, known = shipped.model, shipped.vocabulary
    ids = torch.tensor(known.encode(words))
    asked = language_model.examples(ids, model.config.context_size, boundary=known[prose.BOUNDARY])
    unknown = [word for word in words if word not in known]
    return Told(-metrics.token_log_probs(model, *asked), unknown, known)


def reading_net(shipped: Checkpoint, words: Sequence[str]) -> Told:
    """Asks an RNNLM for each word of a text and for the end of each sentence."""
    known = shipped.vocabulary
    ids = rnnlm.one_mark(known.encode(words), known[prose.BOUNDARY])
    unknown = [word for word in words if word not in known]
    return Told(-rnnlm.log_probs(shipped.model, ids), unknown, known)


def bits_of_words(told: Told, size: int) -> dict[str, float]:
    """Turns nats a word into bits a character of a text of `size` characters.

    Returns them with the letters of unknown words and without (`words_alone`), the perplexity of a
    word, and the share of words that are unknown.
    """
    bits = told.nats.double().sum().item() / math.log(2)
    spelled = sum(map(spelling(told.vocabulary), told.unknown))
    return {
        "bits": (bits + spelled) / size,
        "words_alone": bits / size,
        "perplexity": metrics.perplexity(-told.nats),
        "unknown": len(told.unknown) / len(told.nats),
    }


def counted_bits(ids: Tensor) -> float:
    """Returns the bits a character that counting runs of 8 letters needs, smoothed (Kneser-Ney)."""
    model = compression.ngram(source_code.encyclopaedia(), ORDER)
    return -compression.ngram_log_probs(model, ids).mean().item() / math.log(2)


def measure_all() -> dict[str, float]:
    """Measures all language models on the common text; figures NET/FIGURE."""
    texts = articles()
    ids, words = characters(texts), tokens(texts)
    figures = {"articles": float(len(texts)), "characters": float(len(ids))}
    for name in LETTERS:
        model = checkpoints.load(name).model
        figures[f"{name}/bits"] = bits_per_character(model, ids, rows=1)
    figures["counted/bits"] = counted_bits(ids)
    for name, ask in ((nplm_english.NAME, window_net), (rnnlm.NAME, reading_net)):
        told = bits_of_words(ask(checkpoints.load(name), words), len(ids))
        figures |= {f"{name}/{figure}": value for figure, value in told.items()}
    return {figure: round(value, 4) for figure, value in figures.items()}
