"""CSV that a spreadsheet program shows as it is: UTF-8 with its mark, and no cell that it would compute."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import BinaryIO

BOM = b"\xef\xbb\xbf"
# What such programs take for a formula, with the wide forms that some turn into the narrow ones.
_FORMULA = frozenset("=+-@\uff1d\uff0b\uff0d\uff20\t\r\n")
# Control characters stand in no name; some readers end the file at one.
_CONTROL = {code: None for code in (*range(0x00, 0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F)}


def neutral(text: str) -> str:
    """The cell, with an apostrophe before what would be computed."""
    cleaned = text.translate(_CONTROL)
    begins = cleaned.lstrip(" \u00a0\u3000\ufeff")[:1] or cleaned[:1]
    return f"'{cleaned}" if begins in _FORMULA and begins else cleaned


class Sheet:
    """Rows into a binary file, each written as it comes."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        file.write(BOM)

    def row(self, cells: Iterable[str]) -> None:
        line = io.StringIO()
        csv.writer(line, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(map(neutral, cells))
        self._file.write(line.getvalue().encode())
