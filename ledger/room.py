"""Moving statements that are not logged to other ids.

Statements are logged in the order of their ids. What comes back from a replica was logged before anything
that is pending here, so its ids must be lower.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select, update

from ledger.store.tables import disclosure, entry, item, set_aside, statement

# More statements than any ledger logs between two recoveries.
_ROOM = 2**40


def make_room(connection: Connection) -> int:
    """The first of `_ROOM` free ids above every logged statement and below every other one."""
    last = connection.execute(select(func.max(entry.c.statement_id))).scalar() or 0
    query = select(statement.c.id).where(statement.c.id > last).order_by(statement.c.id.desc())
    others = list(connection.execute(query).scalars())
    if others and others[-1] - last <= _ROOM // 2:
        for key in others:
            renumber(connection, key, key + _ROOM)
    return last + 1


def renumber(connection: Connection, old: int, new: int) -> None:
    """A statement that is in no entry, with all that hangs on it."""
    held = [(table, _take(connection, table, old)) for table in (item, disclosure, set_aside)]
    connection.execute(update(statement).where(statement.c.id == old).values(id=new))
    for table, rows in held:
        if rows:
            connection.execute(insert(table), [{**row, "statement_id": new} for row in rows])


def _take(connection: Connection, table: Table, key: int) -> list[dict[str, Any]]:
    query = select(table).where(table.c.statement_id == key)
    rows = [dict(row._mapping) for row in connection.execute(query)]
    connection.execute(delete(table).where(table.c.statement_id == key))
    return rows
