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
    village only: then whoever acts on it by a village's duty is appointed for that one. A duty for all of an
    organisation is one for the lists that this organisation fixed, and so is its word for the time.
    """
    event, listing = act.statement.event, past.listing
    own = listing is None or listing.iss == act.statement.iss
    if act.claims.basis == TEMPORARY and event in tables().temporary and own:
        return
    fitting = [one for one in held if one.duty in wanted]
    on_list = listing is not None and event in tables().on_list | tables().of_list
    if not fitting:
        found = " ".join(sorted(one.duty for one in held))
        yield Breach("CUSTODY_DUTY", " ".join(sorted(wanted)), found)
    elif listing is not None and on_list and not any(_counts_there(one, past.units, own) for one in fitting):
        units = {one.unit for one in fitting}
        expected = " ".join(sorted(past.units)) or listing.iss
        yield Breach("CUSTODY_UNIT", expected, " ".join(sorted(filter(None, units))) or act.statement.iss)


def by_village(event: str) -> bool:
    """Whether it is an act on a list that a village's duty may be enough for: then it is asked which one."""
    if event not in tables().on_list | tables().of_list:
        return False
    asked = (duties for name, duties in tables().duties.items() if name.partition(" ")[0] == event)
    return not _village_duties().isdisjoint(frozenset().union(*asked))


def _counts_there(one: Held, units: Collection[str], own: bool) -> bool:
    """Whether a duty counts on a list that was fixed for these villages, or for all of an organisation."""
    if one.duty not in _village_duties():
        return True
    if one.unit is None:
        return own
    return not units or one.unit in units


def _village_duties() -> frozenset[str]:
    return tables().wanted(VILLAGE, None)


def remember_units(past: Past, act: Act, held: Collection[Held] | None) -> None:
    if act.statement.event == FREEZE:
        fitting = [
            one.unit
            for one in held or ()
            if one.duty in tables().wanted(act.statement.event, act.claims.basis)
        ]
        past.units = frozenset() if None in fitting else frozenset(filter(None, fitting))
