"""Signing an inquiry on this machine: one person or two, in clear or sealed; kept before anything shows."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from api.conventions import Call
from api.dates import now
from api.signer import own_fields, signer, unlocked
from ledger.audit_filter import CRITERIA, AuditFilter, filter_text
from verifier.errors import CallerError

if TYPE_CHECKING:
    from ledger.audit_inquiry import Inquiry
    from ledger.handle import Ledger
    from ledger.keys import SigningKey
    from ledger.people import Person
    from ledger.submission import Submission

# What both inquirers sign, salts and all.
_SHARED = (CRITERIA, "document_number", "purpose")


@dataclass(frozen=True)
class Signing:
    """Who signs and what they say beside the filter. `second`: None where one person asks alone."""

    named: str
    second: str | None
    passphrase_file: Path | None
    second_passphrase_file: Path | None
    purpose: str
    document_number: str | None
    basis: str
    secret: bool


@dataclass(frozen=True)
class Begun:
    """`said`: the fields of the first statement, in clear for who signed it."""

    inquiry: Inquiry
    asked: AuditFilter
    said: Mapping[str, str]


def begin(call: Call, ledger: Ledger, event: str, asked: AuditFilter, signing: Signing) -> Begun:
    """Raises CallerError AUDIT_RIGHT (recorded), AUDIT_SECOND_MISSING, and what `accept` raises."""
    from ledger.audit_inquiry import find_inquiry, needs_second
    from ledger.seen import last_seen
    from ledger.sign import Draft, sign_statement
    from verifier.digests import sha256
    from verifier.disclosure import parse_disclosure

    if signing.second is None and needs_second(event, is_sealed=signing.secret):
        raise CallerError("AUDIT_SECOND_MISSING", "--second")
    first, key = _person(call, signing.named, signing.passphrase_file)
    other = (
        _person(call, signing.second, signing.second_passphrase_file or signing.passphrase_file)
        if signing.second
        else None
    )
    number = str(uuid.uuid4())
    said = {**own_fields(first), CRITERIA: filter_text(asked), "purpose": signing.purpose}
    said |= {"document_number": signing.document_number} if signing.document_number else {}
    said |= {"second_person": other[0].name} if other else {}
    common = Draft(event, now(), record=number, basis=signing.basis, seen=last_seen(ledger))
    submission = sign_statement(key, ledger.origin, replace(common, fields=said))
    statement = sha256(submission.statement)
    seconded = None
    if other:
        texts = [text for text in submission.disclosures if parse_disclosure(text).name in _SHARED]
        own = own_fields(other[0])
        again = replace(common, fields=own, disclosures=texts, answers=(statement,))
        seconded = sign_statement(other[1], ledger.origin, again)
    # Both must have the right before either statement is kept.
    for one, signed in ((key, submission), *(((other[1], seconded),) if other and seconded else ())):
        check_right(ledger, one, signed, secret=signing.secret)
    _keep(ledger, submission, other[1] if other else None, secret=signing.secret)
    if seconded is not None:
        _keep(ledger, seconded, key, secret=signing.secret)
    return Begun(find_inquiry(ledger, statement), asked, said)


def check_right(ledger: Ledger, key: SigningKey, submission: Submission, *, secret: bool) -> None:
    """That the signer may look into uses now; an attempt without the right is listed with what is refused.

    Raises CallerError AUDIT_RIGHT.
    """
    from ledger.audit_right import AUDITOR, INQUIRERS, check_duty
    from ledger.refusals import recording

    with recording(ledger, submission.statement):
        check_duty(ledger, key.agent, key.iss, frozenset([AUDITOR]) if secret else INQUIRERS)


def _keep(ledger: Ledger, submission: Submission, other: SigningKey | None, *, secret: bool) -> None:
    from ledger.accept import accept
    from ledger.audit_sealed import submit_certified
    from verifier.certificate import read_signer

    if not secret:
        accept(ledger, [submission])
        return
    beside = [read_signer(other.certificate_der)] if other else []
    submit_certified(ledger, submission, beside, lambda one: accept(ledger, [one])[0])


def _person(call: Call, named: str, passphrase_file: Path | None) -> tuple[Person, SigningKey]:
    person = signer(call, named)
    return person, unlocked(call, person, passphrase_file)
