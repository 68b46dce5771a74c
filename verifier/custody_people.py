"""Nobody acts on two steps, or on their own work; an authorisation for the time has an end; duties."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from verifier.acts import Act
from verifier.custody_days import earliest, latest
from verifier.custody_past import Breach, Past
from verifier.custody_tables import SCAN, tables

# (agent, log index or None while pending) → the duties held then; None: not known.
Duties: TypeAlias = Callable[[str, "int | None"], "frozenset[str] | None"]
TEMPORARY = "temporary_authorisation"


def people_breaches(past: Past, act: Act) -> Iterator[Breach]:
    name, agent = act.statement.event, act.statement.agent
    did = sorted(mark for mark in tables().apart.get(name, ()) if agent in past.marks.get(mark, ()))
    if did:
        code = "CUSTODY_OWN_WORK" if did == [SCAN] else "CUSTODY_SAME_PERSON"
        yield Breach(code, "", f"{agent}: {' '.join(did)}")
    if name in tables().not_by_answered:
        events = tables().answers[name]
        if any(one.statement.agent == agent for one in past.answered(act, events)):
            yield Breach("CUSTODY_OWN_WORK", "", agent)
    if act.claims.basis == TEMPORARY:
        yield from _authorisation(act)


def _authorisation(act: Act) -> Iterator[Breach]:
    due, occurred = act.statement.due, act.claims.occurred_at or act.statement.occurred_at
    if due is None:
        yield Breach("CUSTODY_AUTHORISATION_UNDATED")
    elif earliest(occurred) > latest(due):
        yield Breach("CUSTODY_AUTHORISATION_ENDED", f"≤ {due}", occurred)


def duty_breach(act: Act, duties: Duties) -> tuple[bool, Breach | None]:
    """Whether the duty could be judged, and what is wrong. A temporary authorisation stands in its place."""
    wanted = tables().duties.get(act.statement.event)
    if wanted is None or act.claims.basis == TEMPORARY:
        return True, None
    held = duties(act.statement.agent, act.entry.index if act.entry else None)
    if held is None:
        return False, None
    if held & wanted:
        return True, None
    return True, Breach("CUSTODY_DUTY", " ".join(sorted(wanted)), " ".join(sorted(held)))
