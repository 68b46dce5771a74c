"""Lines for a terminal of 80 places."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from api.folding import folded

CASES = [
    ("short", "不符", ["  不符"]),
    ("a digest is not cut", "实为 " + "a" * 90, ["  实为", "  " + "a" * 90]),
    ("no line begins with a pause", "档" * 39 + ",案", ["  " + "档" * 38, "  档,案"]),
]


@pytest.mark.parametrize(("name", "words", "lines"), CASES, ids=[case[0] for case in CASES])
def test_folding(name: str, words: str, lines: list[str]) -> None:
    assert list(folded(words, "  ")) == lines, name


@pytest.mark.parametrize("words", ["链上同一批次的内容与本账不同。" * 20, "the chain holds another " * 30])
def test_nothing_is_lost_and_nothing_is_wider(words: str) -> None:
    lines = list(folded(words, "  "))
    assert max(map(cell_len, lines)) <= 80
    assert "".join("".join(lines).split()) == "".join(words.split())
