"""What a job writes that the machine's administrator may not read: kept on the disk under a key in memory.

Blocks of AES-256-GCM, each numbered and the last one marked, so that a shortened file is seen. The key is
gone with the process; so is then what it opens.
"""

from __future__ import annotations

import secrets
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_BLOCK = 1 << 16
_TAG = 16
_MORE, _LAST = b"more", b"last"


def new_key() -> bytes:
    return secrets.token_bytes(32)


class Box:
    """A file to write to, from beginning to end. `close` must be called for it to be whole."""

    def __init__(self, file: BinaryIO, key: bytes) -> None:
        self._file, self._key = file, AESGCM(key)
        self._waiting, self._number = bytearray(), 0

    def write(self, data: bytes) -> int:
        self._waiting += data
        # One block stays back: the last is marked.
        while len(self._waiting) > _BLOCK:
            self._put(bytes(self._waiting[:_BLOCK]), _MORE)
            del self._waiting[:_BLOCK]
        return len(data)

    def flush(self) -> None:
        """What is not a whole block waits."""

    def close(self) -> None:
        self._put(bytes(self._waiting), _LAST)
        self._waiting.clear()

    def _put(self, block: bytes, mark: bytes) -> None:
        self._file.write(self._key.encrypt(_nonce(self._number), block, mark))
        self._number += 1


def opened(path: Path, key: bytes) -> Iterator[bytes]:
    """Raises InvalidTag where the file was changed or shortened."""
    cipher, number = AESGCM(key), 0
    with path.open("rb") as file:
        block = file.read(_BLOCK + _TAG)
        while True:
            following = file.read(_BLOCK + _TAG)
            yield cipher.decrypt(_nonce(number), block, _MORE if following else _LAST)
            if not following:
                return
            block, number = following, number + 1


def _nonce(number: int) -> bytes:
    # The key is used for one file only.
    return struct.pack(">IQ", 0, number)
