"""Who held which duty when one was asked for: by the trails `duties` that the evidence carries.

docs/formats.md section 9. Carried is, as of the anchor, the whole trail of whoever signed an act that section
17 asks a duty for, or signed an act of use or is its subject. What stands on it is signed, logged and linked
like everything else.
"""

from __future__ import annotations

import datetime

from verifier.acts import Act
from verifier.custody import Duties
from verifier.custody_approval import asked_of, taker
from verifier.custody_days import earliest, latest
from verifier.custody_tables import tables
from verifier.duties import Held, duties_at, duty_act
from verifier.parts import Parts
from verifier.people import DUTIES
from verifier.people_acts import acts_by_subject, places_of
from verifier.shape import datetime_of, instant_of
from verifier.trail import Trail, trail


def duty_trails(parts: Parts) -> dict[Trail, str]:
    """The trails that the evidence has to carry beside those in scope, and the subject of each."""
    agents = {agent for one in parts.statements for agent in asked_of(one.statement)}
    return {trail(DUTIES, agent): f"duties {agent}" for agent in agents}


def held_by(parts: Parts) -> Duties:
    """What somebody held: appointed before, and neither released nor at an end, for the organisation in whose
    name he signs. A trail that is not carried gives nothing."""
    known = acts_by_subject(parts, places_of(parts), duty_act)

    def held(act: Act) -> frozenset[Held] | None:
        if act.entry is None:
            return None
        acts, place = known.get(taker(act.statement, act.role), ()), act.entry.index
        found = duties_at(acts, place, act.entry.recorded_at)
        found |= _while_it_waited(act, duties_at(acts, place, _accepted_at_earliest(act.entry.recorded_at)))
        return frozenset(one for one in found if one.iss == act.statement.iss)

    return held


def _accepted_at_earliest(recorded_at: str) -> str:
    """A ledger asks for the duty when it accepts an act, which is recorded once the network takes it on."""
    days = datetime.timedelta(days=tables().late_days.between)
    try:
        return instant_of(datetime_of(recorded_at) - days)
    except OverflowError:  # the first days of the year 1
        return recorded_at


def _while_it_waited(act: Act, held: frozenset[Held]) -> frozenset[Held]:
    """Those by whose last day the act happened."""
    occurred = earliest(act.claims.occurred_at or act.statement.occurred_at)
    return frozenset(one for one in held if one.until is not None and occurred <= latest(one.until))
