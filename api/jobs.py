"""What the worker does, each job a method: the functions of the ledger, and what is said of their outcome."""

from __future__ import annotations

import contextlib
import datetime
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from api.absences import Absences
from api.rounds import look_and_seal, something_pending

if TYPE_CHECKING:
    from api.worker import Job
    from ledger.fabric.gateway import Chain
    from ledger.fixity import FixityResult
    from ledger.handle import Ledger
    from ledger.keys import SigningKey
    from ledger.sign import Draft

# How often an organisation that did not attest the newest anchor is asked again.
REST_SECONDS = 15.0
ALERT_SECONDS = 600.0
# How often loans are looked at. A loan is overdue when its last day is over: minutes do not matter.
OVERDUE_SECONDS = 60.0
_DAY = 86_400.0
_WEEK, _MONTH = datetime.timedelta(days=7), datetime.timedelta(days=31)


class _StoppingError(Exception):
    """Cuts a long reading of files off when the worker is to stop."""


@dataclass
class Jobs:
    """`heartbeat`: seconds after which an empty batch is anchored. `key`: the service's, with which it states
    alerts, what fixity found and that a loan is overdue; without it none of them is stated."""

    ledger: Ledger
    chain: Chain
    absences: Absences
    stop: threading.Event
    heartbeat: float
    key: Callable[[], SigningKey] | None = None
    # Up to when unusual uses were looked for by this process: the first look goes back a month.
    _looked: str | None = None

    def every(self, interval: float, fixity_days: int) -> tuple[Job, ...]:
        from api.worker import Job

        return (
            # In this order within a round: what one round seals, the same round anchors and has attested.
            Job("seal", interval, "log", self.seal),
            Job("anchor", interval, "log", self.anchor),
            Job("attest", interval, "log", self.attest),
            Job("attest_rest", max(interval, REST_SECONDS), "rest", self.attest_rest),
            Job("heartbeat", min(60.0, self.heartbeat), "log", self.beat),
            Job("fixity", _DAY, "files", partial(self.reread_files, fixity_days)),
            *(self._stated(self.key) if self.key else ()),
        )

    def _stated(self, key: Callable[[], SigningKey]) -> tuple[Job, ...]:
        """What is done by the service's own key."""
        from api.worker import Job

        return (
            Job("alerts", ALERT_SECONDS, "alerts", self.look_for_unusual),
            Job("overdue", OVERDUE_SECONDS, "loans", partial(self.state_overdue, key)),
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

    def state_overdue(self, key: Callable[[], SigningKey]) -> None:
        """The key is asked for only where there is something to state: a worker alone may have none."""
        from api.overdue import state_overdue
        from ledger.loan_query import overdue_unstated

        if overdue_unstated(self.ledger):
            state_overdue(self.ledger, key())

    def reread_files(self, days: int) -> None:
        """What was never checked, what is due again, and what was not found good: each day."""
        from ledger.fixity import FixityResult
        from ledger.fixity_due import check_due
        from verifier.errors import LedgerError

        def go_on(*_: object) -> None:
            if self.stop.is_set():
                raise _StoppingError

        with contextlib.suppress(_StoppingError):
            run = check_due(self.ledger, days, go_on)
            found = dict(run.results)
            told = ", ".join(f"{result} {number}" for result, number in run.results if number)
            if run.read and self.key is not None:
                self._state(_fixity_draft(self.ledger, found, told))
            bad = found[FixityResult.CHANGED] + found[FixityResult.MISSING]
            if bad:
                raise LedgerError("FIXITY_PROBLEMS", "", "0", told)
            if found[FixityResult.UNREADABLE]:
                raise LedgerError("FIXITY_NOT_CHECKED", "", "0", told)

    def look_for_unusual(self) -> None:
        from ledger.unusual import raise_alerts
        from verifier.shape import instant_of

        now = self.ledger.now()
        # What no alert covers yet may be the beginning of many in a short time: a week, at the most.
        since = self._looked or instant_of(now - _MONTH)
        raise_alerts(self.ledger, since, self._state)
        self._looked = instant_of(now - _WEEK)

    def _state(self, draft: Draft) -> None:
        """As the service. Raises what `accept` raises."""
        from ledger.accept import accept
        from ledger.sign import sign_statement

        if self.key is not None:
            accept(self.ledger, [sign_statement(self.key(), self.ledger.origin, draft)])


def _fixity_draft(ledger: Ledger, found: Mapping[FixityResult, int], told: str) -> Draft:
    """One statement for a run, however many files: the worst that was found."""
    from ledger.fixity import FixityResult
    from ledger.sign import Draft
    from verifier.shape import instant_of

    worst = (
        (FixityResult.CHANGED, "different"),
        (FixityResult.MISSING, "missing"),
        (FixityResult.UNREADABLE, "unreadable"),
    )
    outcome = next((code for result, code in worst if found[result]), "same")
    return Draft("fixity", f"{instant_of(ledger.now())[:19]}Z", outcome=outcome, fields={"detail": told})


def _age(instant: str) -> float:
    then = datetime.datetime.fromisoformat(instant)
    return (datetime.datetime.now(datetime.UTC) - then).total_seconds()
