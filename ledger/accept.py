"""Acceptance: what is handed in is checked, kept for ever, and acknowledged by a receipt.

All of one call or nothing: a refusal names every submission that is wrong. What is acknowledged is on the
disk. The same bytes again get the same receipt.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from sqlalchemy import Connection, select

from ledger.audit_door import keep_sealed, sealed_reasons
from ledger.destroy_files import finish_destructions, not_held_reasons, records_destroyed
from ledger.duties_held import held_now
from ledger.erase import erase
from ledger.erase_files import erases_files, finish_erasures, shared_reasons
from ledger.examine import Rules, read_certificate
from ledger.examined import Examined
from ledger.handle import Ledger
from ledger.handling import Foreseen, foresee, handling_reasons, still_so
from ledger.judge import is_well_signed
from ledger.keep import Kept, keep, next_id
from ledger.list_frozen import frozen_reasons
from ledger.loans_out import loan_reasons, without_name
from ledger.membership import Membership, ders, person_cas
from ledger.number_taken import numbers_taken
from ledger.purpose_said import purpose_reasons
from ledger.reader_named import reader_reasons
from ledger.receipt import sign_receipt
from ledger.refusals import record_refusals
from ledger.secrecy import secrecy_reasons
from ledger.side_by_side import judge_all
from ledger.standing import Candidate, judge_standing
from ledger.store.engine import after_erasure, reading, writing
from ledger.store.portions import portions
from ledger.store.tables import batch, statement
from ledger.submission import Submission
from ledger.volume_whole import volume_reasons
from verifier.digests import sha256
from verifier.errors import CallerError
from verifier.report import Reason
from verifier.shape import instant_of


@dataclass(frozen=True)
class Accepted:
    """`statement`: SHA-256, 32 octets. `receipt`: a signed note. `duplicate`: it had been accepted before."""

    statement: bytes
    accepted_at: str
    due: str
    receipt: str
    duplicate: bool


@dataclass(frozen=True)
class Refusal:
    """`number`: of the submission in the call, from 0; `statement`: its SHA-256, 32 octets."""

    number: int
    statement: bytes
    reasons: tuple[Reason, ...]


class Sound(NamedTuple):
    """Nothing is wrong with it by itself. `kept`: what is promised once it is kept."""

    number: int
    examined: Examined
    kept: Kept


class SubmissionsRefusedError(CallerError):
    """Nothing of the call was accepted; `refusals` name each submission that is wrong."""

    def __init__(self, refusals: Sequence[Refusal], of: int) -> None:
        first = refusals[0]
        place = f"submission {first.number}: {first.reasons[0].code}"
        super().__init__("SUBMISSIONS_REFUSED", place, "0", f"{len(refusals)} / {of}")
        self.refusals = tuple(refusals)


def accept(
    ledger: Ledger, submissions: Sequence[Submission], membership: Membership = person_cas
) -> list[Accepted]:
    """In the order handed in. Raises SubmissionsRefusedError; LedgerError CONFIGURATION_NONE, STORE_BUSY."""
    digests = [sha256(submission.statement) for submission in submissions]
    with reading(ledger.engine) as connection:
        known = _known(connection, digests)
    first = {digest: number for number, digest in reversed(list(enumerate(digests)))}
    numbers = sorted(number for digest, number in first.items() if digest not in known)
    if numbers:
        rules = rules_now(ledger, membership)
        with _listing_refusals(ledger, submissions, rules):
            sound = _judge(ledger, submissions, numbers, rules)
            _refuse_secret(list(sound.values()), len(submissions))
            known |= _keep(ledger, sound, len(submissions), _foresee(ledger, list(sound.values())))
    fresh = {digests[number] for number in numbers}
    return [
        _acknowledge(ledger, digest, known[digest], first[digest] == n and digest in fresh)
        for n, digest in enumerate(digests)
    ]


def refuse_unless_acceptable(
    ledger: Ledger, submissions: Sequence[Submission], membership: Membership = person_cas
) -> None:
    """Whether `accept` would take them now, for who has something to keep with them that must not stay behind
    if it would not. What is refused is listed as there. Raises as `accept` does."""
    rules = rules_now(ledger, membership)
    with reading(ledger.engine) as connection:
        known = _known(connection, [sha256(one.statement) for one in submissions])
    numbers = [n for n, one in enumerate(submissions) if sha256(one.statement) not in known]
    with _listing_refusals(ledger, submissions, rules):
        sound = _judge(ledger, submissions, numbers, rules)
        _refuse_secret(list(sound.values()), len(submissions))
        foreseen = _foresee(ledger, list(sound.values()))
        with writing(ledger.engine) as connection:
            refusals = _refusals(ledger, connection, list(sound.values()), next_id(connection), foreseen)
        if refusals:
            raise SubmissionsRefusedError(refusals, len(submissions))


@contextmanager
def _listing_refusals(ledger: Ledger, submissions: Sequence[Submission], rules: Rules) -> Iterator[None]:
    """Who tried what is kept of what is well signed, though nothing else of the call is."""
    try:
        yield
    except SubmissionsRefusedError as error:
        refused = ((submissions[one.number], one.reasons) for one in error.refusals)
        record_refusals(
            ledger,
            [
                (one.statement, [without_name(r) for r in reasons], read_certificate(one.certificate).role)
                for one, reasons in refused
                if is_well_signed(one, rules)
            ],
        )
        raise


def rules_now(ledger: Ledger, membership: Membership = person_cas) -> Rules:
    """By what a submission handed in at this moment is judged. Raises LedgerError CONFIGURATION_NONE."""
    now = ledger.now()
    due = now + datetime.timedelta(seconds=ledger.settings.due_seconds)
    return Rules(
        origin=ledger.origin,
        person_cas=ders(membership(ledger)),
        kinds=ledger.settings.kinds,
        accepted_at=instant_of(now),
        due=instant_of(due),
        entering=True,
    )


def _acknowledge(ledger: Ledger, digest: bytes, kept: Kept, is_new: bool) -> Accepted:
    # A statement that came back from a replica may have lost its receipt.
    receipt = kept.receipt or sign_receipt(ledger, digest, kept.accepted_at, kept.due)
    return Accepted(digest, kept.accepted_at, kept.due, receipt, not is_new)


def _known(connection: Connection, digests: Iterable[bytes]) -> dict[bytes, Kept]:
    """Those that had been accepted before, with what was promised then."""
    known: dict[bytes, Kept] = {}
    for some in portions(digests):
        rows = connection.execute(
            select(statement.c.sha256, statement.c.accepted_at, statement.c.due, statement.c.receipt).where(
                statement.c.sha256.in_(some)
            )
        )
        known |= {row.sha256: Kept(row.accepted_at, row.due, row.receipt) for row in rows}
    return known


def _judge(
    ledger: Ledger, submissions: Sequence[Submission], numbers: Sequence[int], rules: Rules
) -> dict[bytes, Sound]:
    """By SHA-256 of the statements."""
    sound: dict[bytes, Sound] = {}
    refusals: list[Refusal] = []
    for number, (one, reasons) in zip(
        numbers, judge_all([submissions[number] for number in numbers], rules), strict=True
    ):
        if one is None:
            refusals.append(Refusal(number, sha256(submissions[number].statement), tuple(reasons)))
        elif not refusals:
            # Signed while other processes judge the next.
            receipt = sign_receipt(ledger, one.sha256, rules.accepted_at, rules.due)
            sound[one.sha256] = Sound(number, one, Kept(rules.accepted_at, rules.due, receipt))
    if refusals:
        raise SubmissionsRefusedError(refusals, len(submissions))
    return sound


def _refuse_secret(sound: Sequence[Sound], of: int) -> None:
    """What declares a secret grade or bears its marking is never written down, of whatever road it comes."""
    found = secrecy_reasons([one.examined for one in sound])
    refusals = [
        Refusal(one.number, one.examined.sha256, tuple(reasons))
        for one, reasons in zip(sound, found, strict=True)
        if reasons
    ]
    if refusals:
        raise SubmissionsRefusedError(refusals, of)


def _foresee(ledger: Ledger, sound: Sequence[Sound]) -> Foreseen | None:
    with reading(ledger.engine) as connection:
        return foresee(connection, [one.examined for one in sound], instant_of(ledger.now()))


def _keep(
    ledger: Ledger, sound: Mapping[bytes, Sound], of: int, foreseen: Foreseen | None
) -> dict[bytes, Kept]:
    """Everything in one transaction. What another process kept meanwhile is answered with its receipt."""
    with writing(ledger.engine) as connection:
        meanwhile = _known(connection, sound)
        fresh = [one for digest, one in sound.items() if digest not in meanwhile]
        first = next_id(connection)
        refusals = _refusals(ledger, connection, fresh, first, foreseen)
        if not refusals:
            keep(connection, [(first + n, one.examined, one.kept) for n, one in enumerate(fresh)])
            keep_sealed(connection, [(first + n, one.examined) for n, one in enumerate(fresh)])
            erased, refusals = _erase(connection, fresh)
        if refusals:
            raise SubmissionsRefusedError(refusals, of)
    if erased:
        after_erasure(ledger.engine)
    if any(erases_files(one.examined) for one in sound.values()):
        finish_erasures(ledger)
    destroyed = records_destroyed(one.examined for one in sound.values())
    if destroyed:
        finish_destructions(ledger, destroyed)
    return {digest: one.kept for digest, one in sound.items()} | meanwhile


def _refusals(
    ledger: Ledger, connection: Connection, fresh: Sequence[Sound], first: int, foreseen: Foreseen | None
) -> list[Refusal]:
    refusals = _conflicts(connection, fresh, _standing(ledger, connection, fresh, first))
    return refusals or _mishandled(ledger, connection, fresh, first, foreseen)


def _standing(
    ledger: Ledger, connection: Connection, fresh: Sequence[Sound], first: int
) -> list[list[Reason]]:
    """Why each, kept from id `first` on, would not count; see `ledger.standing`."""
    candidates = [
        Candidate(first + n, one.iss, one.certificate, one.about) for n, (_, one, _) in enumerate(fresh)
    ]
    return judge_standing(connection, candidates, ledger.settings.kinds, instant_of(ledger.now()))


def _conflicts(
    connection: Connection, fresh: Sequence[Sound], standing: Sequence[Sequence[Reason]]
) -> list[Refusal]:
    """What does not count, other bytes under a used jti, a `seen` that is no state of this log, another
    record's number."""
    used: dict[str, str] = {}
    for some in portions(one.examined.jti for one in fresh):
        rows = connection.execute(
            select(statement.c.jti, statement.c.sha256).where(statement.c.jti.in_(some))
        )
        used |= {row.jti: row.sha256.hex() for row in rows}
    taken = numbers_taken(connection, [one.examined for one in fresh])
    refusals: list[Refusal] = []
    for (number, one, _), found in zip(fresh, standing, strict=True):
        reasons = [*found, *taken.get(one.sha256, ())]
        if one.jti in used:
            reasons.append(Reason("STATEMENT_JTI_REPEATED", "jti", "a jti of its own", used[one.jti]))
        used[one.jti] = one.sha256.hex()
        seen = one.seen
        if seen is not None and not _was_ours(connection, seen.size, seen.root):
            reasons.append(
                Reason("SEEN_UNKNOWN", "seen", "size and root of a batch of this ledger", str(seen.size))
            )
        if reasons:
            refusals.append(Refusal(number, one.sha256, tuple(reasons)))
    return refusals


