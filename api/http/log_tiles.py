"""Tiles by their C2SP address: N in groups of three digits, all but the last after an x; .p/W for a part."""

from __future__ import annotations

import re

from sqlalchemy import select

from api.http.problem import refuse
from ledger.handle import Ledger
from ledger.merkle import HASH, HEIGHT, WIDTH
from ledger.seen import last_seen
from ledger.store.engine import reading
from ledger.store.tables import tile

_PLACE = re.compile(r"((?:x[0-9]{3}/)*)([0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?\Z")


def read_tile(ledger: Ledger, level: int, place: str) -> tuple[bytes, bool]:
    """The hashes, and whether the tile is full. Of what is not anchored nothing is shown.

    Raises ProblemError TILE_UNKNOWN.
    """
    match = _PLACE.match(place)
    seen = last_seen(ledger)
    if match is None or seen is None:
        raise refuse("TILE_UNKNOWN", "tile", "x001/x234/067 or 000.p/W", place[:60])
    digits = match[1].replace("x", "").replace("/", "") + match[2]
    n, width = int(digits), int(match[3] or WIDTH)
    # One tile has one address.
    shortest = not (match[1].startswith("x000") and len(digits) > 3)
    there = min((seen.size >> (HEIGHT * level)) - n * WIDTH, WIDTH)
    if not shortest or len(digits) > 15 or width > there or (match[3] is not None and width == WIDTH):
        raise refuse("TILE_UNKNOWN", "tile", f"a tile of a tree of {seen.size} leaves", place[:60])
    with reading(ledger.engine) as connection:
        query = select(tile.c.hashes).where(tile.c.alg == "sha256", tile.c.level == level, tile.c.n == n)
        hashes = connection.execute(query).scalar() or b""
    if len(hashes) < width * HASH:
        raise refuse("TILE_UNKNOWN", "tile", f"{width} hashes", str(len(hashes) // HASH))
    return hashes[: width * HASH], width == WIDTH
