"""On a real network: uses by several people, refused ones among them, looked into, exported, verified."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.api.asking import Ask
from tests.conftest import RunningNetwork
from tests.e2e.test_command_line import verify as verify_offline
from verifier.report import CheckName, Outcome, Report
from verifier.verify import verify

PEOPLE = (
    ("吴十", "YunlingAudit", "auditor"),
    ("郭十四", "YunlingAudit", "auditor"),
    ("周九", "YunlingJustice", "mediator"),
)
ONE, TWO = "QC03-ZY·TD-021", "QC03-ZY·TD-022"
ASKED = ("--as", "吴十", "--second", "郭十四", "--document-number", "云审〔2026〕9号", "--kind", "access")
# What a record's files and handling have no part in.
PROOF = [one for one in CheckName if one not in (CheckName.FILE, CheckName.CUSTODY)]


def done(ask: Ask, *arguments: object) -> dict[str, Any]:
    answer = ask(*arguments)
    assert answer.exit == 0, answer.error
    return answer.document


@pytest.fixture
def office(ask: Ask, network_home: RunningNetwork, tmp_path: Path) -> Ask:
    """Two records: one used on approval, one not provided, and a loan returned that never was."""
    for name, msp, duty in PEOPLE:
        whose = ("--name", name, "--organisation", msp, "--duty", duty)
        done(ask, "enrol", *whose, "--ca", network_home.home)
    folder = tmp_path / "in"
    for number, title in ((ONE, "张三户"), (TWO, "李四户")):
        own = folder / f"{number}_{title}"
        own.mkdir(parents=True)
        (own / "01_承包合同.txt").write_text(f"{title}承包合同", encoding="utf-8")
    done(ask, "intake", folder, "--as", "王五", "--carrier", "electronic", "--late", "old_paper")
    reader = ("--field", "reader_name=李四", "--field", "purpose=地界调解")
    for number in (ONE, TWO):
        done(ask, "event", "access.apply", number, "--as", "周九", "--basis", "mediation", *reader)
    answers = ("--answers", "access.apply")
    done(ask, "event", "access.approve", ONE, "--as", "赵六", "--outcome", "granted", *answers)
    done(ask, "event", "access.refuse", TWO, "--as", "赵六", "--reason", "no_mandate", *answers)
    for _ in range(2):
        use = (
            "access.view",
            ONE,
            "--as",
            "周九",
            "--basis",
            "mediation",
            "--file",
            "01_承包合同.txt",
            *reader,
        )
        done(ask, "event", *use, "--answers", "access.approve")
    lend = ("--basis", "mediation", "--state", "on_loan", "--due", "2027-01-01")
    refused = ask("event", "借出", TWO, "--as", "王五", *lend, *reader)
    assert refused.code == "EVENT_REFUSED", refused.document
    done(ask, "anchor")
    return ask


def lines(folder: Path) -> list[list[str]]:
    text = (folder / "audit.csv").read_bytes().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def report(evidence: Path, trust: Path) -> Report:
    return verify(evidence.read_bytes(), trust.read_bytes())


def unproved(found: Report) -> list[CheckName]:
    return [one.check for one in found.checks if one.check in PROOF and one.outcome is not Outcome.PASSED]


def shown(found: Report, event: str) -> list[tuple[dict[str, str], Sequence[str]]]:
    """Of each step of this event: what it discloses, and what is withheld."""
    return [
        (dict(step.disclosed), step.withheld)
        for told in found.records
        for step in told.steps
        if step.event == event
    ]


def test_uses_are_looked_into_exported_and_verified(office: Ask, tmp_path: Path) -> None:
    assert office("audit", "query", "--as", "王五", "--purpose", "好奇").code == "AUDIT_RIGHT"
    found = done(office, "audit", "query", "--as", "吴十", "--purpose", "专项审计", "--kind", "access")
    leads = [group["lead"]["step"] for group in found["groups"]]
    events = sorted(lead["event"] if lead else "refused" for lead in leads)
    assert events == ["access.apply", "access.apply", "refused"]

    folder, trust = tmp_path / "export", tmp_path / "trust.json"
    made = done(office, "audit", "export", *ASKED, "--purpose", "专项审计", "-o", folder)
    assert (made["expected"], made["listed"], made["withheld"], made["refused"]) == (7, 7, 0, 2)
    sheet = lines(folder)
    head = {line[0]: line[1] for line in sheet if len(line) == 2}
    assert head["文书号"] == "云审〔2026〕9号"
    at = next(n for n, line in enumerate(sheet) if line[:1] == ["序号"])
    rows = [dict(zip(sheet[at], line, strict=True)) for line in sheet[at + 1 : at + 8]]
    views = [row for row in rows if row["行为"] == "查阅"]
    assert [row["轨迹序号(n/N)"] for row in views] == ["第4条/共5条", "第5条/共5条"]
    assert all("批次" in row["上链时间及存证批次"] and row["条目序号、叶哈希、前一条哈希"] for row in views)
    assert {row["审批人、时间、意见"].split(";")[0] for row in views} == {"赵六"}

    done(office, "trust-root", "-o", trust)
    evidence = folder / "evidence-001.evidence.json"
    told = report(evidence, trust)
    # Complete but for the files, which nobody laid on the table, and the export itself, not yet anchored.
    assert [one.check for one in told.checks if one.outcome is Outcome.FAILED] == []
    passed = {one.check for one in told.checks if one.outcome is Outcome.PASSED}
    assert passed >= {CheckName.SIGNATURE, CheckName.DISCLOSURE, CheckName.BLOCK, CheckName.COMMITTED}
    assert verify_offline(evidence, "--trust", trust) == 2
    (said, _), _ = shown(told, "export")
    assert json.loads(said["criteria"])["kinds"] == ["access"]

    # Anchored since, the inquiry proves itself, filter and all.
    done(office, "anchor")
    own = tmp_path / "inquiry.evidence.json"
    done(office, "evidence", made["number"], "-o", own)
    told = report(own, trust)
    assert [
        one.check for one in told.checks if one.check in PROOF and one.outcome is not Outcome.PASSED
    ] == []
    assert "criteria" in shown(told, "export")[0][0]


def test_a_secret_inquiry_is_withheld_until_it_is_released(office: Ask, tmp_path: Path) -> None:
    trust, before, after = (tmp_path / name for name in ("trust.json", "before.json", "after.json"))
    done(office, "trust-root", "-o", trust)
    asked = done(office, "audit", "query", *ASKED, "--purpose", "密查地界案", "--record", ONE, "--secret")
    done(office, "anchor")
    done(office, "evidence", asked["number"], "-o", before)
    assert "密查地界案" not in before.read_text(encoding="utf-8")
    told = report(before, trust)
    assert [
        one.check for one in told.checks if one.check in PROOF and one.outcome is not Outcome.PASSED
    ] == []
    opening = ("audit", "open", asked["inquiry"], "--as")
    assert office(*opening, "王五").code == "AUDIT_UNKNOWN"
    assert done(office, *opening, "吴十")["disclosed"]["purpose"] == "密查地界案"
    for disclosed, withheld in shown(told, "query.audit"):
        assert disclosed == {}
        assert {"criteria", "purpose"} <= set(withheld)

    done(office, "audit", "release", asked["inquiry"], "--as", "郭十四")
    done(office, "anchor")
    done(office, "evidence", asked["number"], "-o", after)
    told = report(after, trust)
    assert [
        one.check for one in told.checks if one.check in PROOF and one.outcome is not Outcome.PASSED
    ] == []
    first, second = shown(told, "query.audit")
    assert (first[0]["purpose"], first[1]) == ("密查地界案", ())
    assert second[0]["criteria"] == first[0]["criteria"]
    assert done(office, *opening, "王五")["disclosed"]["purpose"] == "密查地界案"
