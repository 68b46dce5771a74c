"""`people`: those whose keys lie on this machine, and how long their certificates last."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from api.conventions import Call, add_command
from api.language import text
from verifier.catalogue import Words

if TYPE_CHECKING:
    from ledger.people import Person
    from verifier.certificate import Signer

# A certificate that ends this soon is told of, so that nobody stands at the counter with an expired one.
WARN_DAYS = 30
ROLES = {
    "person": Words("人员", "person"),
    "service": Words("系统服务", "service"),
    "registrar": Words("登记员", "registrar"),
}


def add_to(app: typer.Typer) -> None:
    add_command(app, "people", people, "列出本机登记的人员", "List the people enrolled on this machine")


def people(call: Call) -> None:
    from ledger.people import certificate, list_people

    found = [(person, certificate(call.home, person.agent)) for person in list_people(call.home)]
    call.out.document({"people": [person_json(person, signer) for person, signer in found]})
    if not found:
        call.out.say(
            "本机还没有登记人员。请用 archive-ledger enrol。",
            "Nobody is enrolled here. Use: archive-ledger enrol",
        )
        return
    rows = [
        (p.name, p.duty, named(call.home, p.msp), _role(p.role), p.agent, *_validity(signer))
        for p, signer in found
    ]
    call.out.table(
        (
            ("姓名", "name"),
            ("职务", "duty"),
            ("机构", "organisation"),
            ("角色", "role"),
            ("编号", "id"),
            ("证书有效至", "certificate until"),
            ("提示", "note"),
        ),
        rows,
    )


def organisations(places: Path) -> dict[str, Words]:
    """The organisations of the network made there, by id; none if none was."""
    from network.consortium import read_consortium
    from network.layout import layout

    path = layout(places).consortium
    if not path.is_file():
        return {}
    return {one.msp: Words(one.name.zh, one.name.en) for one in read_consortium(path).organisations}


def named(places: Path, msp: str) -> str:
    words = organisations(places).get(msp)
    return text(words.zh, words.en) if words is not None else msp


def _role(role: str) -> str:
    return text(ROLES[role].zh, ROLES[role].en) if role in ROLES else role


def days_left(signer: Signer) -> int:
    return (signer.not_after - datetime.datetime.now(datetime.UTC)).days


def _validity(signer: Signer | None) -> tuple[str, str]:
    if signer is None:
        return "-", text("尚无证书,请 enrol --renew", "no certificate yet; enrol --renew")
    until, left = f"{signer.not_after:%Y-%m-%d}", days_left(signer)
    if left < 0:
        return until, text("已过期,请 enrol --renew", "expired; enrol --renew")
    if left <= WARN_DAYS:
        return until, text(f"还剩 {left} 天,请 enrol --renew", f"{left} days left; enrol --renew")
    return until, ""


def person_json(person: Person, signer: Signer | None) -> dict[str, object]:
    """Members: agent, name, duty, organisation, role; certificate_until, days_left (absent without one)."""
    shown: dict[str, object] = {
        "agent": person.agent,
        "name": person.name,
        "duty": person.duty,
        "organisation": person.msp,
        "role": person.role,
    }
    if signer is not None:
        shown |= {"certificate_until": signer.not_after.isoformat(), "days_left": days_left(signer)}
    return shown
