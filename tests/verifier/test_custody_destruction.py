"""Destruction by several people, paper and files apart; holds; what is past when nothing is left."""

from __future__ import annotations

import pytest

from tests.verifier.custody_story import COUNTY, Story, Telling, ends_well, lent, scan, told

PAPER, ELECTRONIC = "paper_destroyed", "electronic_destroyed"
CARRY, WITNESS, SAME = "destroy.carry_out", "destroy.witness", "CUSTODY_SAME_PERSON"
DESTRUCTION, REGISTER = "CUSTODY_DESTRUCTION_ORDER", "CUSTODY_REGISTER_FILES"


def _proposed(s: Story) -> str:
    return s.do("destroy.propose", "陈十三", s.do("expiry.review", "陈十三", outcome="destroy"))


def _carried_out(s: Story, given: str = "", outcome: str = PAPER) -> str:
    given = given or s.do("destroy.approve", "赵六", _proposed(s), outcome="approved")
    return s.do("destroy.carry_out", "孙八", given, outcome=outcome, state="destroyed")


def _destroyed(s: Story) -> str:
    given = s.do("destroy.approve", "赵六", _proposed(s), outcome="approved")
    s.do("destroy.witness", "郑十一", _carried_out(s, given), outcome=PAPER)
    return given


def _destroyed_apart(s: Story) -> None:
    """The scans stay in use until they are destroyed, too."""
    s.do("digitise", "冯十二", files=[scan()])
    given = _destroyed(s)
    s.do("access.view", "孙八", basis="open")
    files = _carried_out(s, given, ELECTRONIC)
    s.do("access.view", "孙八", basis="open")
    s.do("destroy.witness", "郑十一", files, outcome=ELECTRONIC)
    s.do("access.refuse", "孙八", s.do("access.apply", "周九", basis="audit"))
    s.do("fixity", "孙八", outcome="missing")
    s.do("found", "陈十三", state="in_place")


def _witnessed_while_held(s: Story) -> None:
    """The paper was gone before the hold: whoever saw it says so."""
    paper = _carried_out(s)
    s.do("disposal.hold", "法官", iss=COUNTY)
    s.do("destroy.witness", "郑十一", paper, outcome=PAPER)


def _not_yet_witnessed(s: Story) -> None:
    """Until the second person has signed nothing counts as destroyed."""
    _carried_out(s)
    s.do("access.view", "孙八", basis="open")
    s.do("list.freeze", "王五", on="one")


def _not_approved(s: Story) -> None:
    s.do("destroy.approve", "赵六", _proposed(s), outcome="not_approved")
    s.do("destroy.propose", "赵六", "expiry.review 0")
    s.do("destroy.approve", "陈十三", "destroy.propose 3", outcome="approved")


def _held_and_released(s: Story) -> None:
    s.do("disposal.release", "法官", s.do("disposal.hold", "法官", iss=COUNTY), iss=COUNTY)
    _destroyed(s)


def _refused_while_held(s: Story) -> None:
    proposed = _proposed(s)
    s.do("disposal.hold", "法官", iss=COUNTY)
    s.do("destroy.approve", "赵六", proposed, outcome="not_approved")


def _paper_destroyed_by_a_register(s: Story) -> None:
    """Years ago, and of the scans nothing was said."""
    s.do("receive", "王五", files=[scan()])
    s.do(WITNESS, "乙", s.do(CARRY, "甲", outcome=PAPER, late="old_register"), outcome=PAPER)


GOOD: dict[str, tuple[Telling, str, str]] = {
    "paper and scans destroyed apart": (_destroyed_apart, "destruction", "destroyed"),
    "paper carried out before a hold, witnessed after": (_witnessed_while_held, "destruction", "destroyed"),
    "carried out, not yet witnessed": (_not_yet_witnessed, "destruction", "carried_out"),
    "carried out, the original not yet called destroyed": (_not_yet_witnessed, "original", "unstated"),
    "witnessed, the original called destroyed": (_destroyed, "original", "destroyed"),
    "destruction not approved, then proposed by another": (_not_approved, "destruction", "approved"),
    "held, released, destroyed": (_held_and_released, "destruction", "destroyed"),
    "paper destroyed, by an older register": (_paper_destroyed_by_a_register, "original", "destroyed"),
    "turned down while held": (_refused_while_held, "destruction", "none"),
}


