"""Reads the words of the phrasebook from the tables in `data/phrasebook/`."""

from __future__ import annotations

from functools import lru_cache

from imi import places
from imi.data.phrasebook.words import PEOPLE, REMARKS, Adjective, Frame, Lexicon, Noun, Predicate

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib


_GENDERS = {"der": "m", "die": "f", "das": "n"}


def read_table(name: str) -> dict[str, dict[str, str]]:
    """Reads one table of `data/phrasebook/`."""
    path = places.data_dir() / "phrasebook" / f"{name}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.split("|")]


def _french_plural(word: str) -> str:
    if word[-1] in "sxz":
        return word
    if word.endswith(("eau", "œu")):
        return word + "x"
    return word[:-2] + "aux" if word.endswith("al") and word != "festival" else word + "s"


def _english_plural(word: str) -> str:
    if word.endswith(("s", "x", "ch", "sh")):
        return word + "es"
    return word[:-1] + "ies" if word[-1] == "y" and word[-2] not in "aeou" else word + "s"


def _noun(id: str, kind: str, row: str, counters: str) -> Noun:
    """Reads a row of the nouns; before the noun of a place stand its prepositions."""
    en, ja, ko, fr, de = _cells(row)
    before = {"en": "", "fr": "", "de": ""}
    if kind in ("place", "town", "home"):
        before["en"], en = en.split(" ", 1)
        before["fr"], fr = fr.split(" ", 1)
        before["de"], de = de.split(" ", 1)
    one, _, many = en.partition(", ")
    counter_ja, counter_ko = counters.split()
    ja, _, own_ja = ja.partition(", ")
    ko, _, own_ko = ko.partition(", ")
    word, _, mine = ja.partition("/")
    fr_one, _, fr_many = fr.partition(", ")
    fr_one, gender = fr_one.removesuffix(" p").rsplit(" ", 1)
    article, _, rest = de.partition(" ")
    forms = rest.split(", ")
    fr_at, _, fr_to = before["fr"].partition("/")
    de_at, _, de_to = before["de"].partition("/")
    return Noun(
        id, kind, forms[1] == "-",
        (one, many or _english_plural(one), before["en"]),
        (word, mine or word, own_ja or counter_ja),
        (ko.rstrip("^"), ko.endswith("^"), own_ko or counter_ko),
        (fr_one, fr_many or _french_plural(fr_one), gender, fr_at, fr_to or fr_at),
        (forms[0], forms[1], forms[-1] if len(forms) > 2 else forms[0], _GENDERS[article],
         de_at, de_to),
        kind in (*PEOPLE, "animal"),
    )  # fmt: skip


def _adjective(id: str, row: str) -> Adjective:
    about, en, ja, ko, fr, de = _cells(row)
    word, comma, more = en.partition(",")
    ja_noun, _, ja_is = ja.partition("/")
    ko_noun, _, ko_is = ko.partition("/")
    forms = fr.removesuffix(" <").split(", ")
    stem, _, de_more = de.partition(", ")
    return Adjective(
        id, tuple(about.split()),
        (word, (more.strip() or f"more {word}") if comma else None),
        (ja_noun, ja_is or ja_noun),
        (ko_noun, ko_is or ko_noun),
        (forms[0], forms[1], forms[-1] if len(forms) > 2 else forms[0], fr.endswith(" <")),
        (stem, de_more or None),
    )  # fmt: skip


def _item(word: str) -> tuple[str, str, str]:
    """Splits "auf_O.a": (argument, word that marks it, case); a plain word is no argument."""
    marker, _, argument = word.rpartition("_")
    if word[:2] in ("O_", "R_", "P_"):  # Asian: the mark follows
        argument, _, marker = word.partition("_")
    name, _, case = argument.partition(".")
    if name in ("O", "R", "P"):
        return name, marker, case
    return "", word, ""


def _frame(text: str, *, verb_last: bool) -> Frame:
    words = text.split()
    head = words.pop(-1 if verb_last else 0)
    return Frame(head, tuple(_item(word) for word in words))


def _predicate(id: str, theme: str, row: str) -> Predicate:
    who, en, ja, ko, fr, de, *rest = _cells(row)
    remarks = set(rest[0].split()) if rest else set()
    passive = next((remark for remark in remarks if remark.startswith("passive:")), "")
    remarks.discard(passive)
    if unknown := remarks - REMARKS:
        raise ValueError(f"{id}: unknown remarks {sorted(unknown)}")
    kinds = [tuple(kinds.split()) for kinds in who.split(">")]
    kinds += [()] * (3 - len(kinds))
    return Predicate(
        id, theme, *kinds,
        _frame(en, verb_last=False), _frame(ja, verb_last=True), _frame(ko, verb_last=True),
        _frame(fr, verb_last=False), _frame(de, verb_last=True),
        frozenset(remarks), passive.partition(":")[2].replace("_", " "),
    )  # fmt: skip


@lru_cache(1)
def lexicon() -> Lexicon:
    """Reads all tables, once."""
    nouns, names, predicates = read_table("nouns"), read_table("names"), read_table("predicates")
    counters = nouns.pop("counters")
    groups, adjuncts = predicates.pop("groups"), predicates.pop("places")

    def rows(table: dict[str, str]) -> dict[str, tuple[str, ...]]:
        return {id: tuple(_cells(row)) for id, row in table.items()}

    def split(table: dict[str, str]) -> dict[str, tuple[str, ...]]:
        return {key: tuple(kinds.split()) for key, kinds in table.items()}

    asia = read_table("asia")
    return Lexicon(
        nouns={id: _noun(id, kind, row, counters.get(kind, "つ 개"))
               for kind, table in nouns.items() for id, row in table.items()},
        adjectives={id: _adjective(id, row)
                    for table in read_table("adjectives").values() for id, row in table.items()},
        names=rows(names["name"]), pronouns=rows(names["pronoun"]),
        fixed_places=rows(names["where"]), days=rows(read_table("times")["day"]),
        predicates={id: _predicate(id, theme, row)
                    for theme, table in predicates.items() for id, row in table.items()},
        groups=split(groups), adjuncts=split(adjuncts),
        forms={"en": read_table("english"), "fr": read_table("french"),
               "de": read_table("german"), "ja": asia["japanese"], "ko": asia["korean"]},
    )  # fmt: skip
