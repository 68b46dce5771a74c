"""What is being made and has not its name yet. Its maker holds a lock on it, which the system releases when
the maker dies: so what a killed process left behind is told from what another is still making, and removed.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def unfinished_folder(parent: Path, prefix: str) -> Iterator[Path]:
    """A new folder `prefix…` for its owner only, to be filled and renamed; gone at the end if it was not."""
    _sweep(parent, prefix)
    while True:
        folder = parent / f"{prefix}{uuid.uuid4()}"
        folder.mkdir(mode=0o700)
        with _held(folder, os.O_RDONLY | os.O_DIRECTORY) as descriptor:
            if descriptor is None:
                continue
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)
            return


@contextmanager
def unfinished_file(parent: Path, prefix: str) -> Iterator[tuple[Path, BinaryIO]]:
    """A new file `prefix…` for its owner only, to be filled and renamed; gone at the end if it was not."""
    _sweep(parent, prefix)
    while True:
        path = parent / f"{prefix}{uuid.uuid4()}"
        with _held(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL) as descriptor:
            if descriptor is None:
                continue
            try:
                with os.fdopen(descriptor, "wb", closefd=False) as writer:
                    yield path, writer
            finally:
                path.unlink(missing_ok=True)
            return


@contextmanager
def _held(path: Path, flags: int) -> Iterator[int | None]:
    """Opened and locked; None if it was swept before it was locked."""
    try:
        descriptor = os.open(path, flags, 0o600)
    except FileNotFoundError:
        yield None
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor if path.exists() else None
    finally:
        os.close(descriptor)


def _sweep(parent: Path, prefix: str) -> None:
    """Remove what nobody makes any more."""
    with os.scandir(parent) as entries:
        left = [Path(entry.path) for entry in entries if entry.name.startswith(prefix)]
    for path in left:
        # One that cannot be removed does no harm; whoever makes something new here says what is wrong.
        with contextlib.suppress(OSError):
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            finally:
                os.close(descriptor)
