"""Records as a table's rows describe them, with their files in sub-folders or beside the table."""

from __future__ import annotations

import os
import re
import unicodedata
from collections import Counter
from pathlib import Path, PurePosixPath

from api.intake.fault import Fault
from api.intake.finding import Finding, checked
from api.intake.folder import files_in, look_at
from api.intake.names import kept_name
from api.intake.own_folder import OwnFolders
from api.intake.secrecy import declared, marked
from api.intake.source import SourceFile, SourceRecord
from api.intake.table import Row, Table
from api.output import printable
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
_CARRIERS = {"纸质": "paper", "电子": "electronic", "双套": "both"} | {
    name: name for name in ("paper", "electronic", "both")
}


def by_rows(folder: Path, table: Table) -> Finding:
    found = Finding(faults=list(table.faults))
    folders = OwnFolders(folder)
    for row in table.rows:
        faults: list[Fault] = []
        record = _record(folder, folders, table, row, faults)
        found.add(record, faults)
    return found


def _record(
    root: Path, folders: OwnFolders, table: Table, row: Row, faults: list[Fault]
) -> SourceRecord | None:
    cells, place = row.cells, f"{table.path.name}:{row.number}"
    words = [cells.get(name, "") for name in ("title", "number", "files", "folder", "creator")]
    if declared(cells.get("grade", "")) or declared(cells.get("access", "")) or marked(words):
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
    carrier = _CARRIERS.get(cells.get("carrier", "").lower())
    if carrier is None and cells.get("carrier"):
        faults.append(Fault("CARRIER_FORM", place, detail=cells["carrier"]))
    fields = {name: cells[name] for name in FIELDS if cells.get(name)}
    for name, value in fields.items():
        if len(value) > MAX_VALUE or not value.isprintable():
            faults.append(Fault("VALUE_FORM", place, detail=f"{name}: {printable(value[:40])}"))
    own = folders.of(row, place, faults)
    files = _row_files(root, own, "files" in table.columns, cells.get("files", ""), place, faults)
    if any(fault.leaves_out for fault in faults):
        return None
    return SourceRecord(
        place=place,
        identity=f"number {number}" if number else f"place {own or root} {title} {date}",
        number=number,
        title=title,
        fields=fields,
        pages=int(pages) if pages else None,
        carrier=carrier or "electronic",
        files=files,
    )


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
