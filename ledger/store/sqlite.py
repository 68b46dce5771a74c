"""SQLite: how it is opened, its two kinds of transaction, and what its errors mean."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry

from ledger.store.kinds import WAIT_MS, is_writing
from verifier.errors import LedgerError, found_text

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


def sqlite_engine(database: Path) -> Engine:
    """The file is made if it is not there."""
    engine = create_engine(f"sqlite:///{database}")
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    return engine


def sqlite_error(error: BaseException | None) -> LedgerError:
    """What SQLite could not do, by its result code: https://www.sqlite.org/rescode.html"""
    result = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    if result not in _CODES:
        # The lowest octet of an extended result code is the primary one.
        result &= 0xFF
    why = found_text(str(error))
    if result in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return LedgerError("STORE_BUSY", expected=f"{WAIT_MS // 1000} s", found="locked")
    return LedgerError(_CODES.get(result, "STORE_FAILED"), found=why)


def _on_connect(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    # The driver must not begin transactions by itself: `_on_begin` does, of the right kind.
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout = {WAIT_MS}",
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
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing(connection) else "BEGIN")


def truncate_log(engine: Engine) -> None:
    """Empty the write-ahead log, which may still hold what a transaction deleted."""
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()
