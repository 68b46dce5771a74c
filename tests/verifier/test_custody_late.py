"""What is entered long after it happened is marked so, and judged in the order of the log."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.verifier.custody_story import Story
from verifier.custody import fold
from verifier.entry import Entry


def test_late_entries_are_judged_and_noted() -> None:
    story = Story()
    story.do("borrow.out", "孙八", due="2026-03-30", state="on_loan", late="forgotten")
    story.do("review.final", "赵六", late="old_register")
    lent, final = fold(story.acts)
    assert [b.code for b in lent.breaches] == ["CUSTODY_UNAPPROVED"]
    assert (lent.late, lent.from_register) == (True, False)
    assert final.breaches == ()
    assert (final.late, final.from_register) == (True, True)


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
