"""Scans compared and repairs checked by another, destruction by several people; volumes once closed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.verifier.custody_story import COUNTY, Story, Telling, filed, scan, told
from verifier.acts import Act
from verifier.custody import Duties, fold
from verifier.custody_tables import tables
from verifier.duties import Held
from verifier.entry import Entry


def _compared(s: Story) -> None:
    s.do("receive", "王五")
    s.do("digitise", "冯十二", files=[scan()])
    s.do("original.compare", "陈十三", outcome="same")


def _repaired(s: Story) -> None:
    s.do("digitise", "冯十二", files=[scan()])
    s.do("repair.check", "陈十三", s.do("repair.digital", "冯十二", "digitise 0", files=[scan("enhanced")]))


def _proposed(s: Story) -> str:
    return s.do("destroy.propose", "陈十三", s.do("expiry.review", "陈十三", outcome="destroy"))


PAPER, ELECTRONIC = "paper_destroyed", "electronic_destroyed"


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


def _mistaken(s: Story) -> str:
    """Reported by 王五, approved by the authority; the approval's name."""
    return s.do("secrecy.approve", "馆员", s.do("secrecy.report", "王五"), iss=COUNTY)


def _erased_and_closed(s: Story) -> None:
    received = s.do("receive", "王五", files=[scan()])
    approved = _mistaken(s)
    s.do("disclosure.erase", "王五", received, reason="mistaken_upload")
    s.do("file.erase", "王五", approved, reason="mistaken_upload", files=[scan()])
    s.do("secrecy.close", "陈十三", approved)
    s.do("access.view", "孙八", basis="open")
    # And once more, by whoever is there.
    s.do("secrecy.approve", "王五", s.do("secrecy.report", "馆员"), iss=COUNTY)


def _dismissed(s: Story) -> None:
    s.do("secrecy.dismiss", "馆员", s.do("secrecy.report", "王五"), iss=COUNTY)
    s.do("access.view", "孙八", basis="open")


def _erased_by_statute(s: Story) -> None:
    s.do("disclosure.erase", "王五", s.do("receive", "王五"), reason="statutory_order")


def _corrected(s: Story) -> None:
    s.do(
        "metadata.check", "陈十三", s.do("metadata.correct", "王五", reason="entry_error"), outcome="approved"
    )


def _bound(s: Story) -> None:
    s.do("volume.create", "王五")
    s.do("volume.add", "王五")
    s.do("volume.remove", "王五")
    s.do("volume.close", "王五")


def _deposited(s: Story) -> str:
    agreed = {"owner": "望禾村", "custodian": "镇综合档案室", "document_number": "青档寄1号"}
    return s.do(
        *("deposit.in", "陈十三"),
        on="D",
        size=2,
        pages=40,
        files=[scan("original")],
        shown=agreed,
        state="in_deposit",
    )


def _returned(s: Story, *answers: str, **changed: Any) -> None:
    agreed = {"owner": "望禾村", "document_number": "青档寄1号", **changed.pop("shown", {})}
    said = {"on": "D", "size": 2, "pages": 40, "files": [scan("original")], **changed}
    s.do("deposit.out", "陈十三", *answers, shown=agreed, state="in_place", **said)


def _returns(**changed: Any) -> Telling:
    return lambda s: _returned(s, _deposited(s), **changed)


def _named(event: str, **shown: str) -> Telling:
    return lambda s: s.do(event, "王五", shown=shown, reason="statutory_order")


