"""Approvals: for so many uses, and for whom they were given to. 孙八 is at the counter; 周九 reads."""

from __future__ import annotations

import pytest

from tests.verifier.custody_story import TOWN, Story, Telling, approved, told
from tests.verifier.forge_people import identifier
from verifier.acts import Act
from verifier.custody_approval import taker
from verifier.duties import Held

CLERK = frozenset([identifier("孙八"), identifier("郑十一")])
USED_UP, OTHER, ENDED = "CUSTODY_APPROVAL_USED_UP", "CUSTODY_OTHER_READER", "CUSTODY_APPROVAL_ENDED"
NAME = ("reader_name",)


def duties(act: Act) -> frozenset[Held]:
    """Of the two clerks at the counter; who else signs has none of these."""
    if act.statement.event != "borrow.out" and act.statement.event not in VIEWS:
        return frozenset([Held("head", None, TOWN, None, b"")])
    clerk = taker(act.statement, act.role) in CLERK
    return frozenset([Held("counter_clerk" if clerk else "mediator", None, TOWN, None, b"")])


VIEWS = ("access.view", "access.print", "access.copy", "access.download")


def _as_often_as_approved(s: Story) -> None:
    applied = approved(s, uses=4)
    for event in VIEWS:
        s.do(event, "周九", applied, basis="mediation")


def _approved_again(s: Story) -> None:
    applied = approved(s, uses=1)
    s.do("access.view", "周九", applied, basis="mediation")
    s.do("access.approve", "赵六", applied, outcome="granted", uses=1)
    s.do("access.view", "周九", applied, basis="mediation")


def _without_limit(s: Story) -> None:
    applied = approved(s)
    for _ in range(5):
        s.do("access.view", "周九", applied, basis="audit")


def _one_of_two_holds(s: Story) -> None:
    first, second = approved(s, uses=1), approved(s, uses=1)
    s.do("access.view", "周九", first, basis="audit")
    s.do("access.view", "周九", first, second, basis="audit")


def _needs_no_approval(s: Story) -> None:
    applied = approved(s, uses=1)
    for _ in range(2):
        s.do("access.view", "周九", applied, basis="own_record")
    s.do("access.view", "李四", applied, basis="open")


def _handed_out(s: Story) -> None:
    """Before one clerk applied for, given by another who names the reader."""
    applied = s.do("access.apply", "郑十一", basis="mediation", fields=NAME)
    s.do("access.approve", "赵六", applied, outcome="granted")
    s.do("access.view", "孙八", applied, basis="mediation", fields=NAME)
    s.do("borrow.out", "孙八", applied, basis="mediation", due="2026-02-01", state="on_loan")


def _service_serves_the_reader(s: Story) -> None:
    s.do("access.view", "机器", approved(s), basis="mediation", subject="周九", role="service")


def _service_serves_the_clerk(s: Story) -> None:
    said = {"basis": "mediation", "subject": "孙八", "role": "service"}
    s.do("access.view", "机器", approved(s), fields=NAME, **said)  # type: ignore[arg-type]


def _numbered(s: Story, who: str) -> str:
    """Applied for by this one for 周九, whom the application names by his number, and granted."""
    applied = s.do("access.apply", who, basis="mediation", subject="周九")
    s.do("access.approve", "赵六", applied, outcome="granted")
    return applied


def _applied_for_by_number(s: Story) -> None:
    applied = _numbered(s, "孙八")
    s.do("access.view", "周九", applied, basis="mediation")
    s.do("access.view", "孙八", applied, basis="mediation", subject="周九")


GOOD: dict[str, Telling] = {
    "as often as approved": _as_often_as_approved,
    "a second approval counts anew": _approved_again,
    "an approval without a number": _without_limit,
    "one of two approvals still holds": _one_of_two_holds,
    "on a basis that needs none": _needs_no_approval,
    "handed out at the counter, to whom is named": _handed_out,
    "the service serves the reader": _service_serves_the_reader,
    "the service serves the clerk, who names the reader": _service_serves_the_clerk,
    "applied for by another, for somebody with a number": _applied_for_by_number,
}


@pytest.mark.parametrize("name", GOOD)
def test_as_it_should_be(name: str) -> None:
    assert told(GOOD[name]).breaches(duties) == []


def _once_more(s: Story) -> None:
    applied = approved(s, uses=2)
    for _ in range(3):
        s.do("access.view", "周九", applied, basis="mediation")


def _by_each_kind(s: Story) -> None:
    applied = approved(s, uses=1)
    for event in ("access.view", "access.print"):
        s.do(event, "周九", applied, basis="mediation")
    s.do("borrow.out", "孙八", applied, basis="mediation", due="2026-02-01", state="on_loan")


