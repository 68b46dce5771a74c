"""What intake says when it is done: problems, what was taken and as what, and the report file."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path

from api.carrier import words
from api.conventions import Call
from api.intake.drafts import TakenRecord
from api.intake.fault import HEADS, Fault, as_json, cells, report_bytes
from api.intake.run import ListTaken, Result
from verifier.catalogue import event

# Faults shown on the screen; the report file has all of them.
_SHOWN = 40


def tell_what_is_signed(call: Call, chosen: Sequence[TakenRecord]) -> None:
    """Before it is signed: what the signer says that the files are."""
    for (carrier, copy), (records, files) in _as_what(chosen).items():
        zh, en = words(carrier, copy)
        call.out.say(
            f"将签名登记为“{zh}”:{records} 条记录,{files} 个文件。",
            f"To be signed as '{en}': {records} records, {files} files.",
        )


def _as_what(chosen: Sequence[TakenRecord]) -> dict[tuple[str, str], tuple[int, int]]:
    """(carrier, copy) → how many records and files; records without files are not in it."""
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for taken in chosen:
        if taken.files:
            key = (taken.source.carrier, taken.source.copy)
            records, files = found.get(key, (0, 0))
            found[key] = (records + 1, files + len(taken.files))
    return found


def tell(call: Call, result: Result, report: Path | None, *, dry_run: bool) -> None:
    path = _write_report(call, result.faults, report, dry_run=dry_run)
    call.out.document(
        {
            "dry_run": dry_run,
            "lists": [_list_json(one) for one in result.lists],
            "resumed_lists": result.resumed,
            "records_taken": result.taken,
            "records_already": result.already,
            "records_left_out": result.left_out,
            "carrier_unstated": result.unstated,
            "problems": as_json(result.faults),
            "report": str(path) if path else None,
        }
    )
    if result.faults:
        call.out.table(HEADS, [cells(fault) for fault in result.faults[:_SHOWN]])
    if len(result.faults) > _SHOWN:
        more = len(result.faults) - _SHOWN
        call.out.say(f"…另有 {more} 条,见问题清单。", f"… and {more} more in the report.")
    if path:
        call.out.say(f"问题清单:{path}", f"Problems are listed in {path}")
    if result.resumed:
        call.out.say(
            f"续做了上次中断的 {result.resumed} 份清单。",
            f"Finished {result.resumed} lists of an earlier, interrupted run.",
        )
    if result.unstated:
        call.out.say(
            f"{result.unstated} 条记录没有写明文件是扫描件还是原生电子文件:"
            "接收时须加 --carrier 纸质|电子|双套。",
            f"Of {result.unstated} records it is not stated whether the files are scans or born digital: "
            "intake will need --carrier paper|electronic|both.",
        )
    done = ("可接收", "can be taken") if dry_run else ("已接收", "taken")
    call.out.say(
        f"{done[0]} {result.taken} 条记录,签名清单 {len(result.lists)} 份;此前已接收 {result.already} 条;"
        f"未接收 {result.left_out} 条。",
        f"{result.taken} records {done[1]} in {len(result.lists)} signed lists; {result.already} were there "
        f"before; {result.left_out} left out.",
    )
    for one in result.lists:
        spec = event(one.event)
        zh, en = (spec.words.zh, spec.words.en) if spec else (one.event, one.event)
        call.out.say(
            f"清单 {one.list_id}({zh},{one.records} 条)", f"list {one.list_id} ({en}, {one.records} records)"
        )


def _write_report(call: Call, faults: Sequence[Fault], report: Path | None, *, dry_run: bool) -> Path | None:
    if report is None and (not faults or dry_run):
        return None
    path = report
    if path is None:
        folder = call.home / "intake" / "problems"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{datetime.datetime.now(datetime.UTC):%Y%m%dT%H%M%SZ}.csv"
    path.write_bytes(report_bytes(faults, path.suffix))
    return path


def _list_json(one: ListTaken) -> dict[str, object]:
    return {
        "list": one.list_id,
        "statement": one.statement,
        "event": one.event,
        "records": one.records,
        "receipt": one.receipt,
    }
