"""A kept file, read only if it still is the one that was recorded."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from api.http.problem import refuse
from ledger.files import stored_files
from ledger.handle import Ledger
from verifier.digests import CHUNK, both_of_chunks
from verifier.disclosure import FileDigests


@dataclass(frozen=True)
class Use:
    """`act`: view or download. `basis`: a catalogue code. `reader_name`: for whom, if not for oneself."""

    act: str
    purpose: str
    basis: str
    reader_name: str | None
    legal_basis: str | None
    answers: tuple[bytes, ...] = ()


def open_whole(ledger: Ledger, content: FileDigests) -> BinaryIO:
    """From its beginning, read once and found the same. Raises ProblemError FILE_NOT_HELD, FILE_DAMAGED."""
    kept = stored_files(ledger, content.digests.sha256)
    damaged = False
    for one in kept:
        try:
            reader = one.path.open("rb")
        except OSError:
            continue
        digests, size = both_of_chunks(_chunks(reader))
        if (digests, size) == (content.digests, content.size):
            reader.seek(0, os.SEEK_SET)
            return reader
        reader.close()
        damaged = True
    raise refuse("FILE_DAMAGED" if damaged else "FILE_NOT_HELD", "file", content.digests.sha256.hex())


def closing_chunks(reader: BinaryIO) -> Iterator[bytes]:
    with reader:
        yield from _chunks(reader)


def _chunks(reader: BinaryIO) -> Iterator[bytes]:
    while chunk := reader.read(CHUNK):
        yield chunk
