"""`transfer`: lists from village to archive room to county archive, by verbs and without digests."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.codes import listed as codes_listed
from api.codes import read_code
from api.conventions import Call, add_command
from api.event_options import for_event
from api.filled_command import (
    Basis,
    Due,
    Fields,
    Late,
    Occurred,
    Options,
    Outcome,
    State,
    Why,
    on_record,
    sign_filled,
)
from api.language import text
from api.list_command import event_words, turn_words
from api.opened import opened_ledger
from api.passphrase import PassphraseFile
from api.proof_words import moment
from api.signer import As
from verifier.catalogue import Words, code_words
from verifier.custody_tables import state_words
from verifier.duties import duty_words

if TYPE_CHECKING:
    from ledger.handle import Ledger
    from ledger.list_view import ListView

STATUS_WORDS = {
    "under_way": ("办理中", "under way"),
    "divided": ("有退回件,其余待另立清单", "divided: the rest goes on under a new list"),
    "replaced": ("已由新清单接续", "replaced by newer lists"),
    "returned": ("整单退回", "sent back as a whole"),
    "filed": ("已归档", "filed"),
    "transferred": ("已进馆", "in the county archive"),
}
_STATUSES = {code: Words(*words) for code, words in STATUS_WORDS.items()}
_LIST = text("清单", "LIST")
Listed = Annotated[
    str, typer.Argument(metavar=_LIST, help=text("编号、名称或 ID", "its number, title or id"))
]
Records = Annotated[
    list[str], typer.Argument(metavar=text("记录...", "RECORD..."), help=text("档号或编号", "number or uuid"))
]
OneRecord = Annotated[
    str, typer.Argument(metavar=text("记录", "RECORD"), help=text("档号或编号", "number or uuid"))
]
# Verb → event, on the whole list.
_ON_LIST = {
    "count": ("list.count", "清点(--outcome 件数相符|少件|多件)", "Count it (--outcome)"),
    "sign": (
        "handover.sign",
        "交接签字(--basis 移交方经办人|移交方负责人|接收方经办人|接收方负责人)",
        "Sign the hand-over deed (--basis: whose signature)",
    ),
    "review-village": ("review.village", "村级初审(--outcome)", "First review by the village"),
    "review-department": (
        "review.department",
        "业务部门审核(--outcome;本部门自有档案加 --basis 规定的流转路线)",
        "Review by the department (a department's own records: --basis declared_route)",
    ),
    "review-final": ("review.final", "终审归档(--outcome)", "Final review and filing"),
    "return": ("list.return", "整单退回(--reason)", "Send the whole list back"),
    "accept": ("transfer.accept", "接收进馆", "Accept into the county archive"),
}
_ON_ITEM = {
    "return-item": ("item.return", "单件退回(--reason);其余另立清单", "Send one item back"),
    "refuse-item": ("transfer.refuse", "不予接收一件(--reason)", "Refuse one item for the county archive"),
}


def transfer_commands() -> typer.Typer:
    app = typer.Typer(
        name="transfer",
        help=text("移交审核:清单定稿、初审、审核、终审、退回、进馆", "Transfer of records by list"),
        no_args_is_help=True,
    )
    add_command(app, "list", list_lists, "清单办到哪一步、轮到谁", "Lists, and whose turn it is")
    add_command(app, "show", show, "一份清单:各件、各步、下一步", "One list: items, steps, what is next")
    add_command(app, "freeze", freeze, "清单定稿", "Fix a list")
    add_command(app, "go-on", go_on, "有件退回后,其余另立清单定稿", "Fix a new list of what is left")
    add_command(app, "resubmit", resubmit, "重报(内容照旧;换文件用 event 重报)", "Submit again as it is")
    for verb, (event, zh, en) in _ON_LIST.items():
        add_command(app, verb, _on_list(event), zh, en)
    for verb, (event, zh, en) in _ON_ITEM.items():
        add_command(app, verb, _on_item(event), zh, en)
    return app


def freeze(
    call: Call,
    records: Records,
    title: Annotated[str, typer.Option("--title", help=text("清单名称", "title of the list"))],
    named: As,
    number: Annotated[
        str | None, typer.Option("--number", help=text("清单编号", "number of the list"))
    ] = None,
    late: Late = None,
    occurred: Occurred = None,
    field: Fields = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    from ledger.fill_list import fill_freeze
    from ledger.list_view import FREEZE
    from ledger.query import find_record

    own = [f"list_title={title}", *([f"list_number={number}"] if number else []), *(field or ())]

    def fill(ledger: Ledger, said: dict[str, Any]) -> dict[str, Any]:
        return fill_freeze(ledger, [find_record(ledger, one).record for one in records], said)

    sign_filled(call, FREEZE, named, Options(late=late, occurred=occurred, field=own), passphrase_file, fill)


def go_on(
    call: Call,
    listed: Listed,
    named: As,
    title: Annotated[
        str | None, typer.Option("--title", help=text("新清单名称(默认照旧)", "its title (as before)"))
    ] = None,
    occurred: Occurred = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    from ledger.list_view import FREEZE

    own = [f"list_title={title}"] if title else []
    sign_filled(
        call, FREEZE, named, Options(occurred=occurred, field=own), passphrase_file, _filling(listed, None)
    )


def resubmit(
    call: Call,
    record: OneRecord,
    named: As,
    reason: Why = None,
    late: Late = None,
    occurred: Occurred = None,
    field: Fields = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    options = Options(reason=reason, late=late, occurred=occurred, field=field or ())
    sign_filled(
        call,
        "resubmit",
        named,
        options,
        passphrase_file,
        on_record(record),
    )


def _on_list(event: str) -> Callable[..., None]:
    def act(
        call: Call,
        listed: Listed,
        named: As,
        outcome: Outcome = None,
        reason: Why = None,
        basis: Basis = None,
        state: State = None,
        due: Due = None,
        late: Late = None,
        occurred: Occurred = None,
        field: Fields = None,
        passphrase_file: PassphraseFile = None,
    ) -> None:
        options = Options(outcome, reason, basis, state, due, late, occurred, field or ())
        sign_filled(call, event, named, options, passphrase_file, _filling(listed, None))

    return for_event(event, act)


def _on_item(event: str) -> Callable[..., None]:
    def act(
        call: Call,
        listed: Listed,
        record: OneRecord,
        named: As,
        reason: Why = None,
        late: Late = None,
        occurred: Occurred = None,
        field: Fields = None,
        passphrase_file: PassphraseFile = None,
    ) -> None:
        options = Options(reason=reason, late=late, occurred=occurred, field=field or ())
        sign_filled(call, event, named, options, passphrase_file, _filling(listed, record))

    return for_event(event, act)


def _filling(listed: str, record: str | None) -> Callable[[Ledger, dict[str, Any]], dict[str, Any]]:
    from ledger.fill_list import fill_on_list
    from ledger.list_query import find_list
    from ledger.query import find_record

    def fill(ledger: Ledger, said: dict[str, Any]) -> dict[str, Any]:
        about = {"record": find_record(ledger, record).record} if record is not None else {}
        return fill_on_list(ledger, find_list(ledger, listed).list_id, {**said, **about})

    return fill


def list_lists(
    call: Call,
    status: Annotated[
        str | None,
        typer.Option(
            "--status",
            metavar=text("代码", "CODE"),
            help=text("状况:", "status: ") + text(*codes_listed(_STATUSES)),
        ),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help=text("最多几份", "at most"))] = 50,
) -> None:
    from ledger.list_pages import list_page
    from ledger.list_query import list_row

    if status is not None:
        status = read_code("--status", status, _STATUSES)
    with opened_ledger(call) as ledger:
        page = list_page(ledger, limit, None, lambda one: status in (None, one.status))
        names = {one.list_id: list_row(ledger, one.list_id) for one in page.rows}
    call.out.document(
        {
            "lists": [
                {
                    "list": one.list_id,
                    "number": names[one.list_id].number,
                    "title": names[one.list_id].title,
                    "state": one.state,
                    "status": one.status,
                    "items": one.frozen.size,
                    "next": [
                        {"event": t.event, "basis": t.basis, "duties": list(t.duties), "skips": t.skips}
                        for t in one.next
                        if t.due
                    ],
                }
                for one in page.rows
            ]
        }
    )
    heads = (
        ("清单", "list"),
        ("名称", "title"),
        ("件数", "items"),
        ("审核状态", "state"),
        ("状况", "status"),
        ("下一步", "next"),
    )
    call.out.table(
        heads,
        [
            (
                one.list_id[:8],
                names[one.list_id].title or "-",
                str(one.frozen.size),
                _state(one.state),
                text(*STATUS_WORDS[one.status]),
                text("、", ", ").join(dict.fromkeys(turn_words(t) for t in one.next if t.due)) or "-",
            )
            for one in page.rows
        ],
    )


def show(call: Call, listed: Listed) -> None:
    from api.show_command import step_json
    from ledger.list_query import find_list
    from ledger.list_view import described, list_view

    with opened_ledger(call) as ledger:
        row = find_list(ledger, listed)
        view = list_view(ledger, row.list_id)
        named = described(ledger, [one.record for one in view.items])
    one = view.summary
    call.out.document(
        {
            "list": one.list_id,
            "number": row.number,
            "title": row.title,
            "state": one.state,
            "status": one.status,
            "frozen": {
                "statement": one.frozen.statement,
                "size": one.frozen.size,
                "sha256": one.frozen.sha256,
                "sm3": one.frozen.sm3,
                "agent": one.frozen.agent,
                "organisation": one.frozen.iss,
                "occurred_at": one.frozen.occurred_at,
            },
            "deed": dict(one.deed),
            "next": [
                {
                    "event": t.event,
                    "basis": t.basis,
                    "duties": list(t.duties),
                    "due": t.due,
                    "skips": t.skips,
                }
                for t in one.next
            ],
            "steps": [step_json(step) for step in view.steps],
            "items": [
                {
                    "item": item.number,
                    "record": item.record,
                    "number": named[item.record][0],
                    "title": named[item.record][1],
                    "state": item.state,
                    "on_list": item.on_list,
                    "reason": item.sent_back.reason if item.sent_back else None,
                }
                for item in view.items
            ],
        }
    )
    _tell(call, view, row.title, named)


def _tell(call: Call, view: ListView, title: str, named: dict[str, tuple[str, str]]) -> None:
    one = view.summary
    call.out.say(
        f"{title} {one.list_id}\n{_state(one.state)};{STATUS_WORDS[one.status][0]}\n"
        f"定稿摘要 SHA-256 {one.frozen.sha256}\n         SM3     {one.frozen.sm3}",
        f"{title} {one.list_id}\n{_state(one.state)}; {STATUS_WORDS[one.status][1]}\n"
        f"as fixed: SHA-256 {one.frozen.sha256}\n          SM3     {one.frozen.sm3}",
    )
    call.out.table(
        (
            ("序号", "item"),
            ("档号", "number"),
            ("题名", "title"),
            ("状态", "state"),
            ("退回原因", "sent back"),
        ),
        [
            (
                str(item.number + 1),
                named[item.record][0] or item.record,
                named[item.record][1],
                _state(item.state),
                _reason(item.sent_back.reason) if item.sent_back else "",
            )
            for item in view.items
        ],
    )
    for step in view.steps:
        line = (
            f"{moment(step.occurred_at)} {event_words(step.event)} {dict(step.shown).get('agent_name', '')}"
        )
        call.out.say(line, line)
    for turn in one.next:
        if turn.due:
            whose = text("、", ", ").join(_duty(duty) for duty in turn.duties)
            basis = f"({_basis(turn.basis)})" if turn.basis and turn.skips is None else ""
            call.out.say(
                f"下一步:{turn_words(turn)}{basis},由{whose}",
                f"Next: {turn_words(turn)} {basis} by {whose}",
            )


def _state(state: str) -> str:
    words = state_words("transfer", state)
    return text(words.zh, words.en)


def _reason(code: str) -> str:
    words = code_words("reason", code)
    return text(words.zh, words.en) if words else code


def _basis(code: str) -> str:
    words = code_words("basis", code)
    return text(words.zh, words.en) if words else code


def _duty(name: str) -> str:
    words = duty_words().get(name)
    return text(words.zh, words.en) if words else name
