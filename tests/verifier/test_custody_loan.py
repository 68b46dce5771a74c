"""Access and loans: applied for, approved, handed out, renewed in time, returned; where the paper is."""

from __future__ import annotations

import pytest

from tests.verifier.custody_story import Story, Telling, approved, ends_well, lent, told


def _lent_and_back(s: Story) -> None:
    out = lent(s)
    again = s.do("borrow.renew", "孙八", out, due="2026-04-10", when="2026-03-30")
    s.do("borrow.overdue", "孙八", again, due="2026-04-10", when="2026-04-11")
    s.do("borrow.recall", "孙八", again)
    s.do("borrow.return", "孙八", out, state="in_place", outcome="intact")


def _lent_twice_over(s: Story) -> None:
    for _ in range(2):
        out = s.do("borrow.out", "孙八", approved(s), due="2026-03-30", state="on_loan")
        s.do("borrow.return", "孙八", out, state="in_place")


def _of_old(s: Story) -> None:
    """A loan that an older register has: its application is not here, its return is."""
    out = s.do("borrow.out", "孙八", due="2003-05", state="on_loan", late="old_register", when="2003-04")
    s.do("borrow.return", "孙八", out, state="in_place", late="old_register", when="2003-05")


def _read_freely(s: Story) -> None:
    for basis in ("own_record", "mandate", "consent", "open"):
        s.do("access.view", "孙八", basis=basis)


def _read_by_permission(s: Story) -> None:
    applied = approved(s, due="2026-01-12")
    s.do("access.view", "周九", applied)
    s.do("access.copy", "孙八", "access.approve 1", basis="mediation", fields=["reader_name"])


def _refused_then_granted(s: Story) -> None:
    s.do("access.refuse", "孙八", s.do("access.apply", "周九", basis="mediation"))
    s.do("access.view", "周九", approved(s))


def _checked_out(s: Story) -> None:
    s.do("shelve", "陈十三", state="in_deposit")
    out = s.do("check_out", "陈十三", state="in_repair")
    s.do("repair.physical", "冯十二")
    s.do("check_in", "陈十三", out, state="in_deposit")
    s.do("seize", "孙八", state="on_loan", basis="litigation")


def _missed_and_found(s: Story) -> None:
    s.do("stocktake", "陈十三", state="missing", outcome="missing")
    s.do("found", "陈十三", state="in_place")
    s.do("lost", "陈十三", state="lost")
    s.do("found", "陈十三", state="in_place")


def _damaged_on_loan(s: Story) -> None:
    lent(s)
    s.do("damaged", "孙八", state="in_place")


def _lost_on_loan_and_found(s: Story) -> None:
    """Found on its shelf: then the loan is closed all the same."""
    out = lent(s)
    s.do("found", "陈十三", s.do("lost", "陈十三", state="lost"), state="in_place")
    s.do("borrow.return", "孙八", out, state="in_place")


def _deposited(s: Story) -> None:
    inward = s.do("deposit.in", "陈十三", state="in_deposit")
    s.do("deposit.out", "陈十三", inward, state="in_place")


GOOD: dict[str, tuple[Telling, str, str]] = {
    "lent, renewed, overdue, recalled, returned": (_lent_and_back, "original", "in_place"),
    "lent twice, one after the other": (_lent_twice_over, "loan", "none"),
    "a loan from an older register": (_of_old, "loan", "none"),
    "read on bases that ask for no approval": (_read_freely, "loan", "none"),
    "read with approval, on its last day": (_read_by_permission, "loan", "none"),
    "refused, applied for again, granted": (_refused_then_granted, "loan", "none"),
    "out for repair and back, then seized": (_checked_out, "original", "on_loan"),
    "missed, found, lost, found": (_missed_and_found, "original", "in_place"),
    "damaged on loan, and still on loan": (_damaged_on_loan, "original", "on_loan"),
    "lost on loan, found on its shelf, returned": (_lost_on_loan_and_found, "loan", "none"),
    "taken into keeping and given back": (_deposited, "deposit", "none"),
}


