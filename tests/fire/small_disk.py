"""Run by test_disk_trouble where it may mount disks: fills one, makes one read-only, and goes on."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from api.command import run
from ledger.check import check
from tests.api.asking import PASSPHRASE
from tests.fire.own_mounts import mount_disk, mount_readonly, mount_writable
from tests.ledger.ledger_world import FIRST, World, make_world, new_uuid
from verifier.errors import LedgerError
from verifier.report import Outcome

KIB = 1024
# Room left: for nothing, for opening alone, for some of what is written.
LEFT = (0, 16 * KIB, 48 * KIB, 96 * KIB)


def main(folder: Path, made_office: Path) -> None:
    os.environ["ARCHIVE_LEDGER_PASSPHRASE"] = PASSPHRASE
    own = folder / "records" / "QC03-001_一件"
    own.mkdir(parents=True)
    (own / "a.txt").write_bytes(b"a" * 9000)
    take_in(folder / "full", made_office, own)
    accept_and_seal(folder / "also full")
    write_nothing(folder / "read-only", made_office, own)


def take_in(disk: Path, made_office: Path, own: Path) -> None:
    """STORE_SPACE while the database has no room, FILE_SPACE when the file has none."""
    mount_disk(disk, "16m")
    shutil.copytree(made_office, disk / "home")
    for left in LEFT:
        with only(disk, left):
            refused(disk / "home", own.parent, "STORE_SPACE", "腾出空间", "Free some space")
    (own / "b.txt").write_bytes(b"b" * 2048 * KIB)
    with only(disk, 1024 * KIB):
        refused(disk / "home", own.parent, "FILE_SPACE", "腾出空间", "Free some space")
    assert [path for path in (disk / "home/ledger/files").iterdir() if path.is_file()] == []
    goes_on(disk / "home", own.parent)


def accept_and_seal(disk: Path) -> None:
    mount_disk(disk, "16m")
    world = make_world(disk)
    key = world.person()
    made = [world.receive(key, new_uuid()) for _ in range(20)]
    with only(disk, 0):
        out_of_space(lambda: world.accept(made))
    sound(world)
    accepted = world.accept(made)
    assert not any(one.duplicate for one in accepted)
    with only(disk, 0):
        out_of_space(world.seal)
        # What was acknowledged can still be looked up.
        assert [one.receipt for one in world.accept(made)] == [one.receipt for one in accepted]
    sound(world)
    sealed = world.seal()
    assert sealed is not None
    assert (sealed.number, sealed.statements) == (FIRST, len(made))
    world.clock.step(1)
    world.anchor()
    sound(world)


def write_nothing(folder: Path, made_office: Path, own: Path) -> None:
    """A folder mounted read-only; the superuser may not write there either."""
    for place, code in (
        ("home", "STORE_READONLY"),
        ("home/ledger/ledger.sqlite", "STORE_READONLY"),
        ("home/ledger/files", "FILE_READONLY"),
    ):
        case = folder / code / place.replace("/", "-")
        shutil.copytree(made_office, case / "home")
        (case / "home/ledger/files").mkdir(exist_ok=True)
        mount_readonly(case / place)
        refused(case / "home", own.parent, code, "挂载方式", "how it is mounted")
        mount_writable(case / place)
        goes_on(case / "home", own.parent)


@contextlib.contextmanager
def only(disk: Path, left: int) -> Any:
    """Another file takes up all but so many octets."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as out, contextlib.suppress(OSError):
        while True:
            out.write(bytes(4 * KIB))
    os.truncate(filler, filler.stat().st_size - left)
    yield
    filler.unlink()


def ask(home: Path, *arguments: object, language: str = "zh") -> tuple[int, dict[str, Any], str]:
    os.environ |= {"ARCHIVE_LEDGER_HOME": str(home), "ARCHIVE_LEDGER_LANG": language}
    out, error = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
        exit_code = run([*map(str, arguments), "--json"])
    return exit_code, json.loads(out.getvalue()), error.getvalue()


def intake(home: Path, records: Path, language: str = "zh") -> tuple[int, dict[str, Any], str]:
    return ask(home, "intake", records, "--as", "王五", "--carrier", "electronic", language=language)


def refused(home: Path, records: Path, code: str, zh: str, en: str) -> None:
    for language, remedy in (("zh", zh), ("en", en)):
        exit_code, document, error = intake(home, records, language)
        assert (exit_code, document["error"]["code"]) == (3, code), (document, error)
        assert remedy in error, error
        assert "Traceback" not in error


def goes_on(home: Path, records: Path) -> None:
    done = intake(home, records)
    assert (done[0], done[1]["records_taken"]) == (0, 1), done
    assert ask(home, "list")[1]["total"] == 1
    found = ask(home, "check", "--offline")[1]
    assert (found["failed"], found["agrees"]) == (0, True), found


def out_of_space(work: Any) -> None:
    try:
        work()
    except LedgerError as error:
        assert error.code == "STORE_SPACE"  # noqa: PT017  a process without pytest
    else:
        raise AssertionError("there was room after all")


def sound(world: World) -> None:
    found = list(check(world.ledger, membership=world.person_cas))
    assert [one for one in found if one.outcome is Outcome.FAILED] == []


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
