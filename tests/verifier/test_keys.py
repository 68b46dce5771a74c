"""The rule of keys: two organisations enrol and revoke, and it counts from the second's statement on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from verifier.errors import EvidenceError
from verifier.keys import KeyAct, Keys

TOWN, COUNTY, AUDIT = "QingheTownship", "YunlingArchives", "YunlingAudit"
KEY, OTHER = b"\x01" * 32, b"\x02" * 32


def said(place: int, iss: str, event: str = "key.enrol", **changes: object) -> KeyAct:
    plain = KeyAct(
        place=place,
        statement=bytes([place]) * 32,
        event=event,
        iss=iss,
        agent=f"registrar of {iss}",
        role="registrar",
        subject="clerk",
        key=KEY,
        answers=(),
        recorded_at=f"2026-01-{place:02d}T09:00:00.000Z",
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # of KeyAct


def pair(
    place: int, iss: str = TOWN, second: str = COUNTY, event: str = "key.enrol", **changes: object
) -> list[KeyAct]:
    """Two statements at `place` and the next."""
    first = said(place, iss, event, **changes)
    return [first, said(place + 1, second, event, **{"answers": (first.statement,), **changes})]


ENROLLED = pair(1)
REVOKED = pair(11, event="key.revoke", reason="left_post")
LEFT = replace(REVOKED[0], key=OTHER)

# What the trail holds, place and organisation of a statement with KEY, and the code if it does not count.
STATEMENTS: dict[str, tuple[Sequence[KeyAct], int, str, str]] = {
    "after both": (ENROLLED, 3, TOWN, ""),
    "long after": (ENROLLED, 99, TOWN, ""),
    "between the two": (ENROLLED, 2, TOWN, "KEY_ENROLLED_LATER"),
    "before both": (ENROLLED, 1, TOWN, "KEY_ENROLLED_LATER"),
    "an empty trail": ([], 5, TOWN, "KEY_NOT_ENROLLED"),
    "another key": ([replace(act, key=OTHER) for act in ENROLLED], 5, TOWN, "KEY_NOT_ENROLLED"),
    "for another organisation": (ENROLLED, 5, COUNTY, "KEY_OTHER_ORGANISATION"),
    "by one organisation": (ENROLLED[:1], 5, TOWN, "KEY_ENROL_ALONE"),
    "by one organisation twice": (pair(1, second=TOWN), 5, TOWN, "KEY_SAME_ORGANISATION"),
    "the second by no registrar": (
        [ENROLLED[0], replace(ENROLLED[1], role="person")], 5, TOWN, "KEY_NOT_REGISTRAR",
    ),
    "the first by no registrar": (
        [replace(ENROLLED[0], role="service"), ENROLLED[1]], 5, TOWN, "KEY_WRONG_ANSWER",
    ),
    "an answer to nothing": (ENROLLED[1:], 5, TOWN, "KEY_WRONG_ANSWER"),
    "an answer to two": (
        [*pair(1)[:1], said(2, AUDIT), said(3, COUNTY, answers=(b"\x01" * 32, b"\x02" * 32))],
        5, TOWN, "KEY_WRONG_ANSWER",
    ),
    "an answer about another key": (
        [replace(ENROLLED[0], key=OTHER), ENROLLED[1]], 5, TOWN, "KEY_WRONG_ANSWER",
    ),
    "a revocation for an answer": (
        [*ENROLLED, REVOKED[0], replace(REVOKED[1], event="key.enrol")], 20, TOWN, "",
    ),
    "two firsts, one answered": ([said(4, COUNTY), *pair(5)], 9, TOWN, ""),
    "revoked before": ([*ENROLLED, *REVOKED], 13, TOWN, "KEY_REVOKED"),
    "revoked after": ([*ENROLLED, *REVOKED], 12, TOWN, ""),
    "a revocation by one alone": ([*ENROLLED, REVOKED[0]], 20, TOWN, ""),
    "a revocation by one twice": ([*ENROLLED, *pair(11, second=TOWN, event="key.revoke")], 20, TOWN, ""),
    "a revocation begun elsewhere": ([*ENROLLED, *pair(11, COUNTY, AUDIT, "key.revoke")], 20, TOWN, ""),
    "a revocation of another key": ([*ENROLLED, *[replace(act, key=OTHER) for act in REVOKED]], 20, TOWN, ""),
    "enrolled again after": ([*ENROLLED, *REVOKED, *pair(15)], 20, TOWN, "KEY_REVOKED"),
    "another key for the lost one": (
        [*ENROLLED, *REVOKED, *pair(15, key=OTHER)], 20, TOWN, "KEY_REVOKED",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement(name: str) -> None:
    acts, place, iss, expected = STATEMENTS[name]
    assert code_of(acts, place, iss) == expected


def code_of(acts: Sequence[KeyAct], place: int, iss: str, key: bytes = KEY) -> str:
    try:
        Keys(acts).check(key, iss, place)
    except EvidenceError as error:
        return error.code
    return ""


def test_the_new_key_counts_after_the_lost_one() -> None:
    acts = [*ENROLLED, *REVOKED, *pair(15, key=OTHER)]
    assert code_of(acts, 20, TOWN, OTHER) == ""
    assert Keys(acts).enrolments[OTHER].organisation == TOWN


# What the trail holds, and why the last of it does not count.
ACTS: dict[str, tuple[Sequence[KeyAct], str]] = {
    "by no registrar": ([said(1, TOWN, role="person")], "KEY_NOT_REGISTRAR"),
    "a key enrolled already": ([*ENROLLED, said(3, TOWN)], "KEY_ENROLLED_ALREADY"),
    "a key that was revoked": ([*ENROLLED, *REVOKED, said(14, TOWN)], "KEY_REVOKED"),
    "revoking nothing": ([said(1, TOWN, "key.revoke")], "KEY_NOT_ENROLLED"),
    "revoking twice": ([*ENROLLED, *REVOKED, said(14, TOWN, "key.revoke")], "KEY_REVOKED"),
    "revoking another's": ([*ENROLLED, said(3, COUNTY, "key.revoke")], "KEY_OTHER_ORGANISATION"),
    "both of one": (pair(1, second=TOWN), "KEY_SAME_ORGANISATION"),
    "answering what was answered": (
        [*ENROLLED, *pair(4, key=OTHER), said(8, AUDIT, key=OTHER, answers=(b"\x04" * 32,))],
         "KEY_ENROLLED_ALREADY",
    ),
    "answering an enrolment with a revocation": (
        [*ENROLLED, said(3, TOWN, "key.revoke"), said(4, COUNTY, "key.revoke", answers=(b"\x01" * 32,))],
         "KEY_WRONG_ANSWER",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ACTS)
def test_an_act_that_does_not_count(name: str) -> None:
    acts, expected = ACTS[name]
    assert [(found.act, found.code) for found in Keys(acts).ignored] == [(acts[-1], expected)]


COMPROMISED: dict[str, object] = {"event": "key.revoke", "reason": "compromised"}
# What the revocation says, when the statement was recorded, and whether it is in doubt.
DOUBTS: dict[str, tuple[dict[str, object], str | None, bool]] = {
    "before": ({**COMPROMISED, "compromised_since": "2026-01-08"}, "2026-01-06T23:59:59.999Z", False),
    "on the day, somewhere": (
        {**COMPROMISED, "compromised_since": "2026-01-08"}, "2026-01-07T00:00:00.000Z", True,
    ),
    "after": ({**COMPROMISED, "compromised_since": "2026-01-08"}, "2026-01-09T00:00:00.000Z", True),
    "to the second": (
        {**COMPROMISED, "compromised_since": "2026-01-08T08:00:00+08:00"}, "2026-01-07T23:59:59.999Z", False,
    ),
    "no day named": (COMPROMISED, "2026-01-03T00:00:00.000Z", True),
    "a pending statement": ({**COMPROMISED, "compromised_since": "2026-01-08"}, None, True),
    "lost, with a day": (
        {"event": "key.revoke", "reason": "key_lost", "compromised_since": "2026"},
        "2026-01-03T00:00:00.000Z", True,
    ),
    "left": ({"event": "key.revoke", "reason": "left_post"}, "2026-01-03T00:00:00.000Z", False),
    "the first year": ({**COMPROMISED, "compromised_since": "0001"}, "2026-01-03T00:00:00.000Z", True),
}  # fmt: skip


@pytest.mark.parametrize("name", DOUBTS)
def test_later_news_of_compromise(name: str) -> None:
    says, recorded_at, expected = DOUBTS[name]
    keys = Keys([*ENROLLED, *pair(11, **says)])  # type: ignore[arg-type]  # changes of KeyAct
    assert (keys.doubt(KEY, recorded_at) is not None) == expected


def test_nothing_is_in_doubt_without_a_revocation() -> None:
    assert Keys(ENROLLED).doubt(KEY, None) is None
    assert Keys().doubt(KEY, None) is None
