"""Stating who has which duty: a registrar's word on the trail `duties` of the person."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from ledger.handle import Ledger
from ledger.keys import SigningKey
from ledger.seen import last_seen
from ledger.sign import Draft, sign_statement
from ledger.submission import Submission
from verifier.people import APPOINT


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
    now = ledger.now().astimezone(datetime.UTC)
    draft = Draft(
        event=change.event,
        occurred_at=f"{now:%Y-%m-%dT%H:%M:%SZ}",
        subject=change.subject,
        duty=change.duty,
        unit=change.unit,
        due=change.until,
        fields={"agent_name": name},
        seen=last_seen(ledger),
    )
    return sign_statement(registrar, ledger.origin, draft)
