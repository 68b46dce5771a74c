"""Who held which duty when one was asked for: by the trails `duties` that the evidence carries.

docs/formats.md section 9. Carried is, as of the anchor, the whole trail of whoever signed an act that section
17 asks a duty for, or signed an act of use or is its subject. What stands on it is signed, logged and linked
like everything else.
"""

from __future__ import annotations

from verifier.acts import Act
from verifier.custody import Duties
from verifier.custody_approval import asked_of, taker
from verifier.duties import Held, duties_at, duty_act
from verifier.parts import Parts
from verifier.people import DUTIES
from verifier.people_acts import acts_by_subject, places_of
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
        acts = known.get(taker(act.statement, act.role), ())
        found = duties_at(acts, act.entry.index, act.entry.recorded_at)
        return frozenset(one for one in found if one.iss == act.statement.iss)

    return held
