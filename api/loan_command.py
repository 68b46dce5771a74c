"""`loan`: borrowing and access at the counter, by verbs and without digests."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from api.codes import read_code
from api.conventions import Call, add_command
from api.event_options import for_event
from api.filled_command import (
    Answers,
    Basis,
    Due,
    Fields,
    Late,
    Occurred,
    Options,
    Outcome,
    State,
    Uses,
    Why,
    on_record,
    sign_filled,
)
from api.language import text
from api.opened import opened_ledger
from api.passphrase import PassphraseFile
from api.signer import As
from api.transfer_command import OneRecord
from verifier.catalogue import Words

if TYPE_CHECKING:
    pass

STATES = {
    "applied": ("已申请", "applied for"),
    "approved": ("已同意", "approved"),
    "refused": ("不予提供", "refused"),
    "out": ("借出未还", "lent"),
    "overdue": ("逾期", "overdue"),
    "returned": ("已归还", "returned"),
}
_VERBS = {
    "apply": ("access.apply", "申请利用(--basis、--reader、--purpose)", "Apply for access"),
    "approve": (
        "access.approve",
        "同意利用(--outcome;--due 有效至,--uses 限用几次)",
        "Approve an application",
    ),
    "refuse": ("access.refuse", "不予提供利用(--reason)", "Refuse an application"),
    "out": ("borrow.out", "借出(--due 应还日、--reader、--purpose)", "Lend the original"),
    "renew": ("borrow.renew", "续借(--due)", "Renew a loan"),
    "recall": ("borrow.recall", "催还", "Recall a loan"),
    "return": ("borrow.return", "归还(--outcome 完好|有损坏|有缺少)", "Take the original back"),
}


def loan_commands() -> typer.Typer:
    app = typer.Typer(
        name="loan",
        help=text("借阅、查阅:申请、批准、借出、续借、归还", "Borrowing and access"),
        no_args_is_help=True,
    )
    add_command(app, "list", list_loans, "申请与借阅(可按状态)", "Applications and loans (by state)")
    for verb, (event, zh, en) in _VERBS.items():
        add_command(app, verb, _on_record(event), zh, en)
    return app


def _on_record(event: str) -> Callable[..., None]:
    def act(
        call: Call,
        record: OneRecord,
        named: As,
        reader: Annotated[
            str | None, typer.Option("--reader", help=text("利用人姓名", "the reader's name"))
        ] = None,
        purpose: Annotated[str | None, typer.Option("--purpose", help=text("利用目的", "what for"))] = None,
        outcome: Outcome = None,
        reason: Why = None,
        basis: Basis = None,
        state: State = None,
        due: Due = None,
        uses: Uses = None,
        subject: Annotated[
            str | None,
            typer.Option("--subject", help=text("利用人(有编号的)", "the reader, by name or number")),
        ] = None,
        late: Late = None,
        occurred: Occurred = None,
        field: Fields = None,
        answers: Answers = None,
        passphrase_file: PassphraseFile = None,
    ) -> None:
        own = [f"reader_name={reader}"] if reader else []
        own += [f"purpose={purpose}"] if purpose else []
        fields = [*own, *(field or ())]
        options = Options(outcome, reason, basis, state, due, late, occurred, fields, subject, uses)
        sign_filled(call, event, named, options, passphrase_file, on_record(record, answers or ()))

    return for_event(event, act)


def list_loans(
    call: Call,
    state: Annotated[
        str | None,
        typer.Option(
            "--state",
            metavar="|".join(text(*words) for words in STATES.values()),
            help=text("状态", "state"),
        ),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help=text("最多几条", "at most"))] = 50,
) -> None:
    from ledger.loan_query import loan_page

    if state is not None:
        state = read_code("--state", state, {code: Words(*words) for code, words in STATES.items()})
    with opened_ledger(call) as ledger:
        rows = loan_page(ledger, limit, None, lambda one: state in (None, one.state)).rows
    call.out.document(
        {
            "loans": [
                {
                    "statement": one.statement,
                    "event": one.event,
                    "record": one.record,
                    "number": one.number,
                    "title": one.title,
                    "state": one.state,
                    "due": one.due,
                    "uses": one.uses,
                    "used": one.used,
                    "renewals": one.renewals,
                    "overdue_stated": one.overdue_stated,
                    "outcome": one.outcome,
                    "reason": one.reason,
                    "said": one.said,
                }
                for one in rows
            ]
        }
    )
    heads = (
        ("档号", "number"),
        ("题名", "title"),
        ("状态", "state"),
        ("利用人", "reader"),
        ("目的", "purpose"),
        ("期限", "until"),
        ("次数", "uses"),
        ("续借", "renewed"),
        ("签名行为记录", "statement"),
    )
    call.out.table(
        heads,
        [
            (
                one.number or one.record,
                one.title,
                text(*STATES[one.state]),
                one.said.get("reader_name", "-"),
                one.said.get("purpose", "-"),
                one.due or "-",
                f"{one.used}/{one.uses}" if one.uses is not None else "-",
                str(one.renewals),
                one.statement[:16],
            )
            for one in rows
        ],
    )
