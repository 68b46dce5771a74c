"""Judging a whole submission: what is kept of it, or every reason to refuse it.

Pure: bytes in, values or reasons out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple, TypeAlias

from ledger.batch import (
    FRAME_OCTETS,
    LINK_OCTETS,
    MAX_BATCH,
    MAX_LINKS,
    certificate_octets,
    statement_octets,
)
from ledger.examine import (
    Found,
    Rules,
    ahead,
    judge_audience,
    judge_signature,
    judge_signer,
    read_certificate,
    read_disclosures,
    reason_of,
    unmarked_late,
)
from ledger.examine_items import PART, ExaminedItems, examine_items
from ledger.examined import Erasure, Examined, disclosure_row, trail_lines
from ledger.people_trails import PeopleAct, people_act
from ledger.store.tables import NO_ITEM
from ledger.submission import Submission, SubmittedItem
from verifier.certificate import Signer
from verifier.conformity import check_event
from verifier.digests import Digests, sha256, sm3
from verifier.disclosure import Disclosure, check_disclosures
from verifier.errors import EvidenceError
from verifier.merkle import root_of
from verifier.report import Reason
from verifier.statement import Statement, parse_statement
from verifier.tally import at_most
from verifier.trail import trails_of_statement

Judged: TypeAlias = tuple[Examined | None, list[Reason]]


class _Read(NamedTuple):
    """What is known of a submission before its signature is verified. `signed`: by what, if it was read."""

    signed: tuple[Statement, Signer] | None
    examined: Examined | None
    reasons: list[Reason]


def judge(submission: Submission, rules: Rules) -> Judged:
    """What is kept of the submission, and every reason to refuse it, its signature's among them.

    None beside the reasons.
    """
    return judge_some([submission], rules)[0]


def judge_some(submissions: Sequence[Submission], rules: Rules) -> list[Judged]:
    """`judge` of each. The signatures are verified last, one after the other, not each between two readings:
    neither then drives out of the processor's caches what the other needs."""
    return [_judge_signature(one) for one in [_read(submission, rules) for submission in submissions]]


def is_well_signed(submission: Submission, rules: Rules) -> bool:
    """Whether it is its signer's, whatever else is wrong with it."""
    found = Found()
    with found.rule():
        statement = parse_statement(submission.statement)
        signer = read_certificate(submission.certificate)
        judge_signer(statement, signer, rules, found)
        judge_signature(statement, signer, found)
    return not found.reasons


def _read(submission: Submission, rules: Rules) -> _Read:
    firsts = range(0, len(submission.items), PART)
    parts = [examine_items(*part_of(submission, first), rules.accepted_at) for first in firsts]
    return _read_with(submission, rules, parts)


def part_of(submission: Submission, first: int) -> tuple[bytes, bytes, tuple[SubmittedItem, ...], int]:
    """What `examine_items` is given of the items from number `first` on: `PART` of them or what is left."""
    some = submission.items[first : first + PART]
    return submission.statement, submission.certificate, some, first


def conclude(submission: Submission, rules: Rules, parts: Sequence[ExaminedItems]) -> Judged:
    """`judge`, once all its items were examined in parts, in their order."""
    return _judge_signature(_read_with(submission, rules, parts))


def _judge_signature(read: _Read) -> Judged:
    found = Found(read.reasons)
    if read.signed is not None:
        judge_signature(*read.signed, found)
    return (None if found.reasons else read.examined), found.reasons


def _read_with(submission: Submission, rules: Rules, parts: Sequence[ExaminedItems]) -> _Read:
    try:
        statement = parse_statement(submission.statement)
        for unread in filter(None, (part.unread for part in parts)):
            return _Read(None, None, [unread])
        signer = read_certificate(submission.certificate)
        shown = read_disclosures(submission.disclosures, "statement")
    except EvidenceError as error:
        return _Read(None, None, [reason_of(error)])
    trails = trails_of_statement(statement)
    links = len(trails) + sum(part.links for part in parts)
    reasons = _judge(submission, rules, parts, statement, signer, shown, links)
    about = people_act(statement, signer.role, 0, rules.accepted_at)
    examined = None if reasons else _kept(submission, statement, trail_lines(trails), shown, parts, about)
    return _Read((statement, signer), examined, reasons)