GOOD: dict[str, tuple[Telling, str, str]] = {
    "scanned by one, compared by another": (_compared, "transfer", "arranging"),
    "repaired by one, checked by another": (_repaired, "transfer", "arranging"),
    "paper and scans destroyed apart": (_destroyed_apart, "destruction", "destroyed"),
    "paper carried out before a hold, witnessed after": (_witnessed_while_held, "destruction", "destroyed"),
    "carried out, not yet witnessed": (_not_yet_witnessed, "destruction", "carried_out"),
    "carried out, the original not yet called destroyed": (_not_yet_witnessed, "original", "unstated"),
    "witnessed, the original called destroyed": (_destroyed, "original", "destroyed"),
    "destruction not approved, then proposed by another": (_not_approved, "destruction", "approved"),
    "held, released, destroyed": (_held_and_released, "destruction", "destroyed"),
    "turned down while held": (_refused_while_held, "destruction", "none"),
    "given back as it was taken in": (_returns(), "deposit", "none"),
    "one of a list given back alone": (_returns(on=None), "deposit", "none"),
    "given back incomplete, and said so": (_returns(pages=39, outcome="incomplete"), "deposit", "none"),
    "corrected, approved by another": (
        _named("metadata.correct", agent_name="王五", approver="赵六"),
        "transfer",
        "arranging",
    ),
    "an approver who is not shown": (
        _named("metadata.correct", agent_name="王五"),
        "transfer",
        "arranging",
    ),
    "a volume filled and closed": (_bound, "volume", "closed"),
    "received by mistake, erased and closed": (_erased_and_closed, "secrecy", "approved"),
    "reported, and found to be none": (_dismissed, "secrecy", "none"),
    "erased on a statutory ground": (_erased_by_statute, "secrecy", "none"),
    "corrected by one, approved by another": (_corrected, "transfer", "arranging"),
}


@pytest.mark.parametrize("name", GOOD)
def test_as_it_should_be(name: str) -> None:
    tell, table, state = GOOD[name]
    story = told(tell)
    assert story.breaches() == []
    assert story.state(table) == state


def _compares_own_scan(s: Story) -> None:
    s.do("digitise", "冯十二", files=[scan()])
    s.do("original.compare", "冯十二", outcome="same")


def _compares_own_version(s: Story) -> None:
    s.do("receive", "王五", files=[scan()])
    s.do("original.compare", "王五", outcome="same")


def _checks_own_repair(s: Story) -> None:
    s.do("repair.check", "冯十二", s.do("repair.physical", "冯十二"))


def _checks_no_repair(s: Story) -> None:
    s.do("repair.check", "陈十三", s.do("receive", "王五"))


def _called_a_scan(s: Story) -> None:
    s.do("repair.digital", "冯十二", s.do("digitise", "冯十二", files=[scan()]), files=[scan()])


def _repaired_from_nothing(s: Story) -> None:
    s.do("repair.digital", "冯十二", s.do("receive", "王五"), files=[scan("enhanced")])


def _repaired_from_no_named_source(s: Story) -> None:
    s.do("digitise", "冯十二", files=[scan()])
    s.do("repair.digital", "冯十二", files=[scan("enhanced")])


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


def _returned_by_an_old_paper(s: Story) -> None:
    """Taken in, given back, taken in again: the first taking in is over."""
    first = _deposited(s)
    _returned(s, first)
    _deposited(s)
    _returned(s, first)


def _returned_from_anothers_list(s: Story) -> None:
    other = s.do("receive", "王五")
    _deposited(s)
    _returned(s, other)


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


def _added_after_closing(s: Story) -> None:
    _bound(s)
    s.do("volume.add", "王五")


def _closed_unopened(s: Story) -> None:
    s.do("volume.close", "王五")


def _viewed_while_reported(s: Story) -> None:
    s.do("secrecy.report", "王五")
    s.do("access.view", "孙八", basis="open")


def _erased_unreported(s: Story) -> None:
    s.do("disclosure.erase", "王五", s.do("receive", "王五"), reason="mistaken_upload")


def _file_erased_unapproved(s: Story) -> None:
    s.do("file.erase", "王五", s.do("secrecy.report", "王五"), reason="mistaken_upload", files=[scan()])


def _approved_by_who_reported(s: Story) -> None:
    s.do("secrecy.approve", "王五", s.do("secrecy.report", "王五"), iss=COUNTY)


