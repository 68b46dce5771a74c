"""Transfer review by list: no step skipped, no list changed on the way, nobody on two steps."""

from __future__ import annotations

import pytest

from tests.verifier.custody_story import (
    COUNTY,
    TOWN,
    Story,
    Telling,
    ends_well,
    filed,
    listed,
    reviewed,
    told,
)

TEMPORARY = "temporary_authorisation"


def _whole(s: Story) -> None:
    filed(s)


def _department(s: Story) -> None:
    frozen = listed(s)
    s.do("review.department", "钱七", frozen, on="one", basis="declared_route")
    s.do("review.final", "赵六", frozen, on="one")


def _sent_back(s: Story) -> None:
    frozen = listed(s)
    village = s.do("review.village", "刘十四", frozen, on="one")
    back = s.do("item.return", "钱七", village)
    s.do("resubmit", "王五", back, version=2)
    again = s.do("list.freeze", "王五", on="two", size=1)
    # A list of one item: each review may be a single statement.
    s.do("review.village", "刘十四", again)
    s.do("review.department", "钱七", again)
    s.do("review.final", "赵六", again)


def _rest_goes_on(s: Story) -> None:
    """Another item was sent back: this one goes on under a new list, with the review that it has."""
    frozen = listed(s)
    s.do("review.village", "刘十四", frozen, on="one")
    again = s.do("list.freeze", "王五", frozen, on="two", size=1)
    s.do("review.department", "钱七", again, on="two", size=1)
    s.do("review.final", "赵六", again, on="two", size=1)


def _whole_list_back(s: Story) -> None:
    frozen = reviewed(s)
    s.do("list.return", "赵六", frozen, on="one")
    s.do("resubmit", "王五", version=2)


def _authorised(s: Story) -> None:
    frozen = listed(s)
    s.do("review.village", "代办人", frozen, on="one", basis=TEMPORARY, due="2026-02", when="2026-02-28")


def _deed(s: Story, *, giver: str = TOWN, receiver: str = COUNTY) -> str:
    filed(s)
    frozen = s.do("list.freeze", "孙八", on="county")
    s.do("handover.sign", "孙八", frozen, on="county", basis="giver_clerk", iss=giver)
    s.do("handover.sign", "赵六", frozen, on="county", basis="giver_head", iss=giver)
    s.do("handover.sign", "县经办", frozen, on="county", basis="receiver_clerk", iss=COUNTY)
    s.do("handover.sign", "县馆长", frozen, on="county", basis="receiver_head", iss=receiver)
    return frozen


def _to_county(s: Story) -> None:
    s.do("transfer.accept", "县接收", _deed(s), on="county", iss=COUNTY)


def _county_refuses(s: Story) -> None:
    s.do("transfer.refuse", "县接收", _deed(s), iss=COUNTY)
    s.do("list.freeze", "孙八", on="county again")


def _old_register(s: Story) -> None:
    """Filed years before the ledger was: the register says so, and no step of it is here."""
    s.do("receive", "王五", late="old_paper")
    s.do("review.final", "赵六", late="old_register", when="2003-05")


GOOD: dict[str, tuple[Telling, str]] = {
    "every step": (_whole, "filed"),
    "a department's own record, by the declared route": (_department, "filed"),
    "an item sent back and submitted again": (_sent_back, "filed"),
    "the rest of a list from which an item was sent back": (_rest_goes_on, "filed"),
    "a whole list sent back": (_whole_list_back, "arranging"),
    "an authorisation for the time, on its last day": (_authorised, "village"),
    "taken over by the county archive": (_to_county, "transferred"),
    "not taken over, and handed over anew": (_county_refuses, "handing_over"),
    "taken from an older register": (_old_register, "filed"),
}


@pytest.mark.parametrize("name", GOOD)
def test_as_it_should_be(name: str) -> None:
    tell, state = GOOD[name]
    ends_well(tell, "transfer", state)


def _unlisted(s: Story) -> None:
    s.do("receive", "王五")
    s.do("review.village", "刘十四")


