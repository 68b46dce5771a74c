"""What the service's schedule states of loans: that one is overdue. Once for each due day, by its own key."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.accept import SubmissionsRefusedError, accept
from ledger.handle import Ledger
from ledger.keys import SigningKey
from ledger.loan_query import overdue_unstated
from ledger.membership import Membership, person_cas
from ledger.sign import Draft, sign_statement
from verifier.custody_loan import OVERDUE
from verifier.shape import instant_of


@dataclass(frozen=True)
class Stated:
    record: str
    due: str
    statement: str


def state_overdue(ledger: Ledger, key: SigningKey, membership: Membership = person_cas) -> tuple[Stated, ...]:
    """Raises what `accept` raises, once everything else is stated: one loan that cannot be must not keep the
    others out. What somebody returned or stated meanwhile is left to them."""
    done, failed = [], None
    for record, answered, due in overdue_unstated(ledger):
        draft = Draft(
            OVERDUE,
            f"{instant_of(ledger.now())[:19]}Z",
            record=record,
            due=due,
            answers=(bytes.fromhex(answered),),
        )
        try:
            (accepted,) = accept(ledger, [sign_statement(key, ledger.origin, draft)], membership)
        except SubmissionsRefusedError as error:
            gone = {reason.code for refusal in error.refusals for reason in refusal.reasons}
            failed = failed if gone <= {"CUSTODY_LOAN_ORDER", "CUSTODY_ANSWERS"} else error
            continue
        done.append(Stated(record, due, accepted.statement.hex()))
    if failed is not None:
        raise failed
    return tuple(done)
