"""Volumes and household files: which records stand in each now, and whether it is closed.

A volume is what its members' acts call it: the disclosed field `volume`. Where that is not kept here, the
volume has no name and is not listed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, select

from ledger.handle import Ledger
from ledger.query import RecordRow, record_row
from ledger.store.engine import reading
from ledger.store.tables import NO_ITEM, disclosure, item, set_aside, statement
from verifier.errors import CallerError

CREATE, ADD, REMOVE, CLOSE = "volume.create", "volume.add", "volume.remove", "volume.close"
OPEN, CLOSED = "open", "closed"


@dataclass(frozen=True)
class Volume:
    """`records`: its members now, in the order in which they came. `last_at`: when it was last changed."""

    name: str
    state: str
    records: tuple[str, ...]
    last_at: str


def volumes(ledger: Ledger) -> tuple[Volume, ...]:
    """In the order of their names."""
    with reading(ledger.engine) as connection:
        return _volumes(connection, None)


def find_volume(ledger: Ledger, name: str) -> tuple[Volume, tuple[RecordRow, ...]]:
    """With its members. Raises CallerError VOLUME_UNKNOWN."""
    with reading(ledger.engine) as connection:
        found = _volumes(connection, name)
        if not found or not found[0].records:
            raise CallerError("VOLUME_UNKNOWN", name)
        return found[0], tuple(record_row(connection, record) for record in found[0].records)


def volume_named(connection: Connection, name: str) -> Volume | None:
    return next(iter(_volumes(connection, name)), None)


def records_of_volumes(ledger: Ledger, names: Iterable[str]) -> list[str]:
    """Raises CallerError VOLUME_UNKNOWN."""
    found = [record for name in names for record in find_volume(ledger, name)[0].records]
    return sorted(set(found))


def _volumes(connection: Connection, only: str | None) -> tuple[Volume, ...]:
    query = (
        select(statement.c.id, statement.c.event, statement.c.record, statement.c.accepted_at)
        .add_columns(disclosure.c.item_number, disclosure.c.value)
        .join(disclosure, disclosure.c.statement_id == statement.c.id)
        .where(
            disclosure.c.name == "volume",
            disclosure.c.value.is_not(None),
            statement.c.event.in_((CREATE, ADD, REMOVE, CLOSE)),
            statement.c.id.not_in(select(set_aside.c.statement_id)),
        )
        .order_by(statement.c.id, disclosure.c.item_number)
    )
    if only is not None:
        query = query.where(disclosure.c.value == only)
    members: dict[str, dict[str, None]] = {}
    state: dict[str, tuple[str, str]] = {}
    for row in connection.execute(query):
        own = members.setdefault(row.value, {})
        for record in _records(connection, row.id, row.record, row.item_number):
            if row.event == REMOVE:
                own.pop(record, None)
            else:
                own[record] = None
        closed = row.event == CLOSE or state.get(row.value, ("", ""))[0] == CLOSED
        state[row.value] = (CLOSED if closed else OPEN, row.accepted_at)
    return tuple(
        Volume(name, state[name][0], tuple(own), state[name][1]) for name, own in sorted(members.items())
    )


def _records(connection: Connection, key: int, own: str | None, number: int) -> list[str]:
    """Those whose volume a disclosure names: of a list statement as a whole, all of its items."""
    if number == NO_ITEM and own is not None:
        return [own]
    query = select(item.c.record).where(item.c.statement_id == key).order_by(item.c.number)
    return list(
        connection.execute(query if number == NO_ITEM else query.where(item.c.number == number)).scalars()
    )
