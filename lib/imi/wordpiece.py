"""Word pieces: frequent words stay whole, rare ones fall into parts that are known.

Source: Wu et al., "Google's Neural Machine Translation System" (2016), section 4.1: the pieces of
    Schuster & Nakajima (2012). A piece that begins a word carries a mark, so that pieces say
    where the spaces were: _J et _makers _fe ud
Lecture: notebooks/08_gnmt_2016.ipynb
Differs: the vocabulary is found by merging the most frequent pairs (Sennrich et al. 2016, as in
    `imi.merges`), not by the likelihood of a language model; Hugging Face's `tokenizers` does it.
    Words are cut from the left into the longest pieces that are known; how the paper cuts, section
    4.1 does not say. In lecture 08 each language has pieces of its own; the paper shares them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from imi.text import BEGIN, END, PAD, UNKNOWN, Vocabulary

MARK = "▁"  # begins a word
SPECIAL = (UNKNOWN, PAD, BEGIN, END)
_TAG = re.compile(r"^\s*(<2[a-z]+>)\s*")
LONGEST = 64  # letters of a word; what is longer is cut, so that no text takes for ever

# A word is a run of one script, one digit or one sign: Japanese, which has no spaces, falls into
# runs of kanji, hiragana and katakana.
_KANJI, _HIRAGANA, _KATAKANA = "\u3400-\u9fff々〆", "\u3041-\u309f", "\u30a0-\u30ff"
_RUNS = re.compile(
    rf"{MARK}?(?:[{_KANJI}]+|[{_HIRAGANA}]+|[{_KATAKANA}]+"
    rf"|[^\W\d_{_KANJI}{_HIRAGANA}{_KATAKANA}]+|[^{MARK}])|{MARK}"
)
_UNSPACED = re.compile(rf"[{_KANJI}{_HIRAGANA}{_KATAKANA}「『（]")


def tag(language: str) -> str:
    """Returns the token that asks for a language, `<2ja>`; it stands before the sentence.

    Source: Johnson et al., "Google's Multilingual Neural Machine Translation System: Enabling
        Zero-Shot Translation" (2016), section 3.
    """
    return f"<2{language}>"


def untagged(text: str) -> str:
    """Returns a text without the tag that may stand before it."""
    return _TAG.sub("", text, count=1)


def runs(text: str) -> list[str]:
    """Splits text into words, each with the mark if a space or the beginning was before it.

    A text that begins in Japanese has no mark there: nothing is lost, since there are no spaces.
    """
    marked = MARK.join(text.replace(MARK, "_").split())
    if marked and not _UNSPACED.match(marked):
        marked = MARK + marked
    return _RUNS.findall(marked)


class WordPieces:
    """Text to pieces and back.

    Args:
        vocabulary: of pieces, in which the marks of padding, begin and end have the ids 1, 2, 3.
            If it holds no capital letter, all text is read in lower case.

    Raises:
        ValueError: if the vocabulary has not those marks.
    """

    def __init__(self, vocabulary: Vocabulary):
        if vocabulary.words[: len(SPECIAL)] != SPECIAL:
            raise ValueError(f"a vocabulary of word pieces begins with {' '.join(SPECIAL)}")
        self.vocabulary = vocabulary
        self.lowercase = all(piece == piece.lower() for piece in vocabulary.words)
        self._longest = max(map(len, vocabulary.words))
        self._known: dict[str, tuple[str, ...]] = {}

    @classmethod
    def train(
        cls,
        sentences: Sequence[str],
        *,
        size: int,
        lowercase: bool = False,
        min_count: int = 2,
    ) -> WordPieces:
        """Finds a vocabulary of at most `size` entries, the marks included.

        Args:
            min_count: how often a letter or a pair must be seen.

        Raises:
            ValueError: if there is no text, or `size` does not hold the marks and all letters.
        """
        if lowercase:
            sentences = [sentence.lower() for sentence in sentences]
        pieces = cls._found(sentences, size=size, min_count=min_count)
        return cls(_counted(cls(Vocabulary([*SPECIAL[1:], *sorted(pieces)])), sentences))

    @classmethod
    def _found(cls, sentences: Sequence[str], *, size: int, min_count: int) -> Collection[str]:
        """Merges, over and over, the pair of pieces seen most often."""
        letters = Counter("".join("".join(runs(sentence)) for sentence in sentences))
        common = [letter for letter, count in letters.items() if count >= min_count]
        if not common or size <= len(SPECIAL) + len(common):
            least = len(SPECIAL) + len(common) + 1
            raise ValueError(f"{len(common)} letters need a size of {least} or more, got {size}")
        return _merged(sentences, size=size, letters=len(common), min_count=min_count)

    def with_tags(self, languages: Iterable[str]) -> WordPieces:
        """Returns the same pieces and, right behind the marks, a tag for each language.

        Raises:
            ValueError: if a language has its tag already.
        """
        words, counts = self.vocabulary.words, self.vocabulary.counts
        tags, first = [tag(language) for language in languages], len(SPECIAL)
        more = None if counts is None else (*counts[:first], *[0] * len(tags), *counts[first:])
        return WordPieces(Vocabulary([*words[1:first], *tags, *words[first:]], more))

    def split(self, text: str) -> list[str]:
        """Cuts text into pieces; a letter that no piece has becomes `<unk>`.

        A known tag before the text stays whole; a tag with no text behind it is nothing.
        """
        found = _TAG.match(text)
        if found and found[1] in self.vocabulary:
            rest = self._cut(untagged(text))
            return [found[1], *rest] if rest else []
        return self._cut(text)

    def _cut(self, text: str) -> list[str]:
        if self.lowercase:
            text = text.lower()
        return [piece for word in runs(text) for piece in self._pieces(word)]

    def encode(self, text: str) -> list[int]:
        """Maps text to the ids of its pieces."""
        return self.vocabulary.encode(self.split(text))

    @staticmethod
    def join(pieces: Iterable[str]) -> str:
        """Puts pieces together to text; the marks of padding, begin and end are left out."""
        text = "".join(piece for piece in pieces if piece not in SPECIAL[1:])
        return text.replace(MARK, " ").strip()

    def decode(self, ids: Iterable[int]) -> str:
        """Maps ids back to text."""
        return self.join(self.vocabulary.decode(ids))

    def _pieces(self, word: str) -> tuple[str, ...]:
        """Takes, from the left, the longest piece that is known."""
        if word in self._known:
            return self._known[word]
        left, found = word[:LONGEST], []
        while left:
            for size in range(min(len(left), self._longest), 0, -1):
                if left[:size] in self.vocabulary:
                    found.append(left[:size])
                    break
            else:
                size = 1
                found.append(UNKNOWN)
            left = left[size:]
        self._known[word] = tuple(found)
        return self._known[word]


class WholeWords(WordPieces):
    """Whole words and signs: what word pieces replace. A word that is not known is `<unk>`."""

    @classmethod
    def _found(cls, sentences: Sequence[str], *, size: int, min_count: int) -> Collection[str]:
        """Takes the words and signs seen most often, `min_count` times at least.

        Raises:
            ValueError: if there is no such word, or `size` leaves no room for one.
        """
        counts = Counter(word for sentence in sentences for word in runs(sentence))
        ranked = sorted(counts, key=lambda word: (-counts[word], word))
        kept = [word for word in ranked if counts[word] >= min_count][: size - len(SPECIAL)]
        if size <= len(SPECIAL) or not kept:
            raise ValueError(f"{len(counts)} words leave nothing for a vocabulary of {size}")
        return kept

    @staticmethod
    def join(pieces: Iterable[str]) -> str:
        """Puts words together to text; one that was not known stands as `<unk>` between spaces."""
        spaced = (f"{MARK}{p}{MARK}" if p == UNKNOWN else p for p in pieces)
        return " ".join(WordPieces.join(spaced).split())

    def _pieces(self, word: str) -> tuple[str, ...]:
        return (word if word in self.vocabulary else UNKNOWN,)


def _merged(sentences: Iterable[str], *, size: int, letters: int, min_count: int) -> set[str]:
    """Lets `tokenizers` find the pieces of words that are split already."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    tokenizer: Any = Tokenizer(models.WordPiece(unk_token=UNKNOWN))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = trainers.WordPieceTrainer(
        vocab_size=size,
        min_frequency=min_count,
        limit_alphabet=letters,
        special_tokens=list(SPECIAL),
        continuing_subword_prefix="",
        show_progress=False,
    )
    tokenizer.train_from_iterator((" ".join(runs(sentence)) for sentence in sentences), trainer)
    return set(tokenizer.get_vocab()) - set(SPECIAL)


def _counted(pieces: WordPieces, sentences: Iterable[str]) -> Vocabulary:
    """Orders pieces by how often the text has them; those of equal count by alphabet.

    What was only a step towards longer pieces is left out, but for single letters.
    """
    counts = Counter(piece for sentence in sentences for piece in pieces.split(sentence))
    used = [p for p in pieces.vocabulary.words[len(SPECIAL) :] if counts[p] or len(p) == 1]
    words = sorted(used, key=lambda p: (-counts[p], p))
    return Vocabulary([*SPECIAL[1:], *words], [counts[w] for w in (*SPECIAL, *words)])
