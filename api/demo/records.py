"""The sample records: one strictly read line of `data/records.tsv` each."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

HEADER = (
    "序号", "类别", "档号", "题名", "责任者", "日期", "保管期限", "公开属性",
    "载体", "层级", "所有者", "保管者", "原件位置", "页数", "文件", "经过",
)  # fmt: skip
CLASSES = frozenset(("党建工作", "村级事务", "民生保障", "产业发展", "基建建设", "矛盾调处", "民族团结"))
RETENTIONS = frozenset(("永久", "定期30年", "定期10年"))
CARRIERS = frozenset(("纸质", "电子", "双套"))
LEVELS = frozenset(("件", "卷", "户档(卷)"))
ACCESS_GRADES = frozenset(("开放", "内部", "控制"))

_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?(/\d{4}(-\d{2}(-\d{2})?)?)?")
_FILE = re.compile(r"(\d{2})_[^/\\\s]+\.(pdf|xlsx|tif|png|jpg|csv|txt)")
_TABLE = Path(__file__).parent / "data" / "records.tsv"


class SampleTableError(ValueError):
    """The table of sample records breaks its own form; the message names line, column and remedy."""


@dataclass(frozen=True)
class SampleRecord:
    """One sample record (件, 卷 or 户档); `date` may be partial or a span, `files` may be empty."""

    number: int
    subject_class: str
    archival_number: str
    title: str
    creator: str
    date: str
    retention: str
    access: str
    carrier: str
    level: str
    owner: str
    custodian: str
    location: str
    pages: int
    files: tuple[str, ...]
    course: str

    @property
    def folder(self) -> str:
        """Name of the record's folder: number and the title up to its first bracket."""
        return f"{self.number:02d}_{self.title.partition('(')[0]}"


def read_samples(table: Path = _TABLE) -> list[SampleRecord]:
    """Read every sample record.

    Raises:
        SampleTableError: the header, a value or the numbering is not of the form given above.
        OSError: the table cannot be read.
    """
    lines = table.read_text(encoding="utf-8").splitlines()
    if not lines or tuple(lines[0].split("\t")) != HEADER:
        _refuse(1, "表头", lines[0] if lines else "", "the 16 columns " + " ".join(HEADER))
    records = [_record(line, number) for number, line in enumerate(lines[1:], start=2)]
    for expected, record in enumerate(records, start=1):
        if record.number != expected:
            _refuse(expected + 1, "序号", str(record.number), f"{expected}, as numbers count up from 1")
    return records


def _record(line: str, at: int) -> SampleRecord:
    values = line.split("\t")
    if len(values) != len(HEADER):
        _refuse(at, "列数", str(len(values)), f"{len(HEADER)} columns")
    cell = dict(zip(HEADER, values, strict=True))
    for column, text in cell.items():
        if text != text.strip() or (not text and column != "文件"):
            _refuse(at, column, text, "text without blanks around it")
    for column, allowed in (
        ("类别", CLASSES),
        ("保管期限", RETENTIONS),
        ("载体", CARRIERS),
        ("层级", LEVELS),
    ):
        if cell[column] not in allowed:
            _refuse(at, column, cell[column], " / ".join(sorted(allowed)))
    if cell["公开属性"].partition("(")[0] not in ACCESS_GRADES:
        _refuse(at, "公开属性", cell["公开属性"], " / ".join(sorted(ACCESS_GRADES)))
    if not _DATE.fullmatch(cell["日期"]):
        _refuse(at, "日期", cell["日期"], "YYYY, YYYY-MM, YYYY-MM-DD or two of these joined by '/'")
    return SampleRecord(
        number=_count(cell, "序号", at),
        subject_class=cell["类别"],
        archival_number=cell["档号"],
        title=cell["题名"],
        creator=cell["责任者"],
        date=cell["日期"],
        retention=cell["保管期限"],
        access=cell["公开属性"],
        carrier=cell["载体"],
        level=cell["层级"],
        owner=cell["所有者"],
        custodian=cell["保管者"],
        location=cell["原件位置"],
        pages=_count(cell, "页数", at),
        files=_files(cell["文件"], at),
        course=cell["经过"],
    )


def _count(cell: dict[str, str], column: str, at: int) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,4}", cell[column]):
        _refuse(at, column, cell[column], "a whole number from 1 to 99999")
    return int(cell[column])


def _files(text: str, at: int) -> tuple[str, ...]:
    if not text:
        return ()
    names = tuple(text.split(";"))
    for place, name in enumerate(names, start=1):
        match = _FILE.fullmatch(name)
        if match is None or int(match[1]) != place:
            _refuse(at, "文件", name, f"{place:02d}_NAME.pdf|xlsx|tif|png|jpg|csv|txt")
    return names


def _refuse(line: int, column: str, found: str, wanted: str) -> NoReturn:
    raise SampleTableError(
        f"样例清单第{line}行“{column}”有误:{found!r};应为:{wanted}。请改正 records.tsv 后重试。\n"
        f"Sample table, line {line}, column {column}: found {found!r}, wanted {wanted}. "
        "Correct records.tsv and run again."
    )
