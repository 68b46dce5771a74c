"""Who held which duty when one was asked for: by the trails `duties` that the evidence carries.

docs/formats.md section 9. Carried is, as of the anchor, the whole trail of whoever signed an act that section
17 asks a duty for, or signed an act of use or is its subject. What stands on it is signed, logged and linked
like everything else.
"""

from __future__ import annotations

from verifier.acts import Act
from verifier.custody import Duties
from verifier.custody_approval import asked_of, taker
from verifier.duties import DutyAct, Held, duties_at, duty_act
from verifier.parts import Parts
from verifier.people import DUTIES
from verifier.trail import Trail, trail
from verifier.verify_keys import places_of


def duty_trails(parts: Parts) -> dict[Trail, str]:
    """The trails that the evidence has to carry beside those in scope, and the subject of each."""
    agents = {agent for one in parts.statements for agent in asked_of(one.statement)}
    return {trail(DUTIES, agent): f"duties {agent}" for agent in agents}


def held_by(parts: Parts) -> Duties:
    """What somebody held: appointed before, and neither released nor at an end, for the organisation in whose
    name he signs. A trail that is not carried gives nothing."""
    known = _acts(parts)

    def held(act: Act) -> frozenset[Held] | None:
        if act.entry is None:
            return None
        acts = known.get(taker(act.statement, act.role), ())
        found = duties_at(acts, act.entry.index, act.entry.recorded_at)
        return frozenset(one for one in found if one.iss == act.statement.iss)

    return held


def _acts(parts: Parts) -> dict[str, list[DutyAct]]:
    """By agent, in log order; a statement that is not logged is no act yet."""
    places, recorded = places_of(parts), parts.recorded_at()
    found: list[DutyAct] = []
    for opened in parts.statements:
        signer = parts.signers.get(opened.statement.certificate_sha256)
        place = places.get(opened.sha256)
        if signer is not None and place is not None:
            act = duty_act(opened.statement, signer.role, place, recorded[opened.sha256])
            found += [act] if act is not None else []
    acts: dict[str, list[DutyAct]] = {}
    for act in sorted(found, key=lambda one: one.place):
        acts.setdefault(act.subject, []).append(act)
    return acts
