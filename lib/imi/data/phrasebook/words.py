"""What the phrasebook knows of a word; `lexicon` reads them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

LANGUAGES = ("en", "ja", "ko", "fr", "de")
PEOPLE = ("kin", "person", "youth", "baby", "profession")
REMARKS = {"state", "perm", "once", "noprogress", "nohabit", "noneg", "generic", "subject", "job",
           "definite",
    "indefinite", "nowhere", "big", "single", "hour",
           "exist"}  # fmt: skip


class Noun(NamedTuple):
    """A noun in five languages; the fields of each are in `data/phrasebook/nouns.toml`."""

    id: str
    kind: str
    mass: bool  # not counted: bread, music
    en: tuple[str, str, str]  # one, many, the preposition of a place
    ja: tuple[str, str, str]  # the word, the word for one's own family, the counter
    ko: tuple[str, bool, str]  # the word, whether it is honoured, the counter
    fr: tuple[str, str, str, str, str]  # one, many, gender, at, to
    de: tuple[str, str, str, str, str, str]  # one, many, oblique, gender, at, to
    animate: bool


class Adjective(NamedTuple):
    """An adjective in five languages; comparatives are None where nothing is compared."""

    id: str
    about: tuple[str, ...]
    en: tuple[str, str | None]
    ja: tuple[str, str]  # before a noun, as a predicate
    ko: tuple[str, str]
    fr: tuple[str, str, str, bool]  # masculine, feminine, masculine before a vowel, before the noun
    de: tuple[str, str | None]  # with a hyphen the stem loses its last e: teuer, ein teures Auto


class Frame(NamedTuple):
    """How a language says a predicate: words and arguments ("O", "to_R") in their order."""

    head: str
    items: tuple[tuple[str, str, str], ...]  # (argument or "", the word, case)


class Predicate(NamedTuple):
    """Something that happens, with what may stand where."""

    id: str
    theme: str
    subject: tuple[str, ...]
    object: tuple[str, ...]
    third: tuple[str, ...]  # receivers, or places that begin with "at:" or "to:"
    en: Frame
    ja: Frame
    ko: Frame
    fr: Frame
    de: Frame
    remarks: frozenset[str]
    ko_passive: str


@dataclass(frozen=True)
class Lexicon:
    """All words, by their names."""

    nouns: dict[str, Noun]
    adjectives: dict[str, Adjective]
    names: dict[str, tuple[str, str, str, str]]
    pronouns: dict[str, tuple[str, ...]]
    fixed_places: dict[str, tuple[str, ...]]
    days: dict[str, tuple[str, ...]]
    predicates: dict[str, Predicate]
    groups: dict[str, tuple[str, ...]]
    adjuncts: dict[str, tuple[str, ...]]  # theme -> places
    forms: dict[str, dict[str, dict[str, str]]]  # what is irregular, by language
    _found: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)

    def of_kind(self, kinds: tuple[str, ...]) -> tuple[str, ...]:
        """Returns the nouns, names, pronouns and fixed places of some kinds, or single ones."""
        if kinds not in self._found:
            self._found[kinds] = tuple(dict.fromkeys(self._of_kind(kinds)))
        return self._found[kinds]

    def _of_kind(self, kinds: tuple[str, ...]) -> list[str]:
        found: list[str] = []
        for kind in kinds:
            group, _, one = kind.partition(".")
            if one:
                found.append(one)
            elif group in self.groups:
                found += self.of_kind(self.groups[group])
            else:
                found += self._whole_kind(group)
        return found

    def is_person(self, head: str) -> bool:
        """Returns whether a name, pronoun or noun is said of people."""
        if head in self.nouns:
            return self.nouns[head].kind in PEOPLE
        return head in self.names or head in self.pronouns

    def is_female(self, head: str) -> bool:
        """Returns whether a person is a woman; French tells it by the gender of the noun."""
        if head in self.nouns:
            return self.nouns[head].fr[2] == "f"
        return head == "she" or (head in self.names and self.names[head][1] == "f")

    def _whole_kind(self, kind: str) -> list[str]:
        tables = {"name": self.names, "pronoun": self.pronouns, "where": self.fixed_places}
        found = list(tables.get(kind, ()))
        found += [noun.id for noun in self.nouns.values() if noun.kind == kind]
        if not found:
            raise ValueError(f"the lexicon has no kind of noun {kind!r}")
        return found
