"""Which duties signers, and those whom the service serves, hold where their acts will stand in the log."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from sqlalchemy import Connection, select

from ledger.examine import read_certificate
from ledger.examined import Examined
from ledger.people_trails import acts_about
from ledger.store.portions import portions
from ledger.store.tables import statement
from verifier.custody_approval import taker
from verifier.custody_tables import tables
from verifier.duties import DutyAct, Held, duties_at
from verifier.people import DUTIES
from verifier.statement import Statement, parse_statement

# By SHA-256 of a statement, what its taker (`verifier.custody_approval`) holds in the organisation that it is
# signed for.
HeldNow: TypeAlias = Mapping[bytes, frozenset[Held]]


def held_now(connection: Connection, examined: Sequence[Examined], first: int, now: str) -> HeldNow:
    """Of each that asks for a duty, judged by what was accepted before it, in this call too. One look-up for
    all of them, and none if nothing asks. Of what was accepted earlier nothing is said: `held_then`.

    `first`: the id of the first, if it is kept. `now`: under the write lock, the present. They are recorded
    later, maybe when a duty has ended: for that the verifier allows (`verify_duties`).
    """
    takers = [_taker(one) for one in examined]
    agents = {one for one in takers if one is not None}
    trails: dict[str, list[DutyAct]] = {agent: [] for agent in agents}
    for known, acts in acts_about(connection, DUTIES, agents, first).items() if agents else ():
        trails[known] += (act for act in acts if isinstance(act, DutyAct))
    found: dict[bytes, frozenset[Held]] = {}
    for number, (one, agent) in enumerate(zip(examined, takers, strict=True)):
        place = first + number
        if isinstance(one.about, DutyAct) and one.about.subject in trails:
            trails[one.about.subject].append(replace(one.about, place=place))
        if agent is not None:
            held = duties_at(trails[agent], place, now)
            found[one.sha256] = frozenset(duty for duty in held if duty.iss == one.iss)
    return found


def held_then(connection: Connection, earlier: Collection[Statement]) -> HeldNow:
    """What the signers of statements kept earlier held where these stand: they were judged then, but by the
    units for which somebody fixed a list whoever reviews it is judged now."""
    rows: list[Any] = []
    for some in portions({one.digests.sha256 for one in earlier}):
        wanted = statement.c
        asked = select(wanted.sha256, wanted.id, wanted.accepted_at, wanted.agent, wanted.iss)
        rows += connection.execute(asked.where(statement.c.sha256.in_(some))).all()
    if not rows:
        return {}
    trails = acts_about(connection, DUTIES, {row.agent for row in rows}, max(row.id for row in rows))
    found: dict[bytes, frozenset[Held]] = {}
    for row in rows:
        acts = (act for act in trails[row.agent] if isinstance(act, DutyAct))
        held = duties_at(acts, row.id, row.accepted_at)
        found[row.sha256] = frozenset(duty for duty in held if duty.iss == row.iss)
    return found


def _taker(one: Examined) -> str | None:
    """Whose duties are asked; None where no rule asks for any."""
    data, event, agent = one.statement[3], one.statement[5], one.statement[7]
    if event in tables().asked:
        return taker(parse_statement(data), read_certificate(one.certificate).role)
    return agent if event in tables().asking_duty else None
