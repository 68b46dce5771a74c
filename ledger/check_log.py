"""Checking the log, batch by batch: from the texts of markers and entries to the roots."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select

from ledger.batch import MAX_LINKS
from ledger.check_entries import Following, Leaf, Sealing, check_entries
from ledger.finding import Finding, Progress, Subject
from ledger.handle import Ledger
from ledger.merkle import HASH, WIDTH, TileMissingError, frontier, grow
from ledger.store.rows import AnyRow
from ledger.store.tables import anchor, batch, entry, link, set_aside, statement, tile
from ledger.tiles import ALGORITHMS, stored_tree
from verifier.digests import Digests, sha256, sm3
from verifier.errors import EvidenceError
from verifier.marker import PreviousAnchor, parse_marker
from verifier.merkle import fold_frontier, leaf_hash
from verifier.report import Outcome

_AT_ONCE = 8 * WIDTH  # leaves; whole tiles


@dataclass
class _Edge:
    """One algorithm's right edge, grown twice: from the texts, and from the hashes kept in tiles."""

    by_text: tuple[bytes, ...] = ()
    by_tile: tuple[bytes, ...] = ()


@dataclass
class _Log:
    """The log as far as it has been walked."""

    size: int = 0
    edges: dict[str, _Edge] = field(default_factory=lambda: {alg: _Edge() for alg in ALGORITHMS})
    following: Following = field(default_factory=Following)


def check_log(connection: Connection, ledger: Ledger, progress: Progress) -> Iterator[Finding]:
    """Every batch in order. A root that disagrees is that batch's fault alone where either the texts or the
    tiles still reproduce it; then the walk goes on from what does.
    """
    total = connection.execute(select(func.max(batch.c.size))).scalar() or 0
    log, number = _Log(), 0
    for row in _batches(connection):
        if number < row.number:
            span = str(number) if number + 1 == row.number else f"{number}…{row.number - 1}"
            yield _failed("BATCH_MISSING", Subject.BATCH, span)
        number = row.number + 1
        yield from _check_batch(connection, ledger, row, log)
        progress("log", log.size, total)
    yield from _beyond(connection, log.size)


def _batches(connection: Connection) -> Iterator[AnyRow]:
    last = -1
    while True:
        query = select(batch).where(batch.c.number > last).order_by(batch.c.number).limit(100)
        rows = connection.execute(query).all()
        if not rows:
            return
        yield from rows
        last = rows[-1].number


