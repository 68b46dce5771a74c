"""The log's tiles in the store."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, bindparam, insert, select, update

from ledger.merkle import HEIGHT, WIDTH, Tree
from ledger.store.tables import tile
from verifier.digests import sha256, sm3
from verifier.merkle import HashFunction

ALGORITHMS: Mapping[str, HashFunction] = {"sha256": sha256, "sm3": sm3}


def stored_tree(connection: Connection, alg: str, size: int) -> Tree:
    """The log's tree in `alg` (a key of ALGORITHMS) at `size`; valid while the connection is open."""
    query = select(tile.c.hashes).where(
        tile.c.alg == alg, tile.c.level == bindparam("of_level"), tile.c.n == bindparam("of_n")
    )

    def read(level: int, n: int) -> bytes:
        return connection.execute(query, {"of_level": level, "of_n": n}).scalar() or b""

    return Tree(ALGORITHMS[alg], size, read)


def write_tiles(
    connection: Connection, alg: str, size_before: int, changed: Mapping[tuple[int, int], bytes]
) -> None:
    """Keep what `merkle.append` changed in the tree that had `size_before` leaves."""
    new: list[dict[str, str | int | bytes]] = []
    wider: list[dict[str, str | int | bytes]] = []
    for (level, n), hashes in changed.items():
        row: dict[str, str | int | bytes] = {
            "of_alg": alg,
            "of_level": level,
            "of_n": n,
            "new_hashes": hashes,
        }
        # Only a level's last tile can have been there, and only if it was not full.
        last, width = divmod(size_before >> (HEIGHT * level), WIDTH)
        (wider if width and n == last else new).append(row)
    if new:
        columns = {"alg": "of_alg", "level": "of_level", "n": "of_n", "hashes": "new_hashes"}
        connection.execute(
            insert(tile).values({name: bindparam(parameter) for name, parameter in columns.items()}), new
        )
    if wider:
        connection.execute(
            update(tile)
            .where(
                tile.c.alg == bindparam("of_alg"),
                tile.c.level == bindparam("of_level"),
                tile.c.n == bindparam("of_n"),
            )
            .values(hashes=bindparam("new_hashes")),
            wider,
        )
