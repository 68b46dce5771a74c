"""Who has which duty, and when: a pure fold over an agent's trail `duties`. docs/formats.md section 9.

A duty gives rights only while its appointment stands: from the appointment's place on, until a release, a
hand-over, or the end of `due`. Which duties there are is data: `data/duties.json`.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from verifier.canonical import Json
from verifier.catalogue import KINDS, Words
from verifier.clock import is_over
from verifier.errors import EvidenceError
from verifier.people import APPOINT, DUTIES, HANDOVER
from verifier.shape import CODE, Members, members
from verifier.statement import Statement

VERSION = "archive-ledger duties v1"
REGISTRAR = "registrar"
_DATA = Path(__file__).parent / "data" / "duties.json"


@dataclass(frozen=True)
class DutySpec:
    """`kinds`: of organisation that may give the duty. `excludes`: duties that nobody has beside it."""

    name: str
    words: Words
    kinds: frozenset[str]
    excludes: frozenset[str]


@dataclass(frozen=True)
class DutyAct:
    """A statement appoint, release or duty.handover. `place`: as in `verifier.keys`.

    `time`: `recorded_at`, or when it was accepted. `role`: of the signer's certificate. `due`: of an
    appointment, the last day that it stands.
    """

    place: int
    statement: bytes
    event: str
    iss: str
    agent: str
    role: str
    subject: str
    duty: str
    unit: str | None
    due: str | None
    time: str


@dataclass(frozen=True)
class Held:
    """A duty that somebody has in `iss`, for a department or village (`unit`), or for all of it.

    `until`: the last day, None without an end. `appointed`: SHA-256 of the statement that gave it.
    """

    duty: str
    unit: str | None
    iss: str
    until: str | None
    appointed: bytes


def duty_act(statement: Statement, role: str, place: int, time: str) -> DutyAct | None:
    """None if the statement is about no duty."""
    about = statement.people
    if about is None or about.trail != DUTIES or about.duty is None:
        return None
    return DutyAct(
        place=place,
        statement=statement.digests.sha256,
        event=statement.event,
        iss=statement.iss,
        agent=statement.agent,
        role=role,
        subject=about.subject,
        duty=about.duty,
        unit=about.unit,
        due=statement.due,
        time=time,
    )


def duties_at(acts: Iterable[DutyAct], place: int, time: str) -> frozenset[Held]:
    """The duties that an agent has at this place of the log, at this time, by the acts of his trail.

    An act that breaks a rule counts for nothing.
    """
    duties = Duties()
    for act in acts:
        if act.place < place:
            try:
                duties.take(act)
            except EvidenceError:
                continue
    return duties.at(time)


class Duties:
    """One agent's duties, as far as his trail is known. `take` adds the next act of the trail.

    The rules, of which each act breaks none or counts for nothing:

    1. the duty is one of the table, and the organisation of a kind that may have it;
    2. appointment and release are signed by a registrar, who appoints others, and the release by one of the
       organisation that appointed; a hand-over by the person whose duty it is;
    3. nobody has two duties that exclude each other, in whatever organisation;
    4. what is ended was held: the same duty for the same unit.

    An appointment to what is held already puts another end to it.
    """

    def __init__(self) -> None:
        self._held: dict[tuple[str, str | None, str], Held] = {}

    def at(self, time: str) -> frozenset[Held]:
        return frozenset(
            held for held in self._held.values() if held.until is None or not is_over(held.until, time)
        )

    def take(self, act: DutyAct, kind: str | None = None) -> None:
        """`kind`: of the organisation `iss`; None is not judged. Raises EvidenceError with the code of the
        rule broken; then the act counts for nothing."""
        spec = duties().get(act.duty)
        if spec is None:
            raise EvidenceError("DUTY_UNKNOWN", "duty", " ".join(duties()), act.duty)
        if act.event == HANDOVER:
            if act.agent != act.subject:
                raise EvidenceError("DUTY_NOT_OWN", "agent", act.subject, act.agent)
        elif act.role != REGISTRAR:
            raise EvidenceError("DUTY_NOT_REGISTRAR", "agent", REGISTRAR, act.role)
        if act.event == APPOINT:
            if act.agent == act.subject:
                raise EvidenceError("DUTY_SELF", "subject", f"another than {act.agent}", act.subject)
            self._appoint(act, spec, kind)
        else:
            self._end(act)

    def _appoint(self, act: DutyAct, spec: DutySpec, kind: str | None) -> None:
        if kind is not None and spec.kinds.isdisjoint({"any", kind}):
            raise EvidenceError("DUTY_KIND", "iss", " ".join(sorted(spec.kinds)), kind)
        beside = sorted(held.duty for held in self.at(act.time) if held.duty in spec.excludes)
        if beside:
            raise EvidenceError("DUTY_EXCLUDED", "duty", f"without {spec.name}", beside[0])
        key = act.duty, act.unit, act.iss
        self._held[key] = Held(act.duty, act.unit, act.iss, act.due, act.statement)

    def _end(self, act: DutyAct) -> None:
        named = [held for held in self.at(act.time) if (held.duty, held.unit) == (act.duty, act.unit)]
        if not named:
            held = ", ".join(sorted(_for_unit(held.duty, held.unit) for held in self.at(act.time)))
            raise EvidenceError("DUTY_NOT_HELD", "duty", f"held: {held}", _for_unit(act.duty, act.unit))
        if all(held.iss != act.iss for held in named):
            raise EvidenceError("DUTY_OTHER_ORGANISATION", "iss", named[0].iss, act.iss)
        del self._held[act.duty, act.unit, act.iss]


def _for_unit(duty: str, unit: str | None) -> str:
    return f"{duty} for {unit}" if unit else duty


@functools.cache
def duties() -> Mapping[str, DutySpec]:
    """The packaged table."""
    return read_duties(_DATA.read_bytes())


def duty_words() -> Mapping[str, Words]:
    return {name: spec.words for name, spec in duties().items()}


def read_duties(data: bytes) -> Mapping[str, DutySpec]:
    """Raises EvidenceError (a shape's code) or ValueError if the data breaks the table's own rules."""
    value: Json = json.loads(data)
    m = members(value, "duties", ("duties", "version"))
    m.constant("version", VERSION)
    found = {spec.name: spec for spec in (_duty(v, at) for at, v in m.objects("duties", 100, 1))}
    for spec in found.values():
        back = all(spec.name in found[name].excludes for name in spec.excludes if name in found)
        if not spec.excludes <= found.keys() - {spec.name} or not back:
            raise ValueError(f"duties.{spec.name}: expected duties that exclude each other")
        if not spec.kinds or not spec.kinds <= set(KINDS):
            raise ValueError(f"duties.{spec.name}: expected known kinds of organisation")
    return MappingProxyType(found)


def _duty(value: Json, at: str) -> DutySpec:
    m: Members = members(value, at, ("en", "excludes", "kinds", "name", "zh"))
    return DutySpec(
        name=m.text("name", CODE),
        words=Words(m.text("zh"), m.text("en")),
        kinds=frozenset(m.texts("kinds", CODE, 10, ordered=False)),
        excludes=frozenset(m.texts("excludes", CODE, 100, ordered=False)),
    )
