"""`doctor`: what is missing here, and the remedy."""

from __future__ import annotations

import typer

from api.conventions import Call, add_command
from api.doctor.finding import STATE_WORDS, Finding, State
from api.doctor.ledger_checks import ledger_checks
from api.doctor.machine import machine_checks
from api.doctor.network_checks import network_checks
from api.errors import Exit
from api.language import text


def add_to(app: typer.Typer) -> None:
    add_command(
        app,
        "doctor",
        doctor,
        "检查环境、网络和总账:缺什么,怎么补",
        "Check machine, network and ledger; name remedies",
    )


def doctor(call: Call) -> None:
    checks = [*machine_checks(call.home), *network_checks(call.home), *ledger_checks(call.home)]
    findings: list[Finding] = []
    with call.out.progress("检查", "checking", len(checks)) as meter:
        for check in checks:
            findings.append(check.made())
            meter.advance()
    call.out.document({"checks": [_json(one) for one in findings]})
    heads = (("项目", "check"), ("结果", "result"), ("情况", "what is so"))
    call.out.table(heads, [(text(*f.label), text(*STATE_WORDS[f.state]), text(*f.found)) for f in findings])
    for finding in findings:
        if any(finding.remedy) and finding.state is not State.OK:
            zh, en = finding.remedy
            call.out.say(f"{finding.label[0]}:{zh}", f"{finding.label[1]}: {en}")
    count = {state: sum(one.state is state for one in findings) for state in State}
    unknown = count[State.COULD_NOT_CHECK]
    call.out.say(
        f"{count[State.OK]} 项正常,{count[State.PROBLEM]} 项有问题,{unknown} 项无法检查。",
        f"{count[State.OK]} ok, {count[State.PROBLEM]} problems, {unknown} not checkable.",
    )
    if count[State.PROBLEM]:
        raise typer.Exit(Exit.UNAVAILABLE)


def _json(finding: Finding) -> dict[str, object]:
    return {
        "name": finding.name,
        "state": finding.state.value,
        "zh": finding.found[0],
        "en": finding.found[1],
        "remedy_zh": finding.remedy[0],
        "remedy_en": finding.remedy[1],
    }
