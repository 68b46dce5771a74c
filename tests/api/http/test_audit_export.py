"""An auditor's export: the columns, the head that says what they are of, and the evidence beside it."""

from __future__ import annotations

import csv
import errno
import io
import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from api.audit_client import EXPORT, Asked
from api.client import RefusedError
from api.command import run
from api.http.audit_box import Box, new_key, opened
from ledger.accept import accept
from ledger.audit_columns import COLUMNS
from ledger.audit_csv import BOM, neutral
from ledger.audit_filter import AuditFilter
from ledger.refusals import refusals
from ledger.sign import Draft, sign_statement
from tests.api.asking import Ask, asker
from tests.api.http.audit_desk import FORMULA, PURPOSE, Desk, appoint, audit, fields, opened_desk
from tests.api.http.house import AUDIT, RECORD, open_house
from verifier.digests import both

HEAD = ("查询机构", "文书号", "查询人", "第二查询人", "条件", "期间", "截至", "应有", "列出")
NUMBER = "云审〔2026〕12号"


@pytest.fixture(scope="module")
def desk(furnished: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    home = tmp_path_factory.mktemp("export") / "home"
    shutil.copytree(furnished, home)
    with open_house(home, home) as house:
        opened = opened_desk(house)
        yield opened
        opened.close()


@pytest.fixture
def ask(desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ask:
    monkeypatch.setenv("ARCHIVE_LEDGER_HOME", str(desk.house.service.home))
    return asker(capsys, monkeypatch)


@dataclass(frozen=True)
class Sheet:
    """`head`: label → value. `rows`: each by column."""

    head: dict[str, str]
    rows: list[dict[str, str]]
    foot: list[list[str]]


def read_sheet(octets: bytes) -> Sheet:
    assert octets.startswith(BOM)
    lines = list(csv.reader(io.StringIO(octets.decode("utf-8-sig"), newline="")))
    at = lines.index(list(COLUMNS))
    end = lines.index([], at)
    rows = [dict(zip(COLUMNS, line, strict=True)) for line in lines[at + 1 : end]]
    return Sheet({line[0]: line[1] for line in lines[:at] if len(line) > 1}, rows, lines[end + 1 :])


def signed_by_two(desk: Desk, asked: AuditFilter) -> Asked:
    said = fields(document_number=NUMBER, second_person="郭十四")
    first = audit(desk.first).ask(asked, said, event=EXPORT)
    assert first.state == "second"
    audit(desk.second).second(
        first.statement, first.number, first.disclosures, {"agent_name": "郭十四"}, event=EXPORT
    )
    return first


def exported(desk: Desk, asked: AuditFilter) -> zipfile.ZipFile:
    first = signed_by_two(desk, asked)
    job = audit(desk.first).export(first)["job"]
    desk.first.ask("GET", f"/v1/jobs/{job}/events")
    found = desk.first.ask("GET", f"/v1/jobs/{job}").json()
    assert found["state"] == "done", found
    answer = desk.first.ask("GET", f"/v1/jobs/{job}/result")
    assert answer.headers["content-type"] == "application/zip"
    return zipfile.ZipFile(io.BytesIO(answer.content))


def test_an_export_says_what_it_is_of_and_lists_it(desk: Desk) -> None:
    package = exported(desk, AuditFilter(kinds=("access",)))
    sheet = read_sheet(package.read("audit.csv"))
    assert set(HEAD) <= sheet.head.keys()
    assert sheet.head["文书号"] == NUMBER
    assert sheet.head["第二查询人"] == f"郭十四 编号 {desk.second.key.agent}"
    assert (sheet.head["应有"], sheet.head["列出"]) == ("7", "7")
    assert sheet.head["其中不予提供、拒绝"] == "2"
    assert "方式 利用" in sheet.head["条件"]
    assert json.loads(sheet.head["条件(签名原文)"])["kinds"] == ["access"]
    assert [row["序号"] for row in sheet.rows] == [str(n) for n in range(1, 8)]
    acts = [row["行为"] for row in sheet.rows]
    assert acts.count("查阅") == 2
    assert acts[-1] == "归还"
    assert any("不含系统外的翻看" in cell for line in sheet.foot for cell in line)


def test_each_column_is_filled_from_where_it_says_and_nothing_is_invented(desk: Desk) -> None:
    sheet = read_sheet(exported(desk, AuditFilter(kinds=("access",))).read("audit.csv"))
    by_act = {row["行为"]: row for row in reversed(sheet.rows)}
    view, refusal, attempt = by_act["查阅"], by_act["不予提供利用"], by_act["归还"]
    assert view["利用目的"] == PURPOSE
    assert view["利用人"] == "李四"
    assert view["上级行为编号"] == by_act["同意利用"]["行为编号"]
    assert view["审批人、时间、意见"].startswith("郑;2026年1月9日")
    assert view["任职当时有效"] == "云岭县司法局(YunlingJustice):调解员"
    assert by_act["同意利用"]["任职当时有效"].startswith("云岭县档案馆(YunlingArchives):")
    assert attempt["单位及职务"] == "云岭县档案馆(YunlingArchives)"
    assert view["题名"] == "张三户土地承包户档"
    assert view["签名人证书指纹、验签结果"].endswith("验签相符")
    assert view["利用方式"] == "查阅"
    assert "electronic/original" in view["载体及份别"]
    assert refusal["不予提供原因"] == "非本人无委托"
    assert refusal["结果"] == attempt["结果"].replace("拒绝登记", "不予提供") == "不予提供"
    assert attempt["不予提供原因"]
    # Nothing is in a batch yet, and nobody lent anything.
    for name in ("轨迹序号(n/N)", "记录时间", "上链时间及存证批次", "条目序号、叶哈希、前一条哈希"):
        assert view[name] == ""
    assert attempt["发生时间"] == attempt["利用目的"] == ""


def test_no_cell_is_a_formula(desk: Desk) -> None:
    raw = exported(desk, AuditFilter(purpose=FORMULA)).read("audit.csv")
    sheet = read_sheet(raw)
    assert [row["利用目的"] for row in sheet.rows] == [f"'{FORMULA}"]
    for line in csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")):
        assert not any(cell[:1] in "=+-@\t\r" for cell in line if cell)


def test_records_beyond_the_most_are_told_by_sheet_service_and_command(
    desk: Desk, ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first = signed_by_two(desk, AuditFilter(kinds=("access",)))
    monkeypatch.setattr("ledger.audit_export.MOST_RECORDS", 1)
    job = audit(desk.first).export(first)["job"]
    desk.first.ask("GET", f"/v1/jobs/{job}/events")
    summary = desk.first.ask("GET", f"/v1/jobs/{job}").json()["summary"]
    assert (summary["listed"], summary["without_evidence"]) == (7, 2), summary
    assert "其余档案的 2 行没有附核验文件" in summary["zh"]
    package = zipfile.ZipFile(io.BytesIO(desk.first.ask("GET", f"/v1/jobs/{job}/result").content))
    sheet = read_sheet(package.read("audit.csv"))
    assert sheet.head["未附核验文件"] == summary["zh"]
    by = ("--as", desk.first.key.agent, "--second", desk.second.key.agent, "--purpose", PURPOSE)
    out = str(tmp_path / "out")
    assert run(["audit", "export", *by, "--kind", "access", "-o", out, "--lang", "zh"]) == 0
    told = capsys.readouterr().out
    assert summary["zh"] in told, told
    assert "请缩小条件" in told
    monkeypatch.undo()
    assert "未附核验文件" not in read_sheet(exported(desk, AuditFilter()).read("audit.csv")).head


def test_an_open_case_on_a_record_stops_no_audit_of_it(desk: Desk) -> None:
    """Whoever is looked into reports the record: what was done with it is listed all the same."""
    case = {"record": RECORD, "occurred_at": "2026-01-09", "late": "offline"}
    said = {"agent_name": "周九"}
    report = desk.mediator.act(event="secrecy.report", fields=said, **case)["statement"]
    try:
        sheet = read_sheet(exported(desk, AuditFilter(record=RECORD, kinds=("access",))).read("audit.csv"))
    finally:
        said = {"agent_name": "郑十一", "document_number": "云密〔2026〕1号"}
        desk.archivist.act(event="secrecy.dismiss", answers=[report], fields=said, **case)
    assert {row["行为"] for row in sheet.rows} >= {"申请利用", "同意利用", "查阅"}
    assert "误传处置" in sheet.head["未附核验文件"]


CELLS = {
    "a formula": ("=1+1", "'=1+1"),
    "plus": ("+86 139", "'+86 139"),
    "minus": ("-2+3+cmd|' /C calc'!A0", "'-2+3+cmd|' /C calc'!A0"),
    "at": ("@SUM(A1)", "'@SUM(A1)"),
    "tabulator": ("\t=1", "'\t=1"),
    "line feed": ("\n=1", "'\n=1"),
    "after blanks": ("  \u3000=1", "'  \u3000=1"),
    "after a control character": ("\x01=1", "'=1"),
    "wide": ("\uff1d1", "'\uff1d1"),
    "plain": ("张三户", "张三户"),
    "a hyphen within": ("QC03-ZY·TD-021", "QC03-ZY·TD-021"),
    "nothing": ("", ""),
}


@pytest.mark.parametrize("name", CELLS)
def test_what_would_be_computed_is_only_shown(name: str) -> None:
    text, shown = CELLS[name]
    assert neutral(text) == shown


def test_the_evidence_beside_it_bears_the_signed_filter_and_its_digest_is_told(desk: Desk) -> None:
    asked = AuditFilter(record=RECORD, kinds=("access",))
    first = signed_by_two(desk, asked)
    job = audit(desk.first).export(first)["job"]
    desk.first.ask("GET", f"/v1/jobs/{job}/events")
    package = zipfile.ZipFile(io.BytesIO(desk.first.ask("GET", f"/v1/jobs/{job}/result").content))
    sheet = read_sheet(package.read("audit.csv"))
    data = package.read("evidence-001.evidence.json")
    told = both(data)
    assert told.sha256.hex() in sheet.head["文件摘要"]
    assert package.read("digests.txt").decode() == (
        f"{told.sha256.hex()} {told.sm3.hex()} evidence-001.evidence.json\n"
    )
    evidence = json.loads(data)
    assert evidence["scope"]["records"] == sorted([RECORD, first.number])
    texts = {text for one in evidence["statements"] for text in one["disclosures"]}
    assert set(first.disclosures) <= texts


def test_an_export_wants_two_and_a_statement_of_its_own(desk: Desk) -> None:
    alone = audit(desk.first).ask(AuditFilter(), fields(), event=EXPORT)
    for asked, code in (
        (alone, "AUDIT_SECOND_MISSING"),
        (audit(desk.first).ask(AuditFilter(), fields()), "AUDIT_NO_EXPORT"),
    ):
        with pytest.raises(RefusedError) as error:
            audit(desk.first).export(asked)
        assert error.value.code == code


def test_the_command_asks_and_exports_as_the_service_does(
    desk: Desk, ask: Ask, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = desk.first.key.agent, desk.second.key.agent
    common = ("--as", first, "--purpose", PURPOSE, "--kind", "access")
    found = ask("audit", "query", *common, "--record", RECORD)
    assert found.exit == 0, found.error
    assert [group["count"] for group in found.document["groups"]] == [4]
    out = tmp_path / "export"
    refused = ask("audit", "export", *common, "-o", out)
    assert (refused.code, out.exists()) == ("AUDIT_SECOND_MISSING", False)
    done = ask("audit", "export", *common, "-o", out, "--second", second, "--document-number", NUMBER)
    assert done.exit == 0, done.error
    assert done.document["listed"] == 7
    sheet = read_sheet((out / "audit.csv").read_bytes())
    assert (sheet.head["文书号"], len(sheet.rows)) == (NUMBER, 7)
    assert ask("audit", "export", *common, "-o", out, "--second", second).code == "OUT_EXISTS"
    listed = ask("audit", "list").document["inquiries"]
    assert {found.document["inquiry"], done.document["inquiry"]} <= {one["statement"] for one in listed}
    assert run(["audit", "list", "--lang", "zh"]) == 0
    shown = capsys.readouterr().out
    assert re.search(rf"云岭县审计局 +[^ 0-9]+\w*\({first[:8]}\)", shown), shown
    assert first not in shown


def test_an_export_that_breaks_off_leaves_nothing(
    desk: Desk, ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("ledger.audit_export.Cells.of", full)
    common = ("--as", desk.first.key.agent, "--second", desk.second.key.agent, "--purpose", PURPOSE)
    assert ask("audit", "export", *common, "-o", tmp_path / "out" / "export").code == "SYSTEM"
    assert list((tmp_path / "out").iterdir()) == []


def test_a_command_without_the_right_is_refused_and_listed(desk: Desk, ask: Ask) -> None:
    before = desk.house.count("query.audit")
    clerk = desk.clerk.key.agent
    assert ask("audit", "query", "--as", clerk, "--purpose", "好奇").code == "AUDIT_RIGHT"
    (newest, *_) = ask("refused").document["refused"]
    assert (newest["code"], newest["agent"], newest["event"]) == ("AUDIT_RIGHT", clerk, "query.audit")
    assert desk.house.count("query.audit") == before


def test_a_secret_query_by_command_is_opened_and_released(desk: Desk, ask: Ask) -> None:
    first, second = desk.first.key.agent, desk.second.key.agent
    common = ("--as", first, "--purpose", "密查", "--record", RECORD, "--secret")
    assert ask("audit", "query", *common).code == "AUDIT_SECOND_MISSING"
    done = ask("audit", "query", *common, "--second", second)
    assert done.exit == 0, done.error
    inquiry = done.document["inquiry"]
    assert ask("show", done.document["number"]).document["steps"][0]["disclosed"] == {}
    opened = ask("audit", "open", inquiry[:8], "--as", second).document
    assert (opened["statement"], opened["disclosed"]["purpose"]) == (inquiry, "密查")
    third = desk.house.person(AUDIT)
    assert ask("audit", "open", inquiry, "--as", third.agent).code == "AUDIT_UNKNOWN"
    appoint(desk.house, third.agent, AUDIT, "auditor")
    assert ask("audit", "release", inquiry, "--as", desk.colleague.key.agent).code == "AUDIT_UNKNOWN"
    assert ask("audit", "release", inquiry, "--as", first).exit == 0
    shown = ask("show", done.document["number"]).document["steps"]
    assert [step["disclosed"].get("purpose") for step in shown][:2] == ["密查", "密查"]


def test_alerts_by_command(desk: Desk, ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    security, system = desk.security.key.agent, desk.system.key.agent
    assert ask("alerts", "rules", "--as", system, "--records", 2).code == "AUDIT_RIGHT"
    tried = refusals(desk.house.ledger)[0]
    assert (tried.event, tried.agent, tried.code) == ("alert.rule", system, "AUDIT_RIGHT")
    assert ask("alerts", "rules", "--as", security, "--records", 1).code == "ALERT_RULES"
    assert ask("alerts", "rules", "--as", security, "--records", 29).document["rules"]["records"] == 29
    stranger, ledger = desk.house.person(duties=()), desk.house.ledger
    said = {"agent_name": "某人", "purpose": "核对"}
    draft = Draft("access.view", "2026-01-09", record=RECORD, basis="open", fields=said, late="offline")
    service = desk.house.service.key
    accept(ledger, [sign_statement(service, ledger.origin, replace(draft, subject=stranger.agent))])
    assert ask("alerts", "look").document["raised"] >= 1
    (alert,) = [
        one
        for one in ask("alerts", "list", "--open").document["alerts"]
        if (one["rule"], one["agent"]) == ("off_duty", stranger.agent)
    ]
    assert run(["alerts", "list", "--lang", "zh"]) == 0
    shown = capsys.readouterr().out
    assert re.search(rf"某人\w*\({stranger.agent[:8]}\)", shown)
    assert stranger.agent not in shown
    assert run(["alerts", "handle", "--help", "--lang", "zh"]) == 0
    shown = re.sub(r"[\s│]", "", capsys.readouterr().out)
    for outcome in ("已处置(resolved)", "误报(false_alarm)", "已转交(referred)"):
        assert outcome in shown, shown
    done = ("--outcome", "误报", "--detail", "已核实")
    for who in (system, stranger.agent):
        assert ask("alerts", "handle", alert["statement"], "--as", who, *done).code == "AUDIT_RIGHT"
    before, by = ask("status").document["alerts_open"], ("--as", security, *done)
    for wrong in (alert["statement"][:7], "0" * 64, "告警", alert["statement"] + "0"):
        assert ask("alerts", "handle", wrong, *by).code == "ALERT_UNKNOWN"
    handled = ask("alerts", "handle", alert["statement"][:8].upper(), *by)
    assert (handled.exit, handled.document["alert"]) == (0, alert["statement"]), handled.error
    assert ask("status").document["alerts_open"] == before - 1
    sheet = read_sheet(exported(desk, AuditFilter(person=stranger.agent)).read("audit.csv"))
    # Whether it is after hours just now is another matter.
    (row,) = sheet.rows
    assert "职务之外" in row["异常标记"]
    assert f"{security} 误报" in row["处置人及结果"]


BLOCK = 1 << 16


@pytest.mark.parametrize("size", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK])
def test_what_lies_on_the_disk_is_opened_whole_or_not_at_all(tmp_path: Path, size: int) -> None:
    path, key, plain = tmp_path / "result", new_key(), bytes(n % 251 for n in range(size))
    with path.open("wb") as file:
        box = Box(file, key)
        for start in range(0, size, 1000):
            box.write(plain[start : start + 1000])
        box.close()
    assert b"".join(opened(path, key)) == plain
    octets = path.read_bytes()
    for spoiled in (octets[:-1], octets[: len(octets) - BLOCK - 16], octets[:-1] + bytes([octets[-1] ^ 1])):
        path.write_bytes(spoiled)
        with pytest.raises(Exception):  # noqa: B017, PT011  whatever the cipher raises
            b"".join(opened(path, key))
