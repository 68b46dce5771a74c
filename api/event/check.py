"""Whether the catalogue admits an act, known before the passphrase is asked and anything is kept.

The draft is signed with a key made for the moment and thrown away: so what is judged is exactly a statement.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection

from cryptography.hazmat.primitives.asymmetric import ec

from api.failure import refused
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