def _check_batch(connection: Connection, ledger: Ledger, row: AnyRow, log: _Log) -> Iterator[Finding]:
    name = str(row.number)
    if row.marker_index != log.size or not 0 < row.size - row.marker_index <= MAX_LINKS + 1:
        yield _failed("BATCH_PLACE", Subject.BATCH, name, (), str(log.size), f"{row.marker_index} {row.size}")
        _start_again(connection, row.marker_index, log)
    previous = _previous(connection, row.number)
    yield from _check_marker(ledger, row, previous)
    text = row.marker.encode()
    marker = Leaf(row.marker_index, Digests(leaf_hash(sha256, text), leaf_hash(sm3, text)), ())
    yield from _add(connection, [marker], row.marker_index, row.marker_index + 1, log)
    when = Sealing(previous.time if previous else "", row.sealed_at)
    low = row.marker_index + 1
    # No batch has more entries than links; a size that says so is not walked to its end.
    end = min(row.size, low + MAX_LINKS)
    while low < end:
        high = min(end, (low // _AT_ONCE + 1) * _AT_ONCE)
        leaves: list[Leaf] = []
        for one in check_entries(connection, low, high, when, log.following):
            if isinstance(one, Leaf):
                leaves.append(one)
            else:
                yield one
        yield from _add(connection, leaves, low, high, log)
        low = high
    yield from _check_roots(row, log)
    if (row.last_recorded_at or "") != log.following.recorded_at:
        expected = log.following.recorded_at or "-"
        yield _failed("BATCH_TIME", Subject.BATCH, name, (), expected, row.last_recorded_at or "-")


def _start_again(connection: Connection, size: int, log: _Log) -> None:
    """Where batches are lacking, the right edge is taken from the tiles, as far as they go."""
    log.size = size
    for alg in ALGORITHMS:
        try:
            edge = frontier(stored_tree(connection, alg, size))
        except TileMissingError:
            edge = (bytes(HASH),) * size.bit_count()
        log.edges[alg] = _Edge(edge, edge)


def _previous(connection: Connection, number: int) -> PreviousAnchor | None:
    row = connection.execute(select(anchor).where(anchor.c.batch == number - 1)).one_or_none()
    return PreviousAnchor(row.sha256, row.time, row.txid) if row else None


def _check_marker(ledger: Ledger, row: AnyRow, previous: PreviousAnchor | None) -> Iterator[Finding]:
    name = str(row.number)
    try:
        said = parse_marker(row.marker)
    except EvidenceError as error:
        yield _failed(error.code, Subject.BATCH, name, (), error.expected, error.found)
        return
    if (said.index, said.ledger, said.batch) != (row.marker_index, ledger.id, row.number):
        found = f"{said.index} {said.ledger.hex()} {said.batch}"
        yield _failed("MARKER_PLACE", Subject.BATCH, name, (), f"{row.marker_index} {ledger.id.hex()}", found)
    if said.previous != previous:
        expected = previous.digest.hex() if previous else "-"
        found = said.previous.digest.hex() if said.previous else "-"
        yield _failed("MARKER_ANCHOR", Subject.BATCH, name, (), expected, found)


def _add(connection: Connection, leaves: list[Leaf], low: int, high: int, log: _Log) -> Iterator[Finding]:
    """Grow both edges by the leaves `low` … `high`; where text or tile is lacking the other stands in."""
    by_index = {leaf.index: leaf for leaf in leaves}
    disagree: dict[int, list[str]] = {}
    lacking: dict[str, set[str]] = {}
    for alg, h in ALGORITHMS.items():
        kept = _kept_hashes(connection, alg, low, high)
        texts: list[bytes] = []
        tiles: list[bytes] = []
        for index in range(low, high):
            leaf, hash_ = by_index.get(index), kept.get(index)
            of_text: bytes | None = getattr(leaf.hashes, alg) if leaf else None
            if hash_ is None:
                lacking.setdefault(f"{alg} 0/{index // WIDTH}", set()).update(_records(leaf))
            elif of_text is not None and hash_ != of_text:
                disagree.setdefault(index, []).append(alg)
            stand_in = bytes(HASH)
            texts.append(of_text or hash_ or stand_in)
            tiles.append(hash_ or of_text or stand_in)
        edge = log.edges[alg]
        edge.by_text = grow(h, log.size, edge.by_text, texts)
        edge.by_tile = grow(h, log.size, edge.by_tile, tiles)
    log.size = high
    for name, records in lacking.items():
        yield _failed("TILE_MISSING", Subject.TILE, name, tuple(sorted(records)))
    for index, algs in disagree.items():
        # A changed text disagrees in both trees; a changed tile in its own alone.
        both = len(algs) == len(ALGORITHMS)
        code, subject = ("ENTRY_LEAF", Subject.ENTRY) if both else ("TILE_LEAF", Subject.TILE)
        name = str(index) if both else f"{algs[0]} 0/{index // WIDTH} {index}"
        yield _failed(code, subject, name, _records(by_index[index]))


def _records(leaf: Leaf | None) -> tuple[str, ...]:
    return leaf.records if leaf else ()


def _kept_hashes(connection: Connection, alg: str, low: int, high: int) -> dict[int, bytes]:
    """Leaf hashes in the lowest tiles, by index."""
    rows = connection.execute(
        select(tile.c.n, tile.c.hashes).where(
            tile.c.alg == alg,
            tile.c.level == 0,
            tile.c.n >= low // WIDTH,
            tile.c.n <= (high - 1) // WIDTH,
        )
    )
    found: dict[int, bytes] = {}
    for row in rows:
        for at in range(0, len(row.hashes) - HASH + 1, HASH):
            found[row.n * WIDTH + at // HASH] = row.hashes[at : at + HASH]
    return found


def _check_roots(row: AnyRow, log: _Log) -> Iterator[Finding]:
    for alg, h in ALGORITHMS.items():
        edge, expected = log.edges[alg], row._mapping[alg]
        by_text, by_tile = fold_frontier(h, edge.by_text), fold_frontier(h, edge.by_tile)
        if by_text == expected:
            edge.by_tile = edge.by_text
        elif by_tile == expected:
            edge.by_text = edge.by_tile
        else:
            name = f"{row.number} {alg}"
            yield _failed("BATCH_ROOT", Subject.BATCH, name, (), expected.hex(), by_text.hex())


def _beyond(connection: Connection, size: int) -> Iterator[Finding]:
    """Entries, links and statements that stand where none may."""
    markers = select(batch.c.marker_index)
    stray = select(entry.c.idx).where((entry.c.idx >= size) | entry.c.idx.in_(markers))
    for index in connection.execute(stray).scalars():
        yield _failed("ENTRY_EXTRA", Subject.ENTRY, str(index), (), f"< {size}")
    unheld = select(link.c.trail_key, link.c.seq, link.c.idx).where(
        ~select(entry.c.idx).where(entry.c.idx == link.c.idx).exists()
    )
    for row in connection.execute(unheld):
        name = f"{row.trail_key.hex()} {row.seq}"
        yield _failed("LINK_EXTRA", Subject.LINK, name, (), "an entry", str(row.idx))
    last = select(func.max(entry.c.statement_id)).scalar_subquery()
    passed_over = select(statement.c.sha256, statement.c.record).where(
        statement.c.id <= last,
        ~select(entry.c.idx).where(entry.c.statement_id == statement.c.id).exists(),
        ~select(set_aside.c.statement_id).where(set_aside.c.statement_id == statement.c.id).exists(),
    )
    for one in connection.execute(passed_over):
        records = (one.record,) if one.record else ()
        yield _failed("STATEMENT_NOT_LOGGED", Subject.STATEMENT, one.sha256.hex(), records)


def _failed(
    code: str,
    subject: Subject,
    name: str,
    records: tuple[str, ...] = (),
    expected: str = "",
    found: str = "",
) -> Finding:
    return Finding(Outcome.FAILED, code, subject, name, records, expected, found)
