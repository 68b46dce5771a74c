"""Lines no wider than a terminal: Chinese characters take two places, and any of them may end a line."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.cells import cell_len

WIDTH = 80

# A word with the space after it, or one wide character; what closes or pauses stays with what it follows.
_PIECE = re.compile(r"(?:[!-~]+ *|[^!-~ ] *| +)[,。;:、!?)」』”]*")


def folded(words: str, indent: str = "", width: int = WIDTH) -> Iterator[str]:
    """`indent` before each line. A single word wider than that stands on a line of its own, uncut."""
    line = ""
    for piece in _PIECE.findall(words):
        if line and cell_len(indent + line + piece.rstrip()) > width:
            yield indent + line.rstrip()
            line = ""
        line += piece
    if line:
        yield indent + line.rstrip()
