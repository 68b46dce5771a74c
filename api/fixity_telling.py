"""Which files are to be read again: one summary, and the first of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.conventions import Call
from api.language import text
from api.opened import opened_ledger
from api.output import printable
from api.proof_words import moment

if TYPE_CHECKING:
    from ledger.handle import Ledger

STATES = {
    "never": ("从未核验", "never checked"),
    "good": ("已核验相同", "found the same"),
    "due": ("到期待核验", "due again"),
    "failed": ("核验不符", "failed"),
    "could_not_check": ("没有核验成", "could not be checked"),
}
_SHOWN = 100
_RECORDS = 3


def records_of_file(ledger: Ledger, sha256: bytes) -> str:
    """Numbers and titles of the records whose file it is; a path of digests tells nobody which it is."""
    from ledger.check import records_with_file
    from ledger.query import record_row
    from ledger.store.engine import reading

    found = records_with_file(ledger, sha256)
    with reading(ledger.engine) as connection:
        rows = [record_row(connection, record) for record in found[:_RECORDS]]
    told = [printable(f"{row.number} {row.title}".strip() or row.record) for row in rows]
    return text("、", ", ").join(told) + (" …" if len(found) > _RECORDS else "")


def tell_due(call: Call, days: int) -> None:
    from ledger.fixity_due import due_list, summary

    with opened_ledger(call) as ledger:
        found = summary(ledger, days)
        rows = due_list(ledger, None, days, _SHOWN)
        whose = {one.sha256: records_of_file(ledger, bytes.fromhex(one.sha256)) for one in rows}
    numbers = {state.value: number for state, number in found.states}
    call.out.document(
        {
            "days": days,
            "files": found.files,
            "states": numbers,
            "oldest": found.oldest,
            "destroyed": found.destroyed,
            "due": [
                {
                    "sha256": one.sha256,
                    "path": printable(one.path),
                    "state": one.state.value,
                    "checked_at": one.checked_at,
                    "result": one.result,
                }
                for one in rows
            ],
        }
    )
    heads = (("状态", "state"), ("档案", "record"), ("文件", "file"), ("上次", "last"))
    call.out.table(
        heads,
        [
            (
                text(*STATES[one.state.value]),
                whose[one.sha256],
                printable(one.path),
                moment(one.checked_at),
            )
            for one in rows
        ],
    )
    told_zh = "、".join(f"{STATES[state][0]} {number}" for state, number in numbers.items())
    told_en = ", ".join(f"{number} {STATES[state][1]}" for state, number in numbers.items())
    if found.destroyed:
        call.out.say(
            f"另有 {found.destroyed} 个文件已监销,不再保存,不算缺失(依据见 show 中的监销见证)。",
            f"{found.destroyed} more were destroyed before a witness and are kept no longer: not missing.",
        )
    call.out.say(f"共 {found.files} 个文件:{told_zh}。", f"{found.files} files: {told_en}.")
