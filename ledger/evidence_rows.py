"""What evidence needs from the store: the entries on a subject's trail, and the statements behind them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, exists, select

from ledger.store.tables import NO_ITEM, certificate, disclosure, entry, item, link, set_aside, statement
from verifier.certificate import read_signer
from verifier.custody_approval import asked_of
from verifier.keys import REGISTRAR
from verifier.people import DUTIES, KEYS
from verifier.statement import parse_statement
from verifier.trail import trail


@dataclass(frozen=True)
class EntryRow:
    """`subjects`: the records or lists asked for, on whose trail the entry is."""

    index: int
    text: str
    statement_id: int
    item_number: int
    subjects: tuple[str, ...]


@dataclass(frozen=True)
class ItemRow:
    number: int
    data: bytes
    disclosures: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class StatementRow:
    """`disclosures` are (name, text). `items`: those wanted. `leaves`: all items' bytes, in order."""

    data: bytes
    sha256: bytes
    certificate: bytes
    certificate_sha256: bytes
    disclosures: tuple[tuple[str, str], ...]
    items: tuple[ItemRow, ...]
    leaves: tuple[bytes, ...]


def entries_on(
    connection: Connection, records: Sequence[str], lists: Sequence[str], size: int
) -> tuple[EntryRow, ...]:
    """The entries with an index below `size` on the subjects' trails, in log order."""
    return _entries(
        connection,
        [(kind, name, (name,)) for kind, names in (("record", records), ("list", lists)) for name in names],
        size,
    )


def _entries(
    connection: Connection, trails: Iterable[tuple[str, str, tuple[str, ...]]], size: int
) -> tuple[EntryRow, ...]:
    """`trails`: kind, subject, and what stands for it in `subjects`."""
    found: dict[int, tuple[str, int, int]] = {}
    subjects: dict[int, list[str]] = defaultdict(list)
    for kind, name, known_as in trails:
        key = bytes.fromhex(trail(kind, name).key)
        rows = connection.execute(
            select(entry.c.idx, entry.c.text, entry.c.statement_id, entry.c.item_number)
            .join(link, link.c.idx == entry.c.idx)
            .where(link.c.trail_key == key, entry.c.idx < size)
        )
        for row in rows:
            found[row.idx] = (row.text, row.statement_id, row.item_number)
            subjects[row.idx] += known_as
    return tuple(EntryRow(index, *found[index], tuple(subjects[index])) for index in sorted(found))


def keys_beside(
    connection: Connection, statements: Iterable[StatementRow], size: int
) -> tuple[EntryRow, ...]:
    """The entries below `size` on the trails `keys` of those who signed; registrars have none."""
    signers = {row.certificate: read_signer(row.certificate) for row in statements}
    agents = sorted({signer.agent for signer in signers.values() if signer.role != REGISTRAR})
    return _entries(connection, [(KEYS, agent, ()) for agent in agents], size)


def duties_beside(
    connection: Connection, statements: Iterable[StatementRow], size: int
) -> tuple[EntryRow, ...]:
    """The entries below `size` on the trails `duties` of those of whom a rule may ask for one."""
    agents = sorted({agent for row in statements for agent in asked_of(parse_statement(row.data))})
    return _entries(connection, [(DUTIES, agent, ()) for agent in agents], size)


def records_on(connection: Connection, lists: Sequence[str]) -> list[str]:
    """The records that stand on these lists, in any of their statements."""
    query = (
        select(item.c.record)
        .distinct()
        .join(statement, statement.c.id == item.c.statement_id)
        .where(statement.c.list_id.in_(lists))
    )
    return list(connection.execute(query).scalars())


def pending_on(
    connection: Connection, records: Sequence[str], lists: Sequence[str], size: int
) -> dict[tuple[int, int], str]:
    """(statement, item or NO_ITEM) → subject, for statements on the subjects with no entry below `size`."""
    logged = exists().where(entry.c.statement_id == statement.c.id, entry.c.idx < size)
    aside = exists().where(set_aside.c.statement_id == statement.c.id)
    waiting = ~logged & ~aside
    found: dict[tuple[int, int], str] = {}
    for name in records:
        single = select(statement.c.id).where(statement.c.record == name, waiting)
        found |= {(row.id, NO_ITEM): name for row in connection.execute(single)}
        listed = (
            select(item.c.statement_id, item.c.number)
            .join(statement, statement.c.id == item.c.statement_id)
            .where(item.c.record == name, waiting)
        )
        found |= {(row.statement_id, row.number): name for row in connection.execute(listed)}
    for name in lists:
        whole = select(statement.c.id).where(statement.c.list_id == name, waiting)
        found |= {(row.id, NO_ITEM): name for row in connection.execute(whole)}
    return found


def statements_of(connection: Connection, wanted: Iterable[tuple[int, int]]) -> tuple[StatementRow, ...]:
    """The statements, each with those of its items that are wanted, sorted by SHA-256."""
    numbers: dict[int, list[int]] = defaultdict(list)
    for statement_id, number in sorted(wanted):
        numbers[statement_id] += [number] if number != NO_ITEM else []
    rows = [_statement(connection, statement_id, wanted) for statement_id, wanted in numbers.items()]
    return tuple(sorted(rows, key=lambda row: row.sha256))


def _statement(connection: Connection, statement_id: int, numbers: Sequence[int]) -> StatementRow:
    row = connection.execute(
        select(statement.c.data, statement.c.sha256, statement.c.certificate, certificate.c.der)
        .join(certificate, certificate.c.sha256 == statement.c.certificate)
        .where(statement.c.id == statement_id)
    ).one()
    leaves: tuple[bytes, ...] = ()
    if numbers:
        found = connection.execute(
            select(item.c.data).where(item.c.statement_id == statement_id).order_by(item.c.number)
        )
        leaves = tuple(found.scalars())
    return StatementRow(
        data=row.data,
        sha256=row.sha256,
        certificate=row.der,
        certificate_sha256=row.certificate,
        disclosures=_disclosures(connection, statement_id, NO_ITEM),
        items=tuple(
            ItemRow(number, leaves[number], _disclosures(connection, statement_id, number))
            for number in numbers
        ),
        leaves=leaves,
    )


def _disclosures(connection: Connection, statement_id: int, number: int) -> tuple[tuple[str, str], ...]:
    rows = connection.execute(
        select(disclosure.c.name, disclosure.c.text).where(
            disclosure.c.statement_id == statement_id, disclosure.c.item_number == number
        )
    )
    return tuple((row.name, row.text) for row in rows)
