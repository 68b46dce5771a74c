"""Whose a database is: what tells one ledger's from another's, and from an empty one."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, inspect, select

from ledger.store.address import Place, named
from ledger.store.engine import reading
from ledger.store.tables import batch, metadata
from verifier.errors import CallerError, EvidenceError, LedgerError
from verifier.marker import parse_marker


def check_owner(engine: Engine, place: Place, ledger: bytes) -> None:
    """By its first marker, which names the ledger.

    Raises LedgerError STORE_EMPTY, STORE_OTHER_LEDGER, and those of `store_error`.
    """
    with reading(engine) as connection:
        marker = None
        if inspect(connection).has_table(batch.name):
            query = select(batch.c.marker).order_by(batch.c.number).limit(1)
            marker = connection.execute(query).scalar()
    if marker is None:
        raise LedgerError("STORE_EMPTY", named(place), ledger.hex())
    try:
        found = parse_marker(marker).ledger
    except EvidenceError:
        # `check` says what is wrong with it.
        return
    if found != ledger:
        raise LedgerError("STORE_OTHER_LEDGER", named(place), ledger.hex(), found.hex())


def check_empty(connection: Connection, place: Place) -> None:
    """Our tables, and no row in any. Raises CallerError STORE_NOT_EMPTY."""
    for table in metadata.sorted_tables:
        if connection.execute(select(table).limit(1)).first() is not None:
            raise CallerError("STORE_NOT_EMPTY", named(place), "no row", table.name)
