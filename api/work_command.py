"""`work`, `repairs`, `volumes`, `originals`: what waits for somebody, and what stands where."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from api.codes import listed, read_code
from api.conventions import Call, add_command
from api.language import text
from api.list_command import event_words, turn_words
from api.opened import opened_ledger
from api.signer import signer
from verifier.catalogue import Words, code_words
from verifier.custody_tables import state_words, table

if TYPE_CHECKING:
    from ledger.handle import Ledger
    from ledger.list_pages import Who
    from ledger.people import Person

_CHECKS = {"unchecked": ("未核验", "unchecked"), "passed": ("合格", "passed"), "failed": ("不合格", "failed")}
_VOLUMES = {"open": ("未封卷", "open"), "closed": ("已封卷", "closed")}
Limit = Annotated[int, typer.Option("--limit", min=1, max=1000, help=text("最多几条", "at most"))]


def add_to(app: typer.Typer) -> None:
    add_command(app, "work", work, "待办:按职责,等本人办理的事项", "What waits for somebody, by their duties")
    add_command(app, "repairs", repairs, "修复及其核验", "Repairs, and whether they were checked")
    add_command(app, "volumes", volumes, "案卷、户档及卷内各件", "Volumes, household files and their records")
    add_command(app, "originals", originals, "纸质原件:位置、状态、盘点", "Paper originals: where, and how")


Whose = Annotated[
    str,
    typer.Option(
        "--as", metavar=text("人员", "PERSON"), help=text("谁的待办:姓名或编号", "whose work: name or id")
    ),
]


def work(call: Call, named: Whose) -> None:
    from ledger.list_query import list_row
    from ledger.work_query import work_of

    person = signer(call, named)
    with opened_ledger(call) as ledger:
        found = work_of(ledger, _who(ledger, person))
        titles = {one.list_id: list_row(ledger, one.list_id).title for one, _ in found.lists}
    call.out.document(
        {
            "lists": [
                {
                    "list": one.list_id,
                    "title": titles[one.list_id],
                    "items": one.frozen.size,
                    "steps": [
                        {"event": turn.event, "basis": turn.basis, "skips": turn.skips} for turn in steps
                    ],
                }
                for one, steps in found.lists
            ],
            "sent_back": [asdict(one) for one in found.sent_back],
            "applications": [asdict(one) for one in found.applications],
            "overdue": [asdict(one) for one in found.overdue],
            "repairs": [asdict(one) for one in found.repairs],
            "destructions": [asdict(one) for one in found.destructions],
            "more": list(found.more),
        }
    )
    for one, steps in found.lists:
        events = text("、", ", ").join(dict.fromkeys(turn_words(turn) for turn in steps))
        title, size = titles[one.list_id] or one.list_id, one.frozen.size
        call.out.say(f"清单“{title}”({size} 件):{events}", f"List '{title}' ({size} items): {events}")
    for back in found.sent_back:
        words = code_words("reason", back.reason)
        why, what = (words.zh, words.en) if words else (back.reason, back.reason)
        call.out.say(
            f"退回待重报:{back.number} {back.title}({why})", f"Sent back: {back.number} {back.title} ({what})"
        )
    for loan in found.applications:
        call.out.say(f"利用申请待批:{loan.number} {loan.title}", f"To decide: {loan.number} {loan.title}")
    for loan in found.overdue:
        call.out.say(
            f"逾期未还:{loan.number} {loan.title},应还 {loan.due}",
            f"Overdue: {loan.number} {loan.title}, due {loan.due}",
        )
    for repair in found.repairs:
        call.out.say(
            f"修复待核验:{repair.number} {repair.title}", f"To check: {repair.number} {repair.title}"
        )
    for gone in found.destructions:
        copies = code_words("outcome", gone.outcome)
        zh, en = (copies.zh, copies.en) if copies else (gone.outcome, gone.outcome)
        call.out.say(
            f"监销待见证:{gone.number} {gone.title}({zh})", f"To witness: {gone.number} {gone.title} ({en})"
        )
    every = (found.lists, found.sent_back, found.applications, found.overdue, found.repairs)
    count = sum(map(len, (*every, found.destructions)))
    call.out.say(f"共 {count} 项待办。", f"{count} things wait.")


def _who(ledger: Ledger, person: Person) -> Who:
    from ledger.list_pages import Who
    from ledger.people_now import duties_now, units_now

    duties = duties_now(ledger, person.agent, person.msp)
    return Who(person.agent, person.msp, duties, units_now(ledger, person.agent, person.msp))


def repairs(
    call: Call,
    state: Annotated[
        str | None,
        typer.Option(
            "--state",
            metavar="|".join(text(*words) for words in _CHECKS.values()),
            help=text("核验状态", "whether it was checked"),
        ),
    ] = None,
    limit: Limit = 50,
) -> None:
    from ledger.repair_query import repair_page

    if state is not None:
        state = read_code("--state", state, {code: Words(*words) for code, words in _CHECKS.items()})
    with opened_ledger(call) as ledger:
        rows = repair_page(ledger, limit, None, lambda one: state in (None, one.state)).rows
    call.out.document({"repairs": [asdict(one) for one in rows]})
    heads = (("档号", "number"), ("题名", "title"), ("修复", "repair"), ("方法", "method"), ("核验", "check"))
    call.out.table(
        heads,
        [
            (
                one.number or one.record,
                one.title,
                event_words(one.event),
                one.said.get("method", "-"),
                text(*_CHECKS[one.state]),
            )
            for one in rows
        ],
    )


def volumes(
    call: Call,
    name: Annotated[
        str | None,
        typer.Argument(metavar=text("案卷", "VOLUME"), help=text("只看这一卷的各件", "its records")),
    ] = None,
) -> None:
    from ledger.volume_query import find_volume
    from ledger.volume_query import volumes as all_volumes

    with opened_ledger(call) as ledger:
        found = (find_volume(ledger, name)[0],) if name is not None else all_volumes(ledger)
        members = find_volume(ledger, name)[1] if name is not None else ()
    call.out.document(
        {
            "volumes": [
                {"name": v.name, "state": v.state, "records": list(v.records), "last_at": v.last_at}
                for v in found
            ]
        }
    )
    heads = (("案卷或户档", "volume"), ("状态", "state"), ("件数", "records"))
    call.out.table(heads, [(v.name, text(*_VOLUMES[v.state]), str(len(v.records))) for v in found])
    for row in members:
        call.out.say(f"  {row.number} {row.title}", f"  {row.number} {row.title}")


def originals(
    call: Call,
    state: Annotated[
        str | None,
        typer.Option(
            "--state",
            metavar=text("代码", "CODE"),
            help=text("原件状态:", "state: ") + text(*listed(table("original").states)),
        ),
    ] = None,
    location: Annotated[
        str, typer.Option("--location", help=text("位置以此开头", "what the location begins with"))
    ] = "",
    limit: Limit = 200,
) -> None:
    from ledger.original_query import original_page

    if state is not None:
        state = read_code("--state", state, table("original").states)
    with opened_ledger(call) as ledger:
        rows = original_page(
            ledger,
            limit,
            None,
            lambda one: state in (None, one.state) and one.location.startswith(location),
        ).rows
    call.out.document({"originals": [asdict(one) for one in rows]})
    heads = (
        ("档号", "number"),
        ("题名", "title"),
        ("位置", "location"),
        ("状态", "state"),
        ("上次盘点", "last counted"),
    )
    call.out.table(
        heads,
        [
            (
                one.number or one.record,
                one.title,
                one.location or "-",
                text(state_words("original", one.state).zh, state_words("original", one.state).en),
                one.stocktaking.occurred_at[:10] if one.stocktaking else "-",
            )
            for one in rows
        ],
    )
