"""`enrol`, `people`: keys of people and services, and their certificates."""

from __future__ import annotations

import datetime
import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.codes import read_code
from api.conventions import Call, add_command
from api.errors import CommandError
from api.language import text
from api.passphrase import PassphraseFile, passphrase
from verifier.catalogue import Words

if TYPE_CHECKING:
    from ledger.people import Person
    from verifier.certificate import Signer

DEFAULT_DAYS = 730
# A certificate that ends this soon is told of, so that nobody stands at the counter with an expired one.
WARN_DAYS = 30
ROLES = {
    "person": Words("人员", "person"),
    "service": Words("系统服务", "service"),
    "registrar": Words("登记员", "registrar"),
}


def add_to(app: typer.Typer) -> None:
    add_command(
        app,
        "enrol",
        enrol,
        "登记人员:建立加密密钥,取得签名证书",
        "Enrol a person: make a key, get its certificate",
    )
    add_command(app, "people", people, "列出本机登记的人员", "List the people enrolled on this machine")


def enrol(
    call: Call,
    name: Annotated[
        str,
        typer.Option("--name", help=text("姓名(只留在本机和附项中)", "name, kept here and in disclosures")),
    ],
    duty: Annotated[str, typer.Option("--duty", help=text("职务", "duty"))] = "",
    organisation: Annotated[
        str | None,
        typer.Option(
            "--organisation",
            metavar=text("机构", "ORGANISATION"),
            help=text("所属机构:代号或名称", "the organisation: id or name"),
        ),
    ] = None,
    role: Annotated[
        str, typer.Option("--role", metavar="|".join(ROLES), help=text("证书角色", "role"))
    ] = "person",
    days: Annotated[
        int, typer.Option("--days", help=text("证书有效天数", "days the certificate lasts"))
    ] = DEFAULT_DAYS,
    renew: Annotated[
        bool,
        typer.Option("--renew", help=text("为已登记的人换发证书", "a new certificate for somebody enrolled")),
    ] = False,
    new_key: Annotated[
        bool,
        typer.Option("--new-key", help=text("换发时另建密钥(口令也重设)", "with --renew: a new key too")),
    ] = False,
    ca: Annotated[
        Path | None,
        typer.Option(
            "--ca",
            metavar=text("目录", "DIR"),
            help=text(
                "签发证书的网络所在数据目录(默认本目录)", "data folder of the network whose CA certifies"
            ),
        ),
    ] = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    places = ca or call.home
    person = _renewed(call, name) if renew else _new(call, places, name, duty, organisation, role)
    wanted = _Wanted(places, days, renew, new_key)
    before = _present_key(call, person) if renew else None
    signer = _certify(call, person, passphrase_file, wanted)
    enrolled = _state_key(call, person, signer, places, before)
    call.out.document({"person": person_json(person, signer), "key_enrolled": enrolled})
    organised = _named(places, person.msp)
    call.out.say(
        f"已登记 {person.name}({person.duty or '未填职务'},{organised}),编号 {person.agent},"
        f"证书有效至 {signer.not_after:%Y-%m-%d}。",
        f"{person.name} ({person.duty or 'no duty given'}, {organised}) is enrolled as {person.agent}; "
        f"the certificate lasts until {signer.not_after:%Y-%m-%d}.",
    )
    if enrolled:
        call.out.say(
            "密钥已由两家机构的登记员登记(本机运行全部机构,登记员的密钥也在本机,由本命令代签)。",
            "Registrars of two organisations have enrolled the key: this machine runs all organisations and "
            "holds their registrars' keys, so this command signed for both.",
        )
    elif enrolled is False:
        call.out.say(
            f"密钥还未登记,此人的签名暂不被接受。须由两家机构的登记员各执行一次:\n"
            f"  archive-ledger key enrol {person.agent} --key {signer.key_sha256.hex()} --as 登记员",
            f"The key is not enrolled yet, so nothing that it signs is taken. Registrars of two "
            f"organisations must each run:\n"
            f"  archive-ledger key enrol {person.agent} --key {signer.key_sha256.hex()} --as REGISTRAR",
        )


def _present_key(call: Call, person: Person) -> bytes | None:
    from ledger.people import certificate

    present = certificate(call.home, person.agent)
    return present.key_sha256 if present is not None else None


def _state_key(call: Call, person: Person, signer: Signer, places: Path, before: bytes | None) -> bool | None:
    """Whether the key is enrolled now; None where no ledger here asks for it, or for a registrar's."""
    from api.opened import opened_ledger
    from api.registrars import enrol_by_both
    from ledger.paths import LedgerPaths

    if person.role == "registrar" or not LedgerPaths(call.home).settings.exists():
        return None
    with opened_ledger(call) as ledger:
        if not ledger.settings.enrolment:
            return None
        key = signer.key_sha256
        replaced = before if before != key else None
        return enrol_by_both(ledger, places, person.msp, person.agent, key, replaced)


def _new(call: Call, places: Path, name: str, duty: str, organisation: str | None, role: str) -> Person:
    from ledger.people import Person

    msp = _organisation(places, organisation)
    role = read_code("--role", role, ROLES)
    if not name.strip() or not name.isprintable() or len(name) > 100:
        raise CommandError(
            "USAGE_VALUE",
            "--name 须为一行不超过 100 字的姓名。",
            "--name must be one line of at most 100 characters.",
        )
    _refuse_same_name(call, name, msp)
    return Person(str(uuid.uuid4()), msp, role, name, duty)


def _organisation(places: Path, given: str | None) -> str:
    """The id of the organisation of this id or name. Raises CommandError USAGE_MISSING, ORGANISATION_UNKNOWN.

    Where no network was made nothing is known of organisations: that is told when a certificate is asked for.
    """
    known = _organisations(places)
    if not known:
        if given is None:
            raise CommandError(
                "USAGE_MISSING", "缺少 --organisation(所属机构)。", "--organisation is missing."
            )
        return given
    zh = "".join(f"\n  {msp}  {words.zh}" for msp, words in known.items())
    en = "".join(f"\n  {msp}  {words.en}" for msp, words in known.items())
    if given is None:
        raise CommandError(
            "USAGE_MISSING",
            f"缺少 --organisation(所属机构)。本网络的机构:{zh}",
            f"--organisation is missing. The network's organisations:{en}",
        )
    said = given.strip().lower()
    for msp, words in known.items():
        if said in (msp.lower(), words.zh, words.en.lower()):
            return msp
    raise CommandError(
        "ORGANISATION_UNKNOWN",
        f"没有“{given}”这个机构。--organisation 写代号或全称,本网络的机构:{zh}",
        f"There is no organisation '{given}'. --organisation takes an id or a name; there are:{en}",
    )


def _organisations(places: Path) -> dict[str, Words]:
    """The organisations of the network made there, by id; none if none was."""
    from network.consortium import read_consortium
    from network.layout import layout

    path = layout(places).consortium
    if not path.is_file():
        return {}
    return {one.msp: Words(one.name.zh, one.name.en) for one in read_consortium(path).organisations}


def _named(places: Path, msp: str) -> str:
    words = _organisations(places).get(msp)
    return text(words.zh, words.en) if words is not None else msp


def _refuse_same_name(call: Call, name: str, organisation: str) -> None:
    """People are named in commands, so a name is given once in an organisation."""
    from ledger.people import certificate, list_people

    for one in list_people(call.home):
        if (one.name, one.msp) != (name, organisation):
            continue
        if certificate(call.home, one.agent) is None:
            # An enrolment that was interrupted before its certificate came: that key never signed anything.
            shutil.rmtree(call.home / "people" / one.agent)
            continue
        raise CommandError(
            "PERSON_NAMED",
            f"{organisation} 已登记过“{name}”。换证请用 --renew;确是另一人,请在姓名后加以区分。",
            f"{organisation} already has '{name}'. To renew use --renew; another person needs another name.",
        )


def _renewed(call: Call, name: str) -> Person:
    from ledger.people import find_person

    return find_person(call.home, name)


@dataclass(frozen=True)
class _Wanted:
    """`ca`: data folder of the network whose person CA issues; `days` the certificate lasts."""

    ca: Path
    days: int
    renew: bool
    new_key: bool


def _certify(call: Call, person: Person, passphrase_file: Path | None, wanted: _Wanted) -> Signer:
    from ledger import people as kept
    from network.ca import load_authority
    from network.errors import NetworkError
    from network.layout import layout
    from network.people import issue_person_certificate

    # Before a key is made: an organisation that is not here cannot certify it.
    load_authority(layout(wanted.ca), person.msp, "person")
    secret = passphrase(passphrase_file, new=not wanted.renew or wanted.new_key, whose=person.name)
    if wanted.renew:
        request = kept.renew(call.home, person.agent, secret, new_key=wanted.new_key)
    else:
        request = kept.enrol(call.home, person, secret)
    try:
        pem = issue_person_certificate(wanted.ca, person.msp, request, person.agent, person.role, wanted.days)
    except NetworkError:
        if not wanted.renew:
            # A key that nobody certified is of no use, and its person can be enrolled again.
            shutil.rmtree(call.home / "people" / person.agent)
        raise
    return kept.install_certificate(call.home, person.agent, pem)


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
        (p.name, p.duty, _named(call.home, p.msp), _role(p.role), p.agent, *_validity(signer))
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
