"""Which key is whose, and when: a pure fold over an agent's trail `keys`. docs/formats.md section 9.

No organisation alone can invent a person, or take one's key away: two registrars speak, the second of another
organisation and naming the first's statement, and what they say counts from the second's place on.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from verifier.clock import begins
from verifier.errors import EvidenceError
from verifier.people import ENROL, KEYS, REVOKE
from verifier.shape import datetime_of
from verifier.statement import Statement

REGISTRAR = "registrar"
COMPROMISED = "compromised"


@dataclass(frozen=True)
class KeyAct:
    """A statement key.enrol or key.revoke. `place`: its log index, or its place in the order of acceptance.

    `statement`: its SHA-256. `role`: of the signer's certificate. `recorded_at`: None while it is pending.
    """

    place: int
    statement: bytes
    event: str
    iss: str
    agent: str
    role: str
    subject: str
    key: bytes
    answers: tuple[bytes, ...]
    reason: str | None = None
    compromised_since: str | None = None
    recorded_at: str | None = None


@dataclass(frozen=True)
class Pair:
    """Two statements that count together, from the second's place on."""

    first: KeyAct
    second: KeyAct


@dataclass(frozen=True)
class Enrolment:
    """`enrolled`: its first statement is the person's own organisation's."""

    enrolled: Pair
    revoked: Pair | None = None

    @property
    def organisation(self) -> str:
        return self.enrolled.first.iss


@dataclass(frozen=True)
class Ignored:
    """An act that does not count, and why."""

    act: KeyAct
    code: str
    expected: str
    found: str


def key_act(statement: Statement, role: str, place: int, recorded_at: str | None = None) -> KeyAct | None:
    """None if the statement is about no key."""
    about = statement.people
    if about is None or about.trail != KEYS or about.key is None:
        return None
    return KeyAct(
        place=place,
        statement=statement.digests.sha256,
        event=statement.event,
        iss=statement.iss,
        agent=statement.agent,
        role=role,
        subject=about.subject,
        key=about.key,
        answers=statement.claims.answers,
        reason=statement.claims.reason,
        compromised_since=about.compromised_since,
        recorded_at=recorded_at,
    )


