"""Disclosed values and file names made safe to print: they come from whoever made the evidence.

A title with a line break and "核验结论:一致" must not look like a line of the page, and a right-to-left
override must not turn a number round. Nothing is dropped: what cannot be shown is spelled out as its code
point.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

LIMIT = 300
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
# Letters and marks with nothing to see: fillers, the joiner, the empty braille pattern, inherent vowels.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_QUOTES = frozenset("“”")
# Marks above and below pile up into the lines beside.
_MOST_MARKS = 2
_ISOLATE, _END_ISOLATE = "\u2068", "\u2069"


def printable(text: str, limit: int = LIMIT) -> str:
    """`text` on one line, at most about `limit` characters of it, every invisible character spelled out."""
    shown = "".join(_without_piles(text[:limit]))
    # Runs of spaces could push words to the start of the next line of the terminal.
    shown = " ".join(shown.split())
    if len(text) > limit:
        shown += f"…〈{len(text)}〉"
    if any(unicodedata.bidirectional(ch) in _RIGHT_TO_LEFT for ch in shown):
        return f"{_ISOLATE}{shown}{_END_ISOLATE}"
    return shown


def _without_piles(text: str) -> Iterator[str]:
    marks = 0
    for ch in text:
        marks = marks + 1 if unicodedata.category(ch) in ("Mn", "Me") else 0
        yield _shown(ch) if marks <= _MOST_MARKS else f"〈U+{ord(ch):04X}〉"


def apart(text: str) -> str:
    """`text` to be set between “ and ”, which it cannot close itself."""
    return "".join(f"〈U+{ord(ch):04X}〉" if ch in _QUOTES else ch for ch in printable(text))


def likeness(name: str) -> str:
    """The same for two names that a reader could take for one another by width, case or spaces."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def _shown(ch: str) -> str:
    if ch in _BLANK:
        return f"〈U+{ord(ch):04X}〉"
    category = unicodedata.category(ch)
    if category == "Zs":
        return " "
    # Cc, Cf (all bidi controls), Cs, Co, Cn; Zl, Zp.
    if category[0] == "C" or category in ("Zl", "Zp"):
        return f"〈U+{ord(ch):04X}〉"
    return ch
