"""What the worker does, each job a method: the functions of the ledger, and what is said of their outcome."""

from __future__ import annotations

import contextlib
import datetime
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.absences import Absences
from api.rounds import look_and_seal, something_pending

if TYPE_CHECKING:
    from api.worker import Job
    from ledger.fabric.gateway import Chain
    from ledger.handle import Ledger

# How often an organisation that did not attest the newest anchor is asked again.
REST_SECONDS = 15.0


class _StoppingError(Exception):
    """Cuts a long reading of files off when the worker is to stop."""


@dataclass
class Jobs:
    """`heartbeat`: seconds after which an empty batch is anchored."""

    ledger: Ledger
    chain: Chain
    absences: Absences
    stop: threading.Event
    heartbeat: float

    def every(self, interval: float, fixity_days: int) -> tuple[Job, ...]:
        from api.worker import Job

        return (
            # In this order within a round: what one round seals, the same round anchors and has attested.
            Job("seal", interval, "log", self.seal),
            Job("anchor", interval, "log", self.anchor),
            Job("attest", interval, "log", self.attest),
            Job("attest_rest", max(interval, REST_SECONDS), "rest", self.attest_rest),
            Job("heartbeat", min(60.0, self.heartbeat), "log", self.beat),
            Job("fixity", fixity_days * 86_400.0, "files", self.reread_files),
        )

    def anchor(self) -> None:
        from ledger.anchor import anchor

        anchored = anchor(self.ledger, self.chain)
        # One found on the chain was endorsed at another time: nobody was asked now.
        if anchored is not None and anchored.endorsed_by:
            self.absences.seen("anchor", anchored.refusals, self.chain.organisations)

    def seal(self) -> None:
        if something_pending(self.ledger):
            look_and_seal(self.ledger, self.chain)

    def attest(self) -> None:
        from ledger.attest import attest

        attested = attest(self.ledger, self.chain)
        if attested is not None:
            self.absences.seen("attest", attested.refusals, attested.asked)

    def attest_rest(self) -> None:
        """The others attested it: that one is still away is said, and is no failure of ours."""
        from ledger.attest import attest_rest
        from ledger.fabric.refusal import RefusedError

        try:
            attested = attest_rest(self.ledger, self.chain)
        except RefusedError as error:
            self.absences.seen("attest", error.refusals, [one.msp for one in error.refusals])
        else:
            if attested is not None:
                self.absences.seen("attest", attested.refusals, attested.asked)

    def beat(self) -> None:
        from ledger.status import last_anchor_at

        last = last_anchor_at(self.ledger)
        if last is None or _age(last) >= self.heartbeat:
            look_and_seal(self.ledger, self.chain, empty=True)

    def reread_files(self) -> None:
        from ledger.fixity import check_fixity
        from verifier.errors import LedgerError

        def go_on(*_: object) -> None:
            if self.stop.is_set():
                raise _StoppingError

        with contextlib.suppress(_StoppingError):
            report = check_fixity(self.ledger, go_on)
            if report.problems:
                names = " ".join(str(one.path) for one in report.problems[:10])
                raise LedgerError("FIXITY_PROBLEMS", names, "0", str(len(report.problems)))


def _age(instant: str) -> float:
    then = datetime.datetime.fromisoformat(instant)
    return (datetime.datetime.now(datetime.UTC) - then).total_seconds()
