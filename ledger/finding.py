"""What a check of the whole ledger finds: one value for each thing that disagrees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from verifier.report import Outcome

# (stage, done, in all) — `in all` is 0 where it is not known
Progress: TypeAlias = Callable[[str, int, int], None]


class Subject(StrEnum):
    """What a finding is about."""

    STATEMENT = "statement"
    ITEM = "item"
    CERTIFICATE = "certificate"
    ENTRY = "entry"
    LINK = "link"
    TILE = "tile"
    BATCH = "batch"
    ANCHOR = "anchor"
    ATTESTATION = "attestation"
    CONFIGURATION = "configuration"
    RECEIPT = "receipt"
    DISCLOSURE = "disclosure"
    FILE = "file"
    STORE = "store"


@dataclass(frozen=True)
class Finding:
    """`outcome` is FAILED, or NOT_RUN for what could not be checked; nothing that passed is a finding.

    `name`: digest, index, number or path of the subject. `records`: those that it concerns, as far as the
    store still shows. `code` is a reason code.
    """

    outcome: Outcome
    code: str
    subject: Subject
    name: str
    records: tuple[str, ...] = ()
    expected: str = ""
    found: str = ""
