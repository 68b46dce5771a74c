"""The channel's configuration blocks, kept from the first one on: who may sign what, and since when."""

from __future__ import annotations

from sqlalchemy import func, insert, select

from ledger.fabric.blocks import block_by_number, carried, configurations_after
from ledger.fabric.gateway import Chain
from ledger.handle import Ledger
from ledger.store.engine import reading, writing
from ledger.store.tables import configuration as table
from verifier.canonical import encode, parse
from verifier.errors import LedgerError
from verifier.fabric.block import CarriedBlock, block_json, read_block
from verifier.fabric.history import History, follow_all, pin


def sync_configurations(ledger: Ledger, chain: Chain) -> int:
    """Fetches the configuration blocks not yet kept, checks the chain of them, keeps them.

    Returns how many were new. Raises ChainError, EvidenceError (the network's configuration does not
    hold) or LedgerError CHANNEL_OTHER.
    """
    known = _newest_number(ledger)
    blocks = [carried(block) for block in configurations_after(chain, known)]
    if not blocks:
        return 0
    kept = kept_configurations(ledger) if known >= 0 else ()
    if not kept and blocks[0].number != 0:
        blocks.insert(0, carried(block_by_number(chain, 0)))
    history = _history((*kept, *blocks))
    if history.newest.channel != ledger.settings.channel:
        raise LedgerError("CHANNEL_OTHER", "network", ledger.settings.channel, history.newest.channel)
    with writing(ledger.engine) as connection:
        # Another process may have kept some of them meanwhile.
        already = set(connection.execute(select(table.c.number)).scalars())
        missing = [b for b in blocks if b.number not in already]
        new = [{"number": b.number, "block": encode(block_json(b))} for b in missing]
        if new:
            connection.execute(insert(table), new)
    return len(blocks)


def kept_configurations(ledger: Ledger) -> tuple[CarriedBlock, ...]:
    """Ascending. Raises LedgerError CONFIGURATION_NONE when none was ever fetched."""
    with reading(ledger.engine) as connection:
        rows = connection.execute(select(table.c.block).order_by(table.c.number)).all()
    if not rows:
        raise LedgerError("CONFIGURATION_NONE", "configuration", "a configuration block", "none")
    return tuple(read_block(parse(row.block, "configuration"), "configuration") for row in rows)


def history(ledger: Ledger) -> History:
    """The checked chain of configurations. Raises LedgerError, EvidenceError."""
    return _history(kept_configurations(ledger))


def _history(blocks: tuple[CarriedBlock, ...]) -> History:
    first = blocks[0]
    return follow_all(pin(first.number, first.previous, first.envelopes), blocks[1:])


def _newest_number(ledger: Ledger) -> int:
    with reading(ledger.engine) as connection:
        number = connection.execute(select(func.max(table.c.number))).scalar()
    return -1 if number is None else int(number)
