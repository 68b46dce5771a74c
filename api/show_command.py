"""`show`: one record's timeline, each step with the state of its proof, and its present files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from api.carrier import words
from api.conventions import Call, add_command
from api.handling_words import handling_words
from api.language import text
from api.list_command import event_words
from api.names import known_organisations, organisation
from api.opened import opened_ledger
from api.output import printable
from api.proof_words import moment, state_words
from verifier.catalogue import code_words, field_words
from verifier.disclosure import file_field

if TYPE_CHECKING:
    from ledger.query import RecordRow
    from ledger.steps import StepView
    from verifier.verify_files import RecordFiles

# Fields shown with each step: who acted is in a column of its own, the description above the table.
_NOT_BESIDE = frozenset(["agent_name", "agent_duty", "title", "number"])


def add_to(app: typer.Typer) -> None:
    add_command(
        app,
        "show",
        show,
        "一条记录的经过,每一步注明存证状态",
        "A record's timeline, with the state of proof of every step",
    )


def show(
    call: Call,
    named: Annotated[
        str,
        typer.Argument(
            metavar=text("记录", "RECORD"),
            help=text("档号或编号(至少前 4 位)", "number, uuid or its start"),
        ),
    ],
) -> None:
    from api.lookup import files_shown, of_same_number, warn_of_same_number
    from ledger.handling import handling_states
    from ledger.query import find_record, record_steps

    with opened_ledger(call) as ledger:
        row = find_record(ledger, named)
        steps = record_steps(ledger, row.record)
        files = files_shown(ledger, row.record)
        handled = handling_states(ledger, [row.record])[row.record]
        names = known_organisations(ledger.settings.connection_path(ledger.paths.home))
        shared = of_same_number(ledger, [row])
    document = _json(row, steps, files, shared.get(row.number, ()))
    call.out.document({**document, "handling": dict(handled)})
    _tell(call, row, steps, names)
    _tell_files(call, files, closed=dict(handled).get("secrecy", "none") != "none")
    said = handling_words(handled, named=True)
    call.out.say(f"办理:{said}。", f"Handling: {said}.")
    warn_of_same_number(call, shared)


def _tell(
    call: Call,
    row: RecordRow,
    steps: tuple[StepView, ...],
    names: dict[str, tuple[str, str]],
) -> None:
    title = row.title or text("(题名已隐去)", "(title withheld)")
    call.out.say(f"{title}  {row.number}  编号 {row.record}", f"{title}  {row.number}  id {row.record}")
    heads = (
        ("序", "#"),
        ("发生", "occurred"),
        ("行为", "act"),
        ("经手人", "by"),
        ("机构", "organisation"),
        ("登记", "accepted"),
        ("存证状态", "proof"),
        ("条目", "entry"),
        ("签名行为记录", "statement"),
        ("内容", "says"),
    )
    call.out.table(
        heads,
        [
            (
                str(number),
                moment(step.occurred_at),
                event_words(step.event),
                dict(step.shown).get("agent_name", step.agent[:8]),
                organisation(step.iss, names),
                moment(step.accepted_at),
                state_words(step.state),
                "-" if step.index is None else str(step.index),
                step.statement[:16],
                _says(step),
            )
            for number, step in enumerate(steps, 1)
        ],
    )


def _tell_files(call: Call, files: RecordFiles, *, closed: bool) -> None:
    """`closed`: a case about something received by mistake is open, and nothing is shown."""
    if closed:
        call.out.say("误传处置中:文件封存,不列出。", "A case of mistaken upload is open: files are closed.")
        return
    if files.current:
        call.out.say(f"现行文件(第 {files.version} 版):", f"Present files (version {files.version}):")
        for known in files.current:
            digest = (
                known.content.digests.sha256.hex()
                if known.content
                else text("摘要已隐去", "digests withheld")
            )
            name = printable(known.name) or text("(名称已隐去)", "(name withheld)")
            kind_zh, kind_en = words(known.carrier, known.copy)
            call.out.say(f"  {name}  {kind_zh}  {digest}", f"  {name}  {kind_en}  {digest}")
    if files.erased:
        call.out.say(
            f"另有 {len(files.erased)} 个电子文件已监销或依规删除,不再保存,不是缺失。",
            f"{len(files.erased)} electronic files were destroyed or erased by rule, and are not missing.",
        )
    elif not files.current:
        call.out.say("没有电子文件。", "No electronic file.")


def _says(step: StepView) -> str:
    parts = []
    for claim, code in (
        ("outcome", step.outcome),
        ("reason", step.reason),
        ("basis", step.basis),
        ("state", step.custody),
        ("late", step.late),
    ):
        if code is not None:
            words = code_words(claim, code)
            label = text("补录:", "entered late: ") if claim == "late" else ""
            parts.append(label + (text(words.zh, words.en) if words else code))
    if step.pages is not None:
        parts.append(text(f"{step.pages} 页", f"{step.pages} pages"))
    if step.version is not None:
        parts.append(text(f"第 {step.version} 版", f"version {step.version}"))
    if step.due is not None:
        parts.append(text(f"期限 {step.due}", f"due {step.due}"))
    for name, value in step.shown:
        if name not in _NOT_BESIDE and file_field(name) is None:
            label_words = field_words(name)
            label = text(label_words.zh, label_words.en) if label_words else name
            parts.append(f"{label}:{printable(value)}")
    if step.hidden:
        parts.append(text(f"隐去 {len(step.hidden)} 项", f"{len(step.hidden)} withheld"))
    return text(";", "; ").join(parts)


def _json(
    row: RecordRow, steps: tuple[StepView, ...], files: RecordFiles, shared: Sequence[RecordRow]
) -> dict[str, object]:
    return {
        "record": row.record,
        "number": row.number,
        "title": row.title,
        "same_number": [other.record for other in shared if other.record != row.record],
        "version": files.version,
        "files": [
            {
                "name": known.name,
                "carrier": known.carrier,
                "copy": known.copy,
                "sha256": known.content.digests.sha256.hex() if known.content else None,
                "sm3": known.content.digests.sm3.hex() if known.content else None,
                "size": known.content.size if known.content else None,
            }
            for known in files.current
        ],
        "steps": [step_json(step) for step in steps],
    }


def step_json(step: StepView) -> dict[str, object]:
    return {
        "state": str(step.state),
        "batch": step.batch,
        "index": step.index,
        "recorded_at": step.recorded_at,
        "accepted_at": step.accepted_at,
        "occurred_at": step.occurred_at,
        "event": step.event,
        "organisation": step.iss,
        "agent": step.agent,
        "statement": step.statement,
        "list": step.list_id,
        "item": step.item,
        "outcome": step.outcome,
        "reason": step.reason,
        "basis": step.basis,
        "late": step.late,
        "custody": step.custody,
        "due": step.due,
        "uses": step.uses,
        "pages": step.pages,
        "version": step.version,
        "files": step.files,
        "answers": list(step.answers),
        "disclosed": dict(step.shown),
        "hidden": list(step.hidden),
    }
