"""Whoever does a step held the duty for it, as the fold is told it; what is not known is not judged."""

from __future__ import annotations

import pytest

from tests.verifier.custody_story import Story, filed
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
