"""Opening the database, and the two kinds of transaction. SQLite now; the SQL is kept portable."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from verifier.errors import LedgerError, found_text

_WRITE = "archive_write"
_WAIT_MS = 30_000
_SCHEMA = b"malformed database schema"
_CODES = {
    sqlite3.SQLITE_FULL: "STORE_SPACE",
    # The index of the write-ahead log, made on opening, found no room; readers need it too.
    sqlite3.SQLITE_IOERR_SHMSIZE: "STORE_SPACE",
    sqlite3.SQLITE_READONLY: "STORE_READONLY",
    sqlite3.SQLITE_CANTOPEN: "STORE_READONLY",
    sqlite3.SQLITE_PERM: "STORE_READONLY",
    sqlite3.SQLITE_CORRUPT: "STORE_DAMAGED",
    sqlite3.SQLITE_NOTADB: "STORE_DAMAGED",
}


def open_engine(database: Path) -> Engine:
    """An engine on the SQLite file, which is made if it is not there."""
    engine = create_engine(f"sqlite:///{database}")
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One consistent view of the store. Nothing done in it is kept. Raises LedgerError STORE_DAMAGED."""
    try:
        with engine.connect() as connection:
            yield connection
    except UnicodeDecodeError as error:
        # The driver cannot decode SQLite's own message when that quotes a damaged schema.
        if not error.object.startswith(_SCHEMA):
            raise
        raise LedgerError("STORE_DAMAGED", found=found_text(error.object.decode(errors="replace"))) from error


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that holds the write lock from its start: what it reads stays true until it commits.

    Durable when the block is left. Raises LedgerError STORE_BUSY when another writer does not finish, and
    those of `store_error`.
    """
    try:
        connection = engine.connect().execution_options(**{_WRITE: True})
        with connection, connection.begin():
            yield connection
    except OperationalError as error:
        raise store_error(error.orig) from error


def store_error(error: BaseException | None) -> LedgerError:
    """What SQLite could not do, by its result code: https://www.sqlite.org/rescode.html"""
    result = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    if result not in _CODES:
        # The lowest octet of an extended result code is the primary one.
        result &= 0xFF
    why = found_text(str(error))
    if result in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return LedgerError("STORE_BUSY", expected=f"{_WAIT_MS // 1000} s", found="locked")
    return LedgerError(_CODES.get(result, "STORE_FAILED"), found=why)


def _on_connect(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    # The driver must not begin transactions by itself: `_on_begin` does, of the right kind.
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout = {_WAIT_MS}",
        "journal_mode = WAL",
        # FULL: a commit is on the disk before it is acknowledged, also under WAL.
        "synchronous = FULL",
        "foreign_keys = ON",
        # What an erasure deletes is overwritten, not only unlinked.
        "secure_delete = ON",
        "cache_size = -65536",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _on_begin(connection: Connection) -> None:
    write = connection.get_execution_options().get(_WRITE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def truncate_log(engine: Engine) -> None:
    """Empty the write-ahead log, which may still hold what a transaction deleted."""
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()
