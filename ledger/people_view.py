"""Who has and had which duty. Somebody who left stays here: what they signed stays theirs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import Connection, select

from ledger.handle import Ledger
from ledger.people_trails import all_acts
from ledger.store.engine import reading
from ledger.store.tables import NO_ITEM, disclosure, statement
from verifier.clock import is_over
from verifier.duties import Duties, DutyAct
from verifier.errors import EvidenceError
from verifier.people import APPOINT
from verifier.shape import instant_of


@dataclass(frozen=True)
class Term:
    """A duty from an appointment to its end. `ended`: when it was ended by a statement, None if it was not;
    `until`: its last day, None without one. `stands`: now.
    """

    duty: str
    unit: str | None
    iss: str
    since: str
    until: str | None
    ended: str | None
    stands: bool


@dataclass(frozen=True)
class PersonView:
    """`name`: as last disclosed in what the person signed, empty if never. `terms`: newest first."""

    agent: str
    name: str
    terms: tuple[Term, ...]

    @property
    def now(self) -> tuple[Term, ...]:
        return tuple(one for one in self.terms if one.stands)


def people(ledger: Ledger) -> tuple[PersonView, ...]:
    """Everybody who ever had a duty, in the order of their first appointment."""
    now = instant_of(ledger.now())
    with reading(ledger.engine) as connection:
        acts = [act for act in all_acts(connection) if isinstance(act, DutyAct)]
        found = []
        for agent in dict.fromkeys(act.subject for act in acts):
            terms = _terms((act for act in acts if act.subject == agent), now)
            if terms:
                found.append(PersonView(agent, name_in(connection, agent), terms))
    return tuple(found)


def _terms(acts: Iterable[DutyAct], now: str) -> tuple[Term, ...]:
    """An act that breaks a rule counts for nothing, as in `verifier.duties`."""
    duties = Duties()
    terms: list[Term] = []
    for act in acts:
        try:
            duties.take(act)
        except EvidenceError:
            continue
        if act.event == APPOINT:
            # An appointment to what is held already puts another end to it.
            kept = [one for one in terms if not (_same(one, act) and _stands(one, act.time))]
            since = next((one.since for one in terms if one not in kept), act.time)
            terms = [*kept, Term(act.duty, act.unit, act.iss, since, act.due, None, True)]
        else:
            terms = [
                replace(one, ended=act.time) if _same(one, act) and _stands(one, act.time) else one
                for one in terms
            ]
    return tuple(replace(one, stands=_stands(one, now)) for one in reversed(terms))


def _same(term: Term, act: DutyAct) -> bool:
    return (term.duty, term.unit) == (act.duty, act.unit) and (act.event != APPOINT or term.iss == act.iss)


def _stands(term: Term, time: str) -> bool:
    return term.ended is None and (term.until is None or not is_over(term.until, time))


def name_in(connection: Connection, agent: str) -> str:
    """As last disclosed by the person; empty if never, or if it is not kept here."""
    query = (
        select(disclosure.c.value)
        .join(statement, statement.c.id == disclosure.c.statement_id)
        .where(
            statement.c.agent == agent,
            disclosure.c.item_number == NO_ITEM,
            disclosure.c.name == "agent_name",
            disclosure.c.value.is_not(None),
        )
        .order_by(statement.c.id.desc())
        .limit(1)
    )
    return connection.execute(query).scalar() or ""
