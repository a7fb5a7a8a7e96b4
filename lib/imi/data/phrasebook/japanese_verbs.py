"""Japanese predicates: verbs, い-adjectives and nouns with です, in every form that a clause takes.

A form is a list of (text, what it says), where "what it says" is "stem", "tense", "not" or "".
"""

from __future__ import annotations

from functools import lru_cache

from imi.data.phrasebook.lexicon import lexicon

# The rows of verbs in five steps: the last kana -> あ, い, た-form.
ROWS = {"う": "わ い った", "く": "か き いた", "ぐ": "が ぎ いだ", "す": "さ し した",
        "つ": "た ち った", "ぬ": "な に んだ", "ぶ": "ば び んだ", "む": "ま み んだ",
        "る": "ら り った"}  # fmt: skip
BEFORE_RU = tuple("いきぎしじちにびみりえけげせぜてでねべめれ")
ICHIDAN_KANJI = {"見る", "寝る", "着る", "居る", "出る"}
FORMS = ("polite", "plain", "te", "tara", "attributive")

Said = tuple[tuple[str, str], ...]


@lru_cache(None)
def verb_stems(verb: str) -> tuple[str, str, str]:
    """Returns (before ない, before ます, plain past): 読ま, 読み, 読んだ."""
    if verb.endswith("する"):
        return verb[:-2] + "し", verb[:-2] + "し", verb[:-2] + "した"
    if verb == "来る":
        return "来", "来", "来た"
    if verb == "ある":
        return "", "あり", "あった"
    if verb.endswith(("行く", "ていく")):
        return verb[:-1] + "か", verb[:-1] + "き", verb[:-1] + "った"
    if _one_step(verb):
        return verb[:-1], verb[:-1], verb[:-1] + "た"
    a, i, ta = ROWS[verb[-1]].split()
    return verb[:-1] + a, verb[:-1] + i, verb[:-1] + ta


def _one_step(verb: str) -> bool:
    godan = lexicon().forms["ja"]["godan"].split()
    if not verb.endswith("る") or verb in godan:
        return False
    return verb in ICHIDAN_KANJI or verb[-2] in BEFORE_RU


def passive(verb: str) -> str:
    """Returns the passive verb, itself of one step: 褒められる, 招待される."""
    if verb.endswith("している"):
        return verb[:-4] + "されている"
    if verb.endswith("する"):
        return verb[:-2] + "される"
    return verb_stems(verb)[0] + ("られる" if _one_step(verb) else "れる")


def te(past: str) -> str:
    """Returns the て-form from the た-form."""
    return past[:-1] + {"た": "て", "だ": "で"}[past[-1]]


def kind_of(word: str) -> str:
    """Returns "verb", "i" (い-adjective), "na" or "noun" of a predicate's last word."""
    if word.endswith("だ"):
        return "noun" if word in ("病気だ", "一人だ", "だ") else "na"
    return "i" if word.endswith("い") and word != "いい" else "verb"


def conjugated(word: str, form: str, *, past: bool, negative: bool) -> Said:
    """Returns a predicate in a form; the stem and its endings are apart."""
    kind = kind_of(word)
    if kind == "verb":
        return _verb(word, form, past=past, negative=negative)
    if kind == "i":
        return _adjective(word, form, past=past, negative=negative)
    return _copula(word, form, past=past, negative=negative)


def _verb(verb: str, form: str, *, past: bool, negative: bool) -> Said:
    nai, masu, ta = verb_stems(verb)
    if form == "polite":
        if negative:
            return ((masu, "stem"), ("ません", "not"), *((("でした", "tense"),) if past else ()))
        return ((masu, "stem"), ("ました" if past else "ます", "tense"))
    if negative:
        return _nai((nai, "stem"), form, past=past)
    if form == "te":
        return ((te(ta), "stem tense"),)
    if form == "tara":
        return ((ta, "stem"), ("ら", ""))
    return ((ta if past else verb, "stem tense"),)


def _nai(stem: tuple[str, str], form: str, *, past: bool) -> Said:
    """Adds ない, which is itself an adjective."""
    word = {"te": "なくて", "tara": "なかったら"}.get(form, "なかった" if past else "ない")
    return ((stem, (word, "not tense"))) if stem[0] else ((word, "not tense stem"),)


def _adjective(word: str, form: str, *, past: bool, negative: bool) -> Said:
    stem = word[:-1]
    if negative:
        said = _nai((stem + "く", "stem"), form, past=past)
        return (*said, ("です", "")) if form == "polite" else said
    if form in ("te", "tara"):
        return ((stem + {"te": "くて", "tara": "かったら"}[form], "stem tense"),)
    said = ((stem + ("かった" if past else "い"), "stem tense"),)
    return (*said, ("です", "")) if form == "polite" else said


def _copula(word: str, form: str, *, past: bool, negative: bool) -> Said:
    noun = ((word[:-1], "stem"),) if word != "だ" else ()
    if negative:
        if form == "polite":
            end = (("ありません", "not"), *((("でした", "tense"),) if past else ()))
            return (*noun, ("では", ""), *end)
        return (*noun, ("では", ""), *_nai(("", ""), form, past=past))
    if form == "attributive" and not past:
        return (*noun, ("な" if kind_of(word) == "na" else "の", "tense"))
    words = {"polite": ("です", "でした"), "te": ("で", "で"), "tara": ("だったら", "だったら")}
    return (*noun, (words.get(form, ("だ", "だった"))[past], "tense"))
