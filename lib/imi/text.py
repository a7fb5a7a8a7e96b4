"""Words from text, and numbers from words."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

UNKNOWN = "<unk>"
PAD, BEGIN, END = "<pad>", "<s>", "</s>"  # of a sentence; END is the papers' <EOS>
PAD_ID, BEGIN_ID, END_ID = 1, 2, 3  # in every vocabulary that has them

# A word (inner apostrophes, hyphens, periods: don't, well-known, U.S.), a number, or one mark.
_WORD = re.compile(r"\d+(?:[.,]\d+)*|\w+(?:['’.-]\w+)*|[^\w\s]", re.UNICODE)


def words(text: str) -> list[str]:
    """Splits text into words, numbers and punctuation marks; case is kept."""
    return _WORD.findall(text)


def ngrams(tokens: Sequence[str], n: int) -> Iterator[tuple[str, ...]]:
    """Yields every run of `n` tokens.

    Raises:
        ValueError: if `n` is less than 1.
    """
    if n < 1:
        raise ValueError(f"n must be at least 1, got {n}")
    return zip(*(tokens[start:] for start in range(n)), strict=False)


class Vocabulary:
    """Words and their ids; id 0 stands for every word that is not in it.

    Args:
        words: the words in the order of their ids, without the unknown word.
        counts: how often each was seen, if known; `counts[0]` is the unknown word's.
        unknown: how the unknown word is written.
    """

    def __init__(
        self,
        words: Iterable[str],
        counts: Sequence[int] | None = None,
        *,
        unknown: str = UNKNOWN,
    ):
        self.words = (unknown, *words)
        self.counts = tuple(counts) if counts is not None else None
        self._ids = {word: number for number, word in enumerate(self.words)}
        if len(self._ids) != len(self.words):
            raise ValueError("a vocabulary may hold each word once")
        if self.counts is not None and len(self.counts) != len(self.words):
            raise ValueError(f"{len(self.words)} words need as many counts, got {len(self.counts)}")

    @classmethod
    def from_tokens(
        cls, tokens: Iterable[str], *, min_count: int = 1, max_size: int | None = None
    ) -> Vocabulary:
        """Collects the words seen at least `min_count` times, the commonest `max_size` at most.

        Words of equal count stand in alphabetical order, so that two runs give the same ids.
        """
        counts = Counter(tokens)
        unknown = counts.pop(UNKNOWN, 0)
        ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
        kept = [pair for pair in ranked if pair[1] >= min_count]
        if max_size is not None:
            kept = kept[: max_size - 1]
        unknown += sum(counts.values()) - sum(count for _, count in kept)
        return cls((word for word, _ in kept), (unknown, *(count for _, count in kept)))

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: str) -> bool:
        return word in self._ids

    def __getitem__(self, word: str) -> int:
        """Returns the word's id, or 0 if it is not known."""
        return self._ids.get(word, 0)

    def encode(self, tokens: Iterable[str]) -> list[int]:
        """Maps tokens to ids; unknown ones become 0."""
        return [self._ids.get(token, 0) for token in tokens]

    def decode(self, ids: Iterable[int]) -> list[str]:
        """Maps ids back to words."""
        return [self.words[number] for number in ids]


class Characters:
    """The 96 characters that the character nets know: the line end and printable ASCII.

    An id is a place in `ALPHABET`. `plain` brings real text to these characters; a text that still
    holds another one is refused, never changed in silence.
    """

    ALPHABET = "\n" + "".join(map(chr, range(32, 127)))
    _IDS = {character: number for number, character in enumerate(ALPHABET)}

    @classmethod
    def encode(cls, text: str) -> list[int]:
        """Maps characters to ids.

        Raises:
            ValueError: if there is a character that the nets do not know.
        """
        try:
            return [cls._IDS[character] for character in text]
        except KeyError as unknown:
            raise ValueError(
                f"these nets know the letters, digits and signs of ASCII only, not {unknown}"
            ) from None

    @classmethod
    def decode(cls, ids: Iterable[int]) -> str:
        """Maps ids back to text."""
        return "".join(cls.ALPHABET[number] for number in ids)


_LIKE_ASCII = str.maketrans(
    {"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "..."}
)


def plain(text: str) -> str:
    """Brings text to the `Characters`: tabs become spaces, accents go, what is left is left out."""
    text = text.replace("\r\n", "\n").expandtabs().translate(_LIKE_ASCII)
    bare = unicodedata.normalize("NFKD", text)
    return "".join(c for c in bare if c in Characters._IDS)
