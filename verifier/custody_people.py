"""Nobody acts on two steps, or on their own work; an authorisation for the time has an end; duties."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import TypeAlias

from verifier.acts import Act
from verifier.custody_days import earliest, latest
from verifier.custody_past import Breach, Past
from verifier.custody_tables import SCAN, tables
from verifier.duties import Held

# What the signer of an act (of a service's act of use: whom it served) held where it stands in the log, in
# the organisation that it is signed for. None: not known.
Duties: TypeAlias = Callable[[Act], "frozenset[Held] | None"]
TEMPORARY = "temporary_authorisation"
FREEZE, VILLAGE = "list.freeze", "review.village"


def people_breaches(past: Past, act: Act) -> Iterator[Breach]:
    name, agent = act.statement.event, act.statement.agent
    did = sorted(mark for mark in tables().apart.get(name, ()) if agent in past.marks.get(mark, ()))
    if did:
        code = "CUSTODY_OWN_WORK" if did == [SCAN] else "CUSTODY_SAME_PERSON"
        yield Breach(code, "", f"{agent}: {' '.join(did)}")
    if name in tables().not_by_answered:
        events = tables().answers[name]
        # An application may be somebody else's hand, for the one who now decides on it.
        answered = [one.statement for one in past.answered(act, events)]
        if any(agent in (one.agent, one.subject) for one in answered):
            yield Breach("CUSTODY_OWN_WORK", "", agent)
    if act.claims.basis == TEMPORARY:
        yield from _authorisation(act)


def _authorisation(act: Act) -> Iterator[Breach]:
    due, occurred = act.statement.due, act.claims.occurred_at or act.statement.occurred_at
    if due is None:
        yield Breach("CUSTODY_AUTHORISATION_UNDATED")
    elif earliest(occurred) > latest(due):
        yield Breach("CUSTODY_AUTHORISATION_ENDED", f"≤ {due}", occurred)


def duty_breaches(past: Past, act: Act, held: Collection[Held], wanted: frozenset[str]) -> Iterator[Breach]:
    """`wanted`: of these duties one. A duty for one department or village counts there alone.

    What a record belongs to is not in its acts. But who fixed its list may have been appointed for one
    village only: then whoever reviews it there is appointed for that one, or for all of them.
    """
    if act.claims.basis == TEMPORARY and act.statement.event in tables().temporary:
        return
    fitting = [one for one in held if one.duty in wanted]
    if not fitting:
        found = " ".join(sorted(one.duty for one in held))
        yield Breach("CUSTODY_DUTY", " ".join(sorted(wanted)), found)
    elif act.statement.event == VILLAGE and past.units:
        units = {one.unit for one in fitting}
        if None not in units and units.isdisjoint(past.units):
            yield Breach("CUSTODY_UNIT", " ".join(sorted(past.units)), " ".join(sorted(filter(None, units))))


def remember_units(past: Past, act: Act, held: Collection[Held] | None) -> None:
    if act.statement.event == FREEZE:
        fitting = [
            one.unit
            for one in held or ()
            if one.duty in tables().wanted(act.statement.event, act.claims.basis)
        ]
        past.units = frozenset() if None in fitting else frozenset(filter(None, fitting))