def _no_village(s: Story) -> None:
    s.do("review.department", "钱七", listed(s), on="one")


def _no_department(s: Story) -> None:
    frozen = listed(s)
    s.do("review.village", "刘十四", frozen, on="one")
    s.do("review.final", "赵六", frozen, on="one")


def _reviewed_once_sent_back(s: Story) -> None:
    frozen = listed(s)
    s.do("item.return", "刘十四", frozen)
    s.do("review.village", "刘十四", frozen, on="one")


def _same_version_again(s: Story) -> None:
    s.do("item.return", "刘十四", listed(s))
    s.do("resubmit", "王五", version=1)


def _late_is_no_excuse(s: Story) -> None:
    s.do("review.final", "赵六", listed(s), on="one", late="old_register")


def _content_changed(s: Story) -> None:
    listed(s)
    s.do("version.add", "王五", version=2)


def _other_list(s: Story) -> None:
    s.do("review.village", "刘十四", listed(s), on="another")


def _single_for_many(s: Story) -> None:
    s.do("review.village", "刘十四", listed(s))


def _list_grew(s: Story) -> None:
    s.do("review.village", "刘十四", listed(s), on="one", size=3)


def _answers_nothing(s: Story) -> None:
    listed(s)
    s.do("review.village", "刘十四", "receive 0", on="one")


def _frozen_twice(s: Story) -> None:
    s.do("list.freeze", "王五", listed(s), on="one", size=3)


def _new_list_from_nowhere(s: Story) -> None:
    listed(s)
    s.do("list.freeze", "王五", on="two")


def _county_unfiled(s: Story) -> None:
    frozen = reviewed(s)
    s.do("transfer.accept", "县接收", frozen, on="one", iss=COUNTY)


def _county_unlisted(s: Story) -> None:
    s.do("review.final", "赵六", late="old_register")
    s.do("handover.sign", "孙八", basis="giver_clerk")


def _no_deed(s: Story) -> None:
    filed(s)
    s.do("transfer.accept", "县接收", s.do("list.freeze", "孙八", on="county"), on="county", iss=COUNTY)


def _signed_twice(s: Story) -> None:
    frozen = listed(s)
    for role in ("giver_clerk", "giver_head"):
        s.do("handover.sign", "王五", frozen, on="one", basis=role)


def _role_twice(s: Story) -> None:
    frozen = listed(s)
    for who in ("王五", "李四"):
        s.do("handover.sign", who, frozen, on="one", basis="giver_clerk")


def _given_by_others(s: Story) -> None:
    s.do("handover.sign", "外人", listed(s), on="one", basis="giver_clerk", iss=COUNTY)


def _received_by_two(s: Story) -> None:
    _deed(s, receiver="OtherMSP")


def _taken_by_another(s: Story) -> None:
    s.do("transfer.accept", "外人", _deed(s), on="county", iss="OtherMSP")


def _prepares_and_reviews(s: Story) -> None:
    s.do("review.village", "王五", listed(s), on="one")


def _two_steps(s: Story) -> None:
    frozen = listed(s)
    s.do("review.village", "刘十四", frozen, on="one")
    s.do("review.department", "刘十四", frozen, on="one")


def _two_steps_over_two_lists(s: Story) -> None:
    """The new list carries the review made on the one before, and with it who made it."""
    frozen = listed(s)
    s.do("review.village", "刘十四", frozen, on="one")
    again = s.do("list.freeze", "王五", frozen, on="two", size=1)
    s.do("review.department", "刘十四", again)


def _reviewer_makes_the_list(s: Story) -> None:
    frozen = listed(s)
    s.do("review.village", "刘十四", frozen, on="one")
    s.do("list.freeze", "刘十四", frozen, on="two", size=1)


def _undated(s: Story) -> None:
    s.do("review.village", "代办人", listed(s), on="one", basis=TEMPORARY)


def _expired(s: Story) -> None:
    frozen = listed(s)
    s.do("review.village", "代办人", frozen, on="one", basis=TEMPORARY, due="2026-02", when="2026-03-01")


