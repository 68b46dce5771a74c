"""Records as sub-folders: the folder's name is the title, with its archival number in front if it has one."""

from __future__ import annotations

import re
from pathlib import Path

from api.intake.fault import Fault
from api.intake.finding import Finding, checked
from api.intake.folder import files_in, look_at
from api.intake.names import is_junk
from api.intake.secrecy import marked
from api.intake.source import SourceRecord
from api.output import printable

# A folder named `QC03-ZY·TD-021_张三户土地承包户档` or `07_选举结果公告`.
_NUMBERED_FOLDER = re.compile(r"(?P<number>[A-Z0-9][A-Z0-9.·-]*-[A-Z0-9.·-]+)[_ ](?P<title>.+)")
_COUNTED_FOLDER = re.compile(r"\d{1,6}[_ .、](?P<title>.+)")


def by_folders(root: Path) -> Finding:
    found = Finding()
    for path in sorted(root.iterdir()):
        faults: list[Fault] = []
        if is_junk(path.name) or not path.is_dir() or path.is_symlink():
            code = (
                "FILE_JUNK" if is_junk(path.name) else "FILE_SYMLINK" if path.is_symlink() else "FILE_STRAY"
            )
            found.faults.append(Fault(code, printable(path.name)))
            continue
        record = _folder_record(path, faults)
        found.add(record, faults)
    return found


def _folder_record(path: Path, faults: list[Fault]) -> SourceRecord | None:
    place = printable(path.name)
    listing = list(files_in(path, place, faults))
    if marked([path.name, *(name for _, name in listing)]):
        faults[:] = [Fault("SECRET", _hidden(path.name))]
        return None
    numbered = _NUMBERED_FOLDER.fullmatch(path.name)
    counted = _COUNTED_FOLDER.fullmatch(path.name)
    title = numbered["title"] if numbered else counted["title"] if counted else path.name
    number = numbered["number"] if numbered else None
    if not title.isprintable():
        faults.append(Fault("VALUE_FORM", place))
    fields = {"title": title} | ({"number": number} if number else {})
    return SourceRecord(
        place=place,
        identity=f"number {number}" if number else f"place {path}",
        number=number,
        title=title,
        fields=fields,
        pages=None,
        carrier="electronic",
        files=checked([look_at(p, n, place, faults) for p, n in listing], place, faults),
    )


def _hidden(name: str) -> str:
    """A folder whose very name may be secret is told by its first character and length alone."""
    return f"{printable(name[:1])}…({len(name)})"
