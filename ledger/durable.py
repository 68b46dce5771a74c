"""Writing files so that they survive a crash: whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from ledger.unfinished import unfinished_file


def sync_folder(folder: Path) -> None:
    """Make names created, renamed or removed in `folder` durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_durably(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write or replace a file in a single step: temporary file beside it, fsync, rename, fsync the folder."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def create_durably(path: Path, data: bytes) -> None:
    """A new file for its owner only, whole or not at all. Raises FileExistsError rather than replace one."""
    with unfinished_file(path.parent, f".{path.name}.") as (temporary, out):
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
        # Renaming would replace whatever got the name meanwhile; a second name is refused.
        os.link(temporary, path)
    sync_folder(path.parent)