def _judge(
    submission: Submission,
    rules: Rules,
    parts: Sequence[ExaminedItems],
    statement: Statement,
    signer: Signer,
    shown: Sequence[Disclosure],
    links: int,
) -> list[Reason]:
    found = Found()
    judge_audience(statement, rules, found)
    judge_signer(statement, signer, rules, found)
    _judge_list(statement, submission, parts, found)
    found.reasons += ahead([("", statement.occurred_at)], rules.accepted_at)
    found.reasons += chain.from_iterable(part.ahead for part in parts)
    if rules.entering:
        own = [("", statement.occurred_at, statement.claims.late)] if statement.record is not None else []
        found.reasons += unmarked_late(own, rules.accepted_at)
        found.reasons += chain.from_iterable(part.unmarked for part in parts)
    with found.rule():
        check_disclosures(statement.claims, shown, "statement")
    found.reasons += chain.from_iterable(part.unbound for part in parts)
    with found.rule():
        _check_cap(submission, links)
    kinds = {rules.kinds[statement.iss]} if statement.iss in rules.kinds else set()
    found.reasons += check_event(statement, (), signer.role, kinds if rules.kinds else None)
    found.reasons += chain.from_iterable(part.against_catalogue for part in parts)
    return at_most(found.reasons)


def _judge_list(
    statement: Statement, submission: Submission, parts: Sequence[ExaminedItems], found: Found
) -> None:
    listing, size = statement.list, len(submission.items)
    with found.rule():
        if listing is None:
            if size:
                raise EvidenceError("ITEM_WITHOUT_LIST", "items", "none", str(size))
            return
        if listing.size != size:
            raise EvidenceError("LIST_SIZE", "items", str(listing.size), str(size))
        if _roots(parts) != listing.roots:
            raise EvidenceError("LIST_ROOTS", "items", "the roots that the statement names")
    with found.rule():
        seen: set[str] = set()
        for number, record, *_ in chain.from_iterable(part.rows for part in parts):
            if record in seen:
                raise EvidenceError("ITEM_RECORD_REPEATED", f"items[{number}]", found=record)
            seen.add(record)


def _roots(parts: Sequence[ExaminedItems]) -> Digests:
    """Of the whole list: its parts are complete subtrees of one size, but for the last."""
    return Digests(
        root_of(sha256, [part.roots.sha256 for part in parts]),
        root_of(sm3, [part.roots.sm3 for part in parts]),
    )


def _check_cap(submission: Submission, links: int) -> None:
    """A list is never split over batches, so it must fit one of its own."""
    octets = FRAME_OCTETS + certificate_octets(submission.certificate) + links * LINK_OCTETS
    octets += statement_octets(submission.statement, [item.data for item in submission.items])
    if links > MAX_LINKS:
        raise EvidenceError("LIST_OVER_CAP", "items", f"≤ {MAX_LINKS} links", f"{links} links")
    if octets > MAX_BATCH:
        raise EvidenceError("LIST_OVER_CAP", "items", f"≤ {MAX_BATCH} octets", f"{octets} octets")


def _kept(
    submission: Submission,
    s: Statement,
    trails: str,
    shown: Sequence[Disclosure],
    parts: Sequence[ExaminedItems],
    about: PeopleAct | None,
) -> Examined:
    own = tuple(disclosure_row(NO_ITEM, one) for one in shown)
    digests, count, listed = s.digests, len(submission.items), s.list.id if s.list else None
    return Examined(
        sha256=digests.sha256,
        jti=s.jti,
        seen=s.seen,
        erasure=Erasure(s.erased, tuple(_subjects(s, parts))) if s.erased else None,
        certificate=submission.certificate,
        statement=(
            *(digests.sha256, digests.sm3, s.jti, s.data, s.certificate_sha256, s.event, s.iss, s.agent),
            *(s.record, listed, count, trails),
        ),
        items=tuple(chain.from_iterable(part.rows for part in parts)),
        disclosures=tuple(chain(own, *(part.disclosures for part in parts))),
        iss=s.iss,
        about=about,
        envelope=submission.envelope,
        opened=submission.opened,
    )


def _subjects(s: Statement, parts: Sequence[ExaminedItems]) -> Iterator[tuple[str, frozenset[bytes]]]:
    """Of a single statement, or of each item of a list."""
    answers = frozenset(s.claims.answers)
    if s.record is not None:
        yield s.record, answers
    for part in parts:
        for (_, record, *_), own in zip(part.rows, part.answers, strict=True):
            yield record, answers | own
