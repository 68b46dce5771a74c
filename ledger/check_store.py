"""Checking the database itself, before what it says: is it whole, and has every value its column's type?

SQLite keeps a value of another type than its column's, if somebody puts it there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Integer, Table, func, or_, select, text

from ledger.check_schema import check_schema
from ledger.finding import Finding, Progress, Subject
from ledger.store.engine import is_postgres
from ledger.store.tables import Octets, metadata
from verifier.report import Outcome

# Such a value is read as its octets, so that the walk can go on and name what it belongs to.
TEXT_FOR_OCTETS = "STORE_TEXT_FOR_OCTETS"


def check_store(connection: Connection, progress: Progress) -> Iterator[Finding]:
    """PostgreSQL holds values to their types by itself, and what it cannot read it refuses to: the walk meets
    that."""
    tables = list(metadata.tables.values())
    if is_postgres(connection.engine):
        yield from check_schema(connection)
        progress("store", len(tables), len(tables))
        return
    for line in connection.execute(text("PRAGMA integrity_check")).scalars():
        if line != "ok":
            yield Finding(Outcome.FAILED, "STORE_INTEGRITY", Subject.STORE, str(line))
    yield from check_schema(connection)
    for done, table in enumerate(tables, 1):
        yield from _check_types(connection, table)
        progress("store", done, len(tables))


def _check_types(connection: Connection, table: Table) -> Iterator[Finding]:
    kinds = [func.typeof(column).label(f"kind_{column.name}") for column in table.c]
    # As text, so that the row can be named whatever it holds.
    key = [func.hex(column).label(f"key_{column.name}") for column in table.primary_key]
    wrong = or_(*(~_has_type(column) for column in table.c))
    for row in connection.execute(select(*key, *kinds).where(wrong)):
        for column in table.c:
            kind = row._mapping[f"kind_{column.name}"]
            if kind != _type_of(column) and not (kind == "null" and column.nullable):
                code = TEXT_FOR_OCTETS if (_type_of(column), kind) == ("blob", "text") else "STORE_TYPE"
                name = f"{table.name}.{column.name} {' '.join(str(value) for value in row[: len(key)])}"
                yield Finding(Outcome.FAILED, code, Subject.STORE, name, (), _type_of(column), kind)


def _has_type(column: Column[Any]) -> ColumnElement[bool]:
    allowed = [_type_of(column), "null"] if column.nullable else [_type_of(column)]
    return func.typeof(column).in_(allowed)


def _type_of(column: Column[Any]) -> str:
    """What SQLite's typeof() answers for a value of this column."""
    if isinstance(column.type, Octets):
        return "blob"
    return "integer" if isinstance(column.type, Integer) else "text"
