"""BERT's word pieces: a piece that goes on with a word carries the mark ##.

Source: Devlin et al., "BERT" (2019), section 3, "Input/Output Representations"; the pieces of Wu et
    al. (2016), as in `imi.wordpiece`, where the mark stands at the beginning of words instead.
    flightless -> flight ##less
Lecture: notebooks/11_bert_2019.ipynb
Differs: the vocabulary is found by merging the most frequent pairs. Hugging Face's `tokenizers`
    finds it, and cuts text exactly as the published models expect it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from imi.text import Vocabulary

UNKNOWN, PAD, CLS, SEP, MASK = SPECIAL = ("[UNK]", "[PAD]", "[CLS]", "[SEP]", "[MASK]")
CONTINUES = "##"  # a word
LONGEST = 100  # letters of a word; a longer one is unknown
_AT_ONCE = 2_000  # texts


class BertPieces:
    """Text to pieces and back; all is read in lower case, without accents.

    `[MASK]` in a text, `[mask]` as well, is the mark itself; other marks are read sign by sign.

    Args:
        vocabulary: pieces in the order of their ids, or a vocabulary of them. It holds the marks
            [UNK] [PAD] [CLS] [SEP] [MASK], anywhere.

    Raises:
        ValueError: if a mark is missing or a piece stands there twice.
    """

    def __init__(self, vocabulary: Vocabulary | Sequence[str]):
        if not isinstance(vocabulary, Vocabulary):
            vocabulary = Vocabulary(vocabulary[1:], unknown=vocabulary[0])
        missing = [mark for mark in SPECIAL if mark not in vocabulary]
        if missing:
            raise ValueError(f"a vocabulary of BERT's word pieces lacks {' '.join(missing)}")
        self.vocabulary = vocabulary
        self.unknown_id, self.pad_id, self.cls_id, self.sep_id, self.mask_id = (
            vocabulary[mark] for mark in SPECIAL
        )
        self._cut = _tokenizer({word: number for number, word in enumerate(vocabulary.words)})

    @classmethod
    def train(
        cls, texts: Sequence[str], *, size: int, min_count: int = 2, letters: int = 200
    ) -> BertPieces:
        """Finds a vocabulary of at most `size` entries, the marks included, the commonest first.

        Args:
            min_count: how often a letter or a pair must be seen.
            letters: how many of the commonest letters and signs are known; a word with another
                one is unknown.

        Raises:
            ValueError: if there is no text, or `size` does not hold the marks and all letters.
        """
        known = _letters(texts, min_count=min_count, most=letters)
        room = size - len(SPECIAL) - len(known)
        if not known or room < 0:
            least = len(SPECIAL) + max(len(known), 2)
            raise ValueError(f"{len(known)} letters need a size of {least} or more, got {size}")
        longer = _merged(texts, known, size=size + size // 8, min_count=min_count)
        counts = cls([*SPECIAL, *known, *sorted(longer)])._counts(texts)
        # What was only a step towards longer pieces is left out.
        used = sorted((p for p in longer if counts[p]), key=lambda p: (-counts[p], p))[:room]
        counts = cls([*SPECIAL, *known, *used])._counts(texts)
        words = [*SPECIAL, *sorted([*known, *used], key=lambda p: (-counts[p], p))]
        return cls(Vocabulary(words[1:], [counts[word] for word in words], unknown=UNKNOWN))

    def split(self, text: str) -> list[str]:
        """Cuts text into pieces; a word with a letter that no piece has becomes [UNK]."""
        return self.vocabulary.decode(self.encode(text))

    def encode(self, text: str) -> list[int]:
        """Maps text to the ids of its pieces, without [CLS] and [SEP]."""
        return self._cut.encode(text, add_special_tokens=False).ids

    def encode_all(self, texts: Iterable[str]) -> Iterator[list[int]]:
        """Yields the ids of one text after the other, much faster than one by one."""
        for group in _groups(texts):
            for found in self._cut.encode_batch(group, add_special_tokens=False):
                yield found.ids

    def offsets(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        """Returns the ids of a text and where in it each piece begins and ends, in characters."""
        found = self._cut.encode(text, add_special_tokens=False)
        return found.ids, found.offsets

    def with_marks(self, *texts: Sequence[int]) -> tuple[list[int], list[int]]:
        """Lays the pieces of texts out as [CLS] A [SEP] B [SEP]; returns ids and segments (S,)."""
        ids, segments = [self.cls_id], [0]
        for number, text in enumerate(texts):
            ids += [*text, self.sep_id]
            segments += [number] * (len(text) + 1)
        return ids, segments

    def decode(self, ids: Iterable[int]) -> str:
        """Maps ids back to text in lower case; [PAD], [CLS] and [SEP] are left out."""
        pieces = self.vocabulary.decode(ids)
        return self._cut.decoder.decode([p for p in pieces if p not in (PAD, CLS, SEP)])

    def _counts(self, texts: Iterable[str]) -> Counter[str]:
        seen = Counter(number for ids in self.encode_all(texts) for number in ids)
        return Counter({self.vocabulary.words[number]: count for number, count in seen.items()})


def _tokenizer(ids: dict[str, int]) -> Any:
    """Makes what cuts text as BERT does."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers

    about = {"unk_token": UNKNOWN, "continuing_subword_prefix": CONTINUES}
    tokenizer = Tokenizer(models.WordPiece(ids, max_input_chars_per_word=LONGEST, **about))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece(prefix=CONTINUES)
    tokenizer.add_special_tokens([AddedToken(MASK, special=True, normalized=True)])
    return tokenizer


def _letters(texts: Iterable[str], *, min_count: int, most: int) -> list[str]:
    """Returns the commonest letters and signs, then how each goes on with a word, if it can."""
    from tokenizers import normalizers, pre_tokenizers

    plain = normalizers.BertNormalizer(lowercase=True).normalize_str
    cut = pre_tokenizers.BertPreTokenizer().pre_tokenize_str
    counts = Counter()
    for text in texts:
        counts.update(plain(text))
    found = [c for c, count in counts.items() if count >= min_count and not c.isspace()]
    found = sorted(found, key=lambda letter: (-counts[letter], letter))[:most]
    return [*found, *(CONTINUES + c for c in found if len(cut(plain("a" + c))) == 1)]


def _merged(texts: Iterable[str], known: Sequence[str], *, size: int, min_count: int) -> set[str]:
    """Merges, over and over, the pair of pieces seen most often; returns what is not known yet."""
    from tokenizers import trainers

    tokenizer = _tokenizer({mark: number for number, mark in enumerate(SPECIAL)})
    letters = [piece for piece in known if not piece.startswith(CONTINUES)]
    trainer = trainers.WordPieceTrainer(
        vocab_size=size,
        min_frequency=min_count,
        initial_alphabet=letters,
        limit_alphabet=len(letters),
        # What has its id beforehand is merged in the same order on every run.
        special_tokens=[*SPECIAL, *known],
        continuing_subword_prefix=CONTINUES,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return set(tokenizer.get_vocab()) - set(SPECIAL) - set(known)


def _groups(texts: Iterable[str]) -> Iterator[list[str]]:
    stream = iter(texts)
    while group := list(islice(stream, _AT_ONCE)):
        yield group
