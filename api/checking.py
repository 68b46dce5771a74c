"""Joins the ledger's check of itself with what the network holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from api.apart import Compared, compared
from api.opened import opened_chain
from ledger.alarms import CHAIN_AHEAD, CHAIN_BEHIND, CHAIN_OTHER_ANCHOR
from ledger.attest import check_kept_anchor
from ledger.chain_state import agreed_anchor_bytes, credible, heads, place
from ledger.check import check
from ledger.check_anchors import AnchorCheck, ChainAnchor
from ledger.check_configurations import check_configurations
from ledger.configurations import history
from ledger.fabric.gateway import Chain
from ledger.finding import Finding, Progress, Subject
from ledger.handle import Ledger
from ledger.store.engine import reading
from ledger.store.tables import anchor, attestation, batch
from verifier.anchor import parse_anchor
from verifier.errors import ArchiveError, ChainError, EvidenceError, LedgerError
from verifier.fabric.anchoring import AnchoredTransaction, Place
from verifier.fabric.attestation import Attestation, check_attestation
from verifier.fabric.history import History
from verifier.report import Outcome


@dataclass(frozen=True)
class Checked:
    """`apart`: where each batch that the chain holds otherwise parts from it."""

    findings: tuple[Finding, ...]
    apart: tuple[Compared, ...]


def checked(ledger: Ledger, progress: Progress, replicas: Sequence[Path] = (), *, offline: bool) -> Checked:
    """All that disagrees or could not be checked; a network that does not answer is among the latter."""
    with ExitStack() as stack:
        found: list[Finding] = []
        chain = None if offline else _chain(ledger, stack, found)
        anchors = _asking(ledger, chain, found) if chain is not None else None
        found += check(ledger, anchors, _anchor_check(ledger, found), progress=progress)
        apart = tuple(_apart_from(ledger, anchors, found, replicas)) if anchors is not None else ()
    return Checked(tuple(found), apart)


def _apart_from(
    ledger: Ledger, anchors: ChainAnchor, found: Sequence[Finding], replicas: Sequence[Path]
) -> Iterator[Compared]:
    for one in found:
        held = anchors(int(one.name)) if one.code == CHAIN_OTHER_ANCHOR else None
        if held:
            yield compared(ledger, parse_anchor(held, "chain"), replicas)


def _chain(ledger: Ledger, stack: ExitStack, found: list[Finding]) -> Chain | None:
    try:
        return stack.enter_context(opened_chain(ledger))
    except ArchiveError as error:
        found.append(_not_run(error))
        return None


def _asking(ledger: Ledger, chain: Chain, found: list[Finding]) -> ChainAnchor | None:
    """Asks the network for an anchor: None beyond the newest that it has, b"" where one should be.

    First it is seen how far each side has come. What the network holds counts by the word of so many
    organisations that one of them is honest; that it lacks something, when a majority answers and none has
    it: one alone may still be catching up. A network that did not answer once is not asked again.
    """
    try:
        answers = heads(ledger, chain)
    except ChainError as error:
        found.append(_not_run(error))
        return None
    reached = answers[credible(chain) - 1]
    with reading(ledger.engine) as connection:
        sealed = connection.execute(select(func.max(batch.c.number))).scalar()
        anchored = connection.execute(select(func.max(anchor.c.batch))).scalar()
    ours = -1 if sealed is None else int(sealed)
    settled = -1 if anchored is None else int(anchored)
    if reached > ours:
        found.append(_gone_on(CHAIN_AHEAD, ours, reached, ours, reached))
    if answers[0] < settled and len(answers) > len(chain.organisations) // 2:
        found.append(_gone_on(CHAIN_BEHIND, answers[0], settled, settled, answers[0]))

    def ask(number: int) -> bytes | None:
        if number > reached:
            return None
        try:
            return agreed_anchor_bytes(ledger, chain, number) or b""
        except ChainError as error:
            found.append(_not_run(error))
            return None

    return ask


def _gone_on(code: str, low: int, high: int, ours: int, theirs: int) -> Finding:
    span = f"{low + 1}…{high}"
    return Finding(Outcome.FAILED, code, Subject.BATCH, span, (), str(ours), str(theirs))


def _not_run(error: ArchiveError) -> Finding:
    return Finding(Outcome.NOT_RUN, error.code, Subject.ANCHOR, "", (), error.expected, error.found)


def _anchor_check(ledger: Ledger, found: list[Finding]) -> AnchorCheck | None:
    judged = list(check_configurations(ledger))
    found += judged
    if judged:
        return None
    configurations = history(ledger)

    def judge(number: int) -> None:
        anchored = check_kept_anchor(ledger, number, configurations)
        with reading(ledger.engine) as connection:
            rows = connection.execute(select(attestation).where(attestation.c.batch == number)).all()
        at = f"attestation of {number}"
        for row in rows:
            said = _attested(row.payload, anchored, place(ledger), configurations, at)
            of_payload = (said.time, " ".join(said.organisations))
            if (row.time, row.organisations) != of_payload:
                found_text = f"{row.time} {row.organisations}"
                raise LedgerError("ATTESTATION_COLUMN", at, " ".join(of_payload), found_text)

    return judge


def _attested(
    payload: bytes, anchored: AnchoredTransaction, where: Place, configurations: History, at: str
) -> Attestation:
    """An attestation was judged under the newest configuration of its day, which it does not name. A node
    whose certificate was revoked later had signed it rightly; that evidence made from now on does not rest on
    it is the verifier's affair."""
    since = max(one.number for one in configurations.configurations if one.number < anchored.block)
    newest, *older = reversed([one for one in configurations.configurations if one.number >= since])
    try:
        return check_attestation(payload, anchored, where, newest, at)
    except EvidenceError as error:
        if error.code != "NODE_CERTIFICATE_REVOKED":
            raise
        for one in older:
            with suppress(EvidenceError):
                return check_attestation(payload, anchored, where, one, at)
        raise
