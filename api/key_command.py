"""`archive-ledger key`: whose key a key is, stated by registrars of two organisations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.codes import FINGERPRINT, read_code, read_form
from api.conventions import Call, add_command
from api.dates import read_date
from api.errors import CommandError
from api.event_options import option_help
from api.language import text
from api.opened import opened_ledger
from api.passphrase import PassphraseFile
from api.proof_words import moment
from api.signer import As, signer, unlocked
from verifier.catalogue import Words, catalogue
from verifier.people import ENROL, REVOKE
from verifier.shape import UUID

if TYPE_CHECKING:
    from ledger.enrol_key import KeyChange
    from ledger.handle import Ledger


def _reasons() -> dict[str, Words]:
    words = catalogue().codes["reason"]
    return {one: words[one] for one in catalogue().reason_sets["key"]}


Whose = Annotated[
    str,
    typer.Argument(metavar=text("人员", "PERSON"), help=text("姓名或编号", "whose key: name or id")),
]
Key = Annotated[
    str | None,
    typer.Option(
        "--key",
        metavar="SHA256",
        help=text("密钥指纹;此人在本机时可省略", "its fingerprint; needless for somebody enrolled here"),
    ),
]


def key_commands() -> typer.Typer:
    app = typer.Typer(
        name="key",
        help=text("密钥登记、撤销(两家机构的登记员各签一份)", "Keys, enrolled and revoked by two registrars"),
        no_args_is_help=True,
    )
    add_command(
        app,
        "enrol",
        enrol_key,
        "登记一把密钥:两家机构的登记员各执行一次才算数",
        "State whose key a key is; counts once registrars of two organisations did",
    )
    add_command(
        app,
        "revoke",
        revoke_key,
        "撤销一把密钥:两家机构的登记员各执行一次才算数",
        "Take a key out of use; counts once registrars of two organisations did",
    )
    add_command(app, "list", list_keys, "列出登记过的密钥", "List the keys ever enrolled")
    return app


def enrol_key(
    call: Call, whose: Whose, named: As, key: Key = None, passphrase_file: PassphraseFile = None
) -> None:
    from ledger.enrol_key import KeyChange

    subject, fingerprint = _whose(call, whose, key)
    _state(call, named, KeyChange(ENROL, subject, fingerprint), passphrase_file)


def revoke_key(
    call: Call,
    whose: Whose,
    named: As,
    reason: Annotated[
        str, typer.Option("--reason", metavar=text("代码", "CODE"), help=option_help("reason", _reasons()))
    ],
    since: Annotated[
        str | None,
        typer.Option(
            "--compromised-since",
            metavar=text("日期", "DATE"),
            help=text("何时起可能被人冒用", "from when on somebody else may have signed with it"),
        ),
    ] = None,
    key: Key = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    from ledger.enrol_key import KeyChange

    code = read_code("--reason", reason, _reasons())
    subject, fingerprint = _whose(call, whose, key)
    change = KeyChange(REVOKE, subject, fingerprint, code, read_date(since, "--compromised-since"))
    _state(call, named, change, passphrase_file)


def _whose(call: Call, whose: str, key: str | None) -> tuple[str, bytes]:
    """Agent, and SHA-256 of the key. Raises CommandError KEY_UNSTATED, CallerError PERSON_UNKNOWN."""
    from ledger.people import certificate

    given = read_form("--key", key, FINGERPRINT)
    if UUID.match(whose) and given is not None:
        return whose, bytes.fromhex(given)
    person = signer(call, whose)
    if given is not None:
        return person.agent, bytes.fromhex(given)
    present = certificate(call.home, person.agent)
    if present is None:
        raise CommandError(
            "KEY_UNSTATED",
            f"本机没有 {person.name} 的证书,请用 --key 写明密钥指纹。",
            f"There is no certificate of {person.name} here: name the key's fingerprint with --key.",
        )
    return person.agent, present.key_sha256


def _state(call: Call, named: str, change: KeyChange, passphrase_file: PassphraseFile) -> None:
    from ledger.enrol_key import state_key

    registrar = signer(call, named)
    if registrar.role != "registrar":
        raise CommandError(
            "KEY_NOT_REGISTRAR",
            f"{registrar.name} 不是登记员。密钥由登记员登记、撤销(enrol --role registrar)。",
            f"{registrar.name} is no registrar. Keys are the registrars' matter (enrol --role registrar).",
        )
    signing = unlocked(call, registrar, passphrase_file)
    with opened_ledger(call) as ledger:
        accepted, counts = state_key(ledger, signing, registrar.name, change)
    call.out.document(
        {
            "event": change.event,
            "subject": change.subject,
            "key": change.key.hex(),
            "statement": accepted.statement.hex(),
            "counts": counts,
        }
    )
    what = text("登记", "enrolled") if change.event == ENROL else text("撤销", "revoked")
    if counts:
        call.out.say(f"密钥已{what}(两家机构各签一份)。", f"The key is {what}: two organisations say so.")
    else:
        call.out.say(
            "已签第一份。还须另一家机构的登记员用同样的命令签第二份,才算数。",
            "This is the first of two. A registrar of another organisation must give the same command.",
        )


def list_keys(call: Call) -> None:
    from api.named_subjects import people_named, person
    from api.names import known_organisations, organisation

    with opened_ledger(call) as ledger:
        rows = _rows(ledger)
        people = people_named(ledger, call.home, [str(row["subject"]) for row in rows])
        names = known_organisations(ledger.settings.connection_path(ledger.paths.home))
    call.out.document({"keys": rows})
    heads = (
        ("人员", "person"),
        ("机构", "organisation"),
        ("密钥", "key"),
        ("登记", "enrolled"),
        ("撤销", "revoked"),
    )
    shown = [
        (
            person(str(row["subject"]), people),
            organisation(str(row["organisation"]), names),
            str(row["key"])[:16],
            _when(row["enrolled_at"]),
            _when(row["revoked_at"]),
        )
        for row in rows
    ]
    call.out.table(heads, shown)


def _when(time: object) -> str:
    return moment(str(time)) if time else "-"


def _rows(ledger: Ledger) -> list[dict[str, object]]:
    from ledger.people_trails import all_acts
    from ledger.store.engine import reading
    from verifier.keys import KeyAct, Keys

    with reading(ledger.engine) as connection:
        acts = [act for act in all_acts(connection) if isinstance(act, KeyAct)]
    rows: list[dict[str, object]] = []
    for subject in dict.fromkeys(act.subject for act in acts):
        keys = Keys(act for act in acts if act.subject == subject)
        for key, held in keys.enrolments.items():
            gone = held.revoked
            rows.append(
                {
                    "subject": subject,
                    "key": key.hex(),
                    "organisation": held.organisation,
                    "second": held.enrolled.second.iss,
                    "enrolled_at": held.enrolled.second.recorded_at,
                    "revoked_at": gone.second.recorded_at if gone else None,
                    "reason": gone.first.reason if gone else None,
                }
            )
        rows += [
            {
                "subject": subject,
                "key": act.key.hex(),
                "organisation": act.iss,
                "second": None,
                "enrolled_at": None,
                "revoked_at": None,
                "reason": act.reason,
            }
            for act in keys.waiting.values()
            if act.event == ENROL
        ]
    return rows
