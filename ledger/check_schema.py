"""Checking the database's own make-up: an added trigger or view could change what is read or kept."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, text

from ledger.check_schema_postgres import found_parts, made_parts
from ledger.finding import Finding, Subject
from ledger.store.engine import is_postgres, open_engine, reading
from ledger.store.revision import upgrade_store
from verifier.errors import found_text
from verifier.report import Outcome

_PARTS = text("SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_stat%'")


def check_schema(connection: Connection) -> Iterator[Finding]:
    """Tables, indexes and nothing else, each as the migrations make it."""
    if is_postgres(connection.engine):
        made, kept = made_parts(connection), found_parts(connection)
    else:
        made, kept = _made(), _parts(connection)
    for part in sorted(made.keys() | kept.keys()):
        if made.get(part) != kept.get(part):
            expected, found = (found_text(parts.get(part, "-")) for parts in (made, kept))
            yield Finding(Outcome.FAILED, "STORE_SCHEMA", Subject.STORE, part, (), expected, found)


def _parts(connection: Connection) -> dict[str, str]:
    return {f"{row.type} {row.name}": row.sql or "" for row in connection.execute(_PARTS)}


@functools.cache
def _made() -> dict[str, str]:
    memory = Path(":memory:")
    engine = open_engine(memory)
    try:
        upgrade_store(engine, memory)
        with reading(engine) as connection:
            return _parts(connection)
    finally:
        engine.dispose()
