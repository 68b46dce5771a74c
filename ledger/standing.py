"""Whether what is handed in counts: its signer's key is enrolled, and he holds a duty; keys and duties change
by rule.

`verifier.keys` and `verifier.duties` are the rules; here they are asked of the store, under the write lock,
so that nothing comes between a statement and what it rests on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from ledger.people_trails import PeopleAct, acts_about, signer_of
from ledger.unit_store import check_unit, with_codes
from verifier.certificate import Signer
from verifier.clock import day_of, is_over
from verifier.duties import Duties, DutyAct
from verifier.errors import EvidenceError
from verifier.keys import REGISTRAR, KeyAct, Keys
from verifier.people import APPOINT, DUTIES, KEYS
from verifier.report import Reason

# OU of a certificate: services act by the rules of the program, registrars by their certificate.
PERSON = "person"


@dataclass(frozen=True)
class Candidate:
    """A statement about to be kept as `place`. `about`: what it says of a person's key or duty."""

    place: int
    iss: str
    certificate: bytes
    about: PeopleAct | None


def judge_standing(
    connection: Connection, candidates: Sequence[Candidate], kinds: Mapping[str, str], now: str
) -> list[list[Reason]]:
    """Why each may not be kept: an empty list if it may. What one of them says counts for those after it.

    `kinds`: MSP id → kind of organisation. `now`: the present, under the write lock.
    """
    about = [one.about for one in candidates if one.about is not None]
    first = candidates[0].place if candidates else 0
    signers = [signer_of(one.certificate) for one in candidates]
    holders = {signer.agent for signer in signers}
    holders |= {act.subject for act in about if isinstance(act, KeyAct)}
    keys = {agent: Keys() for agent in holders}
    for agent, acts in acts_about(connection, KEYS, holders, first).items():
        keys[agent] = Keys(act for act in acts if isinstance(act, KeyAct))
    appointed = {act.subject for act in about if isinstance(act, DutyAct)}
    appointed |= {signer.agent for signer in signers if signer.role == PERSON}
    duties = {agent: Duties() for agent in appointed}
    for agent, acts in acts_about(connection, DUTIES, appointed, first).items() if appointed else ():
        _fold(duties[agent], acts)
    found: list[list[Reason]] = []
    for one, signer in zip(candidates, signers, strict=True):
        reasons: list[Reason] = []
        try:
            mine, held = keys.get(signer.agent, Keys()), duties.get(signer.agent, Duties())
            check_signer(signer, one.iss, one.place, now, mine, held)
            if isinstance(one.about, KeyAct):
                keys[one.about.subject].take(replace(one.about, place=one.place))
            elif isinstance(one.about, DutyAct):
                placed = replace(one.about, place=one.place)
                check_unit(connection, placed, kinds)
                _begins(placed, now)
                duties[placed.subject].take(placed, kinds.get(one.iss))
        except EvidenceError as error:
            reasons.append(Reason(error.code, error.at, error.expected, error.found))
        found.append(with_codes(connection, reasons))
    return found


def check_signer(signer: Signer, iss: str, place: int, time: str, keys: Keys, duties: Duties) -> None:
    """That whoever signs for `iss` there and then has a key that counts, and a person a duty. `keys`,
    `duties`: his own, from what was kept before. Raises EvidenceError with the code of the rule broken.

    A duty gives rights only while its appointment stands: who has none any more signs nothing. Which duty an
    act asks for is another question (`ledger.duties_held`). A registrar needs neither; but once two others
    have enrolled and revoked his key, as of one that was stolen, it signs nothing.
    """
    if signer.role == REGISTRAR:
        keys.check_not_revoked(signer.key_sha256, place)
        return
    keys.check(signer.key_sha256, iss, place)
    if signer.role == PERSON:
        _in_office(duties, iss, time)


def _begins(act: DutyAct, now: str) -> None:
    """An appointment whose last day is over would give nothing, and end what is held already."""
    if act.event == APPOINT and act.due is not None and is_over(act.due, now):
        raise EvidenceError("DUTY_OVER", "due", f"≥ {day_of(now)}", act.due)


def _in_office(duties: Duties, iss: str, now: str) -> None:
    if all(held.iss != iss for held in duties.at(now)):
        elsewhere = " ".join(sorted({f"{held.duty} {held.iss}" for held in duties.at(now)}))
        raise EvidenceError("DUTY_NONE", "agent", iss, elsewhere)


def _fold(duties: Duties, acts: Sequence[PeopleAct]) -> None:
    for act in acts:
        if isinstance(act, DutyAct):
            try:
                duties.take(act)
            except EvidenceError:
                continue
