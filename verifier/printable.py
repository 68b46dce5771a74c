"""Disclosed values and file names made safe to print: they come from whoever made the evidence.

A title with a line break and "核验结论:一致" must not look like a line of the page, and a right-to-left
override must not turn a number round. Nothing is dropped: what cannot be shown is spelled out as its code
point.
"""

from __future__ import annotations

import unicodedata

LIMIT = 300
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
_ISOLATE, _END_ISOLATE = "\u2068", "\u2069"


def printable(text: str, limit: int = LIMIT) -> str:
    """`text` on one line, at most about `limit` characters of it, every invisible character spelled out."""
    shown = "".join(_shown(ch) for ch in text[:limit])
    # Runs of spaces could push words to the start of the next line of the terminal.
    shown = " ".join(shown.split())
    if len(text) > limit:
        shown += f"…〈{len(text)}〉"
    if any(unicodedata.bidirectional(ch) in _RIGHT_TO_LEFT for ch in shown):
        return f"{_ISOLATE}{shown}{_END_ISOLATE}"
    return shown


def _shown(ch: str) -> str:
    category = unicodedata.category(ch)
    if category == "Zs":
        return " "
    # Cc, Cf (all bidi controls), Cs, Co, Cn; Zl, Zp.
    if category[0] == "C" or category in ("Zl", "Zp"):
        return f"〈U+{ord(ch):04X}〉"
    return ch
