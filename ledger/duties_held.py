"""Which duties signers hold where their acts will stand in the log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from sqlalchemy import Connection

from ledger.examined import Examined
from ledger.people_trails import acts_about
from verifier.custody_tables import tables
from verifier.duties import DutyAct, Held, duties_at
from verifier.people import DUTIES

# By SHA-256 of a statement, what its signer holds in the organisation that it is signed for.
HeldNow: TypeAlias = Mapping[bytes, frozenset[Held]]


def held_now(connection: Connection, examined: Sequence[Examined], first: int, now: str) -> HeldNow:
    """Of each that asks for a duty, judged by what was accepted before it, in this call too. One look-up for
    all of them, and none if nothing asks. Of what was accepted earlier nothing is said: it was judged then.

    `first`: the id of the first, if it is kept. `now`: a time that none of them is recorded after, unless
    the clock goes back: under the write lock, the present.
    """
    asking = tables().asking_duty
    agents = {_said(one)[2] for one in examined if _said(one)[0] in asking}
    trails: dict[str, list[DutyAct]] = {agent: [] for agent in agents}
    for agent, acts in acts_about(connection, DUTIES, agents, first).items() if agents else ():
        trails[agent] += (act for act in acts if isinstance(act, DutyAct))
    found: dict[bytes, frozenset[Held]] = {}
    for number, one in enumerate(examined):
        place = first + number
        if isinstance(one.about, DutyAct) and one.about.subject in trails:
            trails[one.about.subject].append(replace(one.about, place=place))
        event, iss, agent = _said(one)
        if event in asking:
            held = duties_at(trails[agent], place, now)
            found[one.sha256] = frozenset(duty for duty in held if duty.iss == iss)
    return found


def _said(one: Examined) -> tuple[str, str, str]:
    """Event, organisation and agent."""
    return one.statement[5:8]
