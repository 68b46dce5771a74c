"""Borrowing and access: applications and loans, each as it stands now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from ledger.act_pages import ActKey, Page, acts, page_of
from ledger.handle import Ledger
from ledger.handling import acts_before
from ledger.query import record_row
from ledger.steps import steps
from ledger.store.engine import reading
from verifier.acts import Act
from verifier.clock import is_over
from verifier.custody import Past, past_of
from verifier.custody_approval import APPLY
from verifier.custody_loan import LEND, OVERDUE, RENEW, RETURN, remember_loan
from verifier.custody_past import Application, digest
from verifier.custody_tables import tables
from verifier.shape import instant_of

RECALL = "borrow.recall"
# Of an application; of a loan.
APPLIED, APPROVED, REFUSED = "applied", "approved", "refused"
OUT, LATE, RETURNED = "out", "overdue", "returned"
STATES = (APPLIED, APPROVED, REFUSED, OUT, LATE, RETURNED)
_OPENING = {APPLY, LEND}


@dataclass(frozen=True)
class LoanRow:
    """An application (`event` access.apply) or a loan (borrow.out); `statement` is its SHA-256, hex.

    `answered`: what an act on it answers. `due`: the last day of the loan, or of the approval. `uses`: how
    many the approval answers for, and how many it was `used`; None where they are not counted. `renewals`:
    done; `renewals_left`. `overdue_stated`, `recalled`: since it was last lent or renewed. `reason`: of a
    refusal; `outcome`, `closed_at`: of the return, or when the application was decided. `said`: fields
    disclosed.
    """

    statement: str
    event: str
    record: str
    number: str
    title: str
    state: str
    agent: str
    iss: str
    occurred_at: str
    answered: str
    basis: str | None
    due: str | None
    uses: int | None
    used: int | None
    renewals: int
    renewals_left: int
    overdue_stated: bool
    recalled: bool
    reason: str | None
    outcome: str | None
    closed_at: str | None
    said: dict[str, str]


@dataclass(frozen=True)
class Standing:
    """How an application or a loan stands, by the acts on its record."""

    state: str
    answered: str
    due: str | None = None
    uses: int | None = None
    used: int | None = None
    renewals: int = 0
    overdue_stated: bool = False
    recalled: bool = False
    reason: str | None = None
    outcome: str | None = None
    closed_at: str | None = None


def loan_page(
    ledger: Ledger,
    limit: int,
    after: tuple[int, int] | None,
    fits: Callable[[Standing], bool],
    record: str | None = None,
    agent: str | None = None,
) -> Page[LoanRow]:
    """`agent`: only what this person signed."""
    now = instant_of(ledger.now())
    with reading(ledger.engine) as connection:

        def row(key: ActKey) -> LoanRow | None:
            if record not in (None, key.record):
                return None
            standing = _standing(connection, key, now)
            found = _row(connection, key, standing) if standing and fits(standing) else None
            return found if found is not None and agent in (None, found.agent) else None

        return page_of(connection, _OPENING, limit, after, row)


def overdue_unstated(ledger: Ledger) -> tuple[tuple[str, str, str], ...]:
    """(record, what to answer, due) of each loan that is overdue, and of which nobody has stated it."""
    now = instant_of(ledger.now())
    found = []
    with reading(ledger.engine) as connection:
        seen: set[str] = set()
        for key in acts(connection, {LEND, RETURN}):
            # The newest of the two says whether the record is out.
            if key.record in seen:
                continue
            seen.add(key.record)
            standing = _standing(connection, key, now) if key.event == LEND else None
            if (
                standing is not None
                and standing.state == LATE
                and not standing.overdue_stated
                and standing.due
            ):
                found.append((key.record, standing.answered, standing.due))
    return tuple(found)


def _standing(connection: Connection, key: ActKey, now: str) -> Standing | None:
    on_record = acts_before(connection, [key.record]).get(key.record, [])
    places = [n for n, act in enumerate(on_record) if act.statement.digests.sha256.hex() == key.sha256]
    if not places:
        return None
    if key.event == APPLY:
        opening = on_record[places[0]]
        return application(next(one for one in past_of(on_record).applications if one.opening is opening))
    return loan(on_record[places[0]], on_record[places[0] + 1 :], now)


def application(one: Application) -> Standing:
    """As the fold of handling has it, which also judges whether it still opens anything."""
    decision, own = one.decision, digest(one.opening).hex()
    if decision is None:
        return Standing(APPLIED, own)
    closed_at = decision.claims.occurred_at or decision.statement.occurred_at
    if one.refused:
        return Standing(REFUSED, own, reason=decision.claims.reason, closed_at=closed_at)
    return Standing(
        APPROVED,
        digest(decision).hex(),
        one.until,
        uses=one.most,
        used=None if one.most is None else one.used,
        outcome=decision.claims.outcome,
        closed_at=closed_at,
    )


def loan(opening: Act, later: Sequence[Act], now: str) -> Standing:
    """`later`: the acts on the record after it was lent; those after its return are of other loans."""
    answered, past = opening, Past()
    remember_loan(past, opening)
    stated = recalled = False
    for act in later:
        event = act.statement.event
        if event in (RETURN, LEND):
            return Standing(
                RETURNED,
                digest(answered).hex(),
                past.due,
                renewals=past.renewals,
                outcome=act.claims.outcome,
                closed_at=act.claims.occurred_at or act.statement.occurred_at,
            )
        remember_loan(past, act)
        if event == RENEW:
            answered, stated, recalled = act, False, False
        stated |= event == OVERDUE
        recalled |= event == RECALL
    return Standing(
        LATE if past.due is not None and is_over(past.due, now) else OUT,
        digest(answered).hex(),
        past.due,
        renewals=past.renewals,
        overdue_stated=stated,
        recalled=recalled,
    )


def _row(connection: Connection, key: ActKey, standing: Standing) -> LoanRow:
    step, named = steps(connection, [(key.id, key.number)])[0], record_row(connection, key.record)
    return LoanRow(
        statement=key.sha256,
        event=key.event,
        record=key.record,
        number=named.number,
        title=named.title,
        state=standing.state,
        agent=step.agent,
        iss=step.iss,
        occurred_at=step.occurred_at,
        answered=standing.answered,
        basis=step.basis,
        due=standing.due,
        uses=standing.uses,
        used=standing.used,
        renewals=standing.renewals,
        renewals_left=max(0, tables().renewals - standing.renewals) if key.event == LEND else 0,
        overdue_stated=standing.overdue_stated,
        recalled=standing.recalled,
        reason=standing.reason,
        outcome=standing.outcome,
        closed_at=standing.closed_at,
        said=dict(step.shown),
    )
