"""Destroying electronic copies: once it is witnessed, what no other record needs is taken out of the store.

The statement is durable first. A content is marked under the write lock, where it is seen that nothing else
needs it; only then is its file deleted, under the lock again. A row stays and says that it was destroyed: so
a file that is gone is told from one that is missing, and who names the content again must bring it again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, select, update

from ledger.destroyed import contents_ended, ended_records, still_needed
from ledger.durable import sync_folder
from ledger.examined import Examined
from ledger.files import DESTROYED, ERASING, LIVE, resolve
from ledger.handle import Ledger
from ledger.store.engine import reading, writing
from ledger.store.portions import portions
from ledger.store.rows import AnyRow
from ledger.store.tables import file
from verifier.catalogue import event
from verifier.custody_keeping import WITNESS
from verifier.disclosure import FileDigests, parse_disclosure
from verifier.item import parse_item
from verifier.report import Reason
from verifier.statement import parse_statement


@dataclass(frozen=True)
class Gone:
    """A file of the store that was destroyed. `path`: where it stood. `statement`: SHA-256 of the witness's;
    empty if no kept statement says so. `mode`: ERASING until the file is deleted."""

    sha256: bytes
    path: str
    mode: str
    statement: bytes


def destroys_files(one: Examined) -> bool:
    return one.statement[5] == WITNESS


def records_destroyed(examined: Iterable[Examined]) -> frozenset[str]:
    """Those that these witnesses speak of."""
    found: set[str] = set()
    for one in examined:
        if destroys_files(one):
            single = one.statement[8]
            found |= {record for _, record, *_ in one.items} | ({single} if single is not None else set())
    return frozenset(found)


def finish_destructions(ledger: Ledger, records: Collection[str] | None = None) -> tuple[bytes, ...]:
    """SHA-256 of what is deleted now: of these records, of all that there are where it is None. May be
    repeated, and is for all at every start; for each witness what was destroyed before is not read again."""
    with reading(ledger.engine) as connection:
        ends = contents_ended(connection, ended_records(connection, records))
        some = bool(_kept(connection, ends, LIVE))
    if some:
        with writing(ledger.engine) as connection:
            _mark(connection, records)
    with reading(ledger.engine) as connection:
        if records is not None:
            left = _kept(connection, ends, (ERASING,))
        else:
            left = list(connection.execute(select(file).where(file.c.mode == ERASING)).all())
    return tuple(row.sha256 for row in left if _delete(ledger, row))


def _mark(connection: Connection, records: Collection[str] | None) -> None:
    """What is not needed. A file that is only referenced lies elsewhere, and is not ours to delete."""
    kept = _kept(connection, contents_ended(connection, ended_records(connection, records)), LIVE)
    needed = still_needed(connection, {row.sha256 for row in kept})
    for row in kept:
        if row.sha256 not in needed:
            mode = ERASING if row.mode == "copy" else DESTROYED
            connection.execute(update(file).where(_is(row)).values(mode=mode))


def _delete(ledger: Ledger, row: AnyRow) -> bool:
    with writing(ledger.engine) as connection:
        # Whoever brought it again meanwhile has made it one of those that are kept.
        if connection.execute(select(file.c.mode).where(_is(row))).scalar() != ERASING:
            return False
        place = resolve(ledger.paths, row.mode, row.path)
        place.unlink(missing_ok=True)
        if place.parent.is_dir():
            sync_folder(place.parent)
        connection.execute(update(file).where(_is(row)).values(mode=DESTROYED))
    return True


def _is(row: AnyRow) -> ColumnElement[bool]:
    return and_(file.c.sha256 == row.sha256, file.c.path == row.path)


def _kept(connection: Connection, contents: Iterable[bytes], modes: Sequence[str]) -> list[AnyRow]:
    return [
        row
        for some in portions(sorted(contents))
        for row in connection.execute(
            select(file).where(file.c.sha256.in_(some), file.c.mode.in_(modes))
        ).all()
    ]


def destroyed_files(ledger: Ledger) -> tuple[Gone, ...]:
    with reading(ledger.engine) as connection:
        by = contents_ended(connection, ended_records(connection))
        rows = connection.execute(select(file).where(file.c.mode.in_((ERASING, DESTROYED)))).all()
    return tuple(Gone(row.sha256, row.path, row.mode, by.get(row.sha256, b"")) for row in rows)


def destroyed_contents(ledger: Ledger) -> frozenset[bytes]:
    """SHA-256 of what is kept nowhere any more."""
    with reading(ledger.engine) as connection:
        query = select(file.c.sha256).where(file.c.mode.in_((ERASING, DESTROYED)))
        gone = set(connection.execute(query).scalars())
        return frozenset(gone - {row.sha256 for row in _kept(connection, gone, LIVE)})


def not_held_reasons(connection: Connection, examined: Sequence[Examined]) -> list[list[Reason]]:
    """Why each of these may not bring its files: their content was destroyed since it was handed in."""
    brought = [sorted(_brought(one)) for one in examined]
    every = {sha256 for some in brought for sha256 in some}
    gone = {row.sha256 for row in _kept(connection, every, (ERASING, DESTROYED))}
    gone -= {row.sha256 for row in _kept(connection, gone, LIVE)}
    return [
        [Reason("FILE_DESTROYED", "files", "", sha256.hex()) for sha256 in some if sha256 in gone]
        for some in brought
    ]


def _brought(one: Examined) -> set[bytes]:
    spec = event(one.statement[5])
    if spec is None or spec.files not in ("set", "add"):
        return set()
    claims = [parse_item(data, number).claims for number, _, data, *_ in one.items]
    claims += [parse_statement(one.statement[3]).claims] if not claims else []
    found = {f.digests.sha256 for said in claims for f in said.files if f.digests is not None}
    for _, name, text, _ in one.disclosures:
        if name.startswith("file.") and name.endswith(".digests"):
            value = parse_disclosure(text).value
            found |= {value.digests.sha256} if isinstance(value, FileDigests) else set()
    return found