@pytest.mark.parametrize("name", GOOD)
def test_as_it_should_be(name: str) -> None:
    ends_well(*GOOD[name])


def _destroyed_unasked(s: Story) -> None:
    s.do("destroy.carry_out", "孙八", s.do("receive", "王五"), outcome="paper_destroyed", state="destroyed")


def _carried_out_unapproved(s: Story) -> None:
    s.do("destroy.carry_out", "孙八", _proposed(s), outcome="paper_destroyed", state="destroyed")


def _approves_own_proposal(s: Story) -> None:
    s.do("destroy.approve", "陈十三", _proposed(s), outcome="approved")


def _carries_out_own_approval(s: Story) -> None:
    given = s.do("destroy.approve", "赵六", _proposed(s), outcome="approved")
    s.do("destroy.carry_out", "赵六", given, outcome="paper_destroyed", state="destroyed")


def _destroyed_twice(s: Story) -> None:
    s.do("digitise", "冯十二", files=[scan(carrier="electronic")])
    given = s.do("destroy.approve", "赵六", _proposed(s), outcome="approved")
    s.do("destroy.witness", "郑十一", _carried_out(s, given, ELECTRONIC), outcome=ELECTRONIC)
    _carried_out(s, given, ELECTRONIC)


def _second_before_the_first_is_witnessed(s: Story) -> None:
    given = s.do("destroy.approve", "赵六", _proposed(s), outcome="approved")
    _carried_out(s, given)
    _carried_out(s, given, ELECTRONIC)


def _witness_is(who: str) -> Telling:
    def tell(s: Story) -> None:
        s.do("destroy.witness", who, _carried_out(s), outcome=PAPER)

    return tell


def _witnessed_other_copies(s: Story) -> None:
    s.do("destroy.witness", "郑十一", _carried_out(s), outcome=ELECTRONIC)


def _witness_of_the_approval(s: Story) -> None:
    _carried_out(s)
    s.do("destroy.witness", "郑十一", "destroy.approve 2", outcome=PAPER)


def _witnessed_before(s: Story) -> None:
    given = s.do("destroy.approve", "赵六", _proposed(s), outcome="approved")
    s.do("destroy.witness", "郑十一", given, outcome=PAPER)


def _witnessed_twice(s: Story) -> None:
    _destroyed(s)
    s.do("destroy.witness", "王五", "destroy.carry_out 3", outcome=PAPER)


def _files_witnessed_while_held(s: Story) -> None:
    s.do("digitise", "冯十二", files=[scan(carrier="electronic")])
    given = s.do("destroy.approve", "赵六", _proposed(s), outcome="approved")
    files = _carried_out(s, given, ELECTRONIC)
    s.do("disposal.hold", "法官", iss=COUNTY)
    s.do("destroy.witness", "郑十一", files, outcome=ELECTRONIC)


def _destroyed_while_held(s: Story) -> None:
    given = s.do("destroy.approve", "赵六", _proposed(s), outcome="approved")
    s.do("disposal.hold", "法官", iss=COUNTY)
    s.do("destroy.carry_out", "孙八", given, outcome="paper_destroyed", state="destroyed")


def _proposed_while_held(s: Story) -> None:
    s.do("disposal.hold", "法官", iss=COUNTY)
    _proposed(s)


def _released_by_another(s: Story) -> None:
    s.do("disposal.release", "赵六", s.do("disposal.hold", "法官", iss=COUNTY))


def _released_unheld(s: Story) -> None:
    s.do("disposal.release", "法官", s.do("receive", "王五"))


def _read_when_gone(s: Story) -> None:
    _destroyed(s)
    s.do("access.view", "孙八", basis="open")


def _filed_when_gone(s: Story) -> None:
    _destroyed(s)
    s.do("list.freeze", "王五", on="one")


def _read_when_the_only_file_is_gone(s: Story) -> None:
    s.do("digitise", "冯十二", files=[scan(carrier="electronic")])
    given = s.do("destroy.approve", "赵六", _proposed(s), outcome="approved")
    s.do("destroy.witness", "郑十一", _carried_out(s, given, ELECTRONIC), outcome=ELECTRONIC)
    s.do("access.view", "孙八", basis="open")


def _approved_by_a_register(s: Story) -> None:
    s.do("receive", "王五", files=[scan()])
    given = s.do("destroy.approve", "甲", outcome="approved", late="old_register")
    s.do("destroy.witness", "郑十一", _carried_out(s, given, ELECTRONIC), outcome=ELECTRONIC)


