"""No sequence of acts that the rules let pass skips a step or lets one person act twice.

What must hold is said a second time in `custody_clerk`, naively: so a slip in the tables shows. Short stories
are told, every one of them; long ones as many as are drawn.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.verifier.custody_clerk import wrongs
from tests.verifier.custody_story import COUNTY, TOWN, Story, filed, scan
from tests.verifier.test_custody_approval import BAD as BAD_APPROVALS
from tests.verifier.test_custody_approval import GOOD as GOOD_APPROVALS
from tests.verifier.test_custody_destruction import BAD as BAD_DESTRUCTIONS
from tests.verifier.test_custody_destruction import GOOD as GOOD_DESTRUCTIONS
from tests.verifier.test_custody_keeping import BAD as BAD_KEEPING
from tests.verifier.test_custody_keeping import GOOD as GOOD_KEEPING
from tests.verifier.test_custody_loan import BAD as BAD_LOANS
from tests.verifier.test_custody_loan import GOOD as GOOD_LOANS
from tests.verifier.test_custody_transfer import BAD as BAD_TRANSFERS
from tests.verifier.test_custody_transfer import GOOD as GOOD_TRANSFERS
from verifier.acts import Act
from verifier.catalogue import DATA
from verifier.custody import fold
from verifier.custody_approval import counts_uses
from verifier.custody_tables import read_tables, tables

PEOPLE = ("甲", "乙", "丙", "丁")
EVENTS = (
    *("receive", "digitise", "original.compare", "list.freeze", "review.village", "review.department"),
    *("review.final", "item.return", "resubmit", "access.apply", "access.approve", "access.refuse"),
    *("access.view", "borrow.out", "borrow.return", "repair.digital", "repair.check", "destroy.propose"),
    *("destroy.approve", "destroy.carry_out", "destroy.witness", "disposal.hold", "disposal.release"),
    *("deposit.in", "deposit.out"),
)
ON_LIST = ("review.village", "review.department", "review.final")
OUTCOMES = {
    "destroy.approve": "approved",
    "destroy.carry_out": "paper_destroyed",
    "destroy.witness": "paper_destroyed",
}
STATES = {"borrow.out": "on_loan", "borrow.return": "in_place", "destroy.carry_out": "destroyed"}
FILES = {"digitise": (scan(),), "repair.digital": (scan("enhanced"),)}

# Each workflow as it should go. Steps are dropped, people mixed, other acts put in between.
CHAINS = (
    ("receive", "list.freeze", *ON_LIST),
    ("list.freeze", "item.return", "resubmit", "list.freeze", *ON_LIST),
    ("access.apply", "access.approve", "borrow.out", "borrow.return"),
    ("access.apply", "access.approve", "access.view", "access.view"),
    ("digitise", "original.compare", "repair.digital", "repair.check"),
    (
        "destroy.propose",
        "destroy.approve",
        "disposal.hold",
        "disposal.release",
        "destroy.carry_out",
        "destroy.witness",
    ),
    ("deposit.in", "deposit.out"),
)
Move = tuple[str, str, int, bool]


@st.composite
def moves(draw: st.DrawFn) -> list[Move]:
    """(event, person, which act it answers, counted from the last; whether by the declared route)"""
    found: list[Move] = []
    for chain in draw(st.lists(st.sampled_from(CHAINS), min_size=1, max_size=4)):
        order = draw(st.permutations(PEOPLE))
        for step, event in enumerate(chain):
            usual = draw(st.integers(0, 7)) > 0
            chosen = event if usual else draw(st.sampled_from(EVENTS))
            who = order[step % 4] if draw(st.booleans()) else draw(st.sampled_from(PEOPLE))
            found.append((chosen, who, 0 if usual else draw(st.integers(0, 4)), draw(st.booleans())))
    return found


def play(told: list[Move]) -> list[Act]:
    """The acts that the rules let pass, each judged after those that passed before it."""
    story = Story()
    listing = "list 0"
    for event, who, back, declared in told:
        if event == "list.freeze":
            listing = f"list {len(story.acts)}"
        answers = story.names[-1 - back :][:1] if back < len(story.names) else []
        frozen = [name for name in story.names if name.startswith("list.freeze")][-1:]
        # A repair names the statement that brought its source.
        source = [name for name in story.names if name.startswith("digitise")][-1:]
        story.do(
            event,
            who,
            *{*answers, *frozen, *(source if event == "repair.digital" else ())},
            on=listing if event in ON_LIST or event == "list.freeze" else None,
            due="2026-03-30" if event == "borrow.out" else None,
            basis="declared_route" if declared and event == "review.department" else None,
            outcome=OUTCOMES.get(event),
            state=STATES.get(event),
            version=len(story.acts) if event == "resubmit" else None,
            uses=1 if event == "access.approve" and declared else None,
            fields=("reader_name",) if event == "access.view" and declared else None,
            files=FILES.get(event, ()),
        )
        if fold(story.acts)[-1].breaches:
            story.acts.pop()
            story.names.pop()
    return story.acts


@settings(max_examples=80)
@given(moves())
def test_what_passes_is_right(told: list[Move]) -> None:
    assert wrongs(play(told)) == []


@pytest.mark.parametrize(
    "tell",
    [
        BAD_TRANSFERS["department step skipped"][0],
        *(BAD_LOANS[name][0] for name in ("lent without approval", "lent while lent")),
        *(
            {**BAD_KEEPING, **BAD_DESTRUCTIONS}[name][0]
            for name in (
                "compared by who scanned",
                "checked by who repaired",
                "destroyed, never approved",
                "carried out by who approved",
                "destroyed while held",
                "paper destroyed while it is lent",
                "witnessed by who carried it out",
                "files witnessed where paper was destroyed",
                "witnessed twice",
                "files' end witnessed while held",
                "given back with fewer pages",
                "given back by a taking in that is over",
            )
        ),
    ],
)
def test_the_naive_clerk_sees_what_is_wrong(tell: object) -> None:
    story = Story()
    assert callable(tell)
    tell(story)
    assert wrongs(story.acts)


@dataclass(frozen=True)
class Family:
    """A workflow: what is done first, and the acts that may follow, each by anybody and in any order.

    `acts`: (event, what it says). Each is tried with three kinds of answers: to nothing, to the last act, to
    all; the story goes on from the first that passes.
    """

    begin: Callable[[Story], object]
    acts: tuple[tuple[str, dict[str, Any]], ...]
    people: int
    depth: int
    ends: str


def _listed(s: Story) -> None:
    s.do("receive", "甲")
    s.do("list.freeze", "甲", on="L")


def _deed_begun(s: Story) -> None:
    filed(s)
    frozen = s.do("list.freeze", "甲", on="L")
    s.do("handover.sign", "甲", frozen, on="L", basis="giver_clerk")
    s.do("handover.sign", "乙", frozen, on="L", basis="giver_head")


def _applied(s: Story) -> None:
    s.do("access.apply", "甲")


def _nothing(_: Story) -> None:
    pass


def _to_be_destroyed(s: Story) -> None:
    s.do("destroy.approve", "乙", s.do("destroy.propose", "甲"), outcome="approved")


def _signs(role: str, iss: str) -> tuple[str, dict[str, Any]]:
    return "handover.sign", {"on": "L", "basis": role, "iss": iss}


FAMILIES = {
    "transfer review": Family(
        _listed,
        (
            *((event, {"on": "L"}) for event in ON_LIST),
            ("review.department", {"on": "L", "basis": "declared_route"}),
            ("list.freeze", {"on": "new"}),
            ("item.return", {}),
            ("resubmit", {"version": 9}),
            ("receive", {}),
        ),
        4,
        3,
        "review.final",
    ),
    "to the county archive": Family(
        _deed_begun,
        (
            _signs("giver_head", TOWN),
            _signs("receiver_clerk", COUNTY),
            _signs("receiver_head", COUNTY),
            ("transfer.accept", {"on": "L", "iss": COUNTY}),
        ),
        4,
        3,
        "transfer.accept",
    ),
    "loan": Family(
        _nothing,
        (
            ("access.apply", {}),
            ("access.approve", {}),
            ("access.refuse", {}),
            ("borrow.out", {"due": "2026-03-30", "state": "on_loan"}),
            ("borrow.return", {"state": "in_place"}),
        ),
        2,
        4,
        "borrow.return",
    ),
    "use": Family(
        _applied,
        (
            ("access.approve", {"uses": 1}),
            ("access.approve", {"due": "2026-01-11"}),
            ("access.apply", {"subject": "甲"}),
            ("access.view", {}),
            ("access.print", {"subject": "甲"}),
            ("borrow.out", {"due": "2026-03-30", "state": "on_loan"}),
        ),
        2,
        4,
        "access.print",
    ),
    "destruction": Family(
        _nothing,
        (
            ("destroy.propose", {}),
            ("destroy.approve", {"outcome": "approved"}),
            ("destroy.approve", {"outcome": "not_approved"}),
            ("destroy.carry_out", {"outcome": "paper_destroyed", "state": "destroyed"}),
            ("disposal.hold", {}),
            ("disposal.release", {}),
        ),
        3,
        4,
        "destroy.carry_out",
    ),
    "its end": Family(
        _to_be_destroyed,
        (
            ("destroy.carry_out", {"outcome": "paper_destroyed", "state": "destroyed"}),
            ("destroy.carry_out", {"outcome": "electronic_destroyed", "state": "destroyed"}),
            ("destroy.witness", {"outcome": "paper_destroyed"}),
            ("destroy.witness", {"outcome": "electronic_destroyed"}),
            ("disposal.hold", {}),
            ("shelve", {"state": "in_place"}),
        ),
        4,
        4,
        "destroy.witness",
    ),
    "deposit": Family(
        _nothing,
        (
            ("deposit.in", {"pages": 40}),
            ("deposit.out", {"pages": 40}),
            ("deposit.out", {"pages": 39}),
            ("shelve", {"state": "in_place"}),
        ),
        1,
        5,
        "deposit.out",
    ),
}


@pytest.mark.parametrize("name", FAMILIES)
def test_no_sequence_of_acts_skips_a_step_or_lets_one_person_act_twice(name: str) -> None:
    """Every story of so many acts is told to the rules, and the clerk sees what passed."""
    family = FAMILIES[name]
    assert family.ends in told_whole(family)


def told_whole(family: Family) -> set[str]:
    """The events that some story reached. Raises AssertionError for what passed though it is wrong."""
    reached: set[str] = set()

    def tell(story: Story, depth: int) -> None:
        for event, said in family.acts:
            for who in PEOPLE[: family.people]:
                for answers in ((), tuple(story.names[-1:]), tuple(story.names)):
                    told = Story([*story.acts], [*story.names])
                    changed = {"on": f"L{len(story.acts)}"} if said.get("on") == "new" else {}
                    told.do(event, who, *answers, **{**said, **changed})
                    if fold(told.acts)[-1].breaches:
                        continue
                    assert wrongs(told.acts) == [], [
                        (a.statement.event, a.statement.agent) for a in told.acts
                    ]
                    reached.add(event)
                    if depth > 1:
                        tell(told, depth - 1)
                        break

    first = Story()
    family.begin(first)
    tell(first, family.depth)
    return reached


def _without_people(data: dict[str, Any]) -> None:
    data["apart"]["review.department"].remove("review.village")


def _own_work(data: dict[str, Any]) -> None:
    data["apart"]["review.village"].remove("receive")
    data["apart"]["review.village"].remove("list.freeze")


def _village_skipped(data: dict[str, Any]) -> None:
    data["tables"][0]["rows"].append({"event": "review.department", "from": ["listed"], "to": "department"})


def _own_application(data: dict[str, Any]) -> None:
    data["not_by_answered"].remove("access.approve")


def _lent_twice(data: dict[str, Any]) -> None:
    data["tables"][2]["rows"][0]["from"].append("out")
    data["tables"][1]["rows"][5]["from"].append("on_loan")


def _free_for_all(data: dict[str, Any]) -> None:
    data["approval"]["asked"].remove("access.print")


def _destroyed_by_two(data: dict[str, Any]) -> None:
    data["apart"]["destroy.carry_out"].remove("destroy.approve")


def _destroyed_while_held(data: dict[str, Any]) -> None:
    data["held"].remove("destroy.carry_out")


def _witness_of_ones_own(data: dict[str, Any]) -> None:
    data["apart"]["destroy.witness"].remove("destroy.carry_out")


def _files_gone_while_held(data: dict[str, Any]) -> None:
    data["held"].remove("destroy.witness")


def _destroyed_unwitnessed(data: dict[str, Any]) -> None:
    data["tables"][5]["rows"][4]["from"].append("destroyed")
    data["tables"][1]["rows"][-2]["from"].append("destroyed")


SLIPS = {
    "one person on two reviews": (_without_people, "transfer review"),
    "a review of one's own work": (_own_work, "transfer review"),
    "the village's review skipped": (_village_skipped, "transfer review"),
    "an application approved by who applied": (_own_application, "loan"),
    "lent while lent": (_lent_twice, "loan"),
    "an approval that nobody has to have": (_free_for_all, "use"),
    "destroyed by two people": (_destroyed_by_two, "destruction"),
    "destroyed while held": (_destroyed_while_held, "destruction"),
    "witnessed by who carried it out": (_witness_of_ones_own, "its end"),
    "files' end witnessed while held": (_files_gone_while_held, "its end"),
    "witnessed twice": (_destroyed_unwitnessed, "its end"),
}


@pytest.mark.parametrize("name", SLIPS)
def test_a_slip_in_the_tables_shows(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    slip, family = SLIPS[name]
    data = json.loads((DATA / "custody.json").read_bytes())
    slip(data)
    slipped = read_tables(json.dumps(data).encode())
    for part in ("", "_approval", "_deposit", "_keeping", "_loan", "_past", "_people", "_transfer"):
        monkeypatch.setattr(f"verifier.custody{part}.tables", lambda: slipped)
    with pytest.raises(AssertionError, match=r"\['"):
        told_whole(FAMILIES[family])


def test_every_workflow_can_be_walked_to_its_end() -> None:
    """So that the property above is not one of empty stories."""
    steps = [
        *((event, who, 0, False) for event, who in (("receive", "甲"), ("list.freeze", "甲"))),
        *((event, who, 0, False) for event, who in zip(ON_LIST, "乙丙丁", strict=True)),
        *(("digitise", "甲", 0, False), ("original.compare", "乙", 0, False)),
        *(
            ("access.apply", "甲", 0, False),
            ("access.approve", "乙", 0, False),
            ("borrow.out", "丙", 0, False),
        ),
        *(
            ("borrow.return", "丙", 0, False),
            ("repair.digital", "甲", 0, False),
            ("repair.check", "乙", 0, False),
        ),
        *(("destroy.propose", "甲", 0, False), ("destroy.approve", "乙", 0, False)),
        ("destroy.carry_out", "丙", 0, False),
        ("destroy.witness", "丁", 0, False),
    ]
    assert [act.statement.event for act in play(steps)] == [event for event, *_ in steps]


EVERY_CASE = [
    *GOOD_APPROVALS.values(),
    *(
        tell
        for cases in (GOOD_TRANSFERS, GOOD_LOANS, GOOD_KEEPING, GOOD_DESTRUCTIONS)
        for tell, *_ in cases.values()
    ),
    *(
        tell
        for cases in (BAD_TRANSFERS, BAD_APPROVALS, BAD_LOANS, BAD_KEEPING, BAD_DESTRUCTIONS)
        for tell, _ in cases.values()
    ),
]


def test_what_is_not_remembered_changes_no_judgement() -> None:
    """The ledger reads only acts of remembered events back, and must judge as a verifier does with all."""
    for tell in EVERY_CASE:
        story = Story()
        tell(story)
        story.do("four_test", "丁", outcome="passed", version=9)
        story.do("convert", "丁", files=[scan()])
        story.do("resubmit", "丁", version=2)
        for place, (act, judged) in enumerate(zip(story.acts, fold(story.acts), strict=True)):
            known = tables().remembered | (tables().asked if counts_uses(story.acts[:place]) else set())
            kept = [a for a in story.acts[:place] if a.statement.event in known]
            assert fold([*kept, act])[-1].breaches == judged.breaches


def test_what_begins_a_record_breaks_nothing() -> None:
    """Of such an act on a new record the ledger asks nothing, whatever it says."""
    for event in sorted(tables().opening):
        for late in (None, "old_register"):
            for state in (None, "on_loan", "destroyed", "missing"):
                story = Story()
                story.do(event, "甲", on="list", state=state, late=late, basis="audit", files=[scan()])
                assert story.breaches() == []
