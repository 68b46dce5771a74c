"""`enrol`: a person's key, its certificate, and on one machine the registrars' word and the appointments."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.codes import ID, listed, read_code, read_form
from api.conventions import Call, add_command
from api.errors import CommandError
from api.language import text
from api.passphrase import PassphraseFile, passphrase
from api.people_command import ROLES, named, organisations, person_json
from verifier.duties import duty_words
from verifier.errors import CallerError

if TYPE_CHECKING:
    from ledger.people import Person
    from verifier.certificate import Signer

DEFAULT_DAYS = 730


def add_to(app: typer.Typer) -> None:
    add_command(
        app,
        "enrol",
        enrol,
        "登记人员:建立加密密钥,取得签名证书,登记密钥并任职",
        "Enrol a person: make a key, get its certificate, enrol the key and appoint",
    )


def enrol(
    call: Call,
    name: Annotated[
        str,
        typer.Option("--name", help=text("姓名(只留在本机和附项中)", "name, kept here and in disclosures")),
    ],
    duty: Annotated[
        list[str] | None,
        typer.Option(
            "--duty",
            metavar=text("职责", "DUTY"),
            help=text("任职的职责,代码或中文名,可多次", "duty to appoint to: code or name; may be repeated"),
        ),
    ] = None,
    unit: Annotated[
        str | None,
        typer.Option(
            "--unit",
            metavar=text("单位", "UNIT"),
            help=text("部门、村、站所:代码、名称或编号", "department, village or station: code, name or id"),
        ),
    ] = None,
    title: Annotated[
        str | None,
        typer.Option(
            "--title",
            help=text("职务名称(写入附项;默认为职责名)", "title, for disclosures (default: the duty's name)"),
        ),
    ] = None,
    organisation: Annotated[
        str | None,
        typer.Option(
            "--organisation",
            metavar=text("机构", "ORGANISATION"),
            help=text("所属机构:代号或名称", "the organisation: id or name"),
        ),
    ] = None,
    role: Annotated[
        str,
        typer.Option(
            "--role",
            metavar=text("代码", "CODE"),
            help=text("证书角色:", "role: ") + text(*listed(ROLES)),
        ),
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
    lost: Annotated[
        bool,
        typer.Option(
            "--lost",
            help=text(
                "设备遗失或口令忘记:重新登记,原有密钥全部撤销",
                "device or passphrase lost: a new key; all the old ones are revoked",
            ),
        ),
    ] = False,
    agent: Annotated[
        str | None,
        typer.Option(
            "--agent",
            metavar="ID",
            help=text(
                "与 --lost 同用:此人原在别的设备,沿用原编号", "with --lost: the id had on another device"
            ),
        ),
    ] = None,
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
    codes = tuple(dict.fromkeys(read_code("--duty", one, duty_words()) for one in duty or ()))
    _check_options(renew=renew, lost=lost, agent=agent, unit=unit, duties=codes)
    known = read_form("--agent", agent, ID)
    wanted = _Wanted(places, days, renew or lost, new_key or lost, lost)
    if known is None and (renew or lost):
        person = _renewed(call, name)
    else:
        said = title if title is not None else "、".join(duty_words()[code].zh for code in codes)
        person = _new(call, places, name, said, organisation, role, known)
        wanted = _Wanted(places, days, False, False, lost)
    before = _present_key(call, person)
    signer = _certify(call, person, passphrase_file, wanted)
    stated = _state(call, person, signer, wanted, before, codes, unit)
    call.out.document({"person": person_json(person, signer), "key_enrolled": stated, "duties": list(codes)})
    _tell(call, person, signer, places)
    _tell_state(call, person, signer, stated, codes, unit, anew=renew or lost)
    if lost and stated:
        call.out.say("原有密钥都已撤销(密钥丢失)。", "All the old keys are revoked, as lost.")


def _check_options(
    *, renew: bool, lost: bool, agent: str | None, unit: str | None, duties: Sequence[str]
) -> None:
    if renew and lost:
        raise CommandError(
            "USAGE_VALUE",
            "--renew 与 --lost 只能用一个:有旧密钥用 --renew,没有了用 --lost。",
            "--renew and --lost exclude each other: --renew while the old key is there, --lost if it is not.",
        )
    if agent is not None and not lost:
        raise CommandError("USAGE_VALUE", "--agent 只与 --lost 同用。", "--agent goes with --lost only.")
    if unit is not None and not duties:
        raise CommandError(
            "USAGE_VALUE",
            "--unit 须与 --duty 同用:写明在该部门或村任什么职。",
            "--unit goes with --duty: say which duty it is in that department or village.",
        )


def _tell(call: Call, person: Person, signer: Signer, places: Path) -> None:
    organised = named(places, person.msp)
    call.out.say(
        f"已为 {person.name}({person.duty or '未填职务'},{organised})建立密钥,编号 {person.agent},"
        f"证书有效至 {signer.not_after:%Y-%m-%d}。",
        f"{person.name} ({person.duty or 'no title given'}, {organised}) has a key, as {person.agent}; "
        f"the certificate lasts until {signer.not_after:%Y-%m-%d}.",
    )


def _tell_state(
    call: Call,
    person: Person,
    signer: Signer,
    stated: bool | None,
    duties: Sequence[str],
    unit: str | None,
    *,
    anew: bool,
) -> None:
    if person.role == "registrar":
        call.out.say(
            "登记员的密钥不须登记;其证书由本机构的人员 CA 签发。",
            "A registrar's key needs no enrolment: the organisation's person CA vouches for it.",
        )
        return
    words = [duty_words()[code] for code in duties]
    zh, en = "、".join(one.zh for one in words), ", ".join(one.en for one in words)
    if stated:
        call.out.say(
            "密钥已由两家机构的登记员登记(本机运行全部机构,登记员的密钥也在本机,由本命令代签)。",
            "Registrars of two organisations have enrolled the key: this machine runs all organisations and "
            "holds their registrars' keys, so this command signed for both.",
        )
        if duties:
            call.out.say(f"已任职:{zh}。", f"Appointed: {en}.")
        elif anew:
            call.out.say(
                "职务属于本人,不随密钥改变:原有任职照旧(见 archive-ledger duty list)。",
                "Duties are the person's, not the key's: those held stay (archive-ledger duty list).",
            )
        else:
            call.out.say(
                "尚未任职;办理业务前请执行 archive-ledger duty appoint。",
                "Appointed to nothing yet; before working: archive-ledger duty appoint",
            )
        return
    key = signer.key_sha256.hex()
    steps = [f"archive-ledger key enrol {person.agent} --key {key} --as"]
    place = f" --unit {unit}" if unit else ""
    steps += [f"archive-ledger duty appoint {person.agent} {code}{place} --as" for code in duties]
    if stated is None:
        call.out.say(
            "本机还没有存证总账,密钥还未登记。建账(init)后请对此人再执行 enrol --renew。",
            "There is no ledger here yet, so the key is not enrolled. After init: enrol --renew for each",
        )
        return
    call.out.say(
        "密钥还未登记,此人的签名暂不被接受。第一步须由两家机构的登记员各执行一次:"
        + "".join(f"\n  {step} 登记员" for step in steps),
        "The key is not enrolled yet, so nothing that it signs is taken. Registrars of two organisations "
        "must each run the first step:" + "".join(f"\n  {step} REGISTRAR" for step in steps),
    )


@contextmanager
def _kept_if_enrolled(call: Call, person: Person, wanted: _Wanted) -> Iterator[None]:
    """A new key that the ledger refuses is of no use, and its person can be enrolled again."""
    try:
        yield
    except (CallerError, CommandError):
        if not wanted.renew:
            shutil.rmtree(call.home / "people" / person.agent)
        raise


def _present_key(call: Call, person: Person) -> tuple[bytes, ...]:
    from ledger.people import certificate

    present = certificate(call.home, person.agent)
    return (present.key_sha256,) if present is not None else ()


def _state(
    call: Call,
    person: Person,
    signer: Signer,
    wanted: _Wanted,
    before: tuple[bytes, ...],
    duties: tuple[str, ...],
    unit: str | None,
) -> bool | None:
    """Whether the key is enrolled now; None where there is no ledger here, or for a registrar's."""
    from api.opened import opened_ledger
    from api.registrars import Newcomer, enrol_by_both
    from api.units_command import unit_named
    from ledger.enrol_key import keys_of
    from ledger.paths import LedgerPaths

    if person.role == "registrar" or not LedgerPaths(call.home).settings.exists():
        return None
    reason = "key_lost" if wanted.lost else "replaced"
    with opened_ledger(call) as ledger, _kept_if_enrolled(call, person, wanted):
        # Whoever lost a device had perhaps several keys on it; who renews one may have others elsewhere.
        replaced = tuple(keys_of(ledger, person.agent).enrolments) if wanted.lost else before
        place = unit_named(ledger, unit)
        newcomer = Newcomer(person.agent, person.msp, signer.key_sha256, replaced, reason, duties, place)
        return enrol_by_both(ledger, wanted.ca, [newcomer])


