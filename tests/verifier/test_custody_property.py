"""No sequence of acts that the rules let pass skips a step or lets one person act twice.

What must hold is said a second time here, naively, by looking back from the last act of a workflow: so a slip
in the tables shows.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.verifier.custody_story import Story, scan
from tests.verifier.test_custody_keeping import BAD as BAD_KEEPING
from tests.verifier.test_custody_keeping import GOOD as GOOD_KEEPING
from tests.verifier.test_custody_loan import BAD as BAD_LOANS
from tests.verifier.test_custody_loan import GOOD as GOOD_LOANS
from tests.verifier.test_custody_transfer import BAD as BAD_TRANSFERS
from tests.verifier.test_custody_transfer import GOOD as GOOD_TRANSFERS
from verifier.acts import Act
from verifier.custody import fold
from verifier.custody_tables import tables

PEOPLE = ("甲", "乙", "丙", "丁")
EVENTS = (
    *("receive", "digitise", "original.compare", "list.freeze", "review.village", "review.department"),
    *("review.final", "item.return", "resubmit", "access.apply", "access.approve", "access.refuse"),
    *("borrow.out", "borrow.return", "repair.digital", "repair.check", "destroy.propose"),
    *("destroy.approve", "destroy.carry_out", "disposal.hold", "disposal.release"),
)
ON_LIST = ("review.village", "review.department", "review.final")
OUTCOMES = {"destroy.approve": "approved", "destroy.carry_out": "paper_destroyed"}
STATES = {"borrow.out": "on_loan", "borrow.return": "in_place", "destroy.carry_out": "destroyed"}
FILES = {"digitise": (scan(),), "repair.digital": (scan("enhanced"),)}

# Each workflow as it should go. Steps are dropped, people mixed, other acts put in between.
CHAINS = (
    ("receive", "list.freeze", *ON_LIST),
    ("list.freeze", "item.return", "resubmit", "list.freeze", *ON_LIST),
    ("access.apply", "access.approve", "borrow.out", "borrow.return"),
    ("digitise", "original.compare", "repair.digital", "repair.check"),
    ("destroy.propose", "destroy.approve", "disposal.hold", "disposal.release", "destroy.carry_out"),
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
        story.do(
            event,
            who,
            *{*answers, *frozen},
            on=listing if event in ON_LIST or event == "list.freeze" else None,
            due="2026-03-30" if event == "borrow.out" else None,
            basis="declared_route" if declared and event == "review.department" else None,
            outcome=OUTCOMES.get(event),
            state=STATES.get(event),
            version=len(story.acts) if event == "resubmit" else None,
            files=FILES.get(event, ()),
        )
        if fold(story.acts)[-1].breaches:
            story.acts.pop()
            story.names.pop()
    return story.acts


def wrongs(acts: list[Act]) -> list[str]:
    """What a clerk with the file in hand would object to."""
    found: list[str] = []
    for place, act in enumerate(acts):
        look = LOOKS.get(act.statement.event)
        if look is not None:
            found += look(acts[:place], act)
    return found


def _who(acts: list[Act], *events: str) -> list[str]:
    return [act.statement.agent for act in acts if act.statement.event in events]


def _since(acts: list[Act], *events: str) -> list[Act]:
    """Those after the last act of one of these events."""
    last = max((n for n, act in enumerate(acts) if act.statement.event in events), default=-1)
    return acts[last + 1 :]


def _final(before: list[Act], act: Act) -> list[str]:
    round_ = _since(before, "resubmit", "item.return", "review.final")
    village, department = _who(round_, "review.village"), _who(round_, "review.department")
    by_route = [a for a in round_ if a.statement.event == "review.department" and a.claims.basis]
    prepared = _who(_since(before, "review.final"), "receive", "list.freeze", "resubmit")
    hands = [*village, *department, act.statement.agent]
    return [
        *(["no list"] if not _who(round_, "list.freeze") else []),
        *(["no village review"] if not village and not by_route else []),
        *(["no department review"] if not department else []),
        *(["one person on two steps"] if len(set(hands)) < len(hands) else []),
        *(["own work reviewed"] if set(hands) & set(prepared) else []),
    ]


def _lent(before: list[Act], act: Act) -> list[str]:
    applied = {a.statement.digests.sha256: a for a in before if a.statement.event == "access.apply"}
    granted = [
        a
        for a in before
        if a.statement.event == "access.approve"
        and any(
            answer in applied and applied[answer].statement.agent != a.statement.agent
            for answer in a.claims.answers
        )
    ]
    out = len(_who(before, "borrow.out")) - len(_who(before, "borrow.return"))
    return [*([] if granted else ["lent without approval"]), *(["lent twice"] if out else [])]


def _compared(before: list[Act], act: Act) -> list[str]:
    scanned = [a.statement.agent for a in before if any(file.copy == "scan" for file in a.claims.files)]
    return ["own scan compared"] if act.statement.agent in scanned else []


def _checked(before: list[Act], act: Act) -> list[str]:
    repairs = [
        a
        for a in before
        if a.statement.event in ("repair.digital", "repair.physical")
        and a.statement.digests.sha256 in act.claims.answers
    ]
    own = any(a.statement.agent == act.statement.agent for a in repairs)
    return [*([] if repairs else ["no repair checked"]), *(["own repair checked"] if own else [])]


def _destroyed(before: list[Act], act: Act) -> list[str]:
    proposed, approved = _who(before, "destroy.propose")[-1:], _who(before, "destroy.approve")[-1:]
    people = [*proposed, *approved, act.statement.agent]
    released = {
        answer for a in before if a.statement.event == "disposal.release" for answer in a.claims.answers
    }
    held = [
        a
        for a in before
        if a.statement.event == "disposal.hold" and a.statement.digests.sha256 not in released
    ]
    return [
        *([] if proposed and approved else ["destroyed without leave"]),
        *(["destroyed by fewer than three"] if len(set(people)) < len(people) else []),
        *(["destroyed while held"] if held else []),
    ]


LOOKS = {
    "review.final": _final,
    "borrow.out": _lent,
    "original.compare": _compared,
    "repair.check": _checked,
    "destroy.carry_out": _destroyed,
}


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
            BAD_KEEPING[name][0]
            for name in (
                "compared by who scanned",
                "checked by who repaired",
                "destroyed, never approved",
                "carried out by who approved",
                "destroyed while held",
            )
        ),
    ],
)
def test_the_naive_clerk_sees_what_is_wrong(tell: object) -> None:
    story = Story()
    assert callable(tell)
    tell(story)
    assert wrongs(story.acts)


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
    ]
    assert [act.statement.event for act in play(steps)] == [event for event, *_ in steps]


EVERY_CASE = [
    *(tell for cases in (GOOD_TRANSFERS, GOOD_LOANS, GOOD_KEEPING) for tell, *_ in cases.values()),
    *(tell for cases in (BAD_TRANSFERS, BAD_LOANS, BAD_KEEPING) for tell, _ in cases.values()),
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
            kept = [a for a in story.acts[:place] if a.statement.event in tables().remembered]
            assert fold([*kept, act])[-1].breaches == judged.breaches


def test_what_begins_a_record_breaks_nothing() -> None:
    """Of such an act on a new record the ledger asks nothing, whatever it says."""
    for event in sorted(tables().opening):
        for late in (None, "old_register"):
            for state in (None, "on_loan", "destroyed", "missing"):
                story = Story()
                story.do(event, "甲", on="list", state=state, late=late, basis="audit", files=[scan()])
                assert story.breaches() == []
