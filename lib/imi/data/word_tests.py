"""What people say about pairs of words, and pairs that are alike."""

from __future__ import annotations

from imi.data import sources

Pair = tuple[str, str, float]
Question = tuple[str, str, str, str]  # a is to b as c is to d


def wordsim353() -> list[Pair]:
    """Reads WordSim-353: 353 pairs with mean human relatedness from 0 to 10.

    Source: Finkelstein et al., "Placing Search in Context", ACM TOIS 20 (2002).

    Raises:
        DataError: if the pairs are neither in the cache nor to be had.
    """
    return _pairs("wordsim353")


def simlex999() -> list[Pair]:
    """Reads SimLex-999: 999 pairs with mean human similarity (not relatedness) from 0 to 10.

    Source: Hill, Reichart, Korhonen, "SimLex-999", Computational Linguistics 41 (2015).

    Raises:
        DataError: if the pairs are neither in the cache nor to be had.
    """
    return _pairs("simlex999")


def analogies() -> dict[str, list[Question]]:
    """Reads the Google analogies, in lower case, by section: 19,544 questions in 14 sections.

    The names of syntactic sections begin with "gram".
    Source: Mikolov, Chen, Corrado, Dean, "Efficient Estimation of Word Representations in Vector
        Space" (2013), section 4.1, table 1.

    Raises:
        DataError: if the questions are neither in the cache nor to be had.
    """
    sections: dict[str, list[Question]] = {}
    for line in sources.path("questions-words").read_text(encoding="utf-8").lower().splitlines():
        if line.startswith(":"):
            questions = sections.setdefault(line[1:].strip(), [])
        elif line.strip():
            a, b, c, d = line.split()
            questions.append((a, b, c, d))
    return sections


def _pairs(name: str) -> list[Pair]:
    lines = sources.path(name).read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return [(row[0].lower(), row[1].lower(), float(row[2])) for row in rows if _is_pair(row)]


def _is_pair(row: list[str]) -> bool:
    return len(row) >= 3 and row[2].replace(".", "", 1).isdigit()
