"""PostgreSQL: how it is reached, its two kinds of transaction, and what its errors mean.

A writer holds one advisory lock until its transaction ends: docs/adr/0015-one-writer-on-postgresql.md says
why that, and why at READ COMMITTED.
"""

from __future__ import annotations

from typing import Any

from psycopg import OperationalError, connect
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry

from ledger.store.address import Postgres
from ledger.store.kinds import WAIT_MS, is_writing
from verifier.errors import LedgerError, found_text

# "archive!" as a number: one database holds one ledger, so one key does.
LOCK_KEY = int.from_bytes(b"archive!", "big")
LEAST_VERSION = 150_000
_CONNECT_SECONDS = 10
# What makes a commit lasting. `synchronous_commit` may also be local, remote_write or remote_apply: each is
# at least on this server's disk.
_LASTING = ("fsync", "full_page_writes", "synchronous_commit")
_ASKED = ", ".join(f"current_setting({name!r})" for name in _LASTING)
_LOCK = f"SELECT {_ASKED} FROM pg_advisory_xact_lock({LOCK_KEY})"  # noqa: S608  names above
# https://www.postgresql.org/docs/current/errcodes-appendix.html; by code, then by its class.
_CODES = {
    "25006": "STORE_READONLY",  # read_only_sql_transaction: a standby, or made so
    "42501": "STORE_READONLY",  # insufficient_privilege
    "53100": "STORE_SPACE",  # disk_full
    "53300": "STORE_UNREACHABLE",  # too_many_connections
    "55P03": "STORE_BUSY",  # lock_not_available
    "57P01": "STORE_UNREACHABLE",  # admin_shutdown
    "57P02": "STORE_UNREACHABLE",  # crash_shutdown
    "57P03": "STORE_UNREACHABLE",  # cannot_connect_now
    "57P05": "STORE_UNREACHABLE",  # idle_session_timeout
    "XX001": "STORE_DAMAGED",  # data_corrupted
    "XX002": "STORE_DAMAGED",  # index_corrupted
}
_CLASSES = {
    "08": "STORE_UNREACHABLE",  # connection exception
    "28": "STORE_UNREACHABLE",  # invalid authorization
    "40": "STORE_BUSY",  # rolled back because of another transaction
    "53": "STORE_FAILED",  # insufficient resources
    "57": "STORE_FAILED",  # operator intervention
    "58": "STORE_FAILED",  # system error, outside of PostgreSQL
    "XX": "STORE_FAILED",  # internal error
}


def postgres_engine(place: Postgres) -> Engine:
    """Nothing is connected yet. A connection that the server closed meanwhile is replaced when next used."""
    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: connect(
            place.url,
            connect_timeout=_CONNECT_SECONDS,
            client_encoding="utf8",
            application_name="archive-ledger",
        ),
        pool_pre_ping=True,
    )
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    event.listen(engine, "checkin", _on_checkin)
    return engine


def postgres_error(error: BaseException | None) -> LedgerError | None:
    """What the server could not do; None for what is nobody's fault but the program's."""
    code: str | None = getattr(error, "sqlstate", None)
    if code is None:
        # libpq gives no code for what it says itself: no server, or it went away.
        name = "STORE_UNREACHABLE" if isinstance(error, OperationalError) else None
    else:
        name = _CODES.get(code) or _CLASSES.get(code[:2])
    if name is None:
        return None
    if name == "STORE_BUSY":
        return LedgerError(name, expected=f"{WAIT_MS // 1000} s", found=f"locked ({code})")
    return LedgerError(name, found=found_text(" ".join(str(error).split()), 200))


def _on_connect(connection: Any, _entry: ConnectionPoolEntry) -> None:
    """Raises LedgerError STORE_SERVER."""
    info = connection.info
    encoding = info.parameter_status("server_encoding")
    if info.server_version < LEAST_VERSION:
        raise LedgerError(
            "STORE_SERVER", "server_version", f"≥ {LEAST_VERSION // 10_000}", str(info.server_version)
        )
    if encoding != "UTF8":
        raise LedgerError("STORE_SERVER", "server_encoding", "UTF8", str(encoding))


def _on_begin(connection: Connection) -> None:
    """Raises LedgerError STORE_NOT_LASTING before anything is written."""
    if not is_writing(connection):
        return
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {WAIT_MS}")
    values = connection.exec_driver_sql(_LOCK).one()
    for name, value in zip(_LASTING, values, strict=True):
        if value == "off":
            raise LedgerError("STORE_NOT_LASTING", name, "on", value)


def _on_checkin(connection: Any, _entry: ConnectionPoolEntry) -> None:
    """What a reader asked for is not turned into its contrary for the next: whether a server takes writes is
    its own to say."""
    if connection is not None:
        connection.read_only = None


def vacuum(engine: Engine, table: str) -> None:
    """Give back what deleted rows held, in the table and in its indexes, which repeat values."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"VACUUM (INDEX_CLEANUP ON, TRUNCATE ON) {table}")
