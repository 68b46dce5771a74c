"""What the command reads: one evidence file, one trust root, a receipt, and the files on the table.

Every fault of a path becomes an InputError with a reason code. Links inside a folder are not followed, so
that a folder cannot make the command read anything outside it.
"""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from verifier.digests import CHUNK, both_of_chunks
from verifier.report import Reason
from verifier.verify_files import GivenFile

# What file managers leave in folders; nobody means to have it compared.
_LEFT_BEHIND = frozenset({"thumbs.db", "desktop.ini"})

# What a ZIP begins with: many evidence files come in one.
_ZIP = b"PK\x03\x04"


class InputError(Exception):
    """A path that cannot be read as what it was given for."""

    def __init__(self, code: str, path: Path, expected: str = "", found: str = "") -> None:
        super().__init__(code, path)
        self.reason = Reason(code, str(path), expected, found)


@dataclass(frozen=True)
class Table:
    """The files to compare. `left_out`: paths in given folders that were not read."""

    files: tuple[GivenFile, ...]
    left_out: tuple[str, ...]


def read_one(path: Path, limit: int) -> bytes:
    """The octets of an ordinary, non-empty file of at most `limit` octets; a larger one is not read."""
    size = _check_ordinary(path)
    if size > limit:
        raise InputError("INPUT_TOO_LARGE", path, f"≤ {limit}", str(size))
    try:
        with path.open("rb") as stream:
            data = stream.read(limit + 1)
    except OSError as error:
        raise _unreadable(path, error) from None
    if not data:
        raise InputError("INPUT_EMPTY", path)
    if data.startswith(_ZIP):
        raise InputError("INPUT_ZIP", path)
    if len(data) > limit:  # it grew meanwhile
        raise InputError("INPUT_TOO_LARGE", path, f"≤ {limit}", f"≥ {len(data)}")
    return data


def read_receipt(path: Path, limit: int) -> str:
    """The text of a receipt; an editor's byte order mark and CR LF are not part of it."""
    try:
        text = read_one(path, limit).decode("utf-8")
    except UnicodeDecodeError:
        raise InputError("INPUT_NOT_TEXT", path) from None
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def read_table(paths: Sequence[Path], read_already: Collection[Path]) -> Table:
    """Digests of every file named, and of every file in every folder named.

    `read_already`: evidence, trust root and receipt; where a folder holds them they are not compared.
    """
    found: list[Path] = []
    left_out: list[str] = []
    for path in paths:
        if _mode(path) is not None and stat.S_ISDIR(_mode(path) or 0):
            inside = list(_inside(path, read_already, left_out))
            if not inside:
                raise InputError("INPUT_NO_FILES", path)
            found += inside
        else:
            _check_ordinary(path, folder_allowed=True)
            found.append(path)
    names = Counter(path.name for path in found)
    files = tuple(_digested(path, path.name if names[path.name] == 1 else str(path)) for path in found)
    return Table(files, tuple(left_out))


def _mode(path: Path) -> int | None:
    try:
        return path.stat().st_mode
    except (OSError, ValueError):
        return None


def _check_ordinary(path: Path, *, folder_allowed: bool = False) -> int:
    """The size. Before anything is opened: opening a pipe would wait for ever."""
    try:
        found = path.stat()
        mode = found.st_mode
    except (FileNotFoundError, NotADirectoryError):
        raise InputError("INPUT_MISSING", path) from None
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        raise _unreadable(path, error) from None
    if stat.S_ISDIR(mode) and not folder_allowed:
        raise InputError("INPUT_FOLDER", path)
    if not stat.S_ISREG(mode):
        raise InputError("INPUT_NOT_FILE", path)
    return found.st_size


def _unreadable(path: Path, error: Exception) -> InputError:
    return InputError("INPUT_UNREADABLE", path, found=getattr(error, "strerror", None) or str(error))


def _inside(folder: Path, read_already: Collection[Path], left_out: list[str]) -> Iterator[Path]:
    """Ordinary files below `folder`, by name; links, pipes, hidden files and those read already left out."""

    def refuse(error: OSError) -> None:
        raise _unreadable(Path(error.filename or folder), error) from None

    for parent, folders, names in os.walk(folder, onerror=refuse):
        folders.sort()
        for name in list(folders):
            if name.startswith(".") or (Path(parent) / name).is_symlink():
                folders.remove(name)
                left_out.append(str(Path(parent) / name))
        for name in sorted(names):
            path = Path(parent) / name
            ordinary = not path.is_symlink() and path.is_file()
            hidden = name.startswith(".") or name.lower() in _LEFT_BEHIND
            if ordinary and not hidden and not any(_same(path, other) for other in read_already):
                yield path
            else:
                left_out.append(str(path))


def _same(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except OSError:
        return False


def _digested(path: Path, name: str) -> GivenFile:
    try:
        with path.open("rb") as stream:
            digests, size = both_of_chunks(iter(lambda: stream.read(CHUNK), b""))
    except OSError as error:
        raise _unreadable(path, error) from None
    return GivenFile(name, digests, size)
