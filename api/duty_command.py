"""`archive-ledger duty`: who has which duty, given and ended by a registrar, or handed over by who has it."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from api.codes import listed, read_code
from api.conventions import Call, add_command
from api.dates import read_date
from api.language import text
from api.opened import opened_ledger
from api.passphrase import PassphraseFile
from api.signer import As, own_fields, signer, unlocked
from verifier.duties import duty_words
from verifier.people import APPOINT, HANDOVER, RELEASE
from verifier.shape import UUID, instant_of

if TYPE_CHECKING:
    from ledger.units import Unit as TreeUnit

Whose = Annotated[str, typer.Argument(metavar=text("人员", "PERSON"), help=text("姓名或编号", "name or id"))]
Duty = Annotated[
    str,
    typer.Argument(metavar=text("职责", "DUTY"), help=text(*listed(duty_words()))),
]
Unit = Annotated[
    str | None,
    typer.Option(
        "--unit",
        metavar=text("单位", "UNIT"),
        help=text("部门、村、站所:代码、名称或编号", "department, village or station: code, name or id"),
    ),
]


def duty_commands() -> typer.Typer:
    app = typer.Typer(
        name="duty",
        help=text("任职、免职(由登记员签名)、工作交接(由本人签名)", "Duties, given, ended, handed over"),
        no_args_is_help=True,
    )
    add_command(app, "appoint", appoint, "任职(由机构登记员签名)", "Appoint somebody to a duty")
    add_command(app, "release", release, "免职(由任命机构的登记员签名)", "Release somebody from a duty")
    add_command(
        app,
        "handover",
        handover,
        "工作交接:本人卸任并交出手头工作;接手人另由登记员任职",
        "Hand a duty over and put it down; whoever follows is appointed by a registrar",
    )
    add_command(app, "list", list_duties, "列出现任职责", "List who has which duty now")
    return app


def appoint(
    call: Call,
    whose: Whose,
    duty: Duty,
    named: As,
    unit: Unit = None,
    until: Annotated[
        str | None,
        typer.Option("--until", metavar=text("日期", "DATE"), help=text("到期日(临时授权)", "its last day")),
    ] = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    _state(call, APPOINT, (whose, duty, unit, read_date(until, "--until")), named, passphrase_file)


def release(
    call: Call, whose: Whose, duty: Duty, named: As, unit: Unit = None, passphrase_file: PassphraseFile = None
) -> None:
    _state(call, RELEASE, (whose, duty, unit, None), named, passphrase_file)


def handover(
    call: Call,
    duty: Duty,
    named: As,
    counterpart: Annotated[
        str,
        typer.Option(
            "--to", metavar=text("姓名", "NAME"), help=text("交给谁(接手人姓名)", "who takes the work over")
        ),
    ],
    unit: Unit = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    from api.units_command import unit_named
    from ledger.accept import accept
    from ledger.appoint import DutyChange, handover_statement
    from ledger.people_now import held_in

    code = read_code(text("职责", "DUTY"), duty, duty_words())
    person = signer(call, named)
    with opened_ledger(call) as ledger:
        place = unit_named(ledger, unit)
        held = [one.unit for one in held_in(ledger, person.agent, person.msp) if one.duty == code]
        if unit is None and len(held) == 1:
            # What was given for one village or department only is put down there.
            place = held[0]
        signing = unlocked(call, person, passphrase_file)
        change = DutyChange(person.agent, code, place)
        (accepted,) = accept(
            ledger, [handover_statement(ledger, signing, own_fields(person), change, counterpart)]
        )
    call.out.document(
        {
            "event": HANDOVER,
            "subject": person.agent,
            "duty": code,
            "unit": place,
            "statement": accepted.statement.hex(),
        }
    )
    words = duty_words()[code]
    call.out.say(
        f"已交接并卸任:{words.zh}。接手人须由登记员任职:"
        f"archive-ledger duty appoint {counterpart} {code} --as 登记员",
        f"Handed over and put down: {words.en}. Whoever follows is appointed by a registrar: "
        f"archive-ledger duty appoint {counterpart} {code} --as REGISTRAR",
    )


def _state(
    call: Call,
    event: str,
    said: tuple[str, str, str | None, str | None],
    named: str,
    passphrase_file: PassphraseFile,
) -> None:
    from api.units_command import unit_named
    from ledger.accept import accept
    from ledger.appoint import DutyChange, duty_statement

    whose, duty, unit, until = said
    code = read_code(text("职责", "DUTY"), duty, duty_words())
    subject = whose if UUID.match(whose) else signer(call, whose).agent
    registrar = signer(call, named)
    signing = unlocked(call, registrar, passphrase_file)
    with opened_ledger(call) as ledger:
        place = unit_named(ledger, unit)
        change = DutyChange(subject, code, place, until, event)
        (accepted,) = accept(ledger, [duty_statement(ledger, signing, registrar.name, change)])
    call.out.document(
        {
            "event": event,
            "subject": subject,
            "duty": code,
            "unit": place,
            "statement": accepted.statement.hex(),
        }
    )
    words = duty_words()[code]
    if event == APPOINT:
        call.out.say(f"已任职:{words.zh}。", f"Appointed: {words.en}.")
    else:
        call.out.say(f"已免职:{words.zh}。", f"Released: {words.en}.")


def list_duties(call: Call) -> None:
    from api.named_subjects import people_named, person
    from api.people_command import named
    from ledger.people_trails import AFTER_ALL, all_acts
    from ledger.store.engine import reading
    from ledger.unit_store import unit_names
    from verifier.duties import DutyAct, duties_at

    with opened_ledger(call) as ledger, reading(ledger.engine) as connection:
        acts = [act for act in all_acts(connection) if isinstance(act, DutyAct)]
        places = unit_names(ledger)
        known = people_named(ledger, call.home, {act.subject for act in acts})
    when = instant_of(datetime.datetime.now(datetime.UTC))
    rows: list[dict[str, str | None]] = []
    for subject in dict.fromkeys(act.subject for act in acts):
        found = duties_at((act for act in acts if act.subject == subject), AFTER_ALL, when)
        rows += [
            {
                "subject": subject,
                "duty": held.duty,
                "unit": held.unit,
                "organisation": held.iss,
                "until": held.until,
            }
            for held in sorted(found, key=lambda one: (one.duty, one.iss, one.unit or ""))
        ]
    call.out.document({"duties": rows})
    words = duty_words()
    call.out.table(
        (
            ("人员", "person"),
            ("职责", "duty"),
            ("部门或村", "unit"),
            ("机构", "organisation"),
            ("到期", "until"),
        ),
        [
            (
                person(row["subject"] or "", known),
                text(words[row["duty"] or ""].zh, words[row["duty"] or ""].en),
                _place(places.get(row["unit"] or "")) or row["unit"] or "-",
                named(call.home, row["organisation"] or ""),
                row["until"] or "-",
            )
            for row in rows
        ],
    )


def _place(unit: TreeUnit | None) -> str:
    return text(unit.zh, unit.en) if unit else ""
