"""The tables are whole: every state can be reached and left, every rule has a case that breaks just it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.verifier.test_custody_approval import BAD as APPROVALS
from tests.verifier.test_custody_destruction import BAD as DESTRUCTIONS
from tests.verifier.test_custody_keeping import BAD as KEEPING
from tests.verifier.test_custody_loan import BAD as LOANS
from tests.verifier.test_custody_transfer import BAD as TRANSFERS
from verifier.catalogue import DATA, catalogue
from verifier.custody_tables import AS_STATED, UNCHANGED, read_tables, table, tables
from verifier.errors import EvidenceError
from verifier.texts import reasons

PACKAGED: dict[str, Any] = json.loads((DATA / "custody.json").read_bytes())
# Judged by tests of their own: test_custody_duty, test_attacks_duties, test_custody_late.
ELSEWHERE = {"CUSTODY_DUTY", "CUSTODY_UNIT", "CUSTODY_LATE_UNMARKED"}


def test_every_code_is_seen_in_a_case() -> None:
    seen = {
        code
        for cases in (TRANSFERS, APPROVALS, LOANS, KEEPING, DESTRUCTIONS)
        for _, found in cases.values()
        for _, code in found
    }
    known = {c for c, spec in reasons().items() if c.startswith("CUSTODY_") and spec.kind == "failed"}
    assert seen | ELSEWHERE == known


@pytest.mark.parametrize("name", [one.name for one in tables().tables])
def test_every_state_is_reached(name: str) -> None:
    one = table(name)
    stated = catalogue().codes["state"].keys() if name == "original" else set()
    rows = [row for found in one.rows.values() for row in found]
    reached = {row.after for row in rows} - {UNCHANGED, AS_STATED}
    assert reached | stated | {one.start} == one.states.keys()
    assert {state for row in rows for state in row.before} == one.states.keys() - ONE_WAY.get(name, set())


# Where it ends: a closed volume stays closed.
ONE_WAY = {"volume": {"closed"}}


def test_the_original_is_called_as_in_the_catalogue() -> None:
    words = catalogue().codes["state"]
    assert {s: w for s, w in table("original").states.items() if s != "unstated"} == dict(words)


def test_an_act_has_at_most_one_row_from_a_state() -> None:
    for one in tables().tables:
        for name, rows in one.rows.items():
            for n, row in enumerate(rows):
                for other in rows[n + 1 :]:
                    alike = (row.basis, row.outcome) == (other.basis, other.outcome)
                    assert not (alike and row.before & other.before), (one.name, name)


WRONG: dict[str, dict[str, Any]] = {
    "an unknown member": {"extra": 1},
    "another version": {"version": "archive-ledger custody v2"},
    "no tables": {"tables": []},
    "an event that the catalogue has not": {"held": ["destroy.everything"]},
    "a member that is no list": {"apart": {"list.freeze": "review.final"}},
    "unmarked though two weeks lie between": {"late_days": {"accepted": 15, "recorded": 29}},
    "marked though the line was cut for two weeks": {"late_days": {"accepted": 14, "recorded": 30}},
    "two fields of which one is no list": {"differ": {"grade.change": "approver"}},
    "too many renewals to count": {"renewals": -1},
}


@pytest.mark.parametrize("name", WRONG)
def test_a_slip_in_the_data_stops_its_users(name: str) -> None:
    with pytest.raises((ValueError, EvidenceError)):
        read_tables(json.dumps({**PACKAGED, **WRONG[name]}).encode())


def test_a_state_that_is_not_there_stops_them_too() -> None:
    for member, value in (("from", ["nowhere"]), ("to", "nowhere")):
        changed = json.loads(json.dumps(PACKAGED))
        changed["tables"][0]["rows"][0][member] = value
        with pytest.raises(ValueError, match="known state"):
            read_tables(json.dumps(changed).encode())


def test_the_normative_text_has_every_row_and_every_code() -> None:
    text = (Path(__file__).parents[2] / "docs" / "formats.md").read_text("utf-8").partition("\n## 17. ")[2]
    for one in PACKAGED["tables"]:
        section = text.partition(f"[{one['code']}]")[2].partition("\n\n**")[0]
        for row in one["rows"]:
            only = "".join(f" with {key} `{row[key]}`" for key in ("basis", "outcome") if key in row)
            after = f"`{row['to']}`" if row["to"] in one["states"] else row["to"]
            assert f"| {row['event']}{only} | {' '.join(row['from'])} | {after} |" in section
        assert section.count("\n| ") == len(one["rows"]) + 1
    known = {c for c, spec in reasons().items() if c.startswith("CUSTODY_") and spec.kind == "failed"}
    assert sorted(code for code in known if code not in text) == []
