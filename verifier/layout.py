"""Lines of Chinese and English text folded to a width. One ideograph is two columns wide."""

from __future__ import annotations

import unicodedata

# A line does not start with the first kind, nor end with the second.
_NOT_FIRST = frozenset("、,。;:?!)》」』】〉〕”’…·,.;:?!)]}%")
_NOT_LAST = frozenset("(《「『【〈〔“‘([{")


def columns(text: str) -> int:
    return sum(_columns_of(ch) for ch in text)


def _columns_of(ch: str) -> int:
    if unicodedata.category(ch) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(ch) in ("W", "F") else 1


def fold(text: str, width: int, indent: int = 0) -> list[str]:
    """`text` in lines of at most `width` columns, `indent` spaces before the first, two more before the rest.

    Breaks at spaces and beside ideographs; a word longer than the line is cut.
    """
    lines: list[str] = []
    current, used, room = "", 0, max(width - indent, 8)
    for piece in _pieces(text):
        size = columns(piece)
        if current and used + size > room:
            current, kept = _before_a_short_end(current, size, room)
            lines.append(current.rstrip())
            current, used, room = kept, columns(kept), max(width - indent - 2, 8)
            piece = piece if kept else piece.lstrip()
            size = columns(piece)
        while size > room:
            head = _prefix(piece, room)
            lines.append(head)
            piece = piece[len(head) :]
            size, room = columns(piece), max(width - indent - 2, 8)
        current, used = current + piece, used + size
    lines.append(current.rstrip())
    return [" " * (indent if n == 0 else indent + 2) + line for n, line in enumerate(lines)]


def _before_a_short_end(line: str, next_size: int, room: int) -> tuple[str, str]:
    """Two spaces part one thing from the next: one that fits only in part goes to the next line."""
    head, gap, tail = line.rpartition("  ")
    short = columns(tail) <= room // 8 and columns(tail) + next_size <= room - 2
    return (head, tail) if gap and head.strip() and short else (line, "")


def _pieces(text: str) -> list[str]:
    """What may not be broken inside: words with the space after them, ideographs with marks that hang on."""
    pieces: list[str] = []
    for ch in text:
        if pieces and _hangs_together(pieces[-1][-1], ch):
            pieces[-1] += ch
        else:
            pieces.append(ch)
    return pieces


def _hangs_together(before: str, ch: str) -> bool:
    if ch in _NOT_FIRST or before in _NOT_LAST or ch == " " or _columns_of(ch) == 0:
        return True
    return before != " " and _columns_of(before) < 2 and _columns_of(ch) < 2


def _prefix(text: str, room: int) -> str:
    used = 0
    for n, ch in enumerate(text):
        used += _columns_of(ch)
        if used > room:
            return text[: max(n, 1)]
    return text
