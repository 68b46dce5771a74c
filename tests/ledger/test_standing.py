"""At acceptance: a key counts from the second registrar's statement on; duties come and go by rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from ledger.accept import SubmissionsRefusedError
from ledger.check import check
from ledger.keys import SigningKey
from ledger.people_now import check_key_now
from ledger.sign import Draft, sign_statement
from ledger.store.engine import reading
from ledger.store.tables import ABOUT_PEOPLE, set_aside, statement
from ledger.submission import Submission
from tests.ledger.ledger_world import AUDIT, ENROLLING, ORIGIN, RECORD, TOWN, World, make_world, new_uuid
from tests.ledger.test_check import kept_anchor
from verifier.certificate import read_signer
from verifier.digests import sha256
from verifier.errors import EvidenceError
from verifier.report import Outcome

# The clerk's appointment comes first.
BEFORE = ENROLLING + 1


@dataclass(frozen=True)
class Office:
    """A registrar of each of two organisations, and a clerk: appointed, his key not enrolled."""

    world: World
    town: SigningKey
    audit: SigningKey
    clerk: SigningKey

    def about(
        self, registrar: SigningKey, whose: SigningKey, event: str = "key.enrol", **says: object
    ) -> Submission:
        draft = Draft(
            event=event,
            occurred_at="2026-01-08",
            subject=whose.agent,
            key=read_signer(whose.certificate_der).key_sha256,
            reason=None if event == "key.enrol" else "left_post",
            fields={"agent_name": "登记员"},
        )
        return sign_statement(registrar, ORIGIN, replace(draft, **says))  # type: ignore[arg-type]  # of Draft

    def both(self, whose: SigningKey, event: str = "key.enrol", **says: object) -> list[Submission]:
        first = self.about(self.town, whose, event, **says)
        return [first, self.about(self.audit, whose, event, answers=(sha256(first.statement),), **says)]

    def duty(self, signer: SigningKey, event: str, duty: str, **says: object) -> Submission:
        draft = Draft(
            event, "2026-01-08", subject=self.clerk.agent, duty=duty, fields={"agent_name": "登记员"}
        )
        return sign_statement(signer, ORIGIN, replace(draft, **says))  # type: ignore[arg-type]  # of Draft

    def receive(self) -> Submission:
        return self.world.receive(self.clerk, new_uuid())

    def refused(self, submissions: Sequence[Submission]) -> list[str]:
        """The codes with which the last of the call is refused."""
        with pytest.raises(SubmissionsRefusedError) as caught:
            self.world.accept(submissions)
        (only,) = caught.value.refusals
        assert only.number == len(submissions) - 1
        return [reason.code for reason in only.reasons]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    world = make_world(tmp_path)
    town, audit = (world.certified(msp, "registrar") for msp in (TOWN, AUDIT))
    office = Office(world, town, audit, world.certified())
    world.accept([office.duty(town, "appoint", "counter_clerk")])
    yield office
    world.ledger.close()


def test_nobody_signs_before_the_key_is_enrolled(office: Office) -> None:
    assert office.refused([office.receive()]) == ["KEY_NOT_ENROLLED"]
    first, second = office.both(office.clerk)
    assert office.refused([office.receive()]) == ["KEY_NOT_ENROLLED"]
    office.world.accept([first])
    assert office.refused([office.receive()]) == ["KEY_ENROL_ALONE"]
    office.world.accept([second])
    office.world.accept([office.receive()])


def test_nobody_signs_without_a_duty_that_stands(office: Office) -> None:
    """Whatever the act; a duty elsewhere is none here. In one call the order counts."""
    office.world.accept(office.both(office.clerk))
    office.world.accept([office.receive()])
    release = office.duty(office.town, "release", "counter_clerk")
    assert office.refused([release, office.receive()]) == ["DUTY_NONE"]
    office.world.accept([release])
    assert office.refused([office.receive()]) == ["DUTY_NONE"]
    office.world.accept([office.duty(office.audit, "appoint", "head")])
    assert office.refused([office.receive()]) == ["DUTY_NONE"]
    ends = office.duty(office.town, "appoint", "reader", due="2026-01-12")
    office.world.accept([ends, office.receive()])
    # The last day is a whole day of Beijing's.
    office.world.clock.step(86_400)
    assert office.refused([office.receive()]) == ["DUTY_NONE"]


def test_no_appointment_is_over_before_it_begins(office: Office) -> None:
    """It would end the one that stands."""
    world = office.world
    world.accept(office.both(office.clerk))
    assert office.refused([office.duty(office.town, "appoint", "counter_clerk", due="2026-01-11")]) == [
        "DUTY_OVER"
    ]
    world.accept([office.receive(), office.duty(office.town, "appoint", "counter_clerk", due="2026-01-12")])


def test_a_registrars_stolen_key_is_taken_out_of_use_by_two_others(office: Office) -> None:
    """It needs no enrolment to sign: it is enrolled to be revoked."""
    world = office.world
    thief = world.certified(TOWN, "registrar")
    world.accept([office.duty(thief, "appoint", "counter_clerk"), *office.both(thief)])
    again = office.duty(thief, "release", "counter_clerk")
    out = office.both(thief, "key.revoke")
    assert office.refused([*out, again]) == ["KEY_REVOKED"]
    world.accept(out)
    assert office.refused([again]) == ["KEY_REVOKED"]
    with pytest.MonkeyPatch.context() as left_out:
        # As by a ledger that leaves the rule out: check finds it.
        left_out.setattr("ledger.accept.judge_standing", lambda _, candidates, *__: [[] for _ in candidates])
        world.accept([again])
    world.seal_and_anchor()
    assert findings(office) == {"KEY_REVOKED"}
    with pytest.raises(EvidenceError, match="KEY_REVOKED"):
        check_key_now(world.ledger, read_signer(thief.certificate_der), TOWN)
    check_key_now(world.ledger, read_signer(office.town.certificate_der), TOWN)


def test_what_is_pending_counts_in_its_order(office: Office) -> None:
    """In one call, across calls, across batches: the same."""
    office.world.accept([*office.both(office.clerk), office.receive()])
    office.world.accept([office.receive()])
    office.world.seal_and_anchor()
    office.world.accept([office.receive()])
    office.world.seal_and_anchor()


def test_in_one_call_but_behind(office: Office) -> None:
    first, second = office.both(office.clerk)
    with pytest.raises(SubmissionsRefusedError) as caught:
        office.world.accept([first, office.receive(), second])
    assert [(r.number, r.reasons[0].code) for r in caught.value.refusals] == [(1, "KEY_ENROL_ALONE")]


def test_a_revoked_key_is_refused_from_then_on(office: Office) -> None:
    office.world.accept(office.both(office.clerk))
    office.world.seal_and_anchor()
    says = {"reason": "compromised", "compromised_since": "2026-01-10"}
    first, second = office.both(office.clerk, "key.revoke", **says)
    office.world.accept([first, office.receive()])
    office.world.accept([second])
    assert office.refused([office.receive()]) == ["KEY_REVOKED"]
    office.world.seal_and_anchor()
    assert office.refused([office.receive()]) == ["KEY_REVOKED"]


def test_another_key_after_the_lost_one(office: Office) -> None:
    lost = office.both(office.clerk, "key.revoke", reason="key_lost")
    office.world.accept([*office.both(office.clerk), *lost])
    certified = office.world.certified(agent=office.clerk.agent)
    office.world.accept([*office.both(certified), office.world.receive(certified, RECORD)])
    assert office.refused([office.receive()]) == ["KEY_REVOKED"]


def test_registrars_need_no_enrolment_and_services_do(office: Office) -> None:
    service = office.world.certified(role="service")
    draft = Draft("fixity", "2026-01-08", record=RECORD, outcome="same")
    assert office.refused([sign_statement(service, ORIGIN, draft)]) == ["KEY_NOT_ENROLLED"]
    office.world.accept([*office.both(service), sign_statement(service, ORIGIN, draft)])


# What is handed in together, and why the last of it is refused.
def cases(office: Office) -> dict[str, tuple[list[Submission], list[str]]]:
    clerk, other = office.clerk, office.world.certified()
    first, second = office.both(clerk)
    digest = (sha256(first.statement),)
    enrolled = office.both(clerk)
    return {
        "one organisation twice": (
            [first, office.about(office.world.certified(TOWN, "registrar"), clerk, answers=digest)],
            ["KEY_SAME_ORGANISATION"],
        ),
        "an answer to nothing": ([second], ["KEY_WRONG_ANSWER"]),
        "an answer about another key": (
            [first, office.about(office.audit, clerk, answers=digest, key=b"\x01" * 32)],
            ["KEY_WRONG_ANSWER"],
        ),
        "an answer about somebody else": (
            [first, office.about(office.audit, other, answers=digest)],
            ["KEY_WRONG_ANSWER"],
        ),
        "enrolled twice": ([*enrolled, office.about(office.town, clerk)], ["KEY_ENROLLED_ALREADY"]),
        "another key than the one that signs": (
            [*office.both(clerk, key=b"\x01" * 32), office.receive()],
            ["KEY_NOT_ENROLLED"],
        ),
        "enrolled by the wrong organisation": (
            [
                one := office.about(office.audit, clerk),
                office.about(office.town, clerk, answers=(sha256(one.statement),)),
                office.receive(),
            ],
            ["KEY_OTHER_ORGANISATION"],
        ),
        "revoked by the wrong organisation": (
            [*enrolled, office.about(office.audit, clerk, "key.revoke")],
            ["KEY_OTHER_ORGANISATION"],
        ),
        "a duty that there is not": ([office.duty(office.town, "appoint", "king")], ["DUTY_UNKNOWN"]),
        "a duty of another kind": ([office.duty(office.town, "appoint", "auditor")], ["DUTY_KIND"]),
        "two administrators in one": (
            [
                office.duty(office.town, "appoint", "system_admin"),
                office.duty(office.town, "appoint", "audit_admin"),
            ],
            ["DUTY_EXCLUDED"],
        ),
        "released from nothing": ([office.duty(office.town, "release", "head")], ["DUTY_NOT_HELD"]),
        "released by another organisation": (
            [office.duty(office.town, "appoint", "head"), office.duty(office.audit, "release", "head")],
            ["DUTY_OTHER_ORGANISATION"],
        ),
        "handed over by somebody else": (
            [*office.both(other), office.duty(office.town, "appoint", "reader", subject=other.agent),
             office.duty(office.town, "appoint", "head"),
             office.duty(other, "duty.handover", "head", fields={"agent_name": "钱", "counterpart": "李"})],
            ["DUTY_NOT_OWN"],
        ),
    }  # fmt: skip


CASES = (
    *("one organisation twice", "an answer to nothing", "an answer about another key"),
    *("an answer about somebody else", "enrolled twice", "another key than the one that signs"),
    *("enrolled by the wrong organisation", "revoked by the wrong organisation"),
    *("a duty that there is not", "a duty of another kind", "two administrators in one"),
    *("released from nothing", "released by another organisation", "handed over by somebody else"),
)


@pytest.mark.parametrize("name", CASES)
def test_a_call_that_is_refused(office: Office, name: str) -> None:
    made = cases(office)
    assert tuple(made) == CASES
    submissions, expected = made[name]
    assert office.refused(submissions) == expected
    with reading(office.world.ledger.engine) as connection:
        assert connection.execute(select(func.count(statement.c.id))).scalar() == BEFORE


def test_duties_come_and_go(office: Office) -> None:
    office.world.accept([office.duty(office.town, "appoint", "system_admin")])
    office.world.seal_and_anchor()
    office.world.accept([office.duty(office.town, "release", "system_admin")])
    office.world.accept([office.duty(office.town, "appoint", "audit_admin")])
    own = {"agent_name": "王五", "counterpart": "李四"}
    office.world.accept(
        [*office.both(office.clerk), office.duty(office.clerk, "duty.handover", "audit_admin", fields=own)]
    )
    assert office.refused([office.duty(office.town, "release", "audit_admin")]) == ["DUTY_NOT_HELD"]


def test_what_rests_on_an_enrolment_that_was_set_aside(office: Office) -> None:
    """The second registrar's certificate runs out before anything is sealed: what rests on it goes too."""
    ending = office.world.certified(AUDIT, "registrar", days=2)
    first = office.about(office.town, office.clerk)
    second = office.about(ending, office.clerk, answers=(sha256(first.statement),))
    assert office.world.seal(empty=True) is not None
    office.world.accept([first, second, office.receive()])
    # The batch in flight is anchored three days later; what is recorded after it is recorded then.
    office.world.clock.step(3 * 86_400)
    office.world.anchor()
    sealed = office.world.seal()
    assert sealed is not None
    assert (sealed.statements, sealed.aside) == (1, 2)
    with reading(office.world.ledger.engine) as connection:
        found = connection.execute(select(set_aside.c.statement_id, set_aside.c.code)).all()
    assert [tuple(row) for row in found] == [
        (BEFORE + 2, "CERTIFICATE_DATE"),
        (BEFORE + 3, "KEY_ENROL_ALONE"),
    ]
    office.world.anchor()
    assert office.refused([office.receive()]) == ["KEY_ENROL_ALONE"]
    office.world.accept([office.about(office.audit, office.clerk, answers=(sha256(first.statement),))])
    office.world.accept([office.receive()])
    office.world.seal_and_anchor()


