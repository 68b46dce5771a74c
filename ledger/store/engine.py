"""Opening the database, and the two kinds of transaction, on SQLite or PostgreSQL alike."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError

from ledger.store import sqlite
from ledger.store.address import Place, Postgres
from ledger.store.kinds import WRITE
from verifier.errors import LedgerError, found_text

_SCHEMA = b"malformed database schema"
# One view from its first question to its last, and nothing done in it is kept.
_READ = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
# Each question sees what was committed before it; while it holds the lock, nobody else commits.
_WRITE = {"isolation_level": "READ COMMITTED", WRITE: True}


def open_engine(place: Place) -> Engine:
    if isinstance(place, Postgres):
        from ledger.store.postgres import postgres_engine

        return postgres_engine(place)
    return sqlite.sqlite_engine(place)


def is_postgres(engine: Engine) -> bool:
    return engine.dialect.name == "postgresql"


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One consistent view of the store. Nothing done in it is kept. Raises LedgerError STORE_DAMAGED; on
    PostgreSQL those of `store_error`."""
    try:
        with engine.connect() as connection:
            yield connection.execution_options(**_READ) if is_postgres(engine) else connection
    except UnicodeDecodeError as error:
        # The driver cannot decode SQLite's own message when that quotes a damaged schema.
        if not error.object.startswith(_SCHEMA):
            raise
        raise LedgerError("STORE_DAMAGED", found=found_text(error.object.decode(errors="replace"))) from error
    except DBAPIError as error:
        named = store_error(error.orig) if is_postgres(engine) else None
        if named is None:
            raise
        raise named from error


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that holds the write lock from its start: what it reads stays true until it commits.

    Durable when the block is left. Raises LedgerError STORE_BUSY when another writer does not finish,
    STORE_NOT_LASTING (PostgreSQL), and those of `store_error`.
    """
    try:
        options = _WRITE if is_postgres(engine) else {WRITE: True}
        connection = engine.connect().execution_options(**options)
        with connection, connection.begin():
            yield connection
    except DBAPIError as error:
        if not is_postgres(engine) and not isinstance(error, OperationalError):
            raise
        named = store_error(error.orig)
        if named is None:
            raise
        raise named from error


def store_error(error: BaseException | None) -> LedgerError | None:
    """What the database could not do; None for what only a fault of the program can bring about."""
    if isinstance(error, sqlite3.Error):
        return sqlite.sqlite_error(error)
    from ledger.store.postgres import postgres_error

    return postgres_error(error)


def after_erasure(engine: Engine) -> None:
    """What was deleted must not go on lying beside the rows: see docs/operations.md for what may remain."""
    if is_postgres(engine):
        from ledger.store.postgres import vacuum

        vacuum(engine, "disclosure")
    else:
        sqlite.truncate_log(engine)
