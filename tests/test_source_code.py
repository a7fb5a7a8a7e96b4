"""Texts by character: read whole, cut without overlap, the same on every run."""

from __future__ import annotations

import sysconfig

import pytest

from imi.data import source_code
from imi.data.sources import DataError
from imi.text import Characters, plain


def read(name: str) -> source_code.Text:
    try:
        return source_code.TEXTS[name]()
    except DataError as error:
        pytest.skip(str(error))


SIZES = {
    "c": (2_573_852, 163_944),
    "latex": (7_062_129, 279_523),
    "shakespeare": (1_003_854, 111_540),
    "encyclopaedia": (4_649_543, 243_906),
}


@pytest.mark.parametrize("name", SIZES)
def test_a_pinned_text_has_its_size(name):
    text = read(name)
    assert (len(text.train), len(text.held_out)) == SIZES[name]
    assert (len(text.train_ids), len(text.held_out_ids)) == SIZES[name]


def test_the_standard_library_is_this_pythons_and_has_no_tests():
    text = read("python")
    assert len(text.train) > 3e6 and len(text.held_out) > 1e5
    assert list(text.data) == [f"standard library of Python {sysconfig.get_python_version()}"]
    whole = text.train + text.held_out
    assert "\n\n\ndef copytree(src, dst" in whole
    assert "\nclass " not in whole and "idle_test" not in "".join(text.data)
    assert read("python").data == text.data


MODULE = '''
"""A module."""
import os


@cache
def plain(a):
    """Says so."""
    def inner():
        """Prose."""
        return (a +
                "1")
    return inner  # a remark


class Thing:
    """A class."""

    async def method(self): return await self

    def only_prose(self):
        """Nothing but this."""
'''


def test_functions_are_written_as_python_would_without_prose():
    assert source_code.functions(MODULE) == [
        "def plain(a):\n\n    def inner():\n        return a + '1'\n    return inner\n",
        "async def method(self):\n    return await self\n",
        "def only_prose(self):\n    pass\n",
    ]


@pytest.mark.parametrize("name", source_code.TEXTS)
def test_what_is_kept_aside_is_not_in_the_training_text(name):
    text = read(name)
    for share in (0.1, 0.45, 0.9):
        start = int(share * len(text.held_out))
        assert text.held_out[start : start + 400] not in text.train


def test_the_licences_of_libuv_are_left_out_and_its_code_is_not():
    text = read("c")
    assert text.train.count("Permission is hereby granted") < 20
    assert text.train.count("#include") > 500


def test_characters_go_to_ids_and_back():
    text = "\n ~aZ0"
    assert Characters.decode(Characters.encode(text)) == text
    assert Characters.encode(Characters.ALPHABET) == list(range(96))
    with pytest.raises(ValueError, match="ASCII only, not '猫'"):
        Characters.encode("a猫")


def test_plain_text_has_known_characters_only():
    assert (
        plain("na\u00efve \u2014 \u201cx\u201d\r\n\ty\u0301 \U0001f600")
        == 'naive - "x"\n        y '
    )
