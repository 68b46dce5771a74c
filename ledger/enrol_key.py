"""Stating whose key a key is: a registrar's word, and a second one's that answers it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from ledger.accept import Accepted, accept
from ledger.handle import Ledger
from ledger.keys import SigningKey
from ledger.people_trails import AFTER_ALL, acts_about
from ledger.seen import last_seen
from ledger.sign import Draft, sign_statement
from ledger.store.engine import reading
from ledger.submission import Submission
from verifier.digests import sha256
from verifier.keys import KeyAct, Keys
from verifier.people import KEYS, REVOKE


@dataclass(frozen=True)
class KeyChange:
    """What is to be stated: event key.enrol or key.revoke of `key` (SHA-256), `subject`'s."""

    event: str
    subject: str
    key: bytes
    reason: str | None = None
    compromised_since: str | None = None


def keys_of(ledger: Ledger, subject: str) -> Keys:
    """As everything accepted leaves them."""
    with reading(ledger.engine) as connection:
        acts = acts_about(connection, KEYS, [subject], AFTER_ALL)[subject]
    return Keys(act for act in acts if isinstance(act, KeyAct))


def awaited(ledger: Ledger, change: KeyChange, registrar: SigningKey) -> bytes | None:
    """The first statement that the registrar's would answer; None if it would be the first itself."""
    waiting = keys_of(ledger, change.subject).waiting.values()
    fitting = [
        act.statement
        for act in waiting
        if (act.event, act.key) == (change.event, change.key) and act.iss != registrar.iss
    ]
    return fitting[-1] if fitting else None


def state_key(ledger: Ledger, registrar: SigningKey, name: str, change: KeyChange) -> tuple[Accepted, bool]:
    """The registrar's statement, and whether with it the change counts. `name`: the registrar's.

    Raises SubmissionsRefusedError and what else `accept` raises.
    """
    first = awaited(ledger, change, registrar)
    (accepted,) = accept(ledger, [key_statement(ledger, registrar, name, change, first)])
    return accepted, first is not None


def by_both(
    ledger: Ledger, registrars: tuple[SigningKey, SigningKey], name: str, change: KeyChange
) -> list[Submission]:
    """The statements of two registrars, the second answering the first: handed in together they count."""
    first = key_statement(ledger, registrars[0], name, change)
    return [first, key_statement(ledger, registrars[1], name, change, sha256(first.statement))]


def key_statement(
    ledger: Ledger, registrar: SigningKey, name: str, change: KeyChange, answered: bytes | None = None
) -> Submission:
    """`name`: the registrar's. `answered`: the first statement, if this is the second."""
    now = ledger.now().astimezone(datetime.UTC)
    draft = Draft(
        event=change.event,
        occurred_at=f"{now:%Y-%m-%dT%H:%M:%SZ}",
        subject=change.subject,
        key=change.key,
        reason=change.reason if change.event == REVOKE else None,
        compromised_since=change.compromised_since,
        answers=(answered,) if answered is not None else (),
        fields={"agent_name": name},
        seen=last_seen(ledger),
    )
    return sign_statement(registrar, ledger.origin, draft)