def _by_either_name(s: Story) -> None:
    """The application and its approval are one, whichever is answered."""
    applied = approved(s, uses=1)
    s.do("access.view", "周九", applied, basis="mediation")
    s.do("access.view", "周九", "access.approve 1", basis="mediation")


def _free_ones_count(s: Story) -> None:
    applied = approved(s, uses=1)
    s.do("access.view", "周九", applied, basis="open")
    s.do("access.view", "周九", applied, basis="mediation")


def _late_and_once_more(s: Story) -> None:
    applied = approved(s, due="2026-01-20", uses=1)
    s.do("access.view", "周九", applied, basis="audit")
    s.do("access.view", "周九", applied, basis="audit", when="2026-01-21")


def _another_reader(s: Story) -> None:
    s.do("access.view", "李四", approved(s), basis="mediation")


def _another_who_names_the_reader(s: Story) -> None:
    """Whoever is not at the counter hands nothing out, whatever name he writes."""
    s.do("access.view", "李四", approved(s), basis="mediation", fields=NAME)


def _another_who_gives_the_number(s: Story) -> None:
    s.do("access.view", "李四", approved(s), basis="mediation", subject="周九")


def _the_clerk_names_nobody(s: Story) -> None:
    s.do("access.view", "孙八", approved(s), basis="mediation")


def _the_clerk_names_another(s: Story) -> None:
    s.do("access.view", "孙八", approved(s), basis="mediation", subject="李四", fields=NAME)


def _the_reader_passes_it_on(s: Story) -> None:
    s.do("access.view", "周九", approved(s), basis="mediation", subject="李四")


def _the_service_serves_another(s: Story) -> None:
    said = {"basis": "mediation", "subject": "李四", "role": "service"}
    s.do("access.download", "机器", approved(s), fields=NAME, **said)  # type: ignore[arg-type]


def _the_hand_that_applied(s: Story) -> None:
    """An application names 周九 by his number: who wrote it down is not its reader."""
    applied = _numbered(s, "李四")
    s.do("access.view", "李四", applied, basis="mediation")


def _lent_by_no_clerk(s: Story) -> None:
    s.do("borrow.out", "李四", approved(s), basis="audit", due="2026-02-01", state="on_loan")


def _approves_for_himself(s: Story) -> None:
    applied = s.do("access.apply", "孙八", basis="mediation", subject="赵六")
    s.do("access.approve", "赵六", applied, outcome="granted")


BAD: dict[str, tuple[Telling, list[tuple[str, str]]]] = {
    "once more than approved": (_once_more, [("access.view", USED_UP)]),
    "every kind of use counts": (_by_each_kind, [("access.print", USED_UP), ("borrow.out", USED_UP)]),
    "application and approval answered in turn": (_by_either_name, [("access.view", USED_UP)]),
    "a use that needed none counts too": (_free_ones_count, [("access.view", USED_UP)]),
    "too late and too often": (_late_and_once_more, [("access.view", ENDED), ("access.view", USED_UP)]),
    "another reader": (_another_reader, [("access.view", OTHER)]),
    "another, who names the reader": (_another_who_names_the_reader, [("access.view", OTHER)]),
    "another, who gives the reader's number": (_another_who_gives_the_number, [("access.view", OTHER)]),
    "a clerk who names nobody": (_the_clerk_names_nobody, [("access.view", OTHER)]),
    "a clerk who names another number": (_the_clerk_names_another, [("access.view", OTHER)]),
    "the reader passes it on": (_the_reader_passes_it_on, [("access.view", OTHER)]),
    "the service serves another": (_the_service_serves_another, [("access.download", OTHER)]),
    "who only wrote the application down": (_the_hand_that_applied, [("access.view", OTHER)]),
    "approved by whom it is for": (_approves_for_himself, [("access.approve", "CUSTODY_OWN_WORK")]),
}


@pytest.mark.parametrize("name", BAD)
def test_broken_in_one_place(name: str) -> None:
    tell, expected = BAD[name]
    assert told(tell).breaches(duties) == expected


def test_a_loan_by_who_is_not_at_the_counter_breaks_both_rules() -> None:
    expected = [("borrow.out", OTHER), ("borrow.out", "CUSTODY_DUTY")]
    assert told(_lent_by_no_clerk).breaches(duties) == expected


def test_where_duties_are_not_known_who_names_the_reader_is_not_judged() -> None:
    story = told(_another_who_names_the_reader)
    assert story.breaches(lambda _act: None) == []
    assert [one.duty_known for one in story.judged(lambda _act: None)] == [True, False, False]
    assert told(_another_reader).breaches() == [("access.view", OTHER)]
