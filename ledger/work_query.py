"""What waits for somebody: lists, things sent back, applications, loans, repairs, destructions."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from ledger.act_pages import acts
from ledger.destruction_query import DestructionRow, unwitnessed
from ledger.handle import Ledger
from ledger.handling import acts_before
from ledger.list_pages import ListPage, Who, list_page, waits_for
from ledger.list_turns import Turn, duties_for
from ledger.list_view import ListSummary
from ledger.loan_query import APPLIED, LATE, LoanRow, loan_page
from ledger.people_trails import acts_about
from ledger.query import record_row
from ledger.repair_query import UNCHECKED, RepairRow, repair_page
from ledger.store.engine import reading
from verifier.custody import past_of
from verifier.duties import DutyAct, duties_at
from verifier.people import DUTIES
from verifier.shape import instant_of

MOST = 50  # of each kind
_DECIDE = frozenset(["township_archivist", "authority_reviewer", "head"])
_LEND = frozenset(["township_archivist", "authority_reviewer", "counter_clerk"])
_CHECK = frozenset(["township_archivist", "authority_reviewer"])


@dataclass(frozen=True)
class BackRow:
    """A record that was sent back and not submitted again."""

    record: str
    number: str
    title: str
    list_id: str
    statement: str
    event: str
    reason: str
    occurred_at: str


@dataclass(frozen=True)
class Work:
    """At most MOST of each; `more`: the kinds of which there may be more."""

    lists: tuple[tuple[ListSummary, tuple[Turn, ...]], ...]
    sent_back: tuple[BackRow, ...]
    applications: tuple[LoanRow, ...]
    overdue: tuple[LoanRow, ...]
    repairs: tuple[RepairRow, ...]
    destructions: tuple[DestructionRow, ...]
    more: tuple[str, ...]


def work_of(ledger: Ledger, who: Who) -> Work:
    lists = list_page(ledger, MOST, None, lambda one: bool(waits_for(one, who)))
    back = list(_sent_back(ledger, who)) if who.duties.intersection(duties_for("resubmit")) else []
    asked = _loans(ledger, who, _DECIDE, APPLIED)
    # Nobody approves what they applied for.
    asked = tuple(one for one in asked if one.agent != who.agent)
    late = _loans(ledger, who, _LEND, LATE)
    repairs: tuple[RepairRow, ...] = ()
    if who.duties & _CHECK:
        page = repair_page(
            ledger,
            MOST,
            None,
            lambda one: one.state == UNCHECKED and one.agent != who.agent and one.iss == who.iss,
        )
        repairs = page.rows
    destroyed = list(itertools.islice(unwitnessed(ledger, who), MOST + 1))
    full = {"lists": _full(lists), "sent_back": len(back) > MOST}
    full |= {
        "applications": len(asked) >= MOST,
        "overdue": len(late) >= MOST,
        "repairs": len(repairs) >= MOST,
        "destructions": len(destroyed) > MOST,
    }
    return Work(
        lists=tuple((one, waits_for(one, who)) for one in lists.rows),
        sent_back=tuple(back[:MOST]),
        applications=asked,
        overdue=late,
        repairs=repairs,
        destructions=tuple(destroyed[:MOST]),
        more=tuple(name for name, more in full.items() if more),
    )


def _full(page: ListPage) -> bool:
    return page.next is not None


def _loans(ledger: Ledger, who: Who, duties: frozenset[str], state: str) -> tuple[LoanRow, ...]:
    """Of records that are lent by the office of whoever asks: of the ledger's operator."""
    if not who.duties & duties or who.iss != ledger.settings.operator:
        return ()
    return loan_page(ledger, MOST, None, lambda one: one.state == state).rows


def _sent_back(ledger: Ledger, who: Who) -> Iterator[BackRow]:
    """From lists that this person, or somebody of the same unit, had fixed."""
    now = instant_of(ledger.now())
    with reading(ledger.engine) as connection:
        seen: set[str] = set()
        units: dict[str, frozenset[str]] = {}
        for key in acts(connection, {"item.return", "list.return"}):
            if key.record in seen or len(seen) > 500:
                continue
            seen.add(key.record)
            on_record = acts_before(connection, [key.record]).get(key.record, [])
            fixed = [act for act in on_record if act.statement.event == "list.freeze"]
            if past_of(on_record).states["transfer"] != "returned" or not fixed:
                continue
            clerk = fixed[-1].statement
            if clerk.agent not in units:
                about = acts_about(connection, DUTIES, [clerk.agent], 2**62)[clerk.agent]
                held = duties_at((one for one in about if isinstance(one, DutyAct)), 2**62, now)
                units[clerk.agent] = frozenset(one.unit for one in held if one.unit is not None)
            if clerk.agent != who.agent and units[clerk.agent].isdisjoint(who.units):
                continue
            back = [act for act in on_record if act.statement.event in ("item.return", "list.return")][-1]
            named = record_row(connection, key.record)
            yield BackRow(
                record=key.record,
                number=named.number,
                title=named.title,
                list_id=clerk.list.id if clerk.list else "",
                statement=back.statement.digests.sha256.hex(),
                event=back.statement.event,
                reason=back.claims.reason or "",
                occurred_at=back.claims.occurred_at or back.statement.occurred_at,
            )