def _new(
    call: Call, places: Path, name: str, title: str, organisation: str | None, role: str, agent: str | None
) -> Person:
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
    return Person(agent or str(uuid.uuid4()), msp, role, name, title)


def _organisation(places: Path, given: str | None) -> str:
    """The id of the organisation of this id or name. Raises CommandError USAGE_MISSING, ORGANISATION_UNKNOWN.

    Where no network was made nothing is known of organisations: that is told when a certificate is asked for.
    """
    known = organisations(places)
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
            f"{organisation} 已登记过“{name}”。换证请用 --renew,设备遗失用 --lost;"
            "确是另一人,请在姓名后加以区分。",
            f"{organisation} already has '{name}'. To renew use --renew, after a loss --lost; another person "
            "needs another name.",
        )


def _renewed(call: Call, name: str) -> Person:
    from ledger.people import find_person

    return find_person(call.home, name)


@dataclass(frozen=True)
class _Wanted:
    """`ca`: data folder of the network whose person CA issues; `days` the certificate lasts. `lost`: the old
    key cannot be used any more."""

    ca: Path
    days: int
    renew: bool
    new_key: bool
    lost: bool


def _certify(call: Call, person: Person, passphrase_file: Path | None, wanted: _Wanted) -> Signer:
    from ledger import people as kept
    from network.ca import load_authority
    from network.errors import NetworkError
    from network.layout import layout
    from network.people import issue_person_certificate

    # Before a key is made: an organisation that is not here cannot certify it.
    load_authority(layout(wanted.ca), person.msp, "person")
    secret = passphrase(passphrase_file, new=not wanted.renew or wanted.new_key, whose=person.name)
    if not wanted.renew:
        request = kept.enrol(call.home, person, secret)
    elif wanted.lost:
        request = kept.replace_lost(call.home, person.agent, secret)
    else:
        request = kept.renew(call.home, person.agent, secret, new_key=wanted.new_key)
    try:
        pem = issue_person_certificate(wanted.ca, person.msp, request, person.agent, person.role, wanted.days)
    except NetworkError:
        if not wanted.renew:
            # A key that nobody certified is of no use, and its person can be enrolled again.
            shutil.rmtree(call.home / "people" / person.agent)
        raise
    return kept.install_certificate(call.home, person.agent, pem)
