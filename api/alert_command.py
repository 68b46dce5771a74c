"""`alerts`: unusual uses, their handling, and the rules by which they are raised."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.codes import listed, read_code
from api.conventions import Call, add_command
from api.errors import Exit
from api.language import text
from api.named_subjects import Names, person
from api.opened import opened_ledger
from api.passphrase import PassphraseFile
from api.proof_words import moment
from api.signer import As, own_fields, signer, unlocked
from verifier.catalogue import Words, catalogue

if TYPE_CHECKING:
    from ledger.unusual_alerts import Alert


def _outcomes() -> dict[str, Words]:
    """Those that the catalogue admits."""
    words = catalogue().codes["outcome"]
    return {code: words[code] for code in sorted(catalogue().events["alert.handle"].codes["outcome"])}


def alert_commands() -> typer.Typer:
    app = typer.Typer(name="alerts", help=text("异常利用告警", "Unusual uses"), no_args_is_help=True)
    add_command(app, "list", list_alerts, "列出告警", "List the alerts")
    add_command(app, "look", look, "把全部利用再查一遍,补报漏报的", "Look through all uses again")
    add_command(app, "handle", handle, "登记处置(安全保密管理员)", "Record how an alert was handled")
    add_command(app, "rules", rules, "查看或调整告警规则", "Show or set the rules")
    return app


def list_alerts(
    call: Call,
    only_open: Annotated[bool, typer.Option("--open", help=text("只列未处置的", "only open ones"))] = False,
) -> None:
    from api.named_subjects import people_named
    from ledger.unusual_alerts import alerts

    with opened_ledger(call) as ledger:
        known = alerts(ledger)
        people = people_named(ledger, call.home, {one.agent for one in known})
    shown = [one for one in known if one.is_open or not only_open]
    number = sum(one.is_open for one in known)
    call.out.document({"alerts": [_json(one) for one in shown], "open": number})
    heads = (
        ("时间", "raised"),
        ("规则", "rule"),
        ("人员", "person"),
        ("次数/档案", "uses/records"),
        ("状态", "state"),
        ("告警", "alert"),
    )
    call.out.table(heads, [_line(one, people) for one in shown])
    call.out.say(f"未处置 {number} 项。", f"{number} open.")


def look(call: Call) -> None:
    from api.service_key import service_key
    from ledger.accept import accept
    from ledger.sign import Draft, sign_statement
    from ledger.unusual import raise_alerts

    with opened_ledger(call) as ledger:

        def state(draft: Draft) -> None:
            accept(ledger, [sign_statement(service_key(ledger, call.home, None), ledger.origin, draft)])

        raised, used = raise_alerts(ledger, None, state)
    call.out.document({"raised": raised, "rules_set_by": used.set_by or None})
    call.out.say(f"新报告警 {raised} 项。", f"{raised} alerts raised.")


def handle(
    call: Call,
    statement: Annotated[
        str,
        typer.Argument(
            metavar=text("告警", "ALERT"),
            help=text(
                "alerts list 所列摘要(至少前 8 位)", "its digest in alerts list, or the first 8 digits"
            ),
        ),
    ],
    outcome: Annotated[
        str,
        typer.Option(
            "--outcome",
            metavar=text("代码", "CODE"),
            help=text("处置结果:", "how: ") + text(*listed(_outcomes())),
        ),
    ],
    detail: Annotated[str, typer.Option("--detail", help=text("处置经过", "what was done"))],
    named: As,
    passphrase_file: PassphraseFile = None,
) -> None:
    from api.dates import now
    from ledger.accept import accept
    from ledger.audit_right import SECURITY_ADMIN, check_duty
    from ledger.refusals import recording
    from ledger.seen import last_seen
    from ledger.sign import Draft, sign_statement
    from ledger.unusual_alerts import HANDLE, find_alert
    from verifier.errors import CallerError

    code = read_code("--outcome", outcome, _outcomes())
    person = signer(call, named)
    key = unlocked(call, person, passphrase_file)
    with opened_ledger(call) as ledger:
        alert = find_alert(ledger, statement)
        draft = Draft(
            HANDLE,
            now(),
            outcome=code,
            answers=(bytes.fromhex(alert.statement),),
            fields={**own_fields(person), "detail": detail},
            seen=last_seen(ledger),
        )
        submission = sign_statement(key, ledger.origin, draft)
        with recording(ledger, submission.statement):
            check_duty(ledger, key.agent, key.iss, frozenset([SECURITY_ADMIN]))
            if alert.agent == key.agent:
                raise CallerError("ALERT_HANDLING", alert.statement, f"not by {alert.agent}", key.agent)
        (accepted,) = accept(ledger, [submission])
    call.out.document({"alert": alert.statement, "statement": accepted.statement.hex(), "outcome": code})
    call.out.say("处置已登记。", "The handling is on record.")


def rules(
    call: Call,
    named: Annotated[
        str | None,
        typer.Option(
            "--as",
            metavar=text("人员", "PERSON"),
            help=text("调整时由谁签名(安全保密管理员)", "who signs a change (a security administrator)"),
        ),
    ] = None,
    records: Annotated[
        int | None,
        typer.Option(
            "--records", help=text("短时间内利用多少件即告警", "so many records in that time raise one")
        ),
    ] = None,
    minutes: Annotated[
        int | None, typer.Option("--minutes", help=text("短时间是多少分钟", "how many minutes that time is"))
    ] = None,
    opens: Annotated[
        str | None,
        typer.Option("--opens", help=text("几点上班,如 08:30(北京时间)", "opens, HH:MM (Beijing)")),
    ] = None,
    closes: Annotated[
        str | None,
        typer.Option("--closes", help=text("几点下班,如 18:00(北京时间)", "closes, HH:MM (Beijing)")),
    ] = None,
    weekdays: Annotated[
        str | None, typer.Option("--weekdays", help=text("工作日,1 为周一,如 12345", "days, 1 is Monday"))
    ] = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    from dataclasses import asdict, replace

    from api.dates import now
    from ledger.accept import accept
    from ledger.audit_right import SECURITY_ADMIN, check_duty
    from ledger.refusals import recording
    from ledger.seen import last_seen
    from ledger.sign import Draft, sign_statement
    from ledger.store.engine import reading
    from ledger.unusual_rules import RULE, read_rules, rules_in_force, rules_text

    given = {"records": records, "minutes": minutes, "opens": opens, "closes": closes, "weekdays": weekdays}
    changes = {name: value for name, value in given.items() if value is not None}
    with opened_ledger(call) as ledger:
        with reading(ledger.engine) as connection:
            used = rules_in_force(connection)
        if changes and named is not None:
            wanted = rules_text(replace(used, **changes))  # type: ignore[arg-type]  # of UnusualRules
            read_rules(wanted)
            person = signer(call, named)
            key = unlocked(call, person, passphrase_file)
            said = {**own_fields(person), "criteria": wanted}
            draft = Draft(RULE, now(), fields=said, seen=last_seen(ledger))
            submission = sign_statement(key, ledger.origin, draft)
            with recording(ledger, submission.statement):
                check_duty(ledger, key.agent, key.iss, frozenset([SECURITY_ADMIN]))
            accept(ledger, [submission])
            with reading(ledger.engine) as connection:
                used = rules_in_force(connection)
    call.out.document({"rules": asdict(used)})
    many = text(f"{used.minutes} 分钟内 {used.records} 件", f"{used.records} in {used.minutes} min")
    call.out.table(
        (("规则", "rule"), ("值(北京时间)", "value (Beijing time)")),
        [
            (text("短时间大量", "many"), many),
            (text("工作时间", "hours"), f"{_days(used.weekdays)} {used.opens}-{used.closes}"),
            (text("由谁设定", "set by"), used.set_by or text("程序自带", "as packaged")),
        ],
    )
    if changes and named is None:
        call.out.say("调整须签名:请加 --as。", "A change must be signed: add --as.")
        raise typer.Exit(Exit.USAGE)


def _days(weekdays: str) -> str:
    """`1` is Monday; none: the office is never open."""
    zh, en = "一二三四五六日", ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    days = [int(day) - 1 for day in weekdays]
    if not days:
        return text("(没有工作日)", "(no day)")
    return text("周" + "、".join(zh[day] for day in days), " ".join(en[day] for day in days))


def _json(alert: Alert) -> dict[str, object]:
    return {
        "statement": alert.statement,
        "rule": alert.rule,
        "agent": alert.agent,
        "at": alert.at,
        "begins": alert.begins,
        "ends": alert.ends,
        "uses": alert.uses,
        "records": alert.records,
        "open": alert.is_open,
        "handled": [
            {"statement": one.statement, "agent": one.agent, "outcome": one.outcome, "counts": one.counts}
            for one in alert.handled
        ],
    }


def _line(alert: Alert, people: Names) -> tuple[str, ...]:
    from ledger.unusual_alerts import rule_words

    state = text("未处置", "open") if alert.is_open else text("已处置", "handled")
    uses = f"{alert.uses}/{alert.records}"
    words = Words(*rule_words(alert.rule))
    return (
        moment(alert.at),
        text(words.zh, words.en),
        person(alert.agent, people),
        uses,
        state,
        alert.statement,
    )
