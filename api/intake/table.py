"""Reading the table of records (`records.tsv`, `.csv`, `.xlsx`) into rows of named cells."""

from __future__ import annotations

import csv
import datetime
import io
from dataclasses import dataclass
from pathlib import Path

from api.errors import CommandError, Exit
from api.intake.fault import Fault

TABLE_NAMES = ("records.tsv", "records.csv", "records.xlsx")
MAX_TABLE = 64 << 20
MAX_ROWS = 100_000

# Column heads as offices write them, and in English; the first English form is the column's name here.
_COLUMNS: dict[str, tuple[str, ...]] = {
    "no": ("序号", "no", "no."),
    "category": ("类别", "category", "class"),
    "number": ("档号", "number", "reference number", "archival number", "reference code"),
    "title": ("题名", "title"),
    "creator": ("责任者", "creator", "author"),
    "date": ("日期", "date"),
    "retention": ("保管期限", "retention", "retention period"),
    "access": ("公开属性", "access"),
    "grade": ("密级", "grade", "secrecy"),
    "carrier": ("载体", "carrier"),
    "copy": ("份别", "copy"),
    "level": ("层级", "level"),
    "fonds": ("全宗", "fonds"),
    "volume": ("案卷", "户档", "volume"),
    "holder": ("户主", "当事人", "holder"),
    "owner": ("所有者", "owner"),
    "custodian": ("保管者", "custodian"),
    "location": ("原件位置", "location"),
    "pages": ("页数", "pages"),
    "folder": ("文件夹", "folder"),
    "files": ("文件", "files"),
    # The sample's course of events: a story, not a property of the record.
    "course": ("经过", "course"),
}
_BY_HEAD = {head: name for name, heads in _COLUMNS.items() for head in heads}


@dataclass(frozen=True)
class Row:
    """`number` as a spreadsheet shows it (the head is row 1); `cells` by column name, stripped."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Table:
    path: Path
    columns: frozenset[str]
    rows: tuple[Row, ...]
    faults: tuple[Fault, ...]


def find_table(folder: Path) -> Path | None:
    """The folder's table of records. Raises CommandError TABLE_SEVERAL when there is more than one."""
    found = [folder / name for name in TABLE_NAMES if (folder / name).is_file()]
    if len(found) > 1:
        names = "、".join(path.name for path in found)
        raise CommandError(
            "TABLE_SEVERAL",
            f"{folder} 中有多份清单({names}),不知以哪份为准。请只留一份,或用 --table 指明。",
            f"{folder} holds several tables ({names}). Keep one, or name it with --table.",
            Exit.DATA,
        )
    return found[0] if found else None


def read_table(path: Path) -> Table:
    """Raises CommandError TABLE_UNREADABLE, TABLE_TOO_LARGE, TABLE_HEAD, TABLE_KIND."""
    faults: list[Fault] = []
    try:
        if path.stat().st_size > MAX_TABLE:
            raise _too_large(path)
        lines = _lines(path, faults)
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from None
    if len(lines) > MAX_ROWS + 1:
        raise _too_large(path)
    columns = _columns(path, lines[0] if lines else [], faults)
    rows = []
    for number, line in enumerate(lines[1:], start=2):
        cells = {columns[i]: cell.strip() for i, cell in enumerate(line) if i in columns}
        if any(cells.values()):
            rows.append(Row(number, cells))
    return Table(path, frozenset(columns.values()), tuple(rows), tuple(faults))


def _lines(path: Path, faults: list[Fault]) -> list[list[str]]:
    suffix = path.suffix.lower()
    if suffix == ".xlsx":
        return _sheet(path)
    if suffix not in (".tsv", ".csv"):
        raise CommandError(
            "TABLE_KIND",
            f"清单须为 .tsv、.csv 或 .xlsx,现为 {path.name}。请另存为其中一种。",
            f"The table must be .tsv, .csv or .xlsx; found {path.name}. Save it as one of these.",
            Exit.DATA,
        )
    data = path.read_bytes()
    try:
        content = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            content = data.decode("gb18030")
        except UnicodeDecodeError:
            raise _unreadable(path, "UTF-8 / GB18030") from None
        faults.append(Fault("ENCODING_GUESSED", path.name))
    delimiter = "\t" if suffix == ".tsv" else ","
    try:
        return list(csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise _unreadable(path, str(error)) from None


def _sheet(path: Path) -> list[list[str]]:
    """The first sheet. openpyxl says what is wrong with a file in many exception types."""
    from openpyxl import load_workbook

    try:
        book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
        try:
            lines: list[list[str]] = []
            for row in book.worksheets[0].iter_rows(values_only=True):
                lines.append([_cell(value) for value in row])
                if len(lines) > MAX_ROWS + 1:
                    raise _too_large(path)
            return lines
        finally:
            book.close()
    except (CommandError, OSError):
        raise
    except Exception as error:
        raise _unreadable(path, str(error)) from error


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime.datetime):
        return value.date().isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _columns(path: Path, head: list[str], faults: list[Fault]) -> dict[int, str]:
    columns: dict[int, str] = {}
    for place, words in enumerate(head):
        key = " ".join(words.strip().lower().replace("_", " ").replace("-", " ").split())
        name = _BY_HEAD.get(key)
        if name is None:
            if key:
                faults.append(Fault("COLUMN_UNKNOWN", path.name, detail=words.strip()))
        elif name in columns.values():
            raise _head(path, f"“{words.strip()}”出现两次", f"'{words.strip()}' stands twice")
        else:
            columns[place] = name
    if "title" not in columns.values():
        raise _head(path, "没有“题名”列", "there is no column 'title'")
    return columns


def _head(path: Path, zh: str, en: str) -> CommandError:
    return CommandError(
        "TABLE_HEAD",
        f"清单 {path.name} 的表头有误:{zh}。须含“题名”,"
        f"可有:{' '.join(heads[0] for heads in _COLUMNS.values())}。",
        f"The head of {path.name} is wrong: {en}. It needs 'title' and may have: {', '.join(_COLUMNS)}.",
        Exit.DATA,
    )


def _unreadable(path: Path, why: str) -> CommandError:
    return CommandError(
        "TABLE_UNREADABLE",
        f"清单 {path} 读不出:{why}。请用表格软件打开后另存为 CSV(UTF-8)或 xlsx。",
        f"The table {path} cannot be read: {why}. "
        "Open it in a spreadsheet and save it as CSV (UTF-8) or xlsx.",
        Exit.DATA,
    )


def _too_large(path: Path) -> CommandError:
    return CommandError(
        "TABLE_TOO_LARGE",
        f"清单 {path.name} 过大,最多 {MAX_ROWS} 行、{MAX_TABLE >> 20} MiB。请分成几份。",
        f"The table {path.name} is too large: at most {MAX_ROWS} rows and {MAX_TABLE >> 20} MiB. Split it.",
        Exit.DATA,
    )