def test_pending_acts_are_found_by_their_index(office: Office) -> None:
    """A long queue is not walked for them: one of two indexes leads to them."""
    query = f"EXPLAIN QUERY PLAN SELECT id FROM statement WHERE id > 5 AND {ABOUT_PEOPLE}"  # noqa: S608 # ours
    with reading(office.world.ledger.engine) as connection:
        plan = " ".join(str(row) for row in connection.execute(text(query)))
    assert "INDEX ix_statement_" in plan
    assert "SCAN" not in plan or "ix_statement_people" in plan


def findings(office: Office) -> set[str]:
    world = office.world
    found = check(world.ledger, lambda n: kept_anchor(world, n), lambda n: None, world.person_cas)
    return {finding.code for finding in found if finding.outcome is Outcome.FAILED}


def test_check_judges_each_statement_by_the_keys_before_it(office: Office) -> None:
    office.world.accept([*office.both(office.clerk), office.receive()])
    office.world.seal_and_anchor()
    alone = office.about(office.town, office.world.certified())
    office.world.accept([*office.both(office.clerk, "key.revoke"), alone])
    office.world.seal_and_anchor()
    assert findings(office) == set()


def test_check_finds_what_was_logged_without_enrolment(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by a ledger that leaves the rule out."""
    monkeypatch.setattr("ledger.accept.judge_standing", lambda _, candidates, *__: [[] for _ in candidates])
    office.world.accept([office.receive()])
    office.world.seal_and_anchor()
    assert findings(office) == {"KEY_NOT_ENROLLED"}


def test_check_finds_what_was_logged_without_a_duty(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a day after the appointment ended, and not of its last: nor what ends the duty itself."""
    ends = office.duty(office.town, "appoint", "counter_clerk", due="2026-01-12")
    said = {"agent_name": "钱", "counterpart": "李"}
    handed = office.duty(office.clerk, "duty.handover", "counter_clerk", fields=said)
    office.world.accept([*office.both(office.clerk), ends, office.receive(), handed])
    office.world.seal_and_anchor()
    assert findings(office) == set()
    monkeypatch.setattr("ledger.accept.judge_standing", lambda _, candidates, *__: [[] for _ in candidates])
    office.world.accept([office.receive()])
    office.world.seal_and_anchor()
    assert findings(office) == {"DUTY_NONE"}
