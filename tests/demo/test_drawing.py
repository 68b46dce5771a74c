"""The sample records: the table is read strictly, and every file it names is drawn, real and repeatable."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook
from PIL import Image

from api.demo import plots
from api.demo.blocks import MarkupError, parse
from api.demo.drawing import draw_samples, first_version_folder
from api.demo.fonts import MissingGlyphsError
from api.demo.press import print_pdf, wrap
from api.demo.records import SampleRecord, SampleTableError, read_samples

MAGIC = {
    ".pdf": b"%PDF-1.",
    ".xlsx": b"PK\x03\x04",
    ".tif": b"II*\x00",
    ".png": b"\x89PNG\r\n\x1a\n",
    ".jpg": b"\xff\xd8\xff",
}

# What the office does not count among a record's pages: what was made from its pages afterwards.
UNCOUNTED = {"02_增强件.png", "03_修复说明.txt", "06_卷内目录.xlsx", "03_卷内目录.xlsx"}


class Drawn:
    """One run: the records, their folder, and what was reported on the way."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.reports: list[tuple[int, int, str]] = []
        self.records = draw_samples(target, lambda *report: self.reports.append(report))

    def files(self, folder: str) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted((self.target / folder).iterdir())}

    def all_bytes(self) -> dict[str, bytes]:
        return {
            str(path.relative_to(self.target)): path.read_bytes()
            for path in sorted(self.target.rglob("*"))
            if path.is_file()
        }

    def each_file(self) -> Iterator[tuple[SampleRecord, str, bytes]]:
        for record in self.records:
            for name, content in self.files(record.folder).items():
                yield record, name, content


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Drawn:
    return Drawn(tmp_path_factory.mktemp("samples"))


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b", pdf))


def declared_pages(pdf: bytes) -> int:
    """The page count that the page tree itself declares."""
    match = re.search(rb"/Count (\d+)", pdf)
    assert match
    return int(match[1])


def counted_pages(name: str, content: bytes) -> int:
    if name in UNCOUNTED:
        return 0
    if name.endswith(".pdf"):
        return pages(content)
    if name.endswith(".xlsx"):
        return len(load_workbook(io.BytesIO(content)).worksheets)
    if name.endswith(".txt"):
        return max(1, content.decode().count("【第"))
    return 1


def test_every_record_has_exactly_its_files(drawn: Drawn) -> None:
    assert [record.number for record in drawn.records] == list(range(1, 25))
    folders = {record.folder for record in drawn.records} | {first_version_folder(drawn.records[4])}
    assert {path.name for path in drawn.target.iterdir()} == folders
    for record in drawn.records:
        assert tuple(drawn.files(record.folder)) == record.files


def test_record_without_files_has_an_empty_folder(drawn: Drawn) -> None:
    assert drawn.records[7].files == ()
    assert drawn.files(drawn.records[7].folder) == {}


def test_files_are_of_the_format_their_name_says(drawn: Drawn) -> None:
    for _, name, content in drawn.each_file():
        suffix = Path(name).suffix
        if suffix in MAGIC:
            assert content.startswith(MAGIC[suffix]), name
        else:
            assert content.decode("utf-8-sig"), name
        if suffix in (".tif", ".png", ".jpg"):
            with Image.open(io.BytesIO(content)) as picture:
                picture.load()
                assert min(picture.size) > 900, name
        if suffix == ".xlsx":
            with zipfile.ZipFile(io.BytesIO(content)) as package:
                assert package.testzip() is None


def test_pdfs_are_whole_and_embed_their_fonts(drawn: Drawn) -> None:
    for _, name, content in drawn.each_file():
        if name.endswith(".pdf"):
            assert content.rstrip().endswith(b"%%EOF"), name
            assert pages(content) == declared_pages(content), name
            # Every font on the pages is a subset ("AAAAAA+Name") whose TrueType program is in the file.
            assert content.count(b"/FontFile2") == len(re.findall(rb"/Subtype /TrueType\b", content)) > 0
            assert b"/Type1" not in content, name
            assert b"/ToUnicode" in content, name


def test_pages_come_to_what_the_table_says(drawn: Drawn) -> None:
    for record in drawn.records:
        if record.files:
            files = drawn.files(record.folder)
            counted = sum(counted_pages(name, content) for name, content in files.items())
            assert counted == record.pages, record.title


def test_first_version_lacks_two_pages_and_differs_in_two_files_only(drawn: Drawn) -> None:
    record = drawn.records[4]
    first, second = drawn.files(first_version_folder(record)), drawn.files(record.folder)
    assert tuple(first) == record.files
    changed = [name for name in second if first[name] != second[name]]
    assert changed == ["04_指界签字表.pdf", "06_卷内目录.xlsx"]
    assert pages(second["04_指界签字表.pdf"]) - pages(first["04_指界签字表.pdf"]) == 2
    for files, total in ((first, 44), (second, 46)):
        sheet = load_workbook(io.BytesIO(files["06_卷内目录.xlsx"])).worksheets[0]
        totals = [row[5].value for row in sheet.iter_rows() if row[3].value == "合计"]
        assert totals == [total]