@pytest.mark.parametrize("name", GOOD)
def test_as_it_should_be(name: str) -> None:
    ends_well(*GOOD[name])


def _read_unasked(s: Story) -> None:
    s.do("access.view", "周九", basis="mediation")


def _read_without_basis(s: Story) -> None:
    s.do("access.print", "周九")


def _read_before_approval(s: Story) -> None:
    s.do("access.download", "周九", s.do("access.apply", "周九", basis="audit"))


def _read_though_refused(s: Story) -> None:
    applied = s.do("access.apply", "周九", basis="own_record")
    s.do("access.refuse", "孙八", applied)
    s.do("access.view", "周九", applied, basis="own_record")


def _approved_though_refused(s: Story) -> None:
    applied = s.do("access.apply", "周九", basis="audit")
    s.do("access.refuse", "孙八", applied)
    s.do("access.approve", "赵六", applied)


def _approval_withdrawn(s: Story) -> None:
    applied = approved(s)
    s.do("access.refuse", "赵六", applied)
    s.do("access.view", "周九", applied)


def _read_too_late(s: Story) -> None:
    s.do("access.view", "周九", approved(s, due="2026-01"), when="2026-02-01")


def _approves_own(s: Story) -> None:
    s.do("access.approve", "周九", s.do("access.apply", "周九", basis="audit"))


def _approves_nothing(s: Story) -> None:
    s.do("receive", "王五")
    s.do("access.approve", "赵六", "receive 0")


def _lent_unasked(s: Story) -> None:
    s.do("borrow.out", "孙八", due="2026-03-30", state="on_loan", basis="own_record")


def _lent_twice(s: Story) -> None:
    lent(s)
    s.do("borrow.out", "孙八", approved(s), due="2026-03-30", state="on_loan")


def _lent_while_repaired(s: Story) -> None:
    s.do("check_out", "陈十三", state="in_repair")
    s.do("borrow.out", "孙八", approved(s), due="2026-03-30", state="on_loan")


def _renewed_late(s: Story) -> None:
    s.do("borrow.renew", "孙八", lent(s), due="2026-04-30", when="2026-03-31")


def _renewed_for_nothing(s: Story) -> None:
    s.do("borrow.renew", "孙八", lent(s), due="2026-03-30", when="2026-03-29")


def _renewed_for_ever(s: Story) -> None:
    out = lent(s)
    for month in (4, 5, 6):
        s.do("borrow.renew", "孙八", out, due=f"2026-0{month}-20", when="2026-03-29")


def _lent_for_long(s: Story) -> None:
    """From some day of January to some day of May it may be 90 days, and then from one to another 91."""
    out = s.do("borrow.out", "孙八", approved(s), due="2026-05", state="on_loan", when="2026-01")
    s.do("borrow.return", "孙八", out, state="in_place")
    s.do("borrow.out", "孙八", "access.apply 0", due="2026-04-13", state="on_loan", when="2026-01-12")


def _renewed_for_long(s: Story) -> None:
    s.do("borrow.renew", "孙八", lent(s), due="2026-06-28", when="2026-03-29")


def _renewed_unlent(s: Story) -> None:
    s.do("borrow.return", "孙八", lent(s), state="in_place")
    s.do("borrow.renew", "孙八", "borrow.out 3", due="2026-04-30", when="2026-03-29")


def _overdue_too_soon(s: Story) -> None:
    s.do("borrow.overdue", "孙八", lent(s), due="2026-03-30", when="2026-03-30")


def _returned_unlent(s: Story) -> None:
    s.do("shelve", "陈十三", state="in_place")
    s.do("borrow.return", "孙八", "shelve 0", state="in_place")


def _in_without_out(s: Story) -> None:
    s.do("shelve", "陈十三", state="in_place")
    s.do("check_in", "陈十三", "shelve 0", state="in_place")


def _out_twice(s: Story) -> None:
    for _ in range(2):
        s.do("check_out", "陈十三", state="in_repair")


def _shelved_while_lent(s: Story) -> None:
    lent(s)
    s.do("shelve", "陈十三", state="in_place")


