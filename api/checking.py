"""Joins the ledger's check of itself with what the network holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from sqlalchemy import select

from ledger.attest import check_kept_anchor, place
from ledger.chain_state import anchor_bytes, head
from ledger.check import check
from ledger.check_anchors import AnchorCheck, ChainAnchor
from ledger.configurations import history
from ledger.fabric.connection import read_connection
from ledger.fabric.gateway import Chain, close, connect
from ledger.finding import Finding, Progress, Subject
from ledger.handle import Ledger
from ledger.store.engine import reading
from ledger.store.tables import attestation, batch
from verifier.errors import ArchiveError, ChainError
from verifier.fabric.attestation import check_attestation
from verifier.report import Outcome


def findings(ledger: Ledger, progress: Progress, *, offline: bool) -> list[Finding]:
    """All that disagrees or could not be checked; a network that does not answer is among the latter."""
    with ExitStack() as stack:
        found: list[Finding] = []
        chain = None if offline else stack.enter_context(_chain(ledger, found))
        anchors = None
        if chain is not None:
            found += _ahead(ledger, chain)
            # A network that did not answer once is not asked again for each anchor.
            answered = all(one.outcome is Outcome.FAILED for one in found)
            anchors = _asking(ledger, chain, found) if answered else None
        found += check(ledger, anchors, _anchor_check(ledger, found), progress=progress)
    return found


@contextmanager
def _chain(ledger: Ledger, found: list[Finding]) -> Iterator[Chain | None]:
    try:
        chain = connect(read_connection(ledger.settings.connection_path(ledger.paths.home)))
    except ArchiveError as error:
        found.append(_not_run(error))
        yield None
        return
    try:
        yield chain
    finally:
        close(chain)


def _ahead(ledger: Ledger, chain: Chain) -> list[Finding]:
    """The chain must not hold batches that this ledger does not know."""
    try:
        newest = head(ledger, chain)
    except ChainError as error:
        return [_not_run(error)]
    with reading(ledger.engine) as connection:
        last = connection.execute(select(batch.c.number).order_by(batch.c.number.desc()).limit(1)).scalar()
    known = -1 if last is None else int(last)
    if newest is not None and newest.batch > known:
        span = f"{known + 1}…{newest.batch}"
        return [
            Finding(Outcome.FAILED, "CHAIN_AHEAD", Subject.BATCH, span, (), str(known), str(newest.batch))
        ]
    return []


def _not_run(error: ArchiveError) -> Finding:
    return Finding(Outcome.NOT_RUN, error.code, Subject.ANCHOR, "", (), error.expected, error.found)


def _asking(ledger: Ledger, chain: Chain, found: list[Finding]) -> ChainAnchor:
    """Asks the network for an anchor. One that is absent there is not one that could not be asked for."""

    def ask(number: int) -> bytes | None:
        try:
            return anchor_bytes(ledger, chain, number) or b""
        except ChainError as error:
            found.append(_not_run(error))
            return None

    return ask


def _anchor_check(ledger: Ledger, found: list[Finding]) -> AnchorCheck | None:
    try:
        configurations = history(ledger)
    except ArchiveError as error:
        found.append(_not_run(error))
        return None

    def judge(number: int) -> None:
        anchored = check_kept_anchor(ledger, number, configurations)
        with reading(ledger.engine) as connection:
            query = select(attestation.c.payload).where(attestation.c.batch == number)
            payloads = list(connection.execute(query).scalars())
        at = f"attestation of {number}"
        for payload in payloads:
            check_attestation(payload, anchored, place(ledger), configurations.newest, at)

    return judge
