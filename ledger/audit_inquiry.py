"""An inquiry: the statement by which somebody looks into uses, made and kept before anything is shown.

Its `record` is a number of its own, which the second inquirer's statement, the export and the release share:
so evidence can be made of the inquiry itself. What it asks stands in the disclosure `criteria`.
"""

from __future__ import annotations

import datetime
import functools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from sqlalchemy import Connection, select

from ledger.accept import Accepted
from ledger.audit_filter import CRITERIA, AuditFilter, read_filter
from ledger.audit_right import INQUIRERS, held_at
from ledger.audit_rows import AsOf
from ledger.handle import Ledger
from ledger.store.engine import reading
from ledger.store.tables import NO_ITEM, disclosure, sealed, statement
from ledger.submission import Submission
from verifier.claims import digest_of_field
from verifier.disclosure import check_disclosures, parse_disclosure
from verifier.errors import CallerError
from verifier.shape import datetime_of, members
from verifier.statement import Statement, parse_statement

QUERY, EXPORT = "query.audit", "export"
# How a statement is handed to the ledger.
Take: TypeAlias = Callable[[Submission], Accepted]
# What the second inquirer signs must be what the first did, salts and all.
_SHARED = ("criteria", "document_number", "medium", "period", "purpose")
_DATA = Path(__file__).parent / "data" / "audit.json"
READY, SECOND, ENDED = "ready", "second", "ended"


@dataclass(frozen=True)
class InquiryRules:
    """Which inquiries two people make; for how long after its statement an inquiry may be read."""

    query: bool
    export: bool
    sealed: bool
    valid_hours: int


@dataclass(frozen=True)
class Inquiry:
    """`number`: its uuid. `is_sealed`: what it asks was never disclosed; `released`: it has been since.
    `second`: SHA-256 of the second inquirer's statement, and who that is. `state`: READY; SECOND, while it
    waits for that statement; ENDED."""

    id: int
    parsed: Statement
    accepted_at: str
    is_sealed: bool
    released: bool
    second: tuple[bytes, str] | None
    state: str

    @property
    def digest(self) -> bytes:
        return self.parsed.digests.sha256

    @property
    def number(self) -> str:
        return self.parsed.record or ""

    @property
    def until(self) -> AsOf:
        return AsOf(self.id, self.accepted_at)

    @property
    def inquirers(self) -> tuple[str, ...]:
        return (self.parsed.agent, *((self.second[1],) if self.second else ()))


@functools.cache
def inquiry_rules() -> InquiryRules:
    """The packaged rules."""
    m = members(json.loads(_DATA.read_bytes()), "audit", ("two_people", "valid_hours", "version"))
    m.constant("version", "archive-ledger audit rules v1")
    two = m.child("two_people", (EXPORT, QUERY, "sealed")).value
    return InquiryRules(bool(two[QUERY]), bool(two[EXPORT]), bool(two["sealed"]), m.integer("valid_hours", 1))


def read_inquiry(submission: Submission) -> tuple[Statement, AuditFilter]:
    """Before it is handed in: whether it is an inquiry that can be answered.

    Raises CallerError AUDIT_NO_INQUIRY, AUDIT_CRITERIA, AUDIT_FILTER; EvidenceError where its form is wrong.
    """
    parsed = parse_statement(submission.statement)
    if parsed.event not in (QUERY, EXPORT) or parsed.record is None or parsed.list is not None:
        expected = f"{QUERY} or {EXPORT} with a record, the inquiry's own number"
        raise CallerError("AUDIT_NO_INQUIRY", "statement", expected, parsed.event)
    return parsed, filter_of(parsed, submission.disclosures)


def filter_of(parsed: Statement, disclosures: Sequence[str]) -> AuditFilter:
    """What the inquiry asks, by these disclosures, which the statement must bind.

    Raises CallerError AUDIT_CRITERIA, AUDIT_FILTER; EvidenceError SD_….
    """
    shown = check_disclosures(
        parsed.claims, [parse_disclosure(text, "disclosures") for text in disclosures], "disclosures"
    )
    criteria = shown.get(CRITERIA)
    if criteria is None or not isinstance(criteria.value, str):
        raise CallerError("AUDIT_CRITERIA", "disclosures", CRITERIA, " ".join(sorted(shown)))
    return read_filter(criteria.value)


def check_number(connection: Connection, parsed: Statement) -> None:
    """The inquiry's number is its own: a record of the archive is not hidden among inquiries.

    Raises CallerError AUDIT_NUMBER_TAKEN.
    """
    query = select(statement.c.event, statement.c.iss).where(statement.c.record == parsed.record)
    for row in connection.execute(query):
        if row.event not in (QUERY, EXPORT, "inquiry.release") or row.iss != parsed.iss:
            raise CallerError("AUDIT_NUMBER_TAKEN", "record", "a new uuid", parsed.record or "")


def disclosures_of(ledger: Ledger, digest: bytes) -> tuple[str, ...]:
    """As they are kept: of a sealed inquiry there are none."""
    query = select(disclosure.c.text).join(statement, statement.c.id == disclosure.c.statement_id)
    with reading(ledger.engine) as connection:
        return tuple(connection.execute(query.where(statement.c.sha256 == digest)).scalars())


