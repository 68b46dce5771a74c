"""Stating who has which duty: a registrar's word on the person's trail `duties`, or at its end his own."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, replace

from ledger.handle import Ledger
from ledger.keys import SigningKey
from ledger.seen import last_seen
from ledger.sign import Draft, sign_statement
from ledger.submission import Submission
from verifier.people import APPOINT, HANDOVER


@dataclass(frozen=True)
class DutyChange:
    """What is to be stated: event appoint or release of `subject`. `unit`: the department or village that it
    is for; `until`: the last day of an appointment."""

    subject: str
    duty: str
    unit: str | None = None
    until: str | None = None
    event: str = APPOINT


def duty_statement(ledger: Ledger, registrar: SigningKey, name: str, change: DutyChange) -> Submission:
    """`name`: the registrar's."""
    return _signed(ledger, registrar, change, {"agent_name": name})


def handover_statement(
    ledger: Ledger, whose: SigningKey, own: Mapping[str, str], change: DutyChange, counterpart: str
) -> Submission:
    """A duty put down by the person who has it. `own`: how the signer is named; `counterpart`: who takes the
    work over, and is appointed by a registrar."""
    return _signed(ledger, whose, replace(change, event=HANDOVER), {**own, "counterpart": counterpart})


def _signed(ledger: Ledger, key: SigningKey, change: DutyChange, fields: Mapping[str, str]) -> Submission:
    now = ledger.now().astimezone(datetime.UTC)
    draft = Draft(
        event=change.event,
        occurred_at=f"{now:%Y-%m-%dT%H:%M:%SZ}",
        subject=change.subject,
        duty=change.duty,
        unit=change.unit,
        due=change.until,
        fields=dict(fields),
        seen=last_seen(ledger),
    )
    return sign_statement(key, ledger.origin, draft)
