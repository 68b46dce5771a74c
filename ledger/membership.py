"""Whose statements the ledger may take: the person CAs in the newest stored configuration of the channel."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import select

from ledger.handle import Ledger
from ledger.store.engine import reading
from ledger.store.tables import configuration
from verifier.canonical import parse
from verifier.errors import LedgerError
from verifier.fabric.block import read_block
from verifier.fabric.history import pin

PersonCas: TypeAlias = Mapping[str, tuple[x509.Certificate, ...]]
Membership: TypeAlias = Callable[[Ledger], PersonCas]


def person_cas(ledger: Ledger) -> PersonCas:
    """MSP id → its person CAs. Person CAs are only ever added, so the newest configuration holds them all.

    Raises LedgerError CONFIGURATION_NONE when no configuration was ever fetched.
    """
    with reading(ledger.engine) as connection:
        block = connection.execute(
            select(configuration.c.block).order_by(configuration.c.number.desc()).limit(1)
        ).scalar()
    if block is None:
        raise LedgerError("CONFIGURATION_NONE", "configuration", "a configuration block", "none")
    return _of_block(block)


def ders(cas: PersonCas) -> dict[str, tuple[bytes, ...]]:
    """The same as octets, which can be handed to another process."""
    return {msp: tuple(ca.public_bytes(Encoding.DER) for ca in of_msp) for msp, of_msp in cas.items()}


@functools.lru_cache(maxsize=4)
def _of_block(block: bytes) -> PersonCas:
    # Its quorum was checked before it was stored; `ledger.configurations` follows the whole chain.
    carried = read_block(parse(block, "configuration"), "configuration")
    found = pin(carried.number, carried.previous, carried.envelopes)
    return {msp: organisation.person_cas for msp, organisation in found.organisations.items()}
