"""Scans compared and repairs checked by another; deposits, volumes, and what was received by mistake."""

from __future__ import annotations

from typing import Any

import pytest

from tests.verifier.custody_story import COUNTY, Story, Telling, ends_well, filed, scan, told


def _compared(s: Story) -> None:
    s.do("receive", "王五")
    s.do("digitise", "冯十二", files=[scan()])
    s.do("original.compare", "陈十三", outcome="same")


def _repaired(s: Story) -> None:
    s.do("digitise", "冯十二", files=[scan()])
    s.do("repair.check", "陈十三", s.do("repair.digital", "冯十二", "digitise 0", files=[scan("enhanced")]))


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
    ends_well(*GOOD[name])


def _compares_own_scan(s: Story) -> None:
    s.do("digitise", "冯十二", files=[scan()])
    s.do("original.compare", "冯十二", outcome="same")


def _compares_own_scan_by_another_name(s: Story) -> None:
    s.do("digitise", "冯十二", files=[scan("copy")])
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
    "compared by who scanned, and called it a copy": (
        _compares_own_scan_by_another_name,
        [("original.compare", OWN)],
    ),
    "compared by who scanned": (_compares_own_scan, [("original.compare", OWN)]),
    "compared by who brought the scans": (_compares_own_version, [("original.compare", OWN)]),
    "checked by who repaired": (_checks_own_repair, [("repair.check", OWN)]),
    "a check of no repair": (_checks_no_repair, [("repair.check", "CUSTODY_ANSWERS")]),
    "a repaired copy called a scan": (_called_a_scan, [("repair.digital", "CUSTODY_NOT_ENHANCED")]),
    "a repaired copy without its source": (
        _repaired_from_nothing,
        [("repair.digital", "CUSTODY_NO_SOURCE")],
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
