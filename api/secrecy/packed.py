"""What a ZIP holds: docx, xlsx, pptx, odt, ofd, epub, or files packed together. Read within a budget."""

from __future__ import annotations

import io
import lzma
import struct
import zipfile
import zlib
from pathlib import Path
from typing import IO

from api.secrecy.budget import Budget
from api.secrecy.octets import Looking
from api.secrecy.pdf import PDF, borne_by_pdf
from api.secrecy.tagged import borne_by_tagged, looks_tagged
from ledger.secrecy import Bears, marked

ZIP = b"PK\x03\x04"
# Damaged; or, by the RuntimeErrors of zipfile, encrypted or packed in a way that it does not know. Whoever
# takes the file in is told that it was looked through only in part (NOT_LOOKED_THROUGH).
_UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(RuntimeError, OSError, ValueError, EOFError),
)
# A ZIP in a ZIP is opened; one in that is not.
_DEEPEST = 2


def borne_by_zip(source: Path | IO[bytes], budget: Budget, depth: int = 1) -> Bears:
    found = Bears.NOTHING
    try:
        with zipfile.ZipFile(source) as packed:
            for one in packed.infolist():
                if one.is_dir():
                    continue
                if marked([one.filename.rpartition("/")[2]]):
                    found |= Bears.SECRET
                found |= _member(packed, one, budget, depth)
                if Bears.SECRET in found or (budget.spent and budget.octets <= 0):
                    break
    except _UNREADABLE:
        budget.left_unread()
    return found


def _member(packed: zipfile.ZipFile, one: zipfile.ZipInfo, budget: Budget, depth: int) -> Bears:
    allowed = budget.part()
    if not allowed:
        return Bears.NOTHING
    try:
        with packed.open(one) as stream:
            data = stream.read(allowed)
    except _UNREADABLE:
        # It alone: the members after it are looked at.
        budget.left_unread()
        return Bears.NOTHING
    budget.took(len(data))
    if len(data) < one.file_size:
        budget.left_unread()
    return borne_by_part(data, budget, depth)


def borne_by_part(data: bytes, budget: Budget, depth: int) -> Bears:
    if data.startswith(ZIP):
        if depth < _DEEPEST:
            return borne_by_zip(io.BytesIO(data), budget, depth + 1)
        budget.left_unread()
        return Bears.NOTHING
    looking = Looking()
    looking.feed(data)
    found = looking.finish()
    if data.startswith(PDF):
        found |= borne_by_pdf(data, budget)
    elif looks_tagged(data):
        found |= borne_by_tagged(data)
    return found
