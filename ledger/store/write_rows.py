"""Writing many rows of plain tuples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table, insert


def write_rows(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """As `insert(table)` does. Each row has a value for every column, in the table's order, such as the
    driver takes it: then, by position, it goes straight there. Naming and binding each value takes longer
    than the database does."""
    if not rows:
        return
    statement = insert(table)
    compiled = statement.compile(dialect=connection.dialect)
    if compiled.positional:
        connection.exec_driver_sql(str(compiled), list(rows))
    else:
        names = table.c.keys()
        connection.execute(statement, [dict(zip(names, row, strict=True)) for row in rows])
