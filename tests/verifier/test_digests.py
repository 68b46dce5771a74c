"""Both digests of what comes in chunks, large ones and small ones mixed, are those of the whole."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from verifier.digests import CHUNK, both, both_of_chunks

LARGE, SMALL = CHUNK, 100


@pytest.mark.parametrize(
    "sizes",
    [(), (0,), (1,), (SMALL, SMALL), (LARGE,), (LARGE, LARGE, 7), (SMALL, LARGE, SMALL, LARGE, 0, LARGE + 1)],
)
def test_chunks_are_hashed_in_their_order(sizes: tuple[int, ...]) -> None:
    chunks = [random.Random(n).randbytes(size) for n, size in enumerate(sizes)]  # noqa: S311  any octets
    assert both_of_chunks(iter(chunks)) == (both(b"".join(chunks)), sum(sizes))


def test_a_reader_that_fails_is_not_hidden() -> None:
    def failing() -> Iterator[bytes]:
        yield bytes(LARGE)
        raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        both_of_chunks(failing())
