"""`list`: the records, or the lists, that the ledger holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from api.codes import read_code
from api.conventions import Call, add_command
from api.handling_words import handling_words
from api.language import text
from api.opened import opened_ledger
from api.proof_words import STATES, moment, state_words
from verifier.catalogue import Words, code_words, event
from verifier.custody_people import FREEZE

if TYPE_CHECKING:
    from ledger.list_query import ListRow
    from ledger.list_turns import Turn
    from ledger.query import RecordRow
    from ledger.steps import StepView

# (table, state) of each workflow that a record is in.
States: TypeAlias = tuple[tuple[str, str], ...]


def add_to(app: typer.Typer) -> None:
    add_command(
        app, "list", list_records, "列出记录(可按档号、题名、行为、状态查找)或清单", "List records (or lists)"
    )


def list_records(
    call: Call,
    find: Annotated[
        str | None,
        typer.Argument(
            metavar=text("查找", "TEXT"), help=text("档号或题名中的文字", "part of a number or title")
        ),
    ] = None,
    number: Annotated[
        str | None, typer.Option("--number", help=text("档号,全文", "the archival number"))
    ] = None,
    event_name: Annotated[
        str | None,
        typer.Option("--event", help=text("最近的行为:代码或中文名", "the last act: its code or name")),
    ] = None,
    state: Annotated[
        str | None,
        typer.Option(
            "--state",
            metavar="|".join(text(*words) for words in STATES.values()),
            help=text("存证状态", "state of proof"),
        ),
    ] = None,
    lists: Annotated[bool, typer.Option("--lists", help=text("列出清单", "list the lists"))] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help=text("最多几条", "at most"))] = 100,
    offset: Annotated[int, typer.Option("--offset", min=0, help=text("跳过几条", "skip"))] = 0,
) -> None:
    from api.event.request import named_event
    from api.lookup import of_same_number, warn_of_same_number
    from ledger.handling import handling_states
    from ledger.list_query import lists as all_lists
    from ledger.query import count_records, find_records, record_steps, records, search_records

    if state is not None:
        state = read_code("--state", state, {code: Words(*words) for code, words in STATES.items()})
    if event_name is not None:
        event_name = named_event(event_name).name
    with opened_ledger(call) as ledger:
        if lists:
            _tell_lists(call, all_lists(ledger, limit, offset))
            return
        total = count_records(ledger)
        if number is None and find is None:
            rows = records(ledger, limit, offset, event=event_name, state=state)
            fitting = [(row, record_steps(ledger, row.record)[-1]) for row in rows]
        else:
            most = total if event_name or state else offset + limit
            rows = find_records(ledger, number) if number else search_records(ledger, find or "", most)
            rows = tuple(row for row in rows if event_name in (None, row.last_event))
            shown = ((row, record_steps(ledger, row.record)[-1]) for row in rows)
            fitting = [(row, step) for row, step in shown if state in (None, step.state)]
            fitting = fitting[offset : offset + limit]
        shared = of_same_number(ledger, [row for row, _ in fitting])
        handled = handling_states(ledger, [row.record for row, _ in fitting])
    _tell_records(call, fitting, total, handled)
    if not fitting and event_name is not None:
        call.out.say(
            f"--event 只看每条记录最近的一步:没有最近一步是“{event_words(event_name)}”的。",
            f"--event looks at the last act of each record only: of none it is '{event_words(event_name)}'.",
        )
    warn_of_same_number(call, shared)


def _tell_records(
    call: Call, found: list[tuple[RecordRow, StepView]], total: int, handled: Mapping[str, States]
) -> None:
    call.out.document(
        {
            "records": [
                {
                    "record": row.record,
                    "number": row.number,
                    "title": row.title,
                    "steps": row.steps,
                    "last_event": row.last_event,
                    "last_at": row.last_at,
                    "state": str(step.state),
                    "handling": dict(handled[row.record]),
                }
                for row, step in found
            ],
            "total": total,
        }
    )
    heads = (
        ("档号", "number"),
        ("题名", "title"),
        ("步数", "steps"),
        ("最近行为", "last act"),
        ("办理状态", "handling"),
        ("登记时间", "accepted"),
        ("存证状态", "proof"),
        ("编号", "id"),
    )
    call.out.table(
        heads,
        [
            (
                row.number or "-",
                row.title or text("(已隐去)", "(withheld)"),
                str(row.steps),
                event_words(row.last_event),
                handling_words(handled[row.record]),
                moment(row.last_at),
                state_words(step.state),
                row.record,
            )
            for row, step in found
        ],
    )
    call.out.say(f"列出 {len(found)} 条,共 {total} 条记录。", f"{len(found)} of {total} records.")


def event_words(name: str) -> str:
    spec = event(name)
    return text(spec.words.zh, spec.words.en) if spec else name


def turn_words(turn: Turn) -> str:
    """A step that a list waits for; and which one it would leave out, on which road."""
    words = event_words(turn.event)
    if turn.event == FREEZE:
        # The list itself was fixed; what is left of it waits to be.
        return text("其余各件另立清单定稿(transfer go-on)", "the rest on a new list (transfer go-on)")
    if turn.skips is None:
        return words
    road, left = code_words("basis", turn.basis or ""), event_words(turn.skips)
    zh, en = (road.zh, road.en) if road else ("", "")
    return text(
        f"{words}({left}尚未办;只有按{zh}才可先办)",
        f"{words} ({left} not done; first only by: {en})",
    )


def _tell_lists(call: Call, rows: tuple[ListRow, ...]) -> None:
    call.out.document(
        {
            "lists": [
                {
                    "list": row.list_id,
                    "number": row.number,
                    "title": row.title,
                    "items": row.items,
                    "statements": row.statements,
                    "last_event": row.last_event,
                    "last_at": row.last_at,
                }
                for row in rows
            ]
        }
    )
    heads = (
        ("清单", "list"),
        ("编号", "number"),
        ("名称", "title"),
        ("件数", "items"),
        ("最近行为", "last act"),
        ("登记时间", "accepted"),
    )
    call.out.table(
        heads,
        [
            (
                r.list_id,
                r.number or "-",
                r.title or "-",
                str(r.items),
                event_words(r.last_event),
                moment(r.last_at),
            )
            for r in rows
        ],
    )