def _dismissed_by_who_reported(s: Story) -> None:
    s.do("secrecy.dismiss", "王五", s.do("secrecy.report", "王五"), iss=COUNTY)


def _erased_by_who_approved(s: Story) -> None:
    s.do("file.erase", "馆员", _mistaken(s), reason="mistaken_upload", files=[scan()])


def _closed_by_who_erased(s: Story) -> None:
    approved = _mistaken(s)
    s.do("file.erase", "王五", approved, reason="mistaken_upload", files=[scan()])
    s.do("secrecy.close", "王五", approved)


def _closed_unapproved(s: Story) -> None:
    s.do("secrecy.close", "陈十三", s.do("secrecy.report", "王五"))


def _own_correction(s: Story) -> None:
    s.do("metadata.check", "王五", s.do("metadata.correct", "王五"), outcome="approved")


def _no_correction(s: Story) -> None:
    s.do("metadata.check", "陈十三", s.do("receive", "王五"), outcome="approved")


DESTRUCTION, VOLUME, OWN, SAME = (
    "CUSTODY_DESTRUCTION_ORDER",
    "CUSTODY_VOLUME_ORDER",
    "CUSTODY_OWN_WORK",
    "CUSTODY_SAME_PERSON",
)
CARRY, WITNESS, GIVE = "destroy.carry_out", "destroy.witness", "deposit.out"
OTHER, NOT_TAKEN, APART = "CUSTODY_DEPOSIT_OTHER", "CUSTODY_DEPOSIT_NOT_TAKEN", "CUSTODY_NOT_APART"
MISTAKEN, ANSWERS = "CUSTODY_SECRECY_ORDER", "CUSTODY_ANSWERS"
BAD: dict[str, tuple[Telling, list[tuple[str, str]]]] = {
    "compared by who scanned": (_compares_own_scan, [("original.compare", OWN)]),
    "compared by who brought the scans": (_compares_own_version, [("original.compare", OWN)]),
    "checked by who repaired": (_checks_own_repair, [("repair.check", OWN)]),
    "a check of no repair": (_checks_no_repair, [("repair.check", "CUSTODY_ANSWERS")]),
    "a repaired copy called a scan": (_called_a_scan, [("repair.digital", "CUSTODY_NOT_ENHANCED")]),
    "a repaired copy without its source": (
        _repaired_from_nothing,
        [("repair.digital", "CUSTODY_NO_SOURCE")],
    ),
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
    "given back under the same list, of fewer items": (_returns(size=1), [(GIVE, OTHER)]),
    "given back with fewer pages": (_returns(pages=39), [(GIVE, OTHER)]),
    "given back with more pages": (_returns(pages=41, outcome="incomplete"), [(GIVE, OTHER)]),
    "given back under another agreement": (_returns(shown={"document_number": "2号"}), [(GIVE, OTHER)]),
    "given back by another paper": (_returns(files=[scan()]), [(GIVE, OTHER)]),
    "given back without the agreement": (_returns(files=[]), [(GIVE, OTHER)]),
    "given back to another owner": (_returns(shown={"owner": "听泉村"}), [(GIVE, OTHER)]),
    "given back by a taking in that is over": (_returned_by_an_old_paper, [(GIVE, NOT_TAKEN)]),
    "given back from a list that it is not on": (_returned_from_anothers_list, [(GIVE, NOT_TAKEN)]),
    "approver of one's own correction": (
        _named("metadata.correct", agent_name="王五", approver="王五"),
        [("metadata.correct", APART)],
    ),
    "approver of one's own change of grade": (
        _named("grade.change", agent_name="王五", approver="王五 "),
        [("grade.change", APART)],
    ),
    "approver of one's own erasure": (
        _named("disclosure.erase", agent_name="王五", approver="王五"),
        [("disclosure.erase", APART)],
    ),
    "an owner who is the custodian": (
        _named("deposit.in", owner="望禾村", custodian="望禾村"),
        [("deposit.in", APART)],
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
    "a repaired copy that names no source": (
        _repaired_from_no_named_source,
        [("repair.digital", ANSWERS)],
    ),
    "approved by who corrected": (_own_correction, [("metadata.check", OWN)]),
    "an approval of no correction": (_no_correction, [("metadata.check", ANSWERS)]),
    "viewed while blocked": (_viewed_while_reported, [("access.view", "CUSTODY_BLOCKED")]),
    "fields erased as a mistake, never reported": (
        _erased_unreported,
        [("disclosure.erase", "CUSTODY_ERASE_UNAPPROVED")],
    ),
    "files erased, never approved": (
        _file_erased_unapproved,
        [("file.erase", MISTAKEN), ("file.erase", ANSWERS)],
    ),
    "erasure approved by who reported": (_approved_by_who_reported, [("secrecy.approve", SAME)]),
    "report dismissed by who made it": (_dismissed_by_who_reported, [("secrecy.dismiss", SAME)]),
    "erased by who approved it": (_erased_by_who_approved, [("file.erase", SAME)]),
    "closed by who erased": (_closed_by_who_erased, [("secrecy.close", SAME)]),
    "closed, never approved": (
        _closed_unapproved,
        [("secrecy.close", MISTAKEN), ("secrecy.close", ANSWERS)],
    ),
    "added after the volume was closed": (_added_after_closing, [("volume.add", VOLUME)]),
    "closed, never made": (_closed_unopened, [("volume.close", VOLUME)]),
}


@pytest.mark.parametrize("name", BAD)
def test_broken_in_one_place(name: str) -> None:
    tell, expected = BAD[name]
    assert told(tell).breaches() == expected


def test_what_no_rule_is_about_breaks_none() -> None:
    """In any order, before and after anything, by anybody."""
    story = Story()
    for _ in range(2):
        for name in ("classify", "metadata.correct", "fixity", "migrate", "query.audit", "no.such.event"):
            story.do(name, "王五", late="forgotten")
        filed(story) if not story.breaches() and story.state("transfer") == "arranging" else None
    assert story.breaches() == []


def test_late_entries_are_judged_and_noted() -> None:
    story = Story()
    story.do("borrow.out", "孙八", due="2026-03-30", state="on_loan", late="forgotten")
    story.do("review.final", "赵六", late="old_register")
    lent, final = fold(story.acts)
    assert [b.code for b in lent.breaches] == ["CUSTODY_UNAPPROVED"]
    assert (lent.late, lent.from_register) == (True, False)
    assert final.breaches == ()
    assert (final.late, final.from_register) == (True, True)


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


# Recorded on 2026-01-12 at 07:59 in Beijing, which in London is the day before.
RECORDED = "2026-01-11T23:59:00.000Z"
LATE: dict[str, tuple[str, str | None, list[str]]] = {
    "the thirtieth day before": ("2025-12-13", None, []),
    "the thirty-first": ("2025-12-12", None, ["CUSTODY_LATE_UNMARKED"]),
    "the thirty-first, marked": ("2025-12-12", "forgotten", []),
    "a month that may be meant so late": ("2025-12", None, []),
    "a month long ago": ("2025-11", None, ["CUSTODY_LATE_UNMARKED"]),
}


@pytest.mark.parametrize("event", ["shelve", "classify"])
@pytest.mark.parametrize("name", LATE)
def test_entered_late(name: str, event: str) -> None:
    """Of every act on the record, whatever other rule is about it; one that is not logged is not judged."""
    when, late, expected = LATE[name]
    story = Story()
    story.do(event, "王五", when=when, late=late, state="in_place")
    assert story.breaches() == []
    logged = replace(story.acts[0], entry=Entry(0, RECORDED, story.acts[0].statement.digests, None, ()))
    assert [breach.code for one in fold([logged]) for breach in one.breaches] == expected
