"""The folders that the villages and the town hand in: a table of records, and the records' files."""

from __future__ import annotations

import csv
import shutil
from dataclasses import dataclass
from pathlib import Path

from api.demo.records import HEADER, SampleRecord
from api.demo.story import PAPER_FIRST, PENDING, Samples


@dataclass(frozen=True)
class HandIn:
    name: str
    numbers: tuple[int, ...]


HAND_INS = (
    HandIn("S01-望禾村", (1, 4, 5, 6, 7, 12, 14)),
    HandIn("S01-听泉村", (8, 11, 23)),
    HandIn("S01-青禾镇", (2, 3, 9, 10, 13, 15, 16, 17, 22, 24)),
    HandIn("S09", (18,)),
    HandIn("S13", (19,)),
    HandIn("S15", (20,)),
    HandIn("S16", (PENDING,)),
)


def lay_out(samples: Samples, target: Path) -> None:
    """Makes `target` anew with a folder for each hand-in. Paper that is scanned later comes without files."""
    shutil.rmtree(target, ignore_errors=True)
    for hand_in in HAND_INS:
        folder = target / hand_in.name
        folder.mkdir(parents=True)
        rows = [_row(samples.records[number - 1]) for number in hand_in.numbers]
        with (folder / "records.tsv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, delimiter="\t", lineterminator="\n")
            writer.writerow(HEADER)
            writer.writerows(rows)
        for number in hand_in.numbers:
            if number not in PAPER_FIRST:
                source = samples.folder(number)
                shutil.copytree(source, folder / source.name)


def _row(record: SampleRecord) -> tuple[str, ...]:
    files = () if record.number in PAPER_FIRST else record.files
    return (
        str(record.number),
        record.subject_class,
        record.archival_number,
        record.title,
        record.creator,
        record.date,
        record.retention,
        record.access,
        # What is to be scanned later stands on paper alone when it comes in.
        "纸质" if record.number in PAPER_FIRST else record.carrier,
        record.level,
        record.owner,
        record.custodian,
        # "无(原生电子)": there is no original on a shelf, so no place is stated.
        "" if record.location.startswith("无") else record.location,
        str(record.pages),
        ";".join(files),
        record.course,
    )
