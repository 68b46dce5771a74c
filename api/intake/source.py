"""What stands in an intake folder, before any file is opened."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from api.codes import CARRIERS
from api.intake.fault import Fault


@dataclass(frozen=True)
class Stat:
    """What the system says of a file; if none of it changed, its content is taken not to have changed."""

    device: int
    inode: int
    size: int
    modified_ns: int
    changed_ns: int


@dataclass(frozen=True)
class SourceFile:
    """`name` is what will be recorded: relative to the record's folder, NFC, parts joined by '/'."""

    path: Path
    name: str
    stat: Stat


@dataclass(frozen=True)
class SourceRecord:
    """One record as its row or folder describes it.

    `carrier` and `copy` are codes, both empty while nobody has stated them; without files there is no copy.
    `place` names the row or folder for people, `unnamed` does so without any word of it. `identity` tells the
    record from all others of this ledger: its archival number, else where it lies. `fields` become
    disclosures, by field name.
    """

    place: str
    identity: str
    number: str | None
    title: str
    fields: dict[str, str]
    pages: int | None
    carrier: str
    copy: str
    files: tuple[SourceFile, ...]
    unnamed: str = ""

    def stated_as(self, carrier: str, copy: str) -> SourceRecord:
        """The same, stated to be on this carrier, where its row or folder does not say so."""
        own = {"carrier": CARRIERS[carrier].zh}
        return replace(self, carrier=carrier, copy=copy, fields=own | self.fields)


@dataclass(frozen=True)
class Scan:
    """`records` can be taken, as far as is known before opening files; `left_out` counts the others."""

    records: tuple[SourceRecord, ...]
    faults: tuple[Fault, ...]
    left_out: int

    @property
    def unstated(self) -> tuple[SourceRecord, ...]:
        """Records with files of which nothing says what they are."""
        return tuple(record for record in self.records if record.files and not record.carrier)
