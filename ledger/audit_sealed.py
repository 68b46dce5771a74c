"""A secret inquiry: what it asks is kept sealed for its own office, until a statement releases it.

The statement is handed in without its disclosures, so none of them ever lies in the store in clear; what was
withheld is in an envelope (`ledger.audit_envelope`) that the store cannot open. A release brings the very
disclosures whose digests the statement bears.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection, select

from ledger.accept import Accepted
from ledger.audit_door import RELEASE, answers_sealed, release_reasons
from ledger.audit_envelope import recipients_of, seal_envelope
from ledger.audit_inquiry import Take
from ledger.audit_right import AUDITOR, held_at
from ledger.handle import Ledger
from ledger.people_trails import AFTER_ALL, acts_about, all_acts, signer_of
from ledger.store.engine import reading
from ledger.store.tables import certificate, sealed, session, statement
from ledger.submission import Submission
from verifier.certificate import Signer
from verifier.disclosure import check_disclosures, parse_disclosure
from verifier.duties import DutyAct
from verifier.errors import CallerError, EvidenceError
from verifier.keys import KeyAct, Keys
from verifier.people import KEYS
from verifier.shape import instant_of
from verifier.statement import Statement, parse_statement

_LEAST = 2


def submit_sealed(ledger: Ledger, submission: Submission, named: Sequence[str], take: Take) -> Accepted:
    """`named`: agents who must be able to open it. Otherwise as `submit_certified`.

    Raises CallerError SEALED_UNKNOWN_PERSON, and what that raises.
    """
    parsed = parse_statement(submission.statement)
    with reading(ledger.engine) as connection:
        beside = [one for agent in named for one in _known(connection, agent, parsed.iss)]
    return submit_certified(ledger, submission, beside, take)


def submit_certified(
    ledger: Ledger, submission: Submission, beside: Sequence[Signer], take: Take
) -> Accepted:
    """Keeps the statement without its disclosures, and these in an envelope beside it. May be repeated.

    Whoever signed can open it, those `beside`, and the auditors of the same organisation whose certificates
    are known. Raises CallerError SEALED_ALONE, SEALED_WITHHELD; EvidenceError SD_….
    """
    parsed = parse_statement(submission.statement)
    shown = [parse_disclosure(text, "disclosures") for text in submission.disclosures]
    check_disclosures(parsed.claims, shown, "disclosures")
    missing = len(parsed.claims.fields) - len(shown)
    if missing:
        raise CallerError("SEALED_WITHHELD", "disclosures", "every field of the statement", f"-{missing}")
    with reading(ledger.engine) as connection:
        to = [signer_of(submission.certificate), *beside, *_office(ledger, connection, parsed.iss)]
    if len({one.agent for one in to}) < _LEAST:
        # One key alone is lost too easily.
        raise CallerError("SEALED_ALONE", "recipients", f"≥ {_LEAST}", "1")
    envelope = seal_envelope(parsed.digests.sha256, submission.disclosures, to)
    return take(Submission(submission.statement, submission.certificate, envelope=envelope))


def check_open(connection: Connection, parsed: Statement) -> None:
    """What answers a sealed statement is not handed in with its disclosures in clear by an oversight.

    Raises CallerError AUDIT_SEALED.
    """
    if answers_sealed(connection, parsed):
        raise CallerError("AUDIT_SEALED", "answers", "a sealed statement", "disclosures in clear")


def envelope_for(ledger: Ledger, digest: bytes, agent: str) -> bytes:
    """The envelope, for who can open it. To others it is as if there were none.

    Raises CallerError AUDIT_UNKNOWN.
    """
    with reading(ledger.engine) as connection:
        query = select(sealed.c.envelope).join(statement, statement.c.id == sealed.c.statement_id)
        envelope = connection.execute(query.where(statement.c.sha256 == digest)).scalar()
    if envelope is None or agent not in {one.agent for one in recipients_of(envelope)}:
        raise CallerError("AUDIT_UNKNOWN", digest.hex())
    return bytes(envelope)


def release(
    ledger: Ledger, submission: Submission, opened: Mapping[bytes, Sequence[str]], take: Take
) -> Accepted:
    """Takes the releasing statement in, with what it releases, in clear from then on. May be repeated.

    `opened`: SHA-256 of each sealed statement that the release answers → all of its disclosures. Raises
    CallerError RELEASE_FORM, RELEASE_OTHER, RELEASE_INCOMPLETE, AUDIT_UNKNOWN; EvidenceError SD_….
    """
    parsed = parse_statement(submission.statement)
    if parsed.event != RELEASE or not opened:
        raise CallerError("RELEASE_FORM", "statement", RELEASE, parsed.event)
    with reading(ledger.engine) as connection:
        for reason in release_reasons(connection, parsed, opened):
            kind = EvidenceError if reason.code.startswith("SD_") else CallerError
            raise kind(reason.code, reason.at, reason.expected, reason.found)
    texts = {digest: tuple(of) for digest, of in opened.items()}
    return take(replace(submission, opened=texts))


def _office(ledger: Ledger, connection: Connection, iss: str) -> list[Signer]:
    """The auditors whom the organisation has now."""
    now = instant_of(ledger.now())
    acts = [act for act in all_acts(connection) if isinstance(act, DutyAct) and act.duty == AUDITOR]
    subjects = sorted({act.subject for act in acts if act.iss == iss})
    held = [one for one in subjects if AUDITOR in held_at(connection, one, iss, AFTER_ALL, now)]
    return [signer for agent in held for signer in _certificates(connection, agent, iss)]


def _known(connection: Connection, agent: str, iss: str) -> list[Signer]:
    found = _certificates(connection, agent, iss)
    if not found:
        raise CallerError("SEALED_UNKNOWN_PERSON", agent, f"somebody of {iss} who has signed in before")
    return found


def _certificates(connection: Connection, agent: str, iss: str) -> list[Signer]:
    """Of the keys with which somebody has signed, or signed in, for the organisation; no revoked one."""
    signed = (
        select(certificate.c.der)
        .distinct()
        .join(statement, statement.c.certificate == certificate.c.sha256)
        .where(statement.c.agent == agent, statement.c.iss == iss)
    )
    entered = select(session.c.certificate).distinct().where(session.c.agent == agent, session.c.iss == iss)
    ders = {*connection.execute(signed).scalars(), *connection.execute(entered).scalars()}
    acts = acts_about(connection, KEYS, [agent], AFTER_ALL)[agent]
    keys = Keys(act for act in acts if isinstance(act, KeyAct))
    return [signer for signer in map(signer_of, sorted(ders)) if not _revoked(keys, signer, iss)]


def _revoked(keys: Keys, signer: Signer, iss: str) -> bool:
    try:
        keys.check(signer.key_sha256, iss, AFTER_ALL)
    except EvidenceError as error:
        return error.code == "KEY_REVOKED"
    return False
