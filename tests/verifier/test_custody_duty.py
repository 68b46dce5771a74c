"""Whoever does a step held the duty for it, as the fold is told it; what is not known is not judged."""

from __future__ import annotations

import pytest

from tests.verifier.custody_story import TOWN, Story, filed
from verifier.acts import Act
from verifier.custody import Duties, fold
from verifier.custody_tables import tables
from verifier.duties import Held

DUTIES = {
    "right": frozenset({"department_reviewer"}),
    "wrong": frozenset({"reader"}),
    "none": frozenset[str](),
}


def holding(act: Act, departments: frozenset[str]) -> frozenset[Held]:
    """These for the department's review, and of every other step the right one."""
    event = act.statement.event
    duties = departments if event == "review.department" else tables().wanted(event, act.claims.basis)
    return frozenset(Held(duty, None, act.statement.iss, None, b"") for duty in duties)


@pytest.mark.parametrize(
    ("held", "codes"), [("right", []), ("wrong", ["CUSTODY_DUTY"]), ("none", ["CUSTODY_DUTY"])]
)
def test_duty(held: str, codes: list[str]) -> None:
    story = Story()
    filed(story)
    found = fold(story.acts[:5], lambda act: holding(act, DUTIES[held]))
    assert [breach.code for one in found for breach in one.breaches] == codes
    assert all(one.duty_known for one in found)


@pytest.mark.parametrize(
    ("duty", "codes"),
    [("village_archivist", []), ("counter_clerk", ["CUSTODY_DUTY"]), ("head", ["CUSTODY_DUTY"])],
)
def test_an_older_register_is_entered_by_an_archivist(duty: str, codes: list[str]) -> None:
    """Who granted access then needs no duty now; a mark on the act opens no door to anybody."""
    story = Story()
    story.do("review.final", "赵六", late="old_register", when="2003-05")
    (found,) = fold(story.acts, lambda act: frozenset([Held(duty, None, act.statement.iss, None, b"")]))
    assert found.from_register
    assert [breach.code for breach in found.breaches] == codes


def test_a_duty_that_is_not_known_is_not_judged() -> None:
    story = Story()
    filed(story)
    unknown: tuple[Duties | None, ...] = (None, lambda _act: None)
    for duties in unknown:
        found = fold(story.acts, duties)
        assert [one.act.statement.event for one in found if not one.duty_known] == [
            "list.freeze",
            "review.village",
            "review.department",
            "review.final",
        ]
        assert not any(one.breaches for one in found)


def test_what_is_decided_here_is_no_entry_from_an_older_register() -> None:
    """On an application that is here, or on what only ever is here: the mark gives a village's archivist no
    say in what is the township's or the county's."""
    story = Story()
    applied = story.do("access.apply", "周九", basis="mediation")
    story.do("access.approve", "王五", applied, outcome="granted", late="old_register")
    story.do("certificate.issue", "王五", late="old_register")
    story.do("secrecy.approve", "王五", late="old_register")
    story.do("file.erase", "刘十四", "secrecy.approve 3", late="old_register")
    village = frozenset([Held("village_archivist", None, TOWN, None, b"")])
    judged = fold(story.acts, lambda _act: village)
    assert not any(one.from_register for one in judged)
    assert [[breach.code for breach in one.breaches] for one in judged] == [
        [],
        ["CUSTODY_DUTY"],
        ["CUSTODY_DUTY"],
        ["CUSTODY_SECRECY_ORDER", "CUSTODY_ANSWERS", "CUSTODY_DUTY"],
        [],
    ]


def test_an_approval_whose_application_is_in_the_register_too_is_entered() -> None:
    story = Story()
    story.do("access.approve", "王五", outcome="granted", late="old_register", when="2003-05")
    (found,) = fold(story.acts)
    assert (found.from_register, found.breaches) == (True, ())
