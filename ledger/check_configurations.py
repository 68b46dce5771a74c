"""Checking the kept configuration blocks: each follows from the one before, from the channel's first on."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select

from ledger.finding import Finding, Subject
from ledger.handle import Ledger
from ledger.store.engine import reading
from ledger.store.tables import anchor, configuration
from verifier.canonical import parse
from verifier.errors import EvidenceError
from verifier.fabric.block import read_block
from verifier.fabric.configuration import Configuration
from verifier.fabric.history import follow, pin
from verifier.report import Outcome


def check_configurations(ledger: Ledger) -> Iterator[Finding]:
    """What comes after a block that does not hold cannot be judged, and is found as NOT_RUN."""
    with reading(ledger.engine) as connection:
        rows = connection.execute(select(configuration).order_by(configuration.c.number)).all()
        anchors = connection.execute(select(func.count()).select_from(anchor)).scalar_one()
    if not rows:
        # Nothing is anchored before the first configuration is kept.
        yield _finding(Outcome.FAILED if anchors else Outcome.NOT_RUN, "CONFIGURATION_NONE", "0")
        return
    before: Configuration | None = None
    for place, row in enumerate(rows):
        try:
            before = _follow(ledger, before, row.number, row.block)
        except EvidenceError as error:
            found = (error.expected, error.found)
            yield _finding(Outcome.FAILED, error.code, str(row.number), *found)
            if place + 1 < len(rows):
                span = f"{rows[place + 1].number}…{rows[-1].number}"
                yield _finding(Outcome.NOT_RUN, "CONFIGURATION_UNJUDGED", span)
            return


def _follow(ledger: Ledger, before: Configuration | None, number: int, data: bytes) -> Configuration:
    """Raises EvidenceError."""
    block = read_block(parse(data, "configuration"), "configuration")
    if block.number != number:
        raise EvidenceError("STORE_COLUMN", "", str(block.number), str(number))
    if before is not None:
        return follow(before, block, "configuration")
    if number != 0:
        raise EvidenceError("CONFIGURATION_FIRST", "", "0", str(number))
    first = pin(block.number, block.previous, block.envelopes)
    if first.channel != ledger.settings.channel:
        raise EvidenceError("CHANNEL_OTHER", "", ledger.settings.channel, first.channel)
    return first


def _finding(outcome: Outcome, code: str, name: str, expected: str = "", found: str = "") -> Finding:
    return Finding(outcome, code, Subject.CONFIGURATION, name, (), expected, found)