class Keys:
    """One agent's keys, as far as his trail is known. `take` adds the next act of the trail.

    The rules, of which each act breaks none or counts for nothing:

    1. a registrar signed it;
    2. without `answers` it is a first statement. It enrols a key that is not enrolled and never was, or
       revokes one that is, and then it is of the organisation that the key is enrolled for;
    3. with `answers` it is a second statement. They name one first statement of the same event and key, of
       another organisation, that no other second has answered.
    """

    def __init__(self, acts: Iterable[KeyAct] = ()) -> None:
        self.enrolments: dict[bytes, Enrolment] = {}
        self.ignored: list[Ignored] = []
        # First statements that wait for their second, by digest.
        self.waiting: dict[bytes, KeyAct] = {}
        for act in acts:
            try:
                self.take(act)
            except EvidenceError as error:
                self.ignored.append(Ignored(act, error.code, error.expected, error.found))

    def take(self, act: KeyAct) -> None:
        """Raises EvidenceError with the code of the rule broken; then the act counts for nothing."""
        if act.role != REGISTRAR:
            raise EvidenceError("KEY_NOT_REGISTRAR", "agent", REGISTRAR, act.role)
        self._check_state(act)
        if not act.answers:
            held = self.enrolments.get(act.key)
            if act.event == REVOKE and held is not None and held.organisation != act.iss:
                raise EvidenceError("KEY_OTHER_ORGANISATION", "iss", held.organisation, act.iss)
            self.waiting[act.statement] = act
            return
        first = self._answered(act)
        if first.iss == act.iss:
            raise EvidenceError("KEY_SAME_ORGANISATION", "iss", f"another than {first.iss}", act.iss)
        del self.waiting[first.statement]
        pair = Pair(first, act)
        before = self.enrolments.get(act.key)
        if act.event == ENROL or before is None:
            self.enrolments[act.key] = Enrolment(pair)
        else:
            self.enrolments[act.key] = Enrolment(before.enrolled, pair)

    def _check_state(self, act: KeyAct) -> None:
        held = self.enrolments.get(act.key)
        if held is not None and held.revoked is not None:
            raise EvidenceError("KEY_REVOKED", "key", "a key that was not revoked", act.key.hex())
        if act.event == ENROL and held is not None:
            raise EvidenceError("KEY_ENROLLED_ALREADY", "key", "another key", act.key.hex())
        if act.event == REVOKE and held is None:
            raise EvidenceError("KEY_NOT_ENROLLED", "key", "a key that is enrolled", act.key.hex())

    def _answered(self, act: KeyAct) -> KeyAct:
        first = self.waiting.get(act.answers[0]) if len(act.answers) == 1 else None
        if first is None or (first.event, first.key) != (act.event, act.key):
            found = " ".join(digest.hex() for digest in act.answers)
            raise EvidenceError("KEY_WRONG_ANSWER", "answers", f"a first {act.event} of this key", found)
        return first

    def check(self, key: bytes, iss: str, place: int) -> None:
        """Whether a statement of organisation `iss` at `place` counts that is signed with `key`.

        Raises EvidenceError KEY_NOT_ENROLLED, or why an enrolment that was tried does not count;
        KEY_ENROLLED_LATER, KEY_OTHER_ORGANISATION, KEY_REVOKED.
        """
        held = self.enrolments.get(key)
        if held is None:
            raise self._not_enrolled(key)
        if held.enrolled.second.place >= place:
            found = str(held.enrolled.second.place)
            raise EvidenceError("KEY_ENROLLED_LATER", "key", f"enrolled before {place}", found)
        if held.organisation != iss:
            raise EvidenceError("KEY_OTHER_ORGANISATION", "iss", held.organisation, iss)
        self.check_not_revoked(key, place)

    def check_not_revoked(self, key: bytes, place: int) -> None:
        """Raises EvidenceError KEY_REVOKED."""
        held = self.enrolments.get(key)
        if held is not None and held.revoked is not None and held.revoked.second.place < place:
            found = f"revoked at {held.revoked.second.place}"
            raise EvidenceError("KEY_REVOKED", "key", "a key that was not revoked", found)

    def _not_enrolled(self, key: bytes) -> EvidenceError:
        for tried in reversed(self.ignored):
            if tried.act.event == ENROL and tried.act.key == key:
                return EvidenceError(tried.code, "key", tried.expected, tried.found)
        for act in self.waiting.values():
            if act.event == ENROL and act.key == key:
                return EvidenceError(
                    "KEY_ENROL_ALONE", "key", f"another organisation beside {act.iss}", act.iss
                )
        return EvidenceError("KEY_NOT_ENROLLED", "key", "a key that is enrolled", key.hex())

    def doubt(self, key: bytes, recorded_at: str | None) -> Pair | None:
        """The revocation that says that somebody else may have signed with `key` at this time already.

        One that names compromise but no day puts all in doubt that the key ever signed.
        """
        held = self.enrolments.get(key)
        if held is None or held.revoked is None:
            return None
        said = (held.revoked.first, held.revoked.second)
        since = [act.compromised_since for act in said if act.compromised_since is not None]
        if not since and not any(act.reason == COMPROMISED for act in said):
            return None
        earliest = min(map(_earliest, since), default=None)
        if recorded_at is None or earliest is None or datetime_of(recorded_at) >= earliest:
            return held.revoked
        return None


def _earliest(date: str) -> datetime.datetime:
    """A date without zone may have begun a day earlier than it did in UTC."""
    first = begins(date)
    try:
        return first if "T" in date else first - datetime.timedelta(days=1)
    except OverflowError:  # the year 1
        return first