ORDER, OTHER, SAME = "CUSTODY_TRANSFER_ORDER", "CUSTODY_LIST_OTHER", "CUSTODY_SAME_PERSON"


def _county_gives_to_itself(s: Story) -> None:
    """It fixes the list of a township's filed records, and signs on both sides."""
    filed(s)
    frozen = s.do("list.freeze", "县村档", on="county", iss=COUNTY)
    for who, role in (
        ("县村档", "giver_clerk"),
        ("县副馆长", "giver_head"),
        ("县经办", "receiver_clerk"),
        ("县馆长", "receiver_head"),
    ):
        s.do("handover.sign", who, frozen, on="county", basis=role, iss=COUNTY)
    s.do("transfer.accept", "县接收", frozen, on="county", iss=COUNTY)


BAD: dict[str, tuple[Telling, list[tuple[str, str]]]] = {
    "reviewed without a list": (_unlisted, [("review.village", ORDER)]),
    "village step skipped": (_no_village, [("review.department", ORDER)]),
    "department step skipped": (_no_department, [("review.final", ORDER)]),
    "reviewed after it was sent back": (_reviewed_once_sent_back, [("review.village", ORDER)]),
    "submitted again as the same version": (_same_version_again, [("resubmit", "CUSTODY_VERSION")]),
    "skipped by calling it an older register": (_late_is_no_excuse, [("review.final", ORDER)]),
    "content changed under review": (_content_changed, [("version.add", ORDER)]),
    "reviewed on another list": (_other_list, [("review.village", OTHER)]),
    "one of two items reviewed alone": (_single_for_many, [("review.village", OTHER)]),
    "an item more than was fixed": (_list_grew, [("review.village", "CUSTODY_LIST_SIZE")]),
    "the fixed list not answered": (_answers_nothing, [("review.village", "CUSTODY_LIST_ANSWER")]),
    "one list fixed twice": (_frozen_twice, [("list.freeze", "CUSTODY_LIST_FROZEN")]),
    "a new list that does not follow the old": (
        _new_list_from_nowhere,
        [("list.freeze", "CUSTODY_LIST_ANSWER")],
    ),
    "to the county before it was filed": (_county_unfiled, [("transfer.accept", ORDER),
        ("transfer.accept", "CUSTODY_DEED_INCOMPLETE")]),
    "signed for without a list": (_county_unlisted, [("handover.sign", OTHER)]),
    "taken over without a deed": (_no_deed, [("transfer.accept", "CUSTODY_DEED_INCOMPLETE")]),
    "one person signs for two": (_signed_twice, [("handover.sign", SAME)]),
    "two sign as one": (_role_twice, [("handover.sign", "CUSTODY_DEED_REPEATED")]),
    "given by who did not make the list": (_given_by_others, [("handover.sign", "CUSTODY_DEED_PARTY")]),
    "received by two organisations": (_received_by_two, [("handover.sign", "CUSTODY_DEED_PARTY")]),
    "given and taken over by one": (_county_gives_to_itself, [("transfer.accept", "CUSTODY_DEED_PARTY")]),
    "taken over by another than who signed": (
        _taken_by_another,
        [("transfer.accept", "CUSTODY_DEED_PARTY")],
    ),
    "the preparer reviews": (_prepares_and_reviews, [("review.village", SAME)]),
    "two steps by one person": (_two_steps, [("review.department", SAME)]),
    "two steps by one person, on two lists": (_two_steps_over_two_lists, [("review.department", SAME)]),
    "a reviewer makes the list that goes on": (_reviewer_makes_the_list, [("list.freeze", SAME)]),
    "an authorisation without end": (_undated, [("review.village", "CUSTODY_AUTHORISATION_UNDATED")]),
    "an authorisation that has ended": (_expired, [("review.village", "CUSTODY_AUTHORISATION_ENDED")]),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_broken_in_one_place(name: str) -> None:
    tell, expected = BAD[name]
    assert told(tell).breaches() == expected
