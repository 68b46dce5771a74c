"""One intake from end to end. Every step can be cut off and taken up again; docs in `journal`."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from api.errors import CommandError, Exit
from api.intake.drafts import TakenRecord, fits, item_draft, packed
from api.intake.fault import Fault
from api.intake.journal import ACCEPTED, Journal, Kept
from api.intake.source import SourceRecord
from api.intake.submission_bytes import read_submission, submission_bytes
from api.intake.take import Taking
from api.output import printable
from ledger.accept import Accepted, SubmissionsRefusedError
from ledger.sign import Draft, ItemDraft
from ledger.submission import Submission
from verifier.digests import sha256
from verifier.statement import parse_statement


@dataclass(frozen=True)
class Words:
    """What the list statements say for all their items."""

    occurred_at: str
    fields: dict[str, str]
    late: str | None
    hide_digests: bool


@dataclass(frozen=True)
class ListTaken:
    """A list that the ledger has accepted. `statement`: SHA-256 in hex."""

    list_id: str
    statement: str
    event: str
    records: int
    receipt: str


@dataclass
class Result:
    """`resumed`: lists signed in an earlier run and accepted now; `already`: records taken before.

    `unstated`: records of a dry run of which nothing says what their files are.
    """

    lists: list[ListTaken] = field(default_factory=list)
    resumed: int = 0
    taken: int = 0
    already: int = 0
    left_out: int = 0
    unstated: int = 0
    faults: list[Fault] = field(default_factory=list)


class SignList(Protocol):
    """Signs a list: draft, list id, items."""

    def __call__(self, draft: Draft, list_id: str, items: Sequence[ItemDraft]) -> Submission: ...


AcceptOne = Callable[[Submission], Accepted]


def forget_lost(journal: Journal, known: Callable[[Iterable[bytes]], set[bytes]]) -> None:
    """Lets go of lists that the ledger does not have, so that their records are taken again."""
    accepted = journal.accepted()
    have = known(digest for _, digest in accepted)
    for number, digest in accepted:
        if digest not in have:
            journal.forget(number)


def deliver_waiting(journal: Journal, accept: AcceptOne, result: Result) -> None:
    """Gives the ledger every list that was signed before and not known to be accepted, byte for byte."""
    for kept in journal.waiting():
        submission = read_submission(kept.data)
        event = parse_statement(submission.statement).event
        result.lists.append(_deliver(journal, kept, submission, accept, event, len(submission.items)))
        result.resumed += 1


def choose(
    journal: Journal,
    taking: Taking,
    records: Sequence[SourceRecord],
    taken_numbers: Mapping[str, str],
    result: Result,
    advance: Callable[[int], None],
) -> list[TakenRecord]:
    """The records to sign: stored, and neither signed before nor in the ledger by another way.

    `taken_numbers`: archival numbers in use, each with the record that has it.
    """
    chosen: list[TakenRecord] = []
    for taken in taking.take(records, advance):
        known, source = journal.record(taken.source.identity), taken.source
        if known is not None and known.content in taken.contents and known.state == ACCEPTED:
            result.already += 1
        elif known is not None:
            _leave_out(result, Fault("RECORD_CHANGED", source.place, detail=known.record))
        elif source.number is not None and source.number in taken_numbers:
            detail = f"{source.number}: {taken_numbers[source.number]}"
            _leave_out(result, Fault("NUMBER_TAKEN", source.place, detail=printable(detail)))
        else:
            chosen.append(taken)
    # What is secret is named in no other fault either.
    result.faults = [fault for fault in result.faults if fault.place not in taking.secret]
    result.faults += taking.faults
    result.left_out += taking.left_out
    return chosen


def sign_and_deliver(
    journal: Journal,
    chosen: Sequence[TakenRecord],
    words: Words,
    sign: SignList,
    accept: AcceptOne,
    result: Result,
    advance: Callable[[int], None],
) -> None:
    """Signs as few lists as the cap allows; each is kept in the journal before the ledger has it."""
    for event in ("receive", "capture"):
        own = [taken for taken in chosen if taken.event == event]
        drafts = [item_draft(taken, hide_digests=words.hide_digests) for taken in own]
        small = [place for place, draft in enumerate(drafts) if fits(draft)]
        for place in sorted(set(range(len(own))) - set(small)):
            _leave_out(
                result, Fault("FILES_TOO_MANY", own[place].source.place, detail=str(len(own[place].files)))
            )
        own, drafts = [own[place] for place in small], [drafts[place] for place in small]
        for start, end in packed(drafts):
            list_id = str(uuid.uuid4())
            draft = Draft(event, words.occurred_at, fields=words.fields, late=words.late)
            submission = sign(draft, list_id, drafts[start:end])
            kept = journal.keep_signed(
                list_id,
                sha256(submission.statement),
                submission_bytes(submission),
                [(t.source.identity, t.content, t.record) for t in own[start:end]],
            )
            result.lists.append(_deliver(journal, kept, submission, accept, event, end - start))
            result.taken += end - start
            advance(end - start)


def _deliver(
    journal: Journal, kept: Kept, submission: Submission, accept: AcceptOne, event: str, records: int
) -> ListTaken:
    try:
        accepted = accept(submission)
    except SubmissionsRefusedError as error:
        reasons = "; ".join(f"{r.code} {r.at}" for refusal in error.refusals for r in refusal.reasons[:5])
        journal.mark_refused(kept, reasons)
        raise CommandError(
            "INTAKE_REFUSED",
            f"总账未接受清单 {kept.list_id}:{reasons}。其中的记录可在改正后重新执行 intake。",
            f"The ledger refused the list {kept.list_id}: {reasons}. Correct that and run intake again.",
            Exit.DATA,
        ) from error
    journal.mark_accepted(kept)
    return ListTaken(kept.list_id, kept.sha256.hex(), event, records, accepted.receipt)


def _leave_out(result: Result, fault: Fault) -> None:
    result.faults.append(fault)
    result.left_out += 1