def _found_in_its_place(s: Story) -> None:
    s.do("shelve", "陈十三", state="in_place")
    s.do("found", "陈十三", "shelve 0", state="in_place")


def _miscounted(s: Story) -> None:
    s.do("stocktake", "陈十三", state="missing", outcome="present")


def _given_back_untaken(s: Story) -> None:
    s.do("shelve", "陈十三", state="in_deposit")
    s.do("deposit.out", "陈十三", "shelve 0", state="in_place")


def _taken_twice(s: Story) -> None:
    for _ in range(2):
        s.do("deposit.in", "陈十三")


ORIGINAL, LOAN, UNAPPROVED = "CUSTODY_ORIGINAL_ORDER", "CUSTODY_LOAN_ORDER", "CUSTODY_UNAPPROVED"
BAD: dict[str, tuple[Telling, list[tuple[str, str]]]] = {
    "read on a basis that asks for approval": (_read_unasked, [("access.view", UNAPPROVED)]),
    "read on no basis": (_read_without_basis, [("access.print", UNAPPROVED)]),
    "read before the approval": (_read_before_approval, [("access.download", UNAPPROVED)]),
    "read though refused": (_read_though_refused, [("access.view", "CUSTODY_REFUSED")]),
    "approved though refused": (_approved_though_refused, [("access.approve", "CUSTODY_REFUSED")]),
    "read after the approval was withdrawn": (_approval_withdrawn, [("access.view", "CUSTODY_REFUSED")]),
    "read after the approval's end": (_read_too_late, [("access.view", "CUSTODY_APPROVAL_ENDED")]),
    "an application approved by its applicant": (_approves_own, [("access.approve", "CUSTODY_OWN_WORK")]),
    "an approval of no application": (_approves_nothing, [("access.approve", "CUSTODY_ANSWERS")]),
    "lent without approval": (_lent_unasked, [("borrow.out", UNAPPROVED)]),
    "lent while lent": (_lent_twice, [("borrow.out", ORIGINAL), ("borrow.out", LOAN)]),
    "lent while in repair": (_lent_while_repaired, [("borrow.out", ORIGINAL)]),
    "renewed after it was due": (_renewed_late, [("borrow.renew", "CUSTODY_RENEWED_LATE")]),
    "renewed until no later day": (_renewed_for_nothing, [("borrow.renew", "CUSTODY_DUE_NOT_LATER")]),
    "renewed a third time": (_renewed_for_ever, [("borrow.renew", "CUSTODY_RENEWALS")]),
    "lent for more than 90 days": (_lent_for_long, [("borrow.out", "CUSTODY_LOAN_DAYS")]),
    "renewed for more than 90 days": (_renewed_for_long, [("borrow.renew", "CUSTODY_LOAN_DAYS")]),
    "renewed after the return": (_renewed_unlent, [("borrow.renew", LOAN)]),
    "called overdue on the last day": (_overdue_too_soon, [("borrow.overdue", "CUSTODY_NOT_OVERDUE")]),
    "returned, never lent": (
        _returned_unlent,
        [("borrow.return", LOAN), ("borrow.return", "CUSTODY_ANSWERS")],
    ),
    "back in, never out": (_in_without_out, [("check_in", ORIGINAL)]),
    "out while out": (_out_twice, [("check_out", ORIGINAL)]),
    "shelved while lent": (_shelved_while_lent, [("shelve", ORIGINAL)]),
    "found, never lost": (_found_in_its_place, [("found", ORIGINAL)]),
    "stocktaking that contradicts itself": (_miscounted, [("stocktake", "CUSTODY_STOCKTAKE")]),
    "given back, never taken into keeping": (
        _given_back_untaken,
        [("deposit.out", "CUSTODY_DEPOSIT_ORDER"), ("deposit.out", "CUSTODY_DEPOSIT_NOT_TAKEN")],
    ),
    "taken into keeping twice": (_taken_twice, [("deposit.in", "CUSTODY_DEPOSIT_ORDER")]),
}


@pytest.mark.parametrize("name", BAD)
def test_broken_in_one_place(name: str) -> None:
    tell, expected = BAD[name]
    assert told(tell).breaches() == expected
