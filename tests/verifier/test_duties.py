"""The rule of duties: who has which, at any place and time, by the acts on his trail."""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.duties import _DATA, Duties, DutyAct, duties, duties_at, read_duties
from verifier.errors import EvidenceError

TOWN, COUNTY = "QingheTownship", "YunlingArchives"
CLERK, VILLAGE, OTHER_VILLAGE = "clerk", "village 3", "village 4"
NOW = "2026-06-01T00:00:00.000Z"


def act(place: int, event: str = "appoint", duty: str = "township_archivist", **changes: object) -> DutyAct:
    own = event == "duty.handover"
    plain = DutyAct(
        place=place,
        statement=bytes([place]) * 32,
        event=event,
        iss=TOWN,
        agent=CLERK if own else "registrar",
        role="person" if own else "registrar",
        subject=CLERK,
        duty=duty,
        unit=None,
        due=None,
        time=f"2026-01-{place:02d}T09:00:00.000Z",
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # of DutyAct


APPOINTED = act(1)
# The trail; place and time; the duties held.
HELD: dict[str, tuple[Sequence[DutyAct], int, str, set[str]]] = {
    "nothing": ([], 9, NOW, set()),
    "appointed": ([APPOINTED], 9, NOW, {"township_archivist"}),
    "from the next place on": ([APPOINTED], 1, NOW, set()),
    "two duties": ([APPOINTED, act(2, duty="head")], 9, NOW, {"township_archivist", "head"}),
    "released": ([APPOINTED, act(2, "release")], 9, NOW, set()),
    "released later": ([APPOINTED, act(5, "release")], 5, NOW, {"township_archivist"}),
    "handed over": ([APPOINTED, act(2, "duty.handover")], 9, NOW, set()),
    "appointed again": ([APPOINTED, act(2, "release"), act(3)], 9, NOW, {"township_archivist"}),
    "until a day, on it": ([act(1, due="2026-06-01")], 9, "2026-06-01T15:59:59.999Z", {"township_archivist"}),
    "until a day, after it": ([act(1, due="2026-06-01")], 9, "2026-06-01T16:00:00.000Z", set()),
    "until a month": ([act(1, due="2026-06")], 9, "2026-06-30T10:00:00.000Z", {"township_archivist"}),
    "until a time": ([act(1, due="2026-06-01T08:00:00+08:00")], 9, "2026-06-01T00:00:00.001Z", set()),
    "prolonged": ([act(1, due="2026-05"), act(2, due="2026-07")], 9, NOW, {"township_archivist"}),
    "one village of two": (
        [act(1, duty="village_archivist", unit=VILLAGE), act(2, duty="village_archivist", unit=OTHER_VILLAGE),
         act(3, "release", duty="village_archivist", unit=VILLAGE)],
        9, NOW, {"village_archivist"},
    ),
    "by no registrar": ([act(1, role="person")], 9, NOW, set()),
    "released by no registrar": (
        [APPOINTED, act(2, "release", role="person")], 9, NOW, {"township_archivist"},
    ),
    "released elsewhere": ([APPOINTED, act(2, "release", iss=COUNTY)], 9, NOW, {"township_archivist"}),
    "handed over by another": (
        [APPOINTED, act(2, "duty.handover", agent="x")], 9, NOW, {"township_archivist"},
    ),
    "two that exclude each other": (
        [act(1, duty="system_admin"), act(2, duty="audit_admin")], 9, NOW, {"system_admin"},
    ),
    "in another organisation too": (
        [act(1, duty="system_admin"), act(2, duty="audit_admin", iss=COUNTY)], 9, NOW, {"system_admin"},
    ),
    "one after the other": (
        [act(1, duty="system_admin"), act(2, "release", duty="system_admin"), act(3, duty="audit_admin")],
        9, NOW, {"audit_admin"},
    ),
    "one after the other's end": (
        [act(1, duty="system_admin", due="2026-01-02"), act(5, duty="audit_admin")], 9, NOW, {"audit_admin"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HELD)
def test_duties_at(name: str) -> None:
    acts, place, time, expected = HELD[name]
    assert {held.duty for held in duties_at(acts, place, time)} == expected


def test_what_is_told_of_a_duty() -> None:
    (held,) = duties_at([act(1, duty="village_archivist", unit=VILLAGE, due="2026-12")], 2, NOW)
    assert (held.unit, held.iss, held.until, held.appointed) == (VILLAGE, TOWN, "2026-12", b"\x01" * 32)


REFUSED: dict[str, tuple[Sequence[DutyAct], DutyAct, str | None, str]] = {
    "no such duty": ([], act(1, duty="king"), None, "DUTY_UNKNOWN"),
    "not of this kind of organisation": ([], act(1, duty="auditor"), "township", "DUTY_KIND"),
    "of oneself": ([], act(1, agent=CLERK), None, "DUTY_SELF"),
    "by no registrar": ([], act(1, role="person"), None, "DUTY_NOT_REGISTRAR"),
    "administrators apart": (
        [act(1, duty="audit_admin")],
        act(2, duty="security_admin"),
        None,
        "DUTY_EXCLUDED",
    ),
    "never appointed": ([], act(1, "release"), None, "DUTY_NOT_HELD"),
    "another unit's": ([APPOINTED], act(2, "release", unit=VILLAGE), None, "DUTY_NOT_HELD"),
    "run out": ([act(1, due="2026-01-01")], act(9, "release"), None, "DUTY_NOT_HELD"),
    "another organisation's": ([APPOINTED], act(2, "release", iss=COUNTY), None, "DUTY_OTHER_ORGANISATION"),
    "another person's": ([APPOINTED], act(2, "duty.handover", agent="x"), None, "DUTY_NOT_OWN"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_act_that_breaks_a_rule(name: str) -> None:
    before, last, kind, expected = REFUSED[name]
    found = Duties()
    for one in before:
        found.take(one)
    with pytest.raises(EvidenceError) as caught:
        found.take(last, kind)
    assert caught.value.code == expected


def test_a_kind_that_may_have_it() -> None:
    Duties().take(act(1, duty="auditor"), "audit")
    Duties().take(act(1, duty="head"), "audit")


def test_the_three_administrators_exclude_each_other() -> None:
    three = {"system_admin", "security_admin", "audit_admin"}
    assert {name: spec.excludes for name, spec in duties().items() if spec.excludes} == {
        name: three - {name} for name in three
    }


BROKEN_TABLES = {
    "one-sided": {"excludes": ["reader"]},
    "itself": {"excludes": ["head"]},
    "nobody": {"excludes": ["king"]},
    "no kind": {"kinds": []},
    "another kind": {"kinds": ["village"]},
}


@pytest.mark.parametrize("name", BROKEN_TABLES)
def test_a_table_that_breaks_its_rules(name: str) -> None:
    table = json.loads(_DATA.read_bytes())
    head = next(one for one in table["duties"] if one["name"] == "head")
    head |= BROKEN_TABLES[name]
    with pytest.raises(ValueError, match=r"duties\.head"):
        read_duties(json.dumps(table).encode())


_DUTIES = ("head", "reader", "system_admin", "audit_admin")
_ACTS = st.lists(
    st.tuples(
        st.sampled_from(("appoint", "release", "duty.handover")),
        st.sampled_from(_DUTIES),
        st.sampled_from((None, VILLAGE)),
        st.sampled_from((TOWN, COUNTY)),
        st.booleans(),
        st.sampled_from((None, "2026-01-05", "2026-01-15")),
    ),
    max_size=25,
)


@given(drawn=_ACTS, place=st.integers(0, 26), day=st.integers(1, 28))
def test_against_the_rules_said_once_more(
    drawn: list[tuple[str, str, str | None, str, bool, str | None]], place: int, day: int
) -> None:
    """Every act looked at again from the beginning, as the rules say it, without a state kept."""
    acts = [
        act(n + 1, event, duty, unit=unit, iss=iss, due=due if event == "appoint" else None)
        for n, (event, duty, unit, iss, _, due) in enumerate(drawn)
    ]
    acts = [
        one if proper else replace(one, role="person", agent="x")
        for one, (*_, proper, _) in zip(acts, drawn, strict=True)
    ]
    # Asked at the time of the last act that counts, or later.
    last = max(day, min(place - 1, len(acts)))
    time = f"2026-01-{last:02d}T09:00:00.000Z"
    found = {(h.duty, h.unit, h.iss, h.until) for h in duties_at(acts, place, time)}
    assert found == naive([one for one in acts if one.place < place], time)
    held = {duty for duty, *_ in found}
    assert not {"system_admin", "audit_admin"} <= held


def naive(acts: list[DutyAct], time: str) -> set[tuple[str, str | None, str, str | None]]:
    if not acts:
        return set()
    *before, last = acts
    then = {one for one in naive(before, last.time)}
    same = {one for one in then if one[:3] == (last.duty, last.unit, last.iss)}
    if last.event == "appoint":
        admins = {"system_admin", "audit_admin"}
        barred = last.duty in admins and any(one[0] in admins - {last.duty} for one in then)
        counts = last.role == "registrar" and not barred
        after = then - same | {(last.duty, last.unit, last.iss, last.due)} if counts else then
    else:
        counts = last.role == "registrar" if last.event == "release" else last.agent == CLERK
        after = then - same if counts else then
    moment = datetime.datetime.fromisoformat(time)
    beijing = (moment + datetime.timedelta(hours=8)).date().isoformat()
    return {one for one in after if one[3] is None or beijing <= one[3]}
