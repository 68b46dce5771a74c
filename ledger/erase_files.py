"""Files received by mistake: what a kept `file.erase` names is taken out of the store. docs/secrecy.md.

The statement is durable first. Until the file is gone its row stays, so whoever comes next finds what is left
to do. A file that is only referenced lies elsewhere and is not ours to delete: it is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, and_, delete, select

from ledger.blocked import blocked
from ledger.destroyed import records_naming
from ledger.durable import sync_folder
from ledger.examined import Examined
from ledger.files import LIVE, resolve
from ledger.handle import Ledger
from ledger.store.engine import reading, writing
from ledger.store.portions import portions
from ledger.store.tables import NO_ITEM, disclosure, file, statement
from verifier.disclosure import FileDigests, parse_disclosure
from verifier.report import Reason
from verifier.statement import Statement, parse_statement
from verifier.verify_files import ERASE_FILES

_MOST_NAMED = 10


@dataclass(frozen=True)
class Erased:
    """`deleted`: SHA-256 of copies gone now. `elsewhere`: referenced files, to be deleted by hand."""

    deleted: tuple[bytes, ...]
    elsewhere: tuple[Path, ...]


def shared_reasons(connection: Connection, examined: Sequence[Examined]) -> list[list[Reason]]:
    """Why each of these may not erase its files: another record holds the same content, and has no case of
    its own. What is secret there must be reported there, too."""
    return [list(_shared(connection, one)) if erases_files(one) else [] for one in examined]


def erases_files(one: Examined) -> bool:
    return one.statement[5] == ERASE_FILES


def _shared(connection: Connection, one: Examined) -> Iterator[Reason]:
    said = parse_statement(one.statement[3])
    hidden = [text for _, name, text, _ in one.disclosures if name.endswith(".digests")]
    for sha256 in _contents(said, hidden):
        others = sorted(
            record
            for record in records_naming(connection, sha256) - {said.record}
            if not blocked(connection, record)
        )
        if others:
            yield Reason("FILE_SHARED", "files", "of this record alone", " ".join(others[:_MOST_NAMED]))


def erased_contents(ledger: Ledger) -> frozenset[bytes]:
    """SHA-256 of everything that was ever to be erased."""
    with reading(ledger.engine) as connection:
        rows = connection.execute(
            select(statement.c.id, statement.c.data).where(statement.c.event == ERASE_FILES)
        ).all()
        return frozenset(
            sha256
            for row in rows
            for sha256 in _contents(parse_statement(row.data), _hidden(connection, row.id))
        )


def is_erased(ledger: Ledger, content: bytes) -> bool:
    """Whether it was to be erased: what is erased as received by mistake is not taken in again."""
    return content in erased_contents(ledger)


def finish_erasures(ledger: Ledger) -> Erased:
    """Takes out what kept statements name and the store still has. May be repeated, and is at every start."""
    contents = erased_contents(ledger)
    deleted, elsewhere = list[bytes](), list[Path]()
    with reading(ledger.engine) as connection:
        rows = [
            row
            for some in portions(sorted(contents))
            for row in connection.execute(
                select(file).where(file.c.sha256.in_(some), file.c.mode.in_(LIVE))
            ).all()
        ]
    for row in rows:
        place = resolve(ledger.paths, row.mode, row.path)
        if row.mode == "copy":
            place.unlink(missing_ok=True)
            if place.parent.is_dir():
                sync_folder(place.parent)
            deleted.append(row.sha256)
        else:
            elsewhere.append(place)
        with writing(ledger.engine) as connection:
            connection.execute(delete(file).where(and_(file.c.sha256 == row.sha256, file.c.path == row.path)))
    return Erased(tuple(deleted), tuple(elsewhere))


def _contents(said: Statement, hidden: Iterable[str]) -> set[bytes]:
    found = {one.digests.sha256 for one in said.claims.files if one.digests is not None}
    for text in hidden:
        value = parse_disclosure(text).value
        if isinstance(value, FileDigests):
            found.add(value.digests.sha256)
    return found


def _hidden(connection: Connection, key: int) -> list[str]:
    query = select(disclosure.c.text).where(
        disclosure.c.statement_id == key,
        disclosure.c.item_number == NO_ITEM,
        disclosure.c.name.like("file.%.digests"),
    )
    return list(connection.execute(query).scalars())
