"""`refused`: the acts that the ledger refused though they were well signed, and by which rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer

from api.conventions import Call, add_command
from api.facts import in_chinese
from api.failure import words_of
from api.language import text
from api.list_command import event_words
from api.named_subjects import marks_in, names_in, person
from api.names import known_organisations, organisation
from api.opened import opened_ledger
from api.proof_words import moment
from api.reason_lines import Grouped, facts_of, facts_told, grouped
from verifier.report import Reason

if TYPE_CHECKING:
    from ledger.refusals import RefusedAct


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
        groups = _groups(found)
        texts = [one.agent for one, _ in groups] + list(facts_told([group for _, group in groups]))
        known = names_in(ledger, call.home, marks_in(texts))
        names = known_organisations(ledger.settings.connection_path(ledger.paths.home))
    call.out.document({"refused": [asdict(one) for one in found]})
    heads = (
        ("时间", "when"),
        ("行为", "act"),
        ("机构", "organisation"),
        ("经手人", "by"),
        ("违反的规则", "rule"),
        ("代码", "code"),
        ("位置", "at"),
        ("应为", "expected"),
        ("实为", "found"),
    )
    rows = [(first, facts_of(group, known)) for first, group in groups]
    call.out.table(
        heads,
        [
            (
                moment(one.at),
                event_words(one.event),
                organisation(one.iss, names),
                person(one.agent, known),
                text(*words_of(one.code)),
                one.code,
                text(zh.at, en.at),
                text(in_chinese(zh.expected), en.expected),
                text(in_chinese(zh.found), en.found),
            )
            for one, (zh, en) in rows
        ],
    )
    call.out.say(
        f"列出 {len(found)} 条原因(同一次被拒绝的同一原因合为一行)。",
        f"{len(found)} reasons listed; the same reason of one refusal stands in one line.",
    )


def _groups(found: Sequence[RefusedAct]) -> list[tuple[RefusedAct, Grouped]]:
    """The newest first; in each refusal the same reason once, with all the items that it was told of."""
    lines = []
    for _, of in groupby(found, key=lambda one: (one.at, one.statement)):
        rows = list(of)[::-1]  # as they were told
        groups = grouped(
            Reason(one.code, one.place or one.record or "", one.expected, one.found) for one in rows
        )
        first = {(one.code, one.expected, one.found): one for one in rows[::-1]}
        lines += [(first[g.reason.code, g.reason.expected, g.reason.found], g) for g in groups]
    return lines
