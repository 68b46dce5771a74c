"""Opening what a command needs, and closing it whatever happens: the ledger, the chain."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from api.conventions import Call

if TYPE_CHECKING:
    from ledger.fabric.gateway import Chain
    from ledger.handle import Ledger


@contextmanager
def opened_ledger(call: Call) -> Iterator[Ledger]:
    """Raises LedgerError LEDGER_ABSENT and what `open_ledger` raises."""
    from ledger.handle import open_ledger

    ledger = open_ledger(call.home)
    try:
        yield ledger
    finally:
        ledger.close()


@contextmanager
def opened_chain(ledger: Ledger) -> Iterator[Chain]:
    """Raises CallerError CONNECTION_MISSING, CONNECTION_FORM, CLIENT_KEY; LedgerError CHANNEL_OTHER: what
    another network holds says nothing of this ledger. Calls on it raise ChainError."""
    from ledger.fabric.connection import read_connection
    from ledger.fabric.gateway import close, connect
    from verifier.errors import LedgerError

    path = ledger.settings.connection_path(ledger.paths.home)
    connection = read_connection(path)
    if connection.channel != ledger.settings.channel:
        raise LedgerError("CHANNEL_OTHER", str(path), ledger.settings.channel, connection.channel)
    chain = connect(connection)
    try:
        yield chain
    finally:
        close(chain)
