"""What intake finds in a folder before it opens a file: records, and faults that do not stop the rest."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from api.carrier import Stated
from api.errors import CommandError
from api.intake.by_folders import number_and_title
from api.intake.names import MAX_NAME, name_faults
from api.intake.scan import scan
from api.intake.source import Scan

HEAD = "档号\t题名\t日期\t载体\t页数\t文件\t份别"


def write_table(folder: Path, *rows: str, head: str = HEAD, name: str = "records.tsv") -> None:
    (folder / name).write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")


def write_files(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"content of {name}", encoding="utf-8")


def codes(found: Scan) -> list[str]:
    return [fault.code for fault in found.faults]


def test_a_row_with_its_folder(tmp_path: Path) -> None:
    write_table(tmp_path, "QH01-1\t通知\t2014-06-03\t双套\t2\t01_通知.pdf;02_附件.xlsx")
    write_files(tmp_path, "QH01-1_通知/01_通知.pdf", "QH01-1_通知/02_附件.xlsx")
    found = scan(tmp_path)
    [record] = found.records
    assert (found.faults, found.left_out) == ((), 0)
    assert record.identity == "number QH01-1"
    assert record.fields == {"title": "通知", "number": "QH01-1", "date": "2014-06-03", "carrier": "双套"}
    assert (record.pages, record.carrier) == (2, "both")
    assert [(f.name, f.path.parent.name) for f in record.files] == [
        ("01_通知.pdf", "QH01-1_通知"),
        ("02_附件.xlsx", "QH01-1_通知"),
    ]


def test_files_beside_the_table_and_english_heads(tmp_path: Path) -> None:
    write_table(
        tmp_path, "A-1,Notice,paper,a.pdf", head="Reference number,Title,Carrier,Files", name="records.csv"
    )
    write_files(tmp_path, "a.pdf")
    [record] = scan(tmp_path).records
    assert (record.title, record.carrier, record.files[0].path) == ("Notice", "paper", tmp_path / "a.pdf")


def test_a_sheet_reads_as_the_same_rows(tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    for line in (
        ["题名", "档号", "页数", "文件"],
        ["通知", "QH01-1", 2.0, "a.pdf"],
        [None, None, None, None],
    ):
        book.worksheets[0].append(line)
    book.save(tmp_path / "records.xlsx")
    write_files(tmp_path, "a.pdf")
    [record] = scan(tmp_path).records
    assert (record.number, record.pages) == ("QH01-1", 2)


def test_a_folder_number_finds_the_row(tmp_path: Path) -> None:
    write_table(tmp_path, "5\tQC03-5\t户档\t01.pdf", head="序号\t档号\t题名\t文件")
    write_files(tmp_path, "05_张三户/01.pdf")
    assert scan(tmp_path).records[0].files[0].path == tmp_path / "05_张三户" / "01.pdf"


def test_gb18030_is_read_and_noted(tmp_path: Path) -> None:
    (tmp_path / "records.csv").write_bytes("档号,题名,载体\nQH-1,通知,纸质\n".encode("gb18030"))
    found = scan(tmp_path)
    assert found.records[0].title == "通知"
    assert "ENCODING_GUESSED" in codes(found)


def test_names_in_either_unicode_form_are_found(tmp_path: Path) -> None:
    write_table(tmp_path, "Q-1\té\t\t\t\té.txt")
    write_files(tmp_path, unicodedata.normalize("NFD", "é.txt"))
    found = scan(tmp_path)
    assert found.records[0].files[0].name == unicodedata.normalize("NFC", "é.txt")
    assert codes(found) == ["NAME_NOT_NFC"]


def test_sub_folders_are_records(tmp_path: Path) -> None:
    write_files(tmp_path, "QC03-ZY·TD-021_张三户/a/1.txt", "07_公告/x.txt", "会议记录/y.txt", "stray.txt")
    found = scan(tmp_path)
    assert [(r.number, r.title) for r in found.records] == [
        (None, "公告"),
        ("QC03-ZY·TD-021", "张三户"),
        (None, "会议记录"),
    ]
    assert [f.name for f in found.records[1].files] == ["a/1.txt"]
    assert sorted(set(codes(found))) == ["FILE_STRAY", "NUMBER_ABSENT"]


FOLDER_NAMES = [
    ("QC03-ZY·TD-021\uff3f张三户", "QC03-ZY·TD-021", "张三户"),
    ("QC03-ZY·TD-021 张三户 ", "QC03-ZY·TD-021", "张三户"),
    ("QC03-ZY·TD-021_", "QC03-ZY·TD-021", ""),
    ("QC03-ZY·TD-021", "QC03-ZY·TD-021", ""),
    ("QC03-ZY·TD-021_001", "QC03-ZY·TD-021", ""),
    ("07_公告", None, "公告"),
    ("07_", None, ""),
    ("07", None, ""),
    ("2014-06-03", None, ""),
    ("2014-2015_会议记录", None, "2014-2015_会议记录"),
    ("2014年会议记录", None, "2014年会议记录"),
    ("_", None, ""),
]


@pytest.mark.parametrize(("name", "number", "title"), FOLDER_NAMES)
def test_what_the_name_of_a_folder_says(name: str, number: str | None, title: str) -> None:
    assert number_and_title(name) == (number, title)


def test_a_folder_without_a_title_is_left_out(tmp_path: Path) -> None:
    write_files(tmp_path, "QC03-ZY·TD-021_/a.txt", "公告/b.txt")
    found = scan(tmp_path)
    assert [record.title for record in found.records] == ["公告"]
    assert (codes(found), found.left_out) == (["FOLDER_UNTITLED", "NUMBER_ABSENT"], 1)


def test_a_number_in_small_letters_is_not_signed_as_a_title(tmp_path: Path) -> None:
    write_files(tmp_path, "qc03-zy·td-026_王二户/a.txt", "a-b_公告/b.txt")
    found = scan(tmp_path)
    assert [record.title for record in found.records] == ["a-b_公告"]
    assert (codes(found), found.left_out) == (["NUMBER_ABSENT", "NUMBER_CASE", "NUMBER_ABSENT"], 1)


def test_an_empty_folder_is_left_out_until_it_has_a_file(tmp_path: Path) -> None:
    (tmp_path / "QC03-1_甲" / "子目录").mkdir(parents=True)
    write_files(tmp_path, "QC03-2_乙/.DS_Store")
    found = scan(tmp_path)
    assert (found.records, found.left_out) == ((), 2)
    assert codes(found) == ["FOLDER_EMPTY", "FILE_JUNK", "FOLDER_EMPTY"]
    write_files(tmp_path, "QC03-1_甲/a.txt")
    assert [record.number for record in scan(tmp_path).records] == ["QC03-1"]


def test_a_row_without_files_is_taken_only_if_it_says_that_it_is_on_paper(tmp_path: Path) -> None:
    rows = [f"Q-{n}\t题{n}\t{carrier}" for n, carrier in enumerate(("纸质", "电子", "双套", ""))]
    write_table(tmp_path, *rows, head="档号\t题名\t载体")
    found = scan(tmp_path)
    assert [record.number for record in found.records] == ["Q-0"]
    assert codes(found) == ["RECORD_WITHOUT_FILES", "FILES_ABSENT", "FILES_ABSENT", "FILES_ABSENT"]
    on_paper = scan(tmp_path, None, Stated("paper"))
    assert [record.number for record in on_paper.records] == ["Q-0", "Q-3"]


ROW_FAULTS = [
    ("Q-1\t\t\t\t\ta.txt", "TITLE_MISSING"),
    ("Q-1\t通知\t2014-13\t\t\ta.txt", "DATE_FORM"),
    ("Q-1\t通知\t2014/2015/2016\t\t\ta.txt", "DATE_FORM"),
    ("Q-1\t通知\t去年\t\t\ta.txt", "DATE_FORM"),
    ("Q-1\t通知\t\t竹简\t\ta.txt", "CARRIER_FORM"),
    ("Q-1\t通知\t\t\t\ta.txt\t照片", "COPY_FORM"),
    ("Q-1\t通知\t\t纸质\t\ta.txt\t原件", "COPY_OF_PAPER"),
    ("Q-1\t通知\t\t\t两页\ta.txt", "PAGES_FORM"),
    ("Q-1\t通知\t\t\t-2\ta.txt", "PAGES_FORM"),
    ("Q-1\t通知\t\t\t\tb.txt", "FILE_MISSING"),
    ("Q-1\t通知\t\t\t\t../a.txt", "FILE_OUTSIDE"),
    ("Q-1\t通知\t\t\t\t/etc/hostname", "FILE_OUTSIDE"),
    ("Q-1\t通知\t\t\t\tlinked/a.txt", "FILE_OUTSIDE"),
    ("Q-1\t通知\t\t\t\ta.txt;a.txt", "FILE_LISTED_TWICE"),
    ("Q-1\t通知\t\t\t\tempty.txt", "FILE_EMPTY"),
    ("Q-1\t通知\t\t\t\tlink.txt", "FILE_SYMLINK"),
    ("Q-1\t通知\t\t\t\tpipe.txt", "FILE_SPECIAL"),
    ("Q-1\t通知\t\t\t\tCON.txt", "NAME_RESERVED"),
    ("Q-1\t" + "长" * 3000 + "\t\t\t\ta.txt", "VALUE_FORM"),
    ("Q-1\t通\u202e知\t\t\t\ta.txt", "VALUE_FORM"),
]


@pytest.mark.parametrize(("row", "code"), ROW_FAULTS)
def test_a_faulty_row_is_left_out_and_the_next_is_taken(tmp_path: Path, row: str, code: str) -> None:
    write_files(tmp_path, "a.txt", "good.txt", "CON.txt", "elsewhere/a.txt")
    (tmp_path / "empty.txt").touch()
    (tmp_path / "link.txt").symlink_to("a.txt")
    (tmp_path / "linked").symlink_to("elsewhere")
    os.mkfifo(tmp_path / "pipe.txt")
    write_table(tmp_path, row, "Q-2\t好\t\t\t\tgood.txt")
    found = scan(tmp_path)
    assert [record.number for record in found.records] == ["Q-2"]
    assert found.left_out == 1
    assert code in codes(found)
    assert all(fault.place == "records.tsv:2" for fault in found.faults)


SECRETS = [
    "Q-1\t计划\t机密\ta.txt",
    "Q-1\t计划\t工作秘密\ta.txt",
    "Q-1\t计划\tTop Secret\ta.txt",
    "Q-1\t机密★10年 计划\t\ta.txt",
    "Q-1\t计划【秘密】\t\ta.txt",
    "Q-1\t绝密 计划\t\ta.txt",
    "Q-1\t计划\t\t计划(机密).txt",
]


@pytest.mark.parametrize("row", SECRETS)
def test_a_secret_record_is_refused_and_its_words_are_not_repeated(tmp_path: Path, row: str) -> None:
    write_files(tmp_path, "a.txt", "计划(机密).txt")
    write_table(tmp_path, row, "Q-2\t保密工作总结\t内部\ta.txt", head="档号\t题名\t密级\t文件")
    found = scan(tmp_path)
    assert [record.number for record in found.records] == ["Q-2"]
    [fault] = found.faults
    code = "SECRET_DECLARED" if row.split("\t")[2] else "SECRET"
    assert (fault.code, fault.place, fault.file, fault.detail) == (code, "records.tsv:2", "", "")


def test_a_secret_folder_is_refused_and_not_named(tmp_path: Path) -> None:
    write_files(tmp_path, "机密★20年 演练方案/a.txt", "公告/b.txt")
    found = scan(tmp_path)
    assert [record.title for record in found.records] == ["公告"]
    secret = next(fault for fault in found.faults if fault.code == "SECRET")
    assert (secret.place, secret.file, secret.detail) == ("[2]", "", "")


def test_a_repeated_number_is_taken_once(tmp_path: Path) -> None:
    write_files(tmp_path, "a.txt")
    write_table(tmp_path, "Q-1\t甲\t\t\t\ta.txt", "Q-1\t乙\t\t\t\ta.txt")
    found = scan(tmp_path)
    assert [record.title for record in found.records] == ["甲"]
    assert codes(found) == ["NUMBER_REPEATED"]


def test_notes_do_not_leave_a_record_out(tmp_path: Path) -> None:
    write_table(tmp_path, "Q-1\t甲\t\ta.txt", "Q-2\t乙\t纸质", head="档号\t题名\t载体\t文件\t天气")
    write_files(tmp_path, "Q-1/a.txt", "Q-1/b.txt", "Q-1/.DS_Store")
    found = scan(tmp_path)
    assert len(found.records) == 2
    assert sorted(codes(found)) == ["COLUMN_UNKNOWN", "FILE_JUNK", "FILE_UNLISTED", "RECORD_WITHOUT_FILES"]


def test_a_file_name_that_is_not_utf8(tmp_path: Path) -> None:
    folder = tmp_path / "公告"
    folder.mkdir()
    Path(os.fsdecode(os.fsencode(folder) + b"/\xb9\xab.txt")).write_text("x", encoding="utf-8")
    write_files(tmp_path, "好/a.txt")
    found = scan(tmp_path)
    assert [record.title for record in found.records] == ["好"]
    assert "NAME_NOT_UTF8" in codes(found)


NAMES = [
    ("a\u202egpj.exe", "NAME_DIRECTION"),
    ("a\nb.txt", "NAME_CONTROL"),
    ("a\u200bb.txt", "NAME_CONTROL"),
    ("a .txt ", "NAME_ENDS"),
    ("sub./a.txt", "NAME_ENDS"),
    ("nul.txt", "NAME_RESERVED"),
    ("sub/LPT1", "NAME_RESERVED"),
    ("what?.txt", "NAME_RESERVED"),
    ("长" * (MAX_NAME + 1), "NAME_LONG"),
]


@pytest.mark.parametrize(("name", "code"), NAMES)
def test_bad_names(name: str, code: str) -> None:
    assert code in name_faults(name)


@pytest.mark.parametrize(
    "name", ["01_通知(定稿).pdf", "卷一/01.tif", "长" * MAX_NAME, "console.txt", "a.b.c"]
)
def test_good_names(name: str) -> None:
    assert name_faults(name) == ()


def several_tables(folder: Path) -> None:
    write_table(folder)
    write_table(folder, name="records.csv")


def not_a_table(folder: Path) -> None:
    (folder / "records.csv").write_bytes(b"\xff\xff\x00\x81")


def open_quote(folder: Path) -> None:
    (folder / "records.csv").write_text('档号,题名\n"x,y\n', encoding="utf-8")


def no_title(folder: Path) -> None:
    (folder / "records.csv").write_text("档号\n", encoding="utf-8")


def twice(folder: Path) -> None:
    (folder / "records.csv").write_text("题名,Title\n", encoding="utf-8")


def broken_sheet(folder: Path) -> None:
    (folder / "records.xlsx").write_bytes(b"PK\x03\x04 not a workbook")


def nothing(folder: Path) -> None:
    (folder / "note.txt").write_text("x", encoding="utf-8")


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (several_tables, "TABLE_SEVERAL"),
        (not_a_table, "TABLE_UNREADABLE"),
        (open_quote, "TABLE_UNREADABLE"),
        (broken_sheet, "TABLE_UNREADABLE"),
        (no_title, "TABLE_HEAD"),
        (twice, "TABLE_HEAD"),
        (nothing, "INTAKE_EMPTY"),
    ],
)
def test_what_stops_intake(tmp_path: Path, make: Callable[[Path], None], code: str) -> None:
    make(tmp_path)
    with pytest.raises(CommandError) as stopped:
        scan(tmp_path)
    assert stopped.value.code == code
    assert stopped.value.zh != stopped.value.en


def test_a_file_is_no_intake_folder(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="INTAKE_FOLDER"):
        scan(tmp_path / "nowhere")