def _files_after_the_register(s: Story) -> None:
    given = s.do("destroy.approve", "甲", outcome="approved", late="old_register")
    s.do("receive", "王五", files=[scan()])
    _carried_out(s, given, ELECTRONIC)


def _files_destroyed_by_a_register(s: Story) -> None:
    s.do("receive", "王五", files=[scan()])
    done = s.do(CARRY, "甲", outcome=ELECTRONIC, state="destroyed", late="old_register")
    s.do(WITNESS, "乙", done, outcome=ELECTRONIC)


def _destroyed_while_lent(s: Story) -> None:
    """Whoever counts it as in its place does not bring it back."""
    lent(s)
    s.do("stocktake", "甲", outcome="found", state="in_place")
    _carried_out(s)


BAD: dict[str, tuple[Telling, list[tuple[str, str]]]] = {
    "files, approved by an older register": (
        _approved_by_a_register,
        [("destroy.approve", REGISTER), (CARRY, REGISTER)],
    ),
    "files taken in after an older register's approval": (_files_after_the_register, [(CARRY, REGISTER)]),
    "files, by an older register": (_files_destroyed_by_a_register, [(CARRY, REGISTER), (WITNESS, REGISTER)]),
    "paper destroyed while it is lent": (_destroyed_while_lent, [(CARRY, "CUSTODY_LOAN_ORDER")]),
    "destroyed, never proposed": (_destroyed_unasked, [(CARRY, DESTRUCTION), (CARRY, "CUSTODY_ANSWERS")]),
    "destroyed, never approved": (
        _carried_out_unapproved,
        [(CARRY, DESTRUCTION), (CARRY, "CUSTODY_ANSWERS")],
    ),
    "approved by who proposed": (_approves_own_proposal, [("destroy.approve", SAME)]),
    "carried out by who approved": (_carries_out_own_approval, [(CARRY, SAME)]),
    "witnessed by who carried it out": (_witness_is("孙八"), [(WITNESS, SAME)]),
    "witnessed by who approved": (_witness_is("赵六"), [(WITNESS, SAME)]),
    "witnessed by who proposed": (_witness_is("陈十三"), [(WITNESS, SAME)]),
    "files witnessed where paper was destroyed": (
        _witnessed_other_copies,
        [(WITNESS, "CUSTODY_WITNESS_OTHER")],
    ),
    "an approval witnessed": (_witness_of_the_approval, [(WITNESS, "CUSTODY_ANSWERS")]),
    "witnessed, never carried out": (
        _witnessed_before,
        [(WITNESS, DESTRUCTION), (WITNESS, "CUSTODY_ANSWERS")],
    ),
    "witnessed twice": (
        _witnessed_twice,
        [(WITNESS, "CUSTODY_ORIGINAL_ORDER"), (WITNESS, DESTRUCTION)],
    ),
    "files' end witnessed while held": (_files_witnessed_while_held, [(WITNESS, "CUSTODY_HOLD")]),
    "files destroyed before the paper's end is witnessed": (
        _second_before_the_first_is_witnessed,
        [(CARRY, DESTRUCTION)],
    ),
    "destroyed twice": (_destroyed_twice, [(CARRY, "CUSTODY_DESTROYED_TWICE")]),
    "destroyed while held": (_destroyed_while_held, [(CARRY, "CUSTODY_HOLD")]),
    "proposed while held": (_proposed_while_held, [("destroy.propose", "CUSTODY_HOLD")]),
    "released by another than who holds": (
        _released_by_another,
        [("disposal.release", "CUSTODY_HOLD_OTHER")],
    ),
    "released, never held": (_released_unheld, [("disposal.release", "CUSTODY_ANSWERS")]),
    "read when nothing is left": (_read_when_gone, [("access.view", "CUSTODY_DESTROYED")]),
    "read when the only copy is gone": (
        _read_when_the_only_file_is_gone,
        [("access.view", "CUSTODY_DESTROYED")],
    ),
    "listed when nothing is left": (_filed_when_gone, [("list.freeze", "CUSTODY_DESTROYED")]),
}


@pytest.mark.parametrize("name", BAD)
def test_broken_in_one_place(name: str) -> None:
    tell, expected = BAD[name]
    assert told(tell).breaches() == expected