def test_a_second_run_gives_the_same_bytes(drawn: Drawn, tmp_path: Path) -> None:
    assert Drawn(tmp_path).all_bytes() == drawn.all_bytes()


def test_progress_counts_every_file_once(drawn: Drawn) -> None:
    written = drawn.all_bytes()
    assert [report[0] for report in drawn.reports] == list(range(1, len(written) + 1))
    assert {report[1] for report in drawn.reports} == {len(written)}
    assert {report[2] for report in drawn.reports} == set(written)


def test_all_of_it_stays_small(drawn: Drawn) -> None:
    assert sum(map(len, drawn.all_bytes().values())) < 15_000_000


def test_survey_figures_are_those_of_the_papers(drawn: Drawn) -> None:
    content = drawn.files(drawn.records[18].folder)["03_测量数据.csv"].decode("utf-8-sig")
    rows = [row for row in csv.reader(io.StringIO(content)) if row]
    measured = {row[0]: (float(row[1]), float(row[2])) for row in rows if row[0] in plots.POINTS}
    assert measured == plots.POINTS
    data = Path(plots.__file__).parent / "data"
    agreement = (data / "paper-20-01.txt").read_text(encoding="utf-8")
    moved = plots.metres("J5", "J5'")
    for area in (plots.mu(plots.ZHANG), plots.mu(plots.LI), plots.mu(plots.DISPUTED)):
        assert f"{area:.2f}亩" in agreement
    assert f"{moved:.2f}米" in agreement


def test_enhancement_is_marked_where_it_was_filled_in(drawn: Drawn) -> None:
    files = drawn.files(drawn.records[3].folder)
    with Image.open(io.BytesIO(files["02_增强件.png"])) as picture:
        frame = picture.convert("RGB").crop((1300, 840, 1880, 1190))
    bands = frame.tobytes()
    red = sum(r > 170 and g < 110 and b < 110 for r, g, b in zip(*[iter(bands)] * 3, strict=True))
    assert red > 5000


@pytest.mark.parametrize(
    ("column", "value", "named"),
    [
        (0, "2", "序号"),
        (1, "其他", "类别"),
        (5, "1998-9", "日期"),
        (6, "长期", "保管期限"),
        (7, "公开", "公开属性"),
        (8, "缩微", "载体"),
        (9, "盒", "层级"),
        (13, "0", "页数"),
        (13, "６", "页数"),
        (14, "02_报告.pdf", "文件"),
        (14, "01_a/b.pdf", "文件"),
        (14, "01_报告.exe", "文件"),
        (3, " 题名", "题名"),
        (3, "", "题名"),
    ],
)
def test_malformed_row_is_refused_by_name(tmp_path: Path, column: int, value: str, named: str) -> None:
    source = (Path(plots.__file__).parent / "data" / "records.tsv").read_text(encoding="utf-8").splitlines()
    cells = source[1].split("\t")
    cells[column] = value
    table = tmp_path / "records.tsv"
    table.write_text("\n".join([source[0], "\t".join(cells)]) + "\n", encoding="utf-8")
    with pytest.raises(SampleTableError, match=f"“{named}”"):
        read_samples(table)


def test_wrong_header_and_short_row_are_refused(tmp_path: Path) -> None:
    table = tmp_path / "records.tsv"
    table.write_text("序号\t类别\n", encoding="utf-8")
    with pytest.raises(SampleTableError, match="表头"):
        read_samples(table)
    source = (Path(plots.__file__).parent / "data" / "records.tsv").read_text(encoding="utf-8").splitlines()
    table.write_text(f"{source[0]}\n1\t党建工作\n", encoding="utf-8")
    with pytest.raises(SampleTableError, match="列数"):
        read_samples(table)


def test_a_character_no_font_holds_is_named() -> None:
    with pytest.raises(MissingGlyphsError, match="龘"):
        print_pdf(parse("%look office\n龘"), "title")


@pytest.mark.parametrize(
    "line", ["%unknown x", "%head gov | 缺一项", "[ 没有冒号", "%gap wide", "| a | b |\n| c |"]
)
def test_markup_that_cannot_be_read_is_refused(line: str) -> None:
    with pytest.raises(MarkupError):
        parse(f"%look office\n{line}\n")


def test_lines_keep_words_and_marks_together() -> None:
    lines = wrap("张三户，地块QC03-ZY，共计四十六页。", "song", 10, 50)
    assert "".join(lines) == "张三户，地块QC03-ZY，共计四十六页。"
    assert not any(line[0] in "，。" for line in lines)
    assert any("QC03-ZY" in line for line in lines)
