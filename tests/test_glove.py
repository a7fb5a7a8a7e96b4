"""GloVe: read from the zip in the cache without unpacking it; what the real one knows."""

from __future__ import annotations

import io
import sys
import zipfile

import numpy as np
import pytest

from imi.data import sources
from imi.data.glove import NAME, glove
from imi.data.sources import DataError

WORDS = ["the", "of", "猫", "don't", "-", "x", "é"]


@pytest.mark.parametrize("order", ["C", "F"])
def test_words_and_numbers_are_read_from_the_zip(monkeypatch, tmp_path, order):
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    rows = np.random.default_rng(1).normal(size=(7, 5)).astype(np.float32)
    with zipfile.ZipFile(tmp_path / NAME, "w", zipfile.ZIP_STORED) as archive:
        for name, save in (
            ("data/emb.npy", lambda file: np.save(file, np.asarray(rows, order=order))),
            (
                "data/index.parquet",
                lambda file: parquet.write_table(pyarrow.table({"index": WORDS}), file),
            ),
        ):
            content = io.BytesIO()
            save(content)
            archive.writestr(name, content.getvalue())
    monkeypatch.setattr(sources, "path", lambda name: tmp_path / name)
    assert glove().words == tuple(WORDS) and (glove().vectors == rows).all()
    assert glove(limit=3).words == ("the", "of", "猫") and (glove(3).vectors == rows[:3]).all()


def test_a_missing_pyarrow_and_a_senseless_limit_are_named(monkeypatch):
    with pytest.raises(ValueError, match="limit must be at least 1, got 0"):
        glove(limit=0)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(DataError, match="needs pyarrow: pip install pyarrow"):
        glove()


def test_the_real_glove_knows_kings_and_capitals():
    pytest.importorskip("pyarrow")
    if not sources.available(NAME):
        pytest.skip(f"needs the data {NAME}: python -m imi.data fetch {NAME}")
    vectors = glove(limit=50_000)
    assert vectors.vectors.shape == (50_000, 50) and vectors.words[:3] == ("the", ",", ".")
    answer, likeness = vectors.analogy("man", "king", "woman", count=1)[0]
    assert answer == "queen" and likeness == pytest.approx(0.85, abs=0.02)
    assert vectors.analogy("france", "paris", "japan", count=1)[0][0] == "tokyo"
