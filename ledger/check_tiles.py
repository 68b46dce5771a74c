"""Checking the tiles above the lowest: each hash is the root of the tile below it. C2SP tlog-tiles."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, func, select

from ledger.finding import Finding, Progress, Subject
from ledger.merkle import HASH, HEIGHT, WIDTH
from ledger.store.tables import batch, tile
from ledger.tiles import ALGORITHMS
from verifier.errors import found_text
from verifier.merkle import HashFunction, root_of
from verifier.report import Outcome

_AT_ONCE = 64


def check_tiles(connection: Connection, progress: Progress) -> Iterator[Finding]:
    """Widths and upper hashes of both trees; the lowest tiles' hashes are checked with the entries."""
    size = connection.execute(select(func.max(batch.c.size))).scalar() or 0
    for alg, h in ALGORITHMS.items():
        level = 0
        while size >> (HEIGHT * level):
            yield from _check_level(connection, alg, h, level, size, progress)
            level += 1
        stray = select(tile.c.level, tile.c.n).where(tile.c.alg == alg, tile.c.level >= level)
        for row in connection.execute(stray):
            yield _failed("TILE_EXTRA", f"{alg} {row.level}/{row.n}")
    unknown = select(tile.c.alg, tile.c.level, tile.c.n).where(tile.c.alg.not_in(list(ALGORITHMS)))
    for other in connection.execute(unknown):
        yield _failed("TILE_EXTRA", f"{found_text(other.alg)} {other.level}/{other.n}")


def _check_level(
    connection: Connection, alg: str, h: HashFunction, level: int, size: int, progress: Progress
) -> Iterator[Finding]:
    hashes = size >> (HEIGHT * level)
    tiles = -(-hashes // WIDTH)
    for low in range(0, tiles, _AT_ONCE):
        here = _tiles(connection, alg, level, low, low + _AT_ONCE - 1)
        above = _tiles(connection, alg, level + 1, low // WIDTH, (low + _AT_ONCE - 1) // WIDTH)
        for n in range(low, min(low + _AT_ONCE, tiles)):
            octets, width = here.get(n, b""), min(WIDTH, hashes - n * WIDTH)
            if len(octets) != width * HASH:
                yield _failed("TILE_WIDTH", f"{alg} {level}/{n}", str(width), str(len(octets) // HASH))
            elif width == WIDTH:
                root = root_of(h, [octets[at : at + HASH] for at in range(0, len(octets), HASH)])
                at = n % WIDTH * HASH
                kept = above.get(n // WIDTH, b"")[at : at + HASH]
                if kept != root:
                    yield _failed("TILE_HASH", f"{alg} {level + 1}/{n // WIDTH}", root.hex(), kept.hex())
        progress(f"tiles {alg} {level}", min(low + _AT_ONCE, tiles), tiles)
    stray = select(tile.c.n).where(tile.c.alg == alg, tile.c.level == level, tile.c.n >= tiles)
    for n in connection.execute(stray).scalars():
        yield _failed("TILE_EXTRA", f"{alg} {level}/{n}")


def _tiles(connection: Connection, alg: str, level: int, low: int, high: int) -> dict[int, bytes]:
    rows = connection.execute(
        select(tile.c.n, tile.c.hashes).where(
            tile.c.alg == alg, tile.c.level == level, tile.c.n >= low, tile.c.n <= high
        )
    )
    return {row.n: row.hashes for row in rows}


def _failed(code: str, name: str, expected: str = "", found: str = "") -> Finding:
    return Finding(Outcome.FAILED, code, Subject.TILE, name, (), expected, found)