def find_inquiry(ledger: Ledger, digest: bytes) -> Inquiry:
    """By its own statement's digest, or the second inquirer's. Raises CallerError AUDIT_UNKNOWN."""
    with reading(ledger.engine) as connection:
        return inquiry_in(connection, digest, ledger.now())


def inquiry_in(connection: Connection, digest: bytes, now: datetime.datetime) -> Inquiry:
    row = connection.execute(select(statement).where(statement.c.sha256 == digest)).one_or_none()
    if row is None or row.event not in (QUERY, EXPORT) or row.record is None or row.list_id is not None:
        raise CallerError("AUDIT_UNKNOWN", digest.hex())
    parsed = parse_statement(row.data)
    first = _seconded(connection, parsed)
    if first is not None:
        return inquiry_in(connection, first, now)
    is_sealed = connection.execute(
        select(sealed.c.statement_id).where(sealed.c.statement_id == row.id)
    ).first()
    shown = connection.execute(select(disclosure.c.name).where(disclosure.c.statement_id == row.id)).first()
    second = _second(connection, parsed)
    return Inquiry(
        id=row.id,
        parsed=parsed,
        accepted_at=row.accepted_at,
        is_sealed=is_sealed is not None,
        released=is_sealed is not None and shown is not None,
        second=second,
        state=_state(parsed, row.accepted_at, second, now, is_sealed=is_sealed is not None),
    )


def needs_second(event: str, *, is_sealed: bool) -> bool:
    rules = inquiry_rules()
    return (rules.sealed and is_sealed) or (rules.export if event == EXPORT else rules.query)


def _state(
    parsed: Statement, at: str, second: tuple[bytes, str] | None, now: datetime.datetime, *, is_sealed: bool
) -> str:
    if now - datetime_of(at) > datetime.timedelta(hours=inquiry_rules().valid_hours):
        return ENDED
    return SECOND if second is None and needs_second(parsed.event, is_sealed=is_sealed) else READY


def _seconded(connection: Connection, parsed: Statement) -> bytes | None:
    """The statement that this one seconds, if it seconds one."""
    for answered in parsed.claims.answers:
        row = connection.execute(select(statement.c.data).where(statement.c.sha256 == answered)).one_or_none()
        if row is not None and seconds(parse_statement(row.data), parsed):
            return answered
    return None


def _second(connection: Connection, first: Statement) -> tuple[bytes, str] | None:
    """By somebody who had the right to it then."""
    query = select(statement.c.id, statement.c.data, statement.c.accepted_at)
    for row in connection.execute(query.where(statement.c.record == first.record).order_by(statement.c.id)):
        other = parse_statement(row.data)
        if seconds(first, other):
            held = held_at(connection, other.agent, other.iss, row.id, row.accepted_at)
            if not held.isdisjoint(INQUIRERS):
                return other.digests.sha256, other.agent
    return None


def seconds(first: Statement, other: Statement) -> bool:
    """Whether `other` is a second person's signature under the same inquiry."""
    return (
        first.digests.sha256 in other.claims.answers
        and (other.event, other.iss, other.record) == (first.event, first.iss, first.record)
        and other.agent != first.agent
        and shared(other) == shared(first)
    )


def shared(parsed: Statement) -> Mapping[str, str]:
    """The digests of what both inquirers sign."""
    claims = parsed.claims
    return {name: digest_of_field(claims, name) or "" for name in _SHARED if name in claims.fields}


def stored_disclosures(connection: Connection, key: int) -> tuple[str, ...]:
    """What the store has of a statement's own disclosures, in clear."""
    query = select(disclosure.c.text).where(
        disclosure.c.statement_id == key, disclosure.c.item_number == NO_ITEM
    )
    return tuple(connection.execute(query).scalars())


def check_may_read(inquiry: Inquiry, agent: str) -> None:
    """Raises CallerError AUDIT_NOT_YOURS, AUDIT_SECOND_MISSING, AUDIT_ENDED."""
    if agent not in inquiry.inquirers:
        raise CallerError("AUDIT_NOT_YOURS", inquiry.digest.hex())
    if inquiry.state == SECOND:
        raise CallerError("AUDIT_SECOND_MISSING", inquiry.digest.hex())
    if inquiry.state == ENDED:
        expected = f"{inquiry_rules().valid_hours} h"
        raise CallerError("AUDIT_ENDED", inquiry.digest.hex(), expected, inquiry.accepted_at)


def asked_by(
    connection: Connection, inquiry: Inquiry, disclosures: Sequence[str]
) -> tuple[AuditFilter, Mapping[str, str]]:
    """The filter, and every disclosed field: of the store, or `disclosures`, where the store has none.

    Raises CallerError AUDIT_SEALED and those of `filter_of`.
    """
    texts = stored_disclosures(connection, inquiry.id) or tuple(disclosures)
    if not texts:
        raise CallerError("AUDIT_SEALED", inquiry.digest.hex())
    shown = [parse_disclosure(text, "disclosures") for text in texts]
    fields = {one.name: one.value for one in shown if isinstance(one.value, str)}
    return filter_of(inquiry.parsed, texts), fields
