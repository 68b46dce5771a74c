"""What a verification found, as values. `wording` turns them into text, `report_json` into JSON."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Verdict(Enum):
    """The value is the exit code of `archive-verify`."""

    CONSISTENT = 0
    INCONSISTENT = 1
    INCOMPLETE = 2
    CANNOT_CHECK = 3


class Outcome(Enum):
    """A check that could not run has not passed."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_RUN = "not run"


class CheckName(Enum):
    """The eleven checks, in order. The value's position is the number.

    Ten say whether the evidence holds and the files are the record's; CUSTODY, whether it was handled by the
    rules.
    """

    FILE = "file"
    SIGNATURE = "signature"
    DISCLOSURE = "disclosure"
    ENTRY = "entry"
    LOG = "log"
    BLOCK = "block"
    ENDORSEMENT = "endorsement"
    COMMITTED = "committed"
    CONFIGURATION = "configuration"
    TIME = "time"
    CUSTODY = "custody"


@dataclass(frozen=True)
class Reason:
    """`code` is explained in `data/reasons.json`."""

    code: str
    at: str = ""
    expected: str = ""
    found: str = ""


@dataclass(frozen=True)
class CheckResult:
    """`subjects`: how many things (statements, entries, signatures …) the check looked at."""

    check: CheckName
    outcome: Outcome
    subjects: int
    reasons: tuple[Reason, ...]


class FileStatus(Enum):
    SAME = "same"
    OLDER_VERSION = "older version"
    DIFFERENT = "different"
    NOT_GIVEN = "not given"
    # One of the record's current files whose digests are a disclosure that is not shown.
    WITHHELD = "withheld"


@dataclass(frozen=True)
class Interval:
    """Times that the organisations saw: entered the log after `after` (−5 min), existed by `by` (+5 min).

    `after` is None in batch 0.
    """

    after: str | None
    by: str


@dataclass(frozen=True)
class FileResult:
    """One file on the table, or one of the record's current files that was not given.

    `since`: when the organisations first saw its digests in the log; None while that is pending. `name` is
    the disclosed name, `given` what the person's file is called; each empty where there is none.
    `place` is its number among the record's current files, from 0. `carrier` and `copy` are the claims of
    the file that it equals (or that was not given), else empty. `rejected_by` is the SHA-256 in hex of the
    statement that sent its version back.
    """

    status: FileStatus
    given: str
    name: str
    record: str
    place: int | None
    carrier: str
    copy: str
    version: int | None
    since: Interval | None
    rejected_by: str | None


@dataclass(frozen=True)
class Step:
    """One statement (or list item) of a trail, in log order; pending ones last, oldest first.

    `index`, `recorded_at` and `interval` are None while it is pending. `statement` and `answers` are SHA-256
    in hex. For an item, `list` and `item` say where it stands, and what the list statement and the item
    disclose, withhold and lack is put together. `files`: how many files it names. `size`: items of the list,
    for a list's own step. `role`: what the signer's certificate says: person, registrar or service.
    `duties`: held by the signer then, of those that one is asked for; none where no rule asks for any.
    """

    index: int | None
    event: str
    iss: str
    agent: str
    occurred_at: str
    recorded_at: str | None
    interval: Interval | None
    late: str | None
    basis: str | None
    outcome: str | None
    reason: str | None
    due: str | None
    uses: int | None
    pages: int | None
    version: int | None
    state: str | None
    disclosed: tuple[tuple[str, str], ...]
    withheld: tuple[str, ...]
    erased: tuple[str, ...]
    statement: str
    answers: tuple[str, ...]
    files: int
    list: str | None
    item: int | None
    size: int | None
    role: str | None = None
    duties: tuple[str, ...] = ()


@dataclass(frozen=True)
class StepBreach:
    """A rule of handling that a step breaks; `step` is its number among the record's steps, from 1."""

    step: int
    code: str
    expected: str
    found: str


@dataclass(frozen=True)
class RecordReport:
    """A record's trail as far as the evidence shows it. `files`: how many it has now.

    `custody`: (table, state) of each workflow that has begun, as far as logged.
    """

    record: str
    steps: tuple[Step, ...]
    version: int | None
    files: int
    custody: tuple[tuple[str, str], ...] = ()
    breaches: tuple[StepBreach, ...] = ()


@dataclass(frozen=True)
class ListReport:
    """A list's trail as far as the evidence shows it."""

    id: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Witness:
    """An organisation and what it did for this evidence.

    `asked_to_endorse`: it was in the configuration under which the anchor was written; `asked_to_attest`: it
    is in the newest one carried. Organisations join and leave between the two.
    """

    msp: str
    name: str
    endorsed: bool
    attested: bool
    asked_to_endorse: bool = True
    asked_to_attest: bool = True


@dataclass(frozen=True)
class KeyReport:
    """A key that signed. `key`: SHA-256 in hex.

    `certified_by`: MSP id of the organisation whose CA issued the certificate; `enrolled_by`: those whose
    registrars enrolled the key. `in_doubt`: how many of its statements a later revocation puts in doubt.
    """

    agent: str
    key: str
    certified_by: str
    enrolled_by: tuple[str, str]
    enrolled_at: str
    revoked_at: str | None
    reason: str | None
    in_doubt: int


@dataclass(frozen=True)
class ReceiptResult:
    """`logged`: the evidence shows the statement in the log; `known`: it holds the statement at all."""

    statement: str
    accepted_at: str
    due: str
    known: bool
    logged: bool


@dataclass(frozen=True)
class Report:
    """Everything that `archive-verify` says. `fingerprint` is empty when no trust root could be read."""

    verdict: Verdict
    checks: tuple[CheckResult, ...]
    reasons: tuple[Reason, ...]
    fingerprint: str
    origin: str
    ledger: str
    channel: str
    records: tuple[RecordReport, ...]
    lists: tuple[ListReport, ...]
    files: tuple[FileResult, ...]
    witnesses: tuple[Witness, ...]
    least_attesters: int | None
    anchor_batch: int | None
    anchor_size: int | None
    anchor_time: str | None
    attested_at: str | None
    receipt: ReceiptResult | None
    keys: tuple[KeyReport, ...] = ()
