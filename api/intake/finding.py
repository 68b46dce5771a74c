"""Records and faults as a scan comes upon them."""

from __future__ import annotations

from dataclasses import dataclass, field

from api.intake.fault import Fault
from api.intake.source import SourceFile, SourceRecord

MAX_FILES = 1000


@dataclass
class Finding:
    records: list[SourceRecord] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    left_out: int = 0
    numbers: set[str] = field(default_factory=set)

    def add(self, record: SourceRecord | None, faults: list[Fault]) -> None:
        """Takes a record unless something leaves it out, or its archival number was already met."""
        if record is not None and record.number is not None:
            if record.number in self.numbers:
                faults.append(Fault("NUMBER_REPEATED", record.place, detail=record.number))
            self.numbers.add(record.number)
        if record is not None and record.number is None:
            faults.append(Fault("NUMBER_ABSENT", record.place))
        self.faults += faults
        if record is None or any(fault.leaves_out for fault in faults):
            self.left_out += 1
        else:
            self.records.append(record)


def checked(files: list[SourceFile | None], place: str, faults: list[Fault]) -> tuple[SourceFile, ...]:
    """The files that can be taken; more than a statement holds leave the record out."""
    kept = tuple(file for file in files if file is not None)
    if len(kept) > MAX_FILES:
        faults.append(Fault("FILES_TOO_MANY", place, detail=str(len(kept))))
    return kept