def _mishandled(
    ledger: Ledger, connection: Connection, fresh: Sequence[Sound], first: int, foreseen: Foreseen | None
) -> list[Refusal]:
    """Those that break a rule of handling, erase what another record has as well, break a seal, name a
    reader who is not the approval's, keep a purpose back, lend a reader more than one may have, leave a
    volume in parts, fix two lists under one id, or bring what was destroyed."""
    examined = [one.examined for one in fresh]
    held = held_now(connection, examined, first, instant_of(ledger.now()))
    rules: Sequence[Sequence[Reason]]
    if foreseen is not None and still_so(connection, examined, held, foreseen):
        rules = foreseen.found
    else:
        rules = handling_reasons(connection, examined, held)
    frozen = frozen_reasons(connection, examined, rules)
    shared = shared_reasons(connection, examined)
    seals = sealed_reasons(connection, examined, first, instant_of(ledger.now()))
    names = reader_reasons(connection, examined)
    purposes = purpose_reasons(examined)
    loans = loan_reasons(connection, examined)
    whole = volume_reasons(connection, examined)
    gone = not_held_reasons(connection, examined)
    found = [
        list(chain(*each))
        for each in zip(rules, frozen, shared, seals, names, purposes, loans, whole, gone, strict=True)
    ]
    return [
        Refusal(one.number, one.examined.sha256, tuple(reasons))
        for one, reasons in zip(fresh, found, strict=True)
        if reasons
    ]


def _was_ours(connection: Connection, size: int, root: bytes) -> bool:
    query = select(batch.c.number).where(batch.c.size == size, batch.c.sha256 == root)
    return connection.execute(query).first() is not None


def _erase(connection: Connection, fresh: Sequence[Sound]) -> tuple[int, list[Refusal]]:
    """How many disclosures were deleted, and the erasure statements that name nothing to erase."""
    deleted, refusals = 0, []
    for number, one, _ in fresh:
        if one.erasure is not None:
            count, reasons = erase(connection, one.erasure)
            deleted += count
            if reasons:
                refusals.append(Refusal(number, one.sha256, tuple(reasons)))
    return deleted, refusals
