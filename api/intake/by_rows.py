"""Records as a table's rows describe them, with their files in sub-folders or beside the table."""

from __future__ import annotations

import os
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from api.carrier import Stated, impossible
from api.codes import CARRIERS, COPIES
from api.intake.fault import Fault
from api.intake.finding import Finding, checked
from api.intake.folder import files_in, look_at
from api.intake.names import kept_name
from api.intake.own_folder import OwnFolders
from api.intake.source import SourceFile, SourceRecord
from api.intake.table import Row, Table
from api.output import printable
from ledger.secrecy import GRADE, declared, field_is_secret, marked
from verifier.catalogue import Words
from verifier.shape import is_date

# Columns that become disclosures of the record under the same name; the rest is clear or not recorded.
FIELDS = (
    "title",
    "number",
    "creator",
    "date",
    "retention",
    "access",
    "carrier",
    "level",
    "owner",
    "custodian",
    "location",
    "category",
    "fonds",
    "volume",
    "grade",
    "holder",
)
MAX_VALUE = 2000


def by_rows(folder: Path, table: Table, stated: Stated) -> Finding:
    found = Finding(faults=list(table.faults))
    folders = OwnFolders(folder)
    for row in table.rows:
        faults: list[Fault] = []
        record = _record(folder, folders, table, row, stated, faults)
        found.add(record, faults)
    return found


def _record(
    root: Path, folders: OwnFolders, table: Table, row: Row, stated: Stated, faults: list[Fault]
) -> SourceRecord | None:
    cells, place = row.cells, f"{table.path.name}:{row.number}"
    words = [cells.get(name, "") for name in ("title", "number", "files", "folder", "creator")]
    if declared(cells.get(GRADE, "")) or declared(cells.get("access", "")):
        faults.append(Fault("SECRET_DECLARED", place))
        return None
    if marked(words) or any(field_is_secret(name, value) for name, value in cells.items()):
        faults.append(Fault("SECRET", place))
        return None
    title, number = cells.get("title", ""), cells.get("number") or None
    if not title:
        faults.append(Fault("TITLE_MISSING", place))
    date = cells.get("date", "")
    if date and (date.count("/") > 1 or not all(map(is_date, date.split("/")))):
        faults.append(Fault("DATE_FORM", place, detail=date))
    pages = cells.get("pages", "")
    if pages and not re.fullmatch(r"[0-9]{1,6}", pages):
        faults.append(Fault("PAGES_FORM", place, detail=pages))
    carrier, copy = _carrier_and_copy(cells, stated, place, faults)
    fields = {name: cells[name] for name in FIELDS if cells.get(name)}
    for name, value in fields.items():
        if len(value) > MAX_VALUE or not value.isprintable():
            faults.append(Fault("VALUE_FORM", place, detail=f"{name}: {printable(value[:40])}"))
    own = folders.of(row, place, faults)
    files = _row_files(root, own, "files" in table.columns, cells.get("files", ""), place, faults)
    if not files and not any(fault.leaves_out for fault in faults):
        faults.append(Fault("RECORD_WITHOUT_FILES" if carrier == "paper" else "FILES_ABSENT", place))
    if any(fault.leaves_out for fault in faults):
        return None
    record = SourceRecord(
        place=place,
        identity=f"number {number}" if number else f"place {own or root} {title} {date}",
        number=number,
        title=title,
        fields=fields,
        pages=int(pages) if pages else None,
        carrier=carrier,
        copy=copy,
        files=files,
        unnamed=place,
    )
    return record.stated_as(carrier, copy) if carrier else record


def _carrier_and_copy(
    cells: Mapping[str, str], stated: Stated, place: str, faults: list[Fault]
) -> tuple[str, str]:
    """Codes; both empty where neither the row nor anybody else states them."""
    carrier, copy = (
        _cell_code(cells.get(column, ""), codes, code, place, faults)
        for column, codes, code in (("carrier", CARRIERS, "CARRIER_FORM"), ("copy", COPIES, "COPY_FORM"))
    )
    carrier = carrier or stated.carrier or ""
    copy = copy or (stated.copy_of(carrier) if carrier else "")
    if impossible(carrier, copy):
        faults.append(Fault("COPY_OF_PAPER", place))
    return carrier, copy


def _cell_code(
    cell: str, codes: Mapping[str, Words], code: str, place: str, faults: list[Fault]
) -> str | None:
    if not cell:
        return None
    said = cell.lower()
    found = next((one for one, words in codes.items() if said in (one, words.zh, words.en)), None)
    if found is None:
        faults.append(Fault(code, place, detail=cell))
    return found


def _row_files(
    root: Path, own: Path | None, has_column: bool, listed: str, place: str, faults: list[Fault]
) -> tuple[SourceFile, ...]:
    names = [name.strip() for name in re.split(r"[;;\n]", listed) if name.strip()]
    if not has_column and own is not None:
        return checked([look_at(p, n, place, faults) for p, n in files_in(own, place, faults)], place, faults)
    base, files = own or root, []
    for name, times in Counter(names).items():
        if times > 1:
            faults.append(Fault("FILE_LISTED_TWICE", place, printable(name)))
        parts = PurePosixPath(name.replace("\\", "/"))
        if parts.is_absolute() or ".." in parts.parts or _through_link(base, parts):
            faults.append(Fault("FILE_OUTSIDE", place, printable(name)))
            continue
        files.append(look_at(*_as_stored(base, str(parts)), place, faults))
    if own is not None:
        listed_names = {kept_name(name.replace("\\", "/")) for name in names}
        unlisted = [n for _, n in files_in(own, place, faults) if kept_name(n) not in listed_names]
        faults += [Fault("FILE_UNLISTED", place, printable(name)) for name in unlisted]
    return checked(files, place, faults)


def _as_stored(base: Path, name: str) -> tuple[Path, str]:
    """Path and name in the Unicode form that the disk has: tables and disks differ, above all from macOS."""
    for form in (name, unicodedata.normalize("NFD", name), unicodedata.normalize("NFC", name)):
        if os.path.lexists(base / form):
            return base / form, form
    return base / name, name


def _through_link(base: Path, parts: PurePosixPath) -> bool:
    return any((base / parent).is_symlink() for parent in parts.parents)
