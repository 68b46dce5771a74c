"""Intake from folder to accepted lists, on an office without a chain."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from api.errors import Exit
from api.intake.drafts import TakenFile, TakenRecord, item_draft, item_sample, packed
from api.intake.fault import CODES, Fault, report_bytes
from api.intake.source import SourceRecord
from ledger.batch import LINK_OCTETS, MAX_BATCH, MAX_LINKS, statement_octets
from ledger.handle import open_ledger
from ledger.sign import ItemDraft
from ledger.store.engine import reading
from ledger.store.tables import statement
from tests.api.conftest import CLERK, TAKING, Office
from verifier.claims import FileClaim
from verifier.digests import both
from verifier.item import parse_item
from verifier.statement import parse_statement


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return folder


def codes(document: dict[str, object]) -> list[str]:
    problems = document["problems"]
    assert isinstance(problems, list)
    return [problem["code"] for problem in problems]


def test_numbered_and_unnumbered_records_go_into_a_list_each(office: Office, tmp_path: Path) -> None:
    folder = write(tmp_path / "in", {"QC03-1_甲/a.txt": "1", "公告/b.txt": "2"})
    document = office.ask("intake", folder, *TAKING, "--late", "old_paper").document
    assert sorted(one["event"] for one in document["lists"]) == ["capture", "receive"]
    step = office.ask("show", "QC03-1").document["steps"][0]
    assert (step["event"], step["late"], step["item"]) == ("receive", "old_paper", 0)
    assert step["disclosed"] == {
        "title": "甲",
        "number": "QC03-1",
        "carrier": "电子",
        "file.0.name": "a.txt",
        "agent_name": CLERK,
        "agent_duty": "档案员",
    }


def test_an_empty_folder_whose_file_comes_later_is_taken_then(office: Office, tmp_path: Path) -> None:
    (tmp_path / "in" / "QC03-1_甲").mkdir(parents=True)
    first = office.ask("intake", tmp_path / "in", *TAKING)
    assert (first.exit, codes(first.document), first.document["lists"]) == (1, ["FOLDER_EMPTY"], [])
    write(tmp_path / "in", {"QC03-1_甲/a.txt": "1"})
    then = office.ask("intake", tmp_path / "in", *TAKING)
    assert (then.exit, then.document["records_taken"]) == (0, 1), then.error


def everything(home: Path) -> list[Path]:
    """All that a ledger keeps; the journal is opened even to look."""
    return sorted(path for path in home.rglob("*") if "intake" not in path.parts)


def test_a_dry_run_changes_nothing(office: Office, tmp_path: Path) -> None:
    folder = write(tmp_path / "in", {"QC03-1_甲/a.txt": "1", "QC03-2_乙/a.txt": "1"})
    before = everything(office.home)
    document = office.ask("intake", folder, *TAKING, "--dry-run").document
    assert (document["records_taken"], document["lists"], codes(document)) == (2, [], ["FILE_DUPLICATE"])
    assert everything(office.home) == before


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_a_marking_inside_a_text_keeps_the_whole_record_out(
    office: Office, tmp_path: Path, encoding: str
) -> None:
    folder = write(tmp_path / "in", {"QC03-1_甲/a.pdf": "1", "QC03-2_乙/a.txt": "保守商业秘密的通知"})
    (folder / "QC03-1_甲" / "b.txt").write_bytes("机密★10年\n演练方案".encode(encoding))
    before = everything(office.home)
    answer = office.ask("intake", folder, *TAKING)
    assert (answer.exit, codes(answer.document), answer.document["records_taken"]) == (1, ["SECRET"], 1)
    new = [path for path in everything(office.home) if path not in before and path.is_file()]
    assert [path.read_text(encoding="utf-8") for path in new if "files" in path.parts] == [
        "保守商业秘密的通知"
    ]
    refused = office.ask("event", "digitise", "QC03-2", *TAKING, "--pages", "1",
                         "--file", folder / "QC03-1_甲" / "b.txt")  # fmt: skip
    assert refused.code == "FILE_SECRET"


def _written_with(office: Office, hidden: bytes) -> list[str]:
    """The files of the data folder in which this stands."""
    inside = [path for path in office.home.rglob("*") if path.is_file()]
    return [str(path.relative_to(office.home)) for path in inside if hidden in path.read_bytes()]


SECRET_WAYS: dict[str, tuple[tuple[str, ...], str, str]] = {
    "an intake declared secret": (
        ("intake", "{plain}", "--grade", "机密"),
        "GRADE_SECRET",
        "secret_declared",
    ),
    "files declared secret": (
        (
            "event",
            "digitise",
            "QC03-9",
            "--pages",
            "1",
            "--file",
            "{plain}/暗号四七/a.txt",
            "--grade",
            "秘密",
        ),
        "GRADE_SECRET",
        "secret_declared",
    ),
    "a marked file": (
        ("event", "digitise", "QC03-9", "--pages", "1", "--file", "{marked}/暗号四七/a.txt"),
        "FILE_SECRET",
        "secret_marked",
    ),
    "a marked field": (
        ("event", "fixity", "QC03-9", "--outcome", "same", "--field", "note=暗号四七 绝密★"),
        "FIELD_SECRET",
        "secret_marked",
    ),
    "a declared field": (
        ("event", "classify", "QC03-9", "--field", "category=暗号四七", "--field", "grade=机密"),
        "GRADE_SECRET",
        "secret_declared",
    ),
    "a folder of records with a marked file": (("intake", "{marked}"), "", "secret_marked"),
}


@pytest.mark.parametrize("way", SECRET_WAYS)
def test_a_refusal_as_secret_is_stated_without_content(office: Office, tmp_path: Path, way: str) -> None:
    options, code, reason = SECRET_WAYS[way]
    office.ask("intake", write(tmp_path / "first", {"QC03-9_甲/a.txt": "甲"}), *TAKING)
    folders = {
        "plain": write(tmp_path / "plain", {"暗号四七/a.txt": "暗号四七"}),
        "marked": write(tmp_path / "marked", {"暗号四七/a.txt": "暗号四七 机密★10年", "公告/b.txt": "公告"}),
    }
    asked = [text.format_map(folders) for text in options]
    brings = asked[0] == "intake" or "--file" in asked
    answer = office.ask(*asked, *(TAKING if brings else TAKING[:2]))
    assert (answer.exit, answer.code) == (Exit.DATA, code)
    content = (tmp_path / "marked" / "暗号四七" / "a.txt").read_bytes()
    for hidden in ("暗号四七".encode(), content, both(content).sha256, both(content).sha256.hex().encode()):
        assert _written_with(office, hidden) == []
    with closing(open_ledger(office.home)) as ledger, reading(ledger.engine) as connection:
        query = select(statement.c.data).where(statement.c.event == "secrecy.refuse")
        (stated,) = [parse_statement(data) for data in connection.execute(query).scalars()]
    assert (stated.claims.reason, stated.record, stated.claims.files) == (reason, None, ())
    assert set(stated.claims.fields) <= {"agent_name", "agent_duty"}


def test_a_marking_that_only_warns(office: Office, tmp_path: Path) -> None:
    folder = write(tmp_path / "in", {"QC03-1_甲/a.txt": "内部资料 注意保存"})
    answer = office.ask("intake", folder, *TAKING)
    assert (answer.exit, codes(answer.document)) == (Exit.OK, ["MARKED_INTERNAL"])


def test_a_changed_record_is_not_taken_twice(office: Office, tmp_path: Path) -> None:
    folder = write(tmp_path / "in", {"QC03-1_甲/a.txt": "1", "公告/b.txt": "2"})
    office.ask("intake", folder, *TAKING)
    write(folder, {"QC03-1_甲/a.txt": "changed", "公告/b.txt": "changed too"})
    answer = office.ask("intake", folder, *TAKING)
    assert answer.exit == Exit.DATA
    changed = [p for p in answer.document["problems"] if p["code"] != "NUMBER_ABSENT"]
    assert [problem["code"] for problem in changed] == ["RECORD_CHANGED"] * 2
    known = {row["record"] for row in office.ask("list").document["records"]}
    assert {problem["detail"] for problem in changed} == known
    assert office.ask("list").document["total"] == 2


def test_a_number_that_the_ledger_has_from_elsewhere(office: Office, tmp_path: Path) -> None:
    first = write(tmp_path / "first", {"QC03-1_甲/a.txt": "1"})
    office.ask("intake", first, *TAKING)
    (office.home / "intake" / "journal.sqlite").unlink()
    answer = office.ask("intake", first, *TAKING)
    assert (answer.exit, codes(answer.document)) == (Exit.DATA, ["NUMBER_TAKEN"])
    assert office.ask("list").document["total"] == 1


def test_after_a_restore_nothing_is_doubled_and_nothing_lost(office: Office, tmp_path: Path) -> None:
    folder = write(tmp_path / "in", {"公告/b.txt": "2"})
    office.ask("intake", folder, *TAKING)
    assert office.ask("backup", tmp_path / "backup").exit == Exit.OK
    write(folder, {"通知/c.txt": "3"})
    assert office.ask("intake", folder, *TAKING).document["records_taken"] == 1
    restored = tmp_path / "restored"
    assert office.ask("restore", tmp_path / "backup", "--home", restored).exit == Exit.OK
    again = office.ask("intake", folder, *TAKING, "--home", restored).document
    assert (again["records_already"], again["records_taken"]) == (1, 1)
    # The data folder kept its journal, and the ledger in it is put back to the older one.
    shutil.rmtree(office.home / "ledger")
    shutil.copytree(tmp_path / "backup" / "ledger", office.home / "ledger")
    again = office.ask("intake", folder, *TAKING).document
    assert (again["records_already"], again["records_taken"]) == (1, 1)
    assert office.ask("list").document["total"] == 2


def test_an_unreadable_file_leaves_its_record_out_and_no_other(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ledger.files

    stores = ledger.files.store_file

    def fails(store: object, source: Path, *rest: object) -> object:
        if source.name == "bad.txt":
            raise OSError(5, "Input/output error")
        return stores(store, source, *rest)  # type: ignore[arg-type]  # passed through as they came

    monkeypatch.setattr(ledger.files, "store_file", fails)
    folder = write(tmp_path / "in", {"QC03-1_甲/bad.txt": "1", "QC03-2_乙/good.txt": "2"})
    answer = office.ask("intake", folder, *TAKING)
    assert (answer.exit, answer.document["records_taken"]) == (Exit.DATA, 1)
    [problem] = answer.document["problems"]
    assert (problem["code"], problem["file"]) == ("FILE_UNREADABLE", "bad.txt")


def test_a_file_that_changes_while_it_is_read(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ledger.files

    stores = ledger.files.store_file

    def changes(store: object, source: Path, *rest: object) -> object:
        kept = stores(store, source, *rest)  # type: ignore[arg-type]  # passed through as they came
        source.write_text("another content", encoding="utf-8")
        return kept

    monkeypatch.setattr(ledger.files, "store_file", changes)
    folder = write(tmp_path / "in", {"QC03-1_甲/a.txt": "1"})
    answer = office.ask("intake", folder, *TAKING)
    assert (answer.exit, codes(answer.document)) == (Exit.DATA, ["FILE_CHANGED"])


def test_hidden_digests_are_disclosures(office: Office, tmp_path: Path) -> None:
    folder = write(tmp_path / "in", {"QC03-1_甲/a.txt": "1"})
    office.ask("intake", folder, *TAKING, "--hide-digests")
    shown = office.ask("show", "QC03-1").document
    assert shown["files"][0]["sha256"] == both(b"1").sha256.hex()
    assert "file.0.digests" in shown["steps"][0]["disclosed"]


def test_reference_leaves_the_files_where_they_are(office: Office, tmp_path: Path) -> None:
    folder = write(tmp_path / "in", {"QC03-1_甲/a.txt": "1"})
    office.ask("intake", folder, *TAKING, "--reference")
    assert not any(path.is_file() for path in (office.home / "ledger" / "files").rglob("*"))
    out = tmp_path / "out"
    office.ask("evidence", "QC03-1", "-o", out / "e.json", "--files", out / "files",
               *TAKING[:2], "--purpose", "核对", "--basis", "own_record")  # fmt: skip
    assert (out / "files" / "a.txt").read_text(encoding="utf-8") == "1"
    (folder / "QC03-1_甲" / "a.txt").write_text("2", encoding="utf-8")
    report = office.ask("fixity")
    assert (report.exit, report.document["problems"][0]["result"]) == (Exit.DATA, "changed")


def test_the_report_can_be_named(office: Office, tmp_path: Path) -> None:
    folder = write(tmp_path / "in", {"QC03-1_甲/a.txt": "", "QC03-2_乙/a.txt": "1"})
    report = tmp_path / "problems.json"
    answer = office.ask("intake", folder, *TAKING, "--report", report)
    assert answer.document["report"] == str(report)
    assert [one["code"] for one in json.loads(report.read_text(encoding="utf-8"))] == ["FILE_EMPTY"]


def test_a_report_runs_no_formula_and_hides_no_character() -> None:
    data = report_bytes([Fault("FILE_EMPTY", "+cmd", "=1+1\u202e.txt")], ".csv")
    assert data.startswith(b"\xef\xbb\xbf")
    text = data.decode("utf-8-sig")
    assert "'=1+1\\u202e.txt" in text
    assert "'+cmd" in text


def test_every_fault_has_words_and_a_remedy() -> None:
    for code in CODES:
        zh, en = Fault(code, "x").words
        assert zh
        assert en.isascii()


def taken(number: int, files: int) -> TakenRecord:
    fields = {"title": f'第{number}件 “引号” \\ "', "number": f"QC03-{number}"}
    source = SourceRecord("x", f"number {number}", f"QC03-{number}", "t", fields, 3, "both", "scan", ())
    kept = tuple(TakenFile(f"{n}.pdf", both(b"%d %d" % (number, n)), n) for n in range(files))
    return TakenRecord(source, f"{number:08x}-1111-4111-8111-111111111111", kept)


@pytest.mark.parametrize("hide_digests", [False, True])
@pytest.mark.parametrize("files", [0, 1, 7])
def test_the_weight_of_an_item_is_exact(files: int, hide_digests: bool) -> None:
    from cryptography.hazmat.primitives.asymmetric import ec

    from ledger.keys import SigningKey
    from ledger.sign import Draft, sign_list

    draft = item_draft(taken(1, files), hide_digests=hide_digests)
    key = SigningKey(
        "6f2a9d3e-7a44-4d0c-9b7e-0a4a3f6f8a01",
        "M",
        "person",
        ec.generate_private_key(ec.SECP256R1()),
        b"",
        None,  # type: ignore[arg-type]  # its end plays no part
    )
    list_id = "6f2a9d3e-7a44-4d0c-9b7e-0a4a3f6f8a02"
    [item] = sign_list(key, "x.example/a", Draft("receive", "2026"), list_id, [draft]).items
    assert len(item_sample(draft)) == len(item.data)
    assert parse_item(item.data, 0).claims.pages == 3


def test_lists_are_as_few_as_the_cap_allows() -> None:
    def of(count: int, files: int) -> list[ItemDraft]:
        one = item_draft(taken(1, files), hide_digests=False)
        return [one] * count

    assert list(packed([])) == []
    assert list(packed(of(3, 1))) == [(0, 3)]
    ranges = list(packed(of(20_000, 1)))
    assert [start for start, _ in ranges[1:]] == [end for _, end in ranges[:-1]]
    assert ranges[-1][1] == 20_000
    one = statement_octets(b"", [item_sample(of(1, 1)[0])]) + 2 * LINK_OCTETS
    assert ranges[0][1] * one <= MAX_BATCH < (ranges[0][1] + 1) * one * 1.01


def test_links_bound_a_list_too() -> None:
    files = tuple(FileClaim("content", "text/plain", "paper", "scan", both(b"%d" % n), 1) for n in range(150))
    draft = ItemDraft("6f2a9d3e-7a44-4d0c-9b7e-0a4a3f6f8a01", files=files)
    ends = [end - start for start, end in packed([draft] * 600)]
    assert all(count * 151 <= MAX_LINKS for count in ends)
    assert sum(ends) == 600
