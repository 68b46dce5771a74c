"""SHA-256 and SM3, always named, both in one pass over a file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes

CHUNK = 1 << 18
_WORTH_A_THREAD = 1 << 16
# Of nothing yet; it is copied and never fed. hashlib offers SM3 only where the system's OpenSSL does.
_SM3 = hashes.Hash(hashes.SM3())


@dataclass(frozen=True)
class Digests:
    """32 octets each."""

    sha256: bytes
    sm3: bytes


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def sm3(data: bytes) -> bytes:
    digest = _SM3.copy()
    digest.update(data)
    return digest.finalize()


def both(data: bytes) -> Digests:
    return Digests(sha256(data), sm3(data))


def both_of_chunks(chunks: Iterable[bytes]) -> tuple[Digests, int]:
    """Digests and size in octets of the concatenated chunks, read once.

    Large chunks are hashed with both at the same time: hashlib lets go of Python's lock meanwhile.
    """
    first, second, size = hashlib.sha256(), hashes.Hash(hashes.SM3()), 0
    with ThreadPoolExecutor(1) as beside:
        for chunk in chunks:
            other = beside.submit(first.update, chunk) if len(chunk) >= _WORTH_A_THREAD else None
            second.update(chunk)
            if other is None:
                first.update(chunk)
            else:
                # The next chunk must come after this one in both.
                other.result()
            size += len(chunk)
    return Digests(first.digest(), second.finalize()), size
