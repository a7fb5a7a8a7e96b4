"""Korean stems and endings, computed from the letters inside a syllable.

A syllable of Hangul is first consonant, vowel and perhaps a last consonant; Unicode orders the
syllables so that arithmetic takes them apart.
"""

from __future__ import annotations

from functools import lru_cache

from imi.data.phrasebook.lexicon import lexicon

FIRST, VOWELS, LAST = 588, 28, 0xAC00
INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
MEDIALS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
FINALS = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
CONTRACTED = {"ㅏ": "ㅏ", "ㅓ": "ㅓ", "ㅐ": "ㅐ", "ㅔ": "ㅔ", "ㅕ": "ㅕ", "ㅗ": "ㅘ", "ㅜ": "ㅝ",
              "ㅣ": "ㅕ", "ㅚ": "ㅙ"}  # fmt: skip


def letters(syllable: str) -> tuple[str, str, str]:
    """Takes a syllable apart; the last letter is a blank where there is none."""
    number = ord(syllable) - LAST
    return INITIALS[number // FIRST], MEDIALS[number % FIRST // VOWELS], FINALS[number % VOWELS]


def syllable(first: str, vowel: str, last: str = " ") -> str:
    """Puts a syllable together."""
    number = INITIALS.index(first) * FIRST + MEDIALS.index(vowel) * VOWELS + FINALS.index(last)
    return chr(LAST + number)


def closed(word: str) -> str:
    """Returns the last consonant of a word, or nothing; words in other letters end open."""
    last = word[-1]
    return letters(last)[2].strip() if "가" <= last <= "힣" else ""


def with_last(word: str, last: str) -> str:
    """Puts a consonant under an open last syllable: 가, ㄴ -> 간."""
    first, vowel, _ = letters(word[-1])
    return word[:-1] + syllable(first, vowel, last)


def particle(pair: str, before: str) -> str:
    """Chooses from "은/는": the first after a consonant; 로 also after ㄹ."""
    after_consonant, _, after_vowel = pair.partition("/")
    if not after_vowel:
        return pair
    if pair == "로/으로":
        return "로" if closed(before) in ("", "ㄹ") else "으로"
    return after_consonant if closed(before) else after_vowel


@lru_cache(None)
def behaves(word: str) -> str:
    """Returns which letter at the end of a stem changes: p, t, h, or nothing."""
    forms = lexicon().forms["ko"]
    return next((kind for kind in ("p", "t", "h") if word in forms[kind].split()), "")


def _open_stem(word: str) -> str:
    """Returns the stem before 으: 추우, 들으, 빨가, 읽으, 가."""
    stem, kind = word[:-1], behaves(word)
    first, vowel, last = letters(stem[-1])
    bare = stem[:-1] + syllable(first, vowel)
    if kind == "p":
        return bare + "우"
    if kind == "t":
        return stem[:-1] + syllable(first, vowel, "ㄹ") + "으"
    if kind == "h":
        return bare
    return stem if last in " ㄹ" else stem + "으"


def with_consonant(word: str, last: str) -> str:
    """Adds -(으)ㄴ or -(으)ㄹ: 읽은, 간, 산 (from 살다)."""
    stem = _open_stem(word)
    if closed(stem) == "ㄹ":
        first, vowel, _ = letters(stem[-1])
        return stem[:-1] + syllable(first, vowel, last)
    return with_last(stem, last)


def with_syllable(word: str, ending: str) -> str:
    """Adds an ending that begins with (으): 으면 -> 읽으면, 가면, 살면; 시 drops a ㄹ."""
    stem = _open_stem(word)
    if ending[0] in "시니" and closed(stem) == "ㄹ":
        stem = stem[:-1] + syllable(*letters(stem[-1])[:2])
    return stem + ending


def before_n(word: str, ending: str) -> str:
    """Adds an ending with ㄴ to the stem: 읽는, 사는 (from 살다)."""
    stem = word[:-1]
    if closed(stem) == "ㄹ":
        stem = stem[:-1] + syllable(*letters(stem[-1])[:2])
    return stem + ending


@lru_cache(None)
def infinitive(word: str) -> str:
    """Returns the form in 아 or 어: 읽어, 가, 해, 추워, 불러, 바빠."""
    if word.endswith("하다"):
        return word[:-2] + "해"
    stem, kind = word[:-1], behaves(word)
    first, vowel, last = letters(stem[-1])
    bright = vowel in "ㅏㅗ"
    if kind == "p":
        return stem[:-1] + syllable(first, vowel) + ("와" if word == "돕다" else "워")
    if kind == "h":
        return stem[:-1] + syllable(first, "ㅒ" if vowel == "ㅑ" else "ㅐ")
    if kind == "t":
        return stem[:-1] + syllable(first, vowel, "ㄹ") + ("아" if bright else "어")
    if last != " ":
        return stem + ("아" if bright else "어")
    if stem[-1] == "르":
        light = letters(stem[-2])[1] in "ㅏㅗ"
        return with_last(stem[:-1], "ㄹ") + ("라" if light else "러")
    if vowel == "ㅡ":
        light = len(stem) > 1 and stem[-2] != " " and letters(stem[-2])[1] in "ㅏㅗ"
        return stem[:-1] + syllable(first, "ㅏ" if light else "ㅓ")
    if vowel in CONTRACTED and word != "아니다":
        return stem[:-1] + syllable(first, CONTRACTED[vowel])
    return stem + "어"


@lru_cache(None)
def past_stem(word: str) -> str:
    """Returns the stem of the past: 읽었, 갔, 했."""
    return with_last(infinitive(word), "ㅆ") if not closed(infinitive(word)) else infinitive(word)


def honoured(word: str, *, have: bool) -> str:
    """Returns the verb as it is said of someone honoured: 가시다, 드시다, 계시다."""
    special = {"먹다": "드시다", "마시다": "드시다", "자다": "주무시다", "아프다": "편찮으시다",
               "말하다": "말씀하시다"}  # fmt: skip
    if word == "있다":
        return "있으시다" if have else "계시다"
    return special.get(word) or with_syllable(word, "시다")


@lru_cache(None)
def conjugated(word: str, form: str, tense: str, *, adjective: bool) -> str:
    """Returns one word, or two with a blank, of a predicate.

    Args:
        word: in the dictionary's form.
        form: "polite", "and", "but", "because", "when", "although", "if", "attributive" or
            "quoted".
        tense: "past", "present" or "future".
        adjective: whether it is one: 큰, not 크는.
    """
    stem = word[:-1]
    past = past_stem(word)
    if tense == "future" and form in ("polite", "but", "quoted"):
        going = with_consonant(word, "ㄹ")
        return going + {"polite": " 거예요", "but": " 거지만", "quoted": " 거라고"}[form]
    if form == "polite":
        if tense == "past":
            return past + "어요"
        return word[:-2] + "세요" if word.endswith("시다") and word != "마시다" else (
            infinitive(word) + "요")  # fmt: skip
    if form in ("and", "but"):
        return (past if tense == "past" else stem) + {"and": "고", "but": "지만"}[form]
    if form == "because":
        return infinitive(word) + "서"
    if form == "if":
        return with_syllable(word, "면")
    if form == "when":
        return (past + "을" if tense == "past" else with_consonant(word, "ㄹ")) + " 때"
    return _clause_end(word, form, tense, adjective=adjective)


def _clause_end(word: str, form: str, tense: str, *, adjective: bool) -> str:
    past = past_stem(word)
    existing = word in ("있다", "없다") or word.endswith((" 있다", " 없다"))
    if form == "although":
        if tense == "past":
            return past + "는데도"
        return with_consonant(word, "ㄴ") + "데도" if adjective else before_n(word, "는데도")
    if form == "quoted":
        if tense == "past":
            return past + "다고"
        if adjective or existing:
            return word[:-1] + "다고"
        closed_stem = closed(word[:-1])
        return word[:-1] + "는다고" if closed_stem and closed_stem != "ㄹ" else (
            with_consonant(word, "ㄴ") + "다고")  # fmt: skip
    if tense == "future":
        return with_consonant(word, "ㄹ")
    if adjective and not word.endswith("있다"):
        return past + "던" if tense == "past" else with_consonant(word, "ㄴ")
    if tense == "past":
        return past + "던" if existing else with_consonant(word, "ㄴ")
    return before_n(word, "는")


def copula(form: str, tense: str, *, after_consonant: bool) -> str:
    """Returns 이다 after a noun: 이에요, 예요, 였어요."""
    long = after_consonant
    if tense == "past":
        stem = "이었" if long else "였"
        ends = {"polite": "어요", "and": "고", "but": "지만", "when": "을 때", "although": "는데도",
                "quoted": "다고", "attributive": "던"}  # fmt: skip
        if form in ends:
            return stem + ends[form]
    ends = {"polite": "이에요" if long else "예요", "and": "이고", "but": "이지만",
            "because": "이어서" if long else "여서", "if": "이면" if long else "면",
            "when": "일 때", "although": "인데도", "quoted": "이라고" if long else "라고",
            "attributive": "인"}  # fmt: skip
    if tense == "future" and form in ("polite", "but", "quoted"):
        return "일" + {"polite": " 거예요", "but": " 거지만", "quoted": " 거라고"}[form]
    return ends[form]
