"""Whether the catalogue admits an act, known before the passphrase is asked and anything is kept.

The draft is signed with a key made for the moment and thrown away: so what is judged is exactly a statement.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Sequence

from cryptography.hazmat.primitives.asymmetric import ec

from api.errors import CommandError, Exit
from api.failure import words_of
from ledger.keys import SigningKey
from ledger.people import Person
from ledger.submission import Submission
from verifier.conformity import check_event
from verifier.errors import EvidenceError
from verifier.item import parse_item
from verifier.report import Reason
from verifier.statement import parse_statement


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
        raise refused(reasons)


def refused(reasons: Sequence[Reason]) -> CommandError:
    """One error for several reasons, each with its words and facts."""
    zh, en = [], []
    for reason in reasons[:20]:
        words = words_of(reason.code)
        facts_zh = [("位置 ", reason.at), ("应为 ", reason.expected), ("实为 ", reason.found)]
        facts_en = [("at ", reason.at), ("expected ", reason.expected), ("found ", reason.found)]
        zh.append(f"  · {words[0]}({';'.join(k + v for k, v in facts_zh if v)})[{reason.code}]")
        en.append(f"  · {words[1]} ({'; '.join(k + v for k, v in facts_en if v)}) [{reason.code}]")
    more = len(reasons) - len(zh)
    if more > 0:
        zh.append(f"  · 另有 {more} 处")
        en.append(f"  · and {more} more")
    return CommandError(
        "EVENT_REFUSED",
        "这一行为不能登记:\n" + "\n".join(zh),
        "This act cannot be recorded:\n" + "\n".join(en),
        Exit.DATA,
    )
