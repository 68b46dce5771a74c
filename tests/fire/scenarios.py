"""What is killed, and what must hold afterwards: one scenario for each thing that the ledger does by
itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from ledger.backup import backup
from ledger.backup_restore import restore, verify_backup
from ledger.check import check
from ledger.create import create_ledger
from ledger.files import store_file, stored_files
from ledger.handle import open_ledger
from ledger.sign import Draft, sign_statement
from ledger.store.engine import reading
from ledger.store.tables import NO_ITEM, anchor, batch, entry, file, statement
from ledger.submission import Submission
from tests.fire.killing import Say, Scenario
from tests.ledger.ledger_world import (
    ENROLLING,
    FIRST,
    FIRST_INDEX,
    ORIGIN,
    RECORD,
    SETTINGS,
    Clock,
    World,
    make_world,
    new_uuid,
)
from verifier.digests import both, sha256
from verifier.errors import CallerError


@dataclass(frozen=True)
class Given:
    """A world whose ledger is closed (each run opens a copy), and what is handed in to it."""

    world: World
    submissions: list[Submission]

    def opened(self, home: Path) -> World:
        clock = Clock(self.world.clock.when)
        return World(open_ledger(home, clock), clock, self.world.cas)


def _given(folder: Path) -> Given:
    world = make_world(folder)
    key = world.person()
    world.appoint(key, "township_archivist")
    first = world.receive(key, RECORD)
    world.accept([first])
    world.seal_and_anchor()
    erasure = Draft(
        event="disclosure.erase",
        occurred_at="2026-01-09",
        late="offline",
        record=RECORD,
        answers=(sha256(first.statement),),
        erased=("title",),
        reason="statutory_order",
        fields={"agent_name": "赵六", "document_number": "青政函〔2026〕3号", "approver": "钱七"},
    )
    made = [
        world.receive(key, new_uuid()),
        world.receive_list(key, [new_uuid() for _ in range(3)]),
        sign_statement(key, ORIGIN, erasure),
    ]
    world.ledger.close()
    return Given(world, made)


def _given_pending(folder: Path) -> Given:
    given = _given(folder)
    world = given.opened(folder / "home")
    world.accept(given.submissions)
    world.ledger.close()
    return given


def _accept(given: Given, folder: Path, say: Say) -> None:
    for accepted in given.opened(folder / "home").accept(given.submissions):
        say(f"{accepted.statement.hex()} {accepted.receipt!r}")


def _after_accept(given: Given, folder: Path, said: list[str]) -> None:
    """What was promised stands; handed in again it gets the same receipt; each is logged once."""
    world = given.opened(folder / "home")
    accepted = world.accept(given.submissions)
    again = [f"{one.statement.hex()} {one.receipt!r}" for one in accepted]
    assert again[: len(said)] == said
    # All of one call or nothing.
    assert len({one.duplicate for one in accepted}) == 1
    assert not said or all(one.duplicate for one in accepted)
    _goes_on(world, given)


def _seal(given: Given, folder: Path, say: Say) -> None:
    sealed = given.opened(folder / "home").seal()
    assert sealed is not None
    say(f"{sealed.number} {sealed.size}")


def _after_seal(given: Given, folder: Path, said: list[str]) -> None:
    world = given.opened(folder / "home")
    again = world.seal()
    assert again is None or not said
    with reading(world.ledger.engine) as connection:
        newest = connection.execute(select(batch).order_by(batch.c.number.desc())).first()
    assert newest is not None
    assert (newest.number, newest.size) == (FIRST + 1, FIRST_INDEX + 10)
    _sound(world)
    world.clock.step(1)
    world.anchor()
    _goes_on(world, given)


def _goes_on(world: World, given: Given) -> None:
    """Whatever is pending can be sealed; each statement is in the log once; nothing disagrees."""
    world.clock.step(1)
    if world.seal() is not None:
        world.anchor()
    with reading(world.ledger.engine) as connection:
        logged = connection.execute(
            select(statement.c.sha256, func.count(entry.c.idx))
            .join(entry, (entry.c.statement_id == statement.c.id) & (entry.c.item_number == NO_ITEM))
            .group_by(statement.c.sha256)
        )
        times = {row[0]: row[1] for row in logged}
        entries = connection.execute(select(func.count()).select_from(entry)).scalar_one()
    assert {sha256(one.statement) for one in given.submissions} < set(times)
    assert set(times.values()) == {1}
    # An appointment, a record, three of a list under its statement, another record, an erasure.
    assert entries == ENROLLING + 1 + 1 + 1 + 4 + 1
    _sound(world)


def _sound(world: World) -> None:
    def kept(number: int) -> bytes | None:
        with reading(world.ledger.engine) as connection:
            data: bytes | None = connection.execute(
                select(anchor.c.data).where(anchor.c.batch == number)
            ).scalar_one_or_none()
        return data

    assert list(check(world.ledger, kept, lambda number: None, world.person_cas)) == []
    world.ledger.close()


ACCEPT = Scenario(_accept, _after_accept, _given)
SEAL = Scenario(_seal, _after_seal, _given_pending)

CONTENT = [b"one file" * 1000, b"", b"another"]


def _scans(folder: Path) -> Given:
    given = _given(folder)
    for number, content in enumerate(CONTENT):
        (folder / f"{number}.pdf").write_bytes(content)
    return given


def _store(given: Given, folder: Path, say: Say) -> None:
    ledger = given.opened(folder / "home").ledger
    for number in range(len(CONTENT)):
        say(store_file(ledger, folder / f"{number}.pdf").digests.sha256.hex())


def _after_store(given: Given, folder: Path, said: list[str]) -> None:
    world = given.opened(folder / "home")
    for digest in said:
        (kept,) = stored_files(world.ledger, bytes.fromhex(digest))
        assert sha256(kept.path.read_bytes()).hex() == digest
    files = world.ledger.paths.files
    # Whatever bears a digest's name has that digest: a half-written copy never gets one.
    for path in files.rglob("*"):
        if path.is_file() and path.parent != files:
            assert sha256(path.read_bytes()).hex() == path.name
    _sound(world)
    for number, content in enumerate(CONTENT):
        assert store_file(world.ledger, folder / f"{number}.pdf").digests == both(content)
    with reading(world.ledger.engine) as connection:
        assert connection.execute(select(func.count()).select_from(file)).scalar() == len(CONTENT)
    assert [path for path in files.iterdir() if path.is_file()] == []
    _sound(world)


STORE_FILE = Scenario(_store, _after_store, _scans)


def _create(_: None, folder: Path, say: Say) -> None:
    say(create_ledger(folder / "home", SETTINGS, Clock()).id.hex())


def _after_create(_: None, folder: Path, said: list[str]) -> None:
    """There is no ledger, and it can be made; or there is one, whole."""
    home = folder / "home"
    if (home / "ledger").exists():
        ledger = open_ledger(home, Clock())
        assert not said or ledger.id.hex() == said[0]
    else:
        assert not said
        ledger = create_ledger(home, SETTINGS, Clock())
    # Between the renaming and the end an empty folder is left, which holds nothing.
    assert [path for path in home.glob("ledger.new-*") if any(path.iterdir())] == []
    world = World(ledger, Clock())
    world.anchor()
    assert world.seal(empty=True) is not None
    world.anchor()
    _sound(world)


CREATE = Scenario(_create, _after_create, lambda folder: None)


def _kept(folder: Path) -> Given:
    given = _scans(folder)
    world = given.opened(folder / "home")
    for number in range(len(CONTENT)):
        store_file(world.ledger, folder / f"{number}.pdf")
    world.accept(given.submissions)
    world.ledger.close()
    return given


def _backup(given: Given, folder: Path, say: Say) -> None:
    backup(given.opened(folder / "home").ledger, folder / "kept")
    say("kept")


def _after_backup(given: Given, folder: Path, said: list[str]) -> None:
    """A back-up is whole or has no manifest; the ledger itself is as it was."""
    world = given.opened(folder / "home")
    if (folder / "kept" / "manifest.json").exists():
        verify_backup(folder / "kept")
        restore(folder / "kept", folder / "again")
        _goes_on(given.opened(folder / "again"), given)
    else:
        assert not said
        try:
            verify_backup(folder / "kept")
        except CallerError as error:
            assert error.code == "BACKUP_MANIFEST"  # noqa: PT017  a process without pytest
        else:
            raise AssertionError("half a back-up passes for one")
    backup(world.ledger, folder / "another")
    verify_backup(folder / "another")
    _goes_on(world, given)


BACKUP = Scenario(_backup, _after_backup, _kept)


def _backed_up(folder: Path) -> Given:
    given = _kept(folder)
    ledger = given.opened(folder / "home").ledger
    backup(ledger, folder / "kept")
    ledger.close()
    return given


def _restore(given: Given, folder: Path, say: Say) -> None:
    restore(folder / "kept", folder / "again")
    say("again")


def _after_restore(given: Given, folder: Path, said: list[str]) -> None:
    """The data folder is whole, or not there and can be restored; nothing of the attempt lies about."""
    if not (folder / "again").exists():
        assert not said
        restore(folder / "kept", folder / "again")
    assert [path.name for path in folder.iterdir() if "restore-" in path.name] == []
    _goes_on(given.opened(folder / "again"), given)
    verify_backup(folder / "kept")


RESTORE = Scenario(_restore, _after_restore, _backed_up)
