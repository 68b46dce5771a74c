"""`refused`: the acts that the ledger refused though they were well signed, and by which rule."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from api.conventions import Call, add_command
from api.failure import words_of
from api.language import text
from api.list_command import event_words
from api.names import known_organisations, organisation
from api.opened import opened_ledger
from api.output import printable
from api.proof_words import moment


def add_to(app: typer.Typer) -> None:
    add_command(
        app,
        "refused",
        refused,
        "列出被拒绝登记的行为:何人、何时、违反哪条规则(不含内容)",
        "List the acts that were refused: by whom, when, by which rule (none of their content)",
    )


def refused(
    call: Call,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help=text("最多几条", "at most"))] = 100,
    offset: Annotated[int, typer.Option("--offset", min=0, help=text("跳过几条", "skip"))] = 0,
) -> None:
    from ledger.refusals import refusals

    with opened_ledger(call) as ledger:
        found = refusals(ledger, limit, offset)
        names = known_organisations(ledger.settings.connection_path(ledger.paths.home))
    call.out.document({"refused": [asdict(one) for one in found]})
    heads = (
        ("时间", "when"),
        ("行为", "act"),
        ("机构", "organisation"),
        ("经手人编号", "agent"),
        ("违反的规则", "rule"),
        ("代码", "code"),
        ("位置", "at"),
        ("应为", "expected"),
        ("实为", "found"),
    )
    call.out.table(
        heads,
        [
            (
                moment(one.at),
                event_words(one.event),
                organisation(one.iss, names),
                one.agent,
                text(*words_of(one.code)),
                one.code,
                printable(one.record or one.place),
                printable(one.expected),
                printable(one.found),
            )
            for one in found
        ],
    )
    call.out.say(f"列出 {len(found)} 条。", f"{len(found)} listed.")
