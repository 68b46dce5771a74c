"""A kept file, read only if it still is the one that was recorded."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import BinaryIO

from ledger.files import stored_files
from ledger.handle import Ledger
from verifier.digests import CHUNK, both_of_chunks
from verifier.disclosure import FileDigests
from verifier.errors import CallerError


def open_whole(ledger: Ledger, content: FileDigests) -> BinaryIO:
    """From its beginning, read once and found the same. Raises CallerError FILE_NOT_HELD, FILE_DAMAGED."""
    damaged = False
    for one in stored_files(ledger, content.digests.sha256):
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
    raise CallerError("FILE_DAMAGED" if damaged else "FILE_NOT_HELD", "file", content.digests.sha256.hex())


def closing_chunks(reader: BinaryIO) -> Iterator[bytes]:
    with reader:
        yield from _chunks(reader)


def _chunks(reader: BinaryIO) -> Iterator[bytes]:
    while chunk := reader.read(CHUNK):
        yield chunk
