"""Records as sub-folders: the folder's name is the title, with its archival number in front if it has one."""

from __future__ import annotations

import re
from pathlib import Path

from api.carrier import Stated
from api.intake.fault import Fault
from api.intake.finding import Finding, checked
from api.intake.folder import files_in, look_at
from api.intake.names import is_junk
from api.intake.source import SourceRecord
from api.output import printable
from ledger.secrecy import marked

# `QC03-ZY·TD-021_张三户土地承包户档`, `07_选举结果公告`; the number or count alone has no title.
_NUMBERED_FOLDER = re.compile(
    r"(?P<number>[A-Z0-9][A-Z0-9.·-]*-[A-Z0-9.·-]+)(?:[_ \uff3f\u3000](?P<title>.*))?"
)
_COUNTED_FOLDER = re.compile(r"\d{1,6}[_ .、\uff3f\u3000](?P<title>.*)")
_EDGES = re.compile(r"^[\s_\uff3f]+|[\s_\uff3f]+$")


def by_folders(root: Path, stated: Stated) -> Finding:
    found = Finding()
    for number, path in enumerate(sorted(root.iterdir()), 1):
        faults: list[Fault] = []
        if is_junk(path.name) or not path.is_dir() or path.is_symlink():
            code = (
                "FILE_JUNK" if is_junk(path.name) else "FILE_SYMLINK" if path.is_symlink() else "FILE_STRAY"
            )
            found.faults.append(Fault(code, printable(path.name)))
            continue
        record = _folder_record(path, f"[{number}]", stated, faults)
        found.add(record, faults)
    return found


def number_and_title(name: str) -> tuple[str | None, str]:
    """The archival number in front of a folder's name, if there is one, and its title, empty if it has none.

    What has no letter is no title: a number, a count or a date alone.
    """
    numbered = _NUMBERED_FOLDER.fullmatch(name)
    # `2014-2015_会议记录` begins with years, not with an archival number, which has a letter.
    if numbered is not None and any(ch.isalpha() for ch in numbered["number"]):
        return numbered["number"], _title(numbered["title"] or "")
    counted = _COUNTED_FOLDER.fullmatch(name)
    return None, _title(counted["title"] if counted else name)


def _like_number(name: str) -> bool:
    """Whether it begins with what would be an archival number, were its letters capitals."""
    number, _ = number_and_title(name.upper())
    return number is not None and any(ch.isdigit() for ch in number)


def _title(text: str) -> str:
    return _EDGES.sub("", text) if any(ch.isalpha() for ch in text) else ""


def _folder_record(path: Path, unnamed: str, stated: Stated, faults: list[Fault]) -> SourceRecord | None:
    """`unnamed`: what is secret is told by its number among the folder's entries alone."""
    place = printable(path.name)
    listing = list(files_in(path, place, faults))
    if marked([path.name, *(name for _, name in listing)]):
        faults[:] = [Fault("SECRET", unnamed)]
        return None
    number, title = number_and_title(path.name)
    if number is None and _like_number(path.name):
        faults.append(Fault("NUMBER_CASE", place))
    if not title:
        faults.append(Fault("FOLDER_UNTITLED", place))
    if not title.isprintable():
        faults.append(Fault("VALUE_FORM", place))
    if not listing:
        faults.append(Fault("FOLDER_EMPTY", place))
    record = SourceRecord(
        place=place,
        identity=f"number {number}" if number else f"place {path}",
        number=number,
        title=title,
        fields={"title": title} | ({"number": number} if number else {}),
        pages=None,
        carrier="",
        copy="",
        files=checked([look_at(p, n, place, faults) for p, n in listing], place, faults),
        unnamed=unnamed,
    )
    if stated.carrier is None:
        return record
    return record.stated_as(stated.carrier, stated.copy_of(stated.carrier))
