"""Inserting thousands of rows of one table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Connection

_MARKS = {"qmark": "?", "format": "%s", "pyformat": "%s"}


def insert_rows(
    connection: Connection, columns: Sequence[Column[Any]], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Each row's values in the order of `columns`, in the types that the driver takes as they are.

    SQLAlchemy's own `insert` names every value of every row: that takes as long as storing them.
    """
    if not rows:
        return
    dialect = connection.dialect
    quote = dialect.identifier_preparer.format_column
    names = ", ".join(quote(column) for column in columns)
    marks = ", ".join([_MARKS[dialect.paramstyle]] * len(columns))
    table = dialect.identifier_preparer.format_table(columns[0].table)
    connection.exec_driver_sql(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(rows))  # noqa: S608
