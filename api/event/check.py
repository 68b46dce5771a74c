"""Whether the catalogue admits an act, known before the passphrase is asked and anything is kept.

The draft is signed with a key made for the moment and thrown away: so what is judged is exactly a statement.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Sequence

from cryptography.hazmat.primitives.asymmetric import ec

from api.codes import listed
from api.errors import CommandError
from api.event.request import option_of
from api.failure import refused
from ledger.keys import SigningKey
from ledger.people import Person
from ledger.submission import Submission
from verifier.catalogue import catalogue, event, field_words
from verifier.conformity import check_event
from verifier.errors import EvidenceError
from verifier.item import parse_item
from verifier.report import Reason
from verifier.statement import parse_statement

# What they take, where it is no code.
_TAKES = {
    "answers": (
        "last(所答复的上一步;也可写行为或摘要)",
        "last (the step answered; or an event, or a digest)",
    ),
    "due": ("日期", "DATE"),
    "duty": ("职责", "DUTY"),
    "files": ("文件", "FILE"),
    "key": ("密钥指纹", "FINGERPRINT"),
    "pages": ("页数", "NUMBER"),
    "uses": ("次数", "NUMBER"),
}


def refuse_unless_admitted(
    person: Person, kinds: Collection[str] | None, sign: Callable[[SigningKey], Submission]
) -> None:
    """Raises CommandError EVENT_REFUSED naming every claim that is missing, unknown or not allowed."""
    throwaway = SigningKey(
        person.agent,
        person.msp,
        person.role,
        ec.generate_private_key(ec.SECP256R1()),
        b"no certificate",
        datetime.datetime.now(datetime.UTC),
    )
    try:
        submission = sign(throwaway)
        statement = parse_statement(submission.statement)
        items = [parse_item(item.data, number) for number, item in enumerate(submission.items)]
    except EvidenceError as error:
        raise refused([Reason(error.code, error.at, error.expected, error.found)]) from error
    reasons = check_event(statement, items, person.role, kinds)
    if reasons:
        raise _with_what_to_write(refused(reasons), statement.event, reasons)


def _with_what_to_write(error: CommandError, name: str, reasons: Sequence[Reason]) -> CommandError:
    """The refusal, and below it the options that are missing, with what they take."""
    spec, zh, en = event(name), [], []
    if spec is None:
        return error
    for reason in dict.fromkeys((reason.code, reason.expected) for reason in reasons):
        code, missing = reason
        if code == "EVENT_FIELD_MISSING":
            words = field_words(missing)
            zh.append(f"--field {words.zh if words else missing}=…")
            en.append(f"--field {missing}=...")
        elif code == "EVENT_CLAIM_MISSING":
            table = catalogue().codes.get(missing, {})
            values = listed({code: table[code] for code in table if code in spec.codes.get(missing, ())})
            option = option_of(missing)
            takes = _TAKES.get(missing, ("…", "..."))
            zh.append(f"{option} {values[0] or takes[0]}")
            en.append(f"{option} {values[1] or takes[1]}")
    zh = [f"须补上:{'  '.join(zh)}"] if zh else []
    en = [f"To be added: {'  '.join(en)}"] if en else []
    zh.append(f"全部选项见 archive-ledger events {spec.words.zh}")
    en.append(f"All options: archive-ledger events {name}")
    return CommandError(error.code, "\n  ".join((error.zh, *zh)), "\n  ".join((error.en, *en)), error.exit)
