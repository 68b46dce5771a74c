"""What an act is about: records, a list, and the archival number that it may give a record."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.errors import CommandError, Exit
from api.event.drafts import NEW
from ledger.handle import Ledger
from ledger.list_query import find_list, list_records
from ledger.query import (
    NUMBER,
    TITLE,
    find_record,
    records_numbered,
)


@dataclass(frozen=True)
class Subjects:
    """The records acted on, the list if there is one, and whether that list is known."""

    records: tuple[str, ...]
    list_id: str | None
    known_list: bool


def read_subjects(ledger: Ledger, records: Sequence[str], list_id: str | None) -> Subjects:
    """Raises CommandError RECORD_REPEATED; CallerError for what cannot be found, or is several."""
    found = [str(uuid.uuid4()) if one == NEW else find_record(ledger, one).record for one in records]
    if len(set(found)) != len(found):
        raise CommandError(
            "RECORD_REPEATED",
            "同一条记录给出了两次。请去掉重复的。",
            "The same record is named twice. Remove one.",
        )
    if list_id is None:
        return Subjects(tuple(found), None, known_list=False)
    if list_id == NEW:
        return Subjects(tuple(found), str(uuid.uuid4()), known_list=False)
    listed = find_list(ledger, list_id).list_id
    return Subjects(tuple(found) or list_records(ledger, listed), listed, known_list=True)


def refuse_wrong_number(ledger: Ledger, subjects: Subjects, fields: Mapping[str, str]) -> None:
    """An archival number names one record, so that it finds it again; a title describes one.

    Raises CommandError ONE_RECORD_ONLY, NUMBER_TAKEN.
    """
    own = [name for name in (NUMBER, TITLE) if name in fields]
    if own and (len(subjects.records) > 1 or subjects.list_id is not None):
        raise CommandError(
            "ONE_RECORD_ONLY",
            "档号、题名因件而异,不能一次给几条记录或整份清单,没有登记。请逐条登记。",
            "Number and title are of one record each, not of several at once or of a list; nothing was "
            "recorded. Record them one by one.",
        )
    number = fields.get(NUMBER)
    if number is None:
        return
    for row in records_numbered(ledger, [number]).get(number, ()):
        if row.number == number and row.record not in subjects.records:
            raise CommandError(
                "NUMBER_TAKEN",
                f"档号“{number}”已是另一条记录的:{row.title or '(题名已隐去)'},编号 {row.record}。"
                "一个档号只能指一条记录,没有登记。请另编档号;若是那一条的档号有误,先更正它:"
                f"archive-ledger event metadata.correct {row.record} --field 档号=正确的档号 …",
                f"The number '{number}' is another record's: {row.title or '(title withheld)'}, "
                f"id {row.record}. A number names one record only; nothing was recorded. Give another "
                "number; if that one is wrong, correct it first: "
                f"archive-ledger event metadata.correct {row.record} --field number=… …",
                Exit.DATA,
            )
