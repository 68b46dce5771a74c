"""All rows of one store into another, empty one, table by table in the order of their keys.

So a ledger goes from SQLite to PostgreSQL and back. What is in memory at a time does not grow with the store.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, insert, select, text
from sqlalchemy.exc import DBAPIError

from ledger.store.engine import is_postgres, open_engine, store_error, writing
from ledger.store.revision import upgrade_store
from ledger.store.tables import metadata
from verifier.errors import LedgerError, found_text

_ROWS = 200
# A row has at most some hundred kilobytes, a block of the channel's configuration.
_OCTETS = 1 << 20


def copy_rows(source: Connection, target: Connection) -> int:
    """How many. `source` is one view, `target` a transaction that writes; both have the newest tables.

    Raises LedgerError STORE_ROW: a row that the target does not take.
    """
    copied = 0
    for table in metadata.sorted_tables:
        for rows in _portions(source, table):
            _insert(target, table, rows)
            copied += len(rows)
    if is_postgres(target.engine):
        _number_on(target)
    return copied


def copy_to_file(source: Connection, file: Path) -> None:
    """Into a new SQLite file, without a write-ahead log beside it."""
    engine = open_engine(file)
    try:
        upgrade_store(engine, file)
        with writing(engine) as target:
            copy_rows(source, target)
    finally:
        engine.dispose()
    alone(file)


def alone(file: Path) -> None:
    """One SQLite file with everything in it, for its owner only."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    file.chmod(0o600)


def _portions(source: Connection, table: Table) -> Iterator[list[Mapping[str, Any]]]:
    query = select(table).order_by(*table.primary_key.columns).execution_options(yield_per=_ROWS)
    rows: list[Mapping[str, Any]] = []
    octets = 0
    for row in source.execute(query):
        rows.append(dict(row._mapping))
        octets += sum(len(value) for value in row if isinstance(value, (bytes, str)))
        if len(rows) == _ROWS or octets > _OCTETS:
            yield rows
            rows, octets = [], 0
    if rows:
        yield rows


def _insert(target: Connection, table: Table, rows: list[Mapping[str, Any]]) -> None:
    try:
        target.execute(insert(table), rows)
    except DBAPIError as error:
        if store_error(error.orig) is not None and not isinstance(error.orig, sqlite3.IntegrityError):
            raise
        key = " ".join(found_text(value) for value in list(rows[0].values())[: len(table.primary_key)])
        why = found_text(str(error.orig), 200)
        raise LedgerError("STORE_ROW", f"{table.name} {key}…", found=why) from error


def _number_on(target: Connection) -> None:
    """A server numbers rows by counters of its own, which know nothing of rows that bring their numbers."""
    for table in metadata.sorted_tables:
        column = table.autoincrement_column
        if column is not None:
            sequence = f"pg_get_serial_sequence('{table.name}', '{column.name}')"
            target.execute(
                text(f"SELECT setval({sequence}, max({column.name})) FROM {table.name} HAVING count(*) > 0")  # noqa: S608  names of our own tables
            )
