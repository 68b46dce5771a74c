"""Looking at files without opening them: regular, not empty, well named."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from api.intake.fault import Fault
from api.intake.names import is_junk, kept_name, name_faults
from api.intake.source import SourceFile, Stat
from api.output import printable


def stat_of(status: os.stat_result) -> Stat:
    return Stat(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def look_at(path: Path, name: str, place: str, faults: list[Fault]) -> SourceFile | None:
    """The file, or None with the reason among `faults`."""
    shown = printable(name)
    codes = name_faults(name)
    faults += [Fault(code, place, shown) for code in codes]
    if codes == ("NAME_NOT_UTF8",):
        return None
    try:
        status = path.lstat()
    except FileNotFoundError:
        faults.append(Fault("FILE_MISSING", place, shown))
        return None
    except OSError as error:
        faults.append(Fault("FILE_UNREADABLE", place, shown, error.strerror or str(error)))
        return None
    if stat.S_ISLNK(status.st_mode):
        faults.append(Fault("FILE_SYMLINK", place, shown))
        return None
    if not stat.S_ISREG(status.st_mode):
        faults.append(Fault("FILE_SPECIAL", place, shown))
        return None
    if status.st_size == 0:
        faults.append(Fault("FILE_EMPTY", place, shown))
        return None
    return SourceFile(path, kept_name(name), stat_of(status))


def files_in(folder: Path, place: str, faults: list[Fault]) -> Iterator[tuple[Path, str]]:
    """(path, relative name) of everything below a record's folder that is not a plain folder, by name.

    A symbolic link to a folder is given as such, never followed: what it holds is not in this folder.
    """
    yield from _walk(folder, "", place, faults)


def _walk(folder: Path, prefix: str, place: str, faults: list[Fault]) -> Iterator[tuple[Path, str]]:
    try:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        faults.append(
            Fault("FOLDER_UNREADABLE", place, printable(prefix.rstrip("/")), error.strerror or str(error))
        )
        return
    for entry in found:
        name = prefix + entry.name
        if is_junk(entry.name):
            faults.append(Fault("FILE_JUNK", place, printable(name)))
        elif entry.is_dir(follow_symlinks=False):
            yield from _walk(Path(entry.path), f"{name}/", place, faults)
        else:
            yield Path(entry.path), name
