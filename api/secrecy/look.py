"""One file, looked through for markings before it is kept: what it bears, and whether all of it was read."""

from __future__ import annotations

import mmap
from dataclasses import dataclass
from pathlib import Path

from api.secrecy.budget import MOST_UNPACKED, Budget
from api.secrecy.octets import Looking
from api.secrecy.packed import ZIP, borne_by_zip
from api.secrecy.pdf import PDF, borne_by_pdf
from api.secrecy.tagged import borne_by_tagged, looks_tagged
from ledger.secrecy import Bears

_CHUNK = 1 << 20


@dataclass(frozen=True)
class Looked:
    """`partly`: it is encrypted, damaged, or unpacks to more than is read. Of pictures nothing is read."""

    bears: Bears
    partly: bool

    @property
    def secret(self) -> bool:
        return Bears.SECRET in self.bears

    @property
    def internal(self) -> bool:
        return Bears.INTERNAL in self.bears


def look(path: Path) -> Looked:
    """By the file's content, whatever its name. Memory is bounded. Raises OSError when it cannot be read."""
    looking, budget = Looking(), Budget()
    with path.open("rb") as stream:
        head = chunk = stream.read(_CHUNK)
        while chunk:
            looking.feed(chunk)
            chunk = stream.read(_CHUNK)
    found = looking.finish()
    if Bears.SECRET in found:
        return Looked(found, partly=False)
    if head.startswith(ZIP):
        found |= borne_by_zip(path, budget)
    elif PDF in head[:1024]:
        with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
            found |= borne_by_pdf(data, budget)
    elif looks_tagged(head):
        found |= borne_by_tagged(_most(path, budget))
    return Looked(found, budget.spent)


def _most(path: Path, budget: Budget) -> bytes:
    with path.open("rb") as stream:
        data = stream.read(MOST_UNPACKED + 1)
    if len(data) > MOST_UNPACKED:
        budget.left_unread()
    return data[:MOST_UNPACKED]
