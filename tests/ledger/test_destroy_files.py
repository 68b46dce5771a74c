"""Electronic copies destroyed before a witness: really gone, unless another record needs them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ledger import destroy_files
from ledger.accept import SubmissionsRefusedError
from ledger.check import check
from ledger.destroy_files import destroyed_contents, destroyed_files, finish_destructions
from ledger.files import StoredFile, content_path, store_file, stored_files
from ledger.fixity import check_fixity
from ledger.fixity_due import check_due, summary
from ledger.handle import Ledger
from ledger.status import counts
from tests.ledger.handling_office import ELECTRONIC, PAPER, Office
from tests.ledger.ledger_world import make_world, new_uuid, number_of
from verifier.claims import FileClaim
from verifier.disclosure import FileDigests
from verifier.statement import parse_statement

pytestmark = pytest.mark.usefixtures("database")
CONTENT = "到期的会议通知".encode()


class Room(Office):
    """Records with one electronic file each, and their end in four steps by four people."""

    def __init__(self, folder: Path) -> None:
        super().__init__(make_world(folder))
        self.folder = folder

    @property
    def ledger(self) -> Ledger:
        return self.world.ledger

    def store(self, content: bytes = CONTENT, mode: Any = "copy") -> StoredFile:
        path = self.folder / "handed.in"
        path.write_bytes(content)
        return store_file(self.ledger, path, mode)

    def brought(self, record: str, kept: StoredFile, *, hidden: bool = False, event: str = "receive") -> Any:
        claim = FileClaim("content", "text/plain", "electronic", "original", None, None)
        fields: dict[str, Any] = {}
        if event == "receive":
            fields = {"title": "会议通知", "number": number_of(record)}
        if hidden:
            fields |= {"file.0.digests": FileDigests(kept.digests, kept.size)}
        else:
            claim = FileClaim("content", "text/plain", "electronic", "original", kept.digests, kept.size)
        more: dict[str, Any] = {} if event == "receive" else {"reason": "missing_item", "version": 2}
        return self.signed(event, "王五", record, files=(claim,), fields=fields, **more)

    def witness(
        self, record: str, carried_out: bytes, outcome: str = ELECTRONIC, who: str = "郑十一"
    ) -> bytes:
        return self.take(self.signed("destroy.witness", who, record, answers=(carried_out,), outcome=outcome))

    def refused(self, submission: Any) -> list[str]:
        with pytest.raises(SubmissionsRefusedError) as caught:
            self.take(submission)
        return [reason.code for one in caught.value.refusals for reason in one.reasons]

    def found(self) -> list[tuple[str, str]]:
        """What `check` says of files."""
        return [
            (one.code, one.expected)
            for one in check(self.ledger, membership=self.world.person_cas)
            if one.subject.value == "file"
        ]


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


@pytest.mark.parametrize("hidden", [False, True])
@pytest.mark.parametrize("logged", [False, True])
def test_only_what_a_second_person_saw_is_erased(room: Room, hidden: bool, logged: bool) -> None:
    record, kept = new_uuid(), room.store()
    room.take(room.brought(record, kept, hidden=hidden))
    if logged:
        room.world.seal_and_anchor()
    place = content_path(room.ledger.paths, kept.digests.sha256)
    done = room.carried_out(record, ELECTRONIC)
    assert finish_destructions(room.ledger) == ()
    assert place.is_file()
    statement = room.witness(record, done)
    assert not place.exists()
    assert stored_files(room.ledger, kept.digests.sha256) == ()
    (gone,) = destroyed_files(room.ledger)
    assert (gone.sha256, gone.statement, gone.mode) == (kept.digests.sha256, statement, "destroyed")
    # Not missing: neither looked for nor found wanting.
    assert check_fixity(room.ledger).problems == ()
    assert check_due(room.ledger).read == 0
    assert (summary(room.ledger).files, summary(room.ledger).destroyed) == (0, 1)
    assert room.found() == []
    assert (counts(room.ledger).files, summary(room.ledger).files) == (0, 0)


def test_the_paper_takes_no_file_with_it(room: Room) -> None:
    record, kept = new_uuid(), room.store()
    room.take(room.brought(record, kept))
    done = room.carried_out(record, PAPER)
    room.witness(record, done, PAPER)
    assert content_path(room.ledger.paths, kept.digests.sha256).is_file()


@pytest.mark.parametrize("hidden", [False, True])
@pytest.mark.parametrize("logged", [False, True])
def test_what_another_record_needs_stays_until_that_one_ends(room: Room, hidden: bool, logged: bool) -> None:
    first, second, kept = new_uuid(), new_uuid(), room.store()
    room.take(room.brought(first, kept), room.brought(second, kept, hidden=hidden))
    if logged:
        room.world.seal_and_anchor()
    place = content_path(room.ledger.paths, kept.digests.sha256)
    room.witness(first, room.carried_out(first, ELECTRONIC))
    assert place.is_file()
    assert destroyed_contents(room.ledger) == frozenset()
    room.witness(second, room.carried_out(second, ELECTRONIC))
    assert not place.exists()


def test_a_witness_reads_nothing_of_what_was_destroyed_before(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the statements that are read again, whose number would grow with every destruction."""
    read: list[int] = []

    def counted(data: bytes) -> Any:
        read[-1] += 1
        return parse_statement(data)

    monkeypatch.setattr("ledger.destroyed.parse_statement", counted)
    for number in range(4):
        record, kept = new_uuid(), room.store(b"%d" % number)
        room.take(room.brought(record, kept))
        done = room.carried_out(record, ELECTRONIC)
        room.world.seal_and_anchor()
        read.append(0)
        room.witness(record, done)
        assert not content_path(room.ledger.paths, kept.digests.sha256).exists()
    assert read == [read[0]] * 4
    assert read[0] > 0
    # A start looks at all of them.
    read.append(0)
    finish_destructions(room.ledger)
    assert read[-1] >= 4


def test_what_a_list_of_many_ends_is_gone_and_nothing_else(room: Room) -> None:
    """Two of three records on one list; the third names the same content as the first."""
    records, files = [new_uuid() for _ in range(3)], [room.store(b"a"), room.store(b"b"), room.store(b"a")]
    for record, kept in zip(records, files, strict=True):
        room.take(room.brought(record, kept))
    room.world.seal_and_anchor()
    done = tuple(room.carried_out(record, ELECTRONIC) for record in records[:2])
    seen = {"answers": done, "outcome": ELECTRONIC}
    room.take(room.listed("destroy.witness", "郑十一", records[:2], new_uuid(), **seen))
    there = [content_path(room.ledger.paths, one.digests.sha256).is_file() for one in files]
    assert there == [True, False, True]
    room.witness(records[2], room.carried_out(records[2], ELECTRONIC))
    assert not content_path(room.ledger.paths, files[0].digests.sha256).exists()


def test_a_hold_keeps_the_files(room: Room) -> None:
    record, kept = new_uuid(), room.store()
    room.take(room.brought(record, kept))
    done = room.carried_out(record, ELECTRONIC)
    number = {"document_number": "(2026)民初1号"}
    held = room.take(room.signed("disposal.hold", "法官", record, reason="in_litigation", fields=number))
    again = room.signed("destroy.witness", "郑十一", record, answers=(done,), outcome=ELECTRONIC)
    assert room.refused(again) == ["CUSTODY_HOLD"]
    assert content_path(room.ledger.paths, kept.digests.sha256).is_file()
    room.take(room.signed("disposal.release", "法官", record, answers=(held,), fields=number))
    room.witness(record, done)
    assert not content_path(room.ledger.paths, kept.digests.sha256).exists()


@pytest.mark.parametrize("seam", ["_mark", "_delete"])
def test_what_a_kill_left_is_finished(room: Room, seam: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed before anything was marked, or between the mark and the file."""
    record, kept = new_uuid(), room.store()
    room.take(room.brought(record, kept))
    done = room.carried_out(record, ELECTRONIC)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(destroy_files, seam, killed)
        with pytest.raises(KeyboardInterrupt):
            room.witness(record, done)
    place = content_path(room.ledger.paths, kept.digests.sha256)
    assert place.is_file()
    if seam == "_delete":
        (left,) = room.found()
        (gone,) = destroyed_files(room.ledger)
        assert left == ("FILE_DESTROYED_LEFT", f"destroyed by statement {gone.statement.hex()}")
    assert finish_destructions(room.ledger) == (kept.digests.sha256,)
    assert finish_destructions(room.ledger) == ()
    assert not place.exists()
    assert room.found() == []


def test_killed_between_the_file_and_its_row(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    record, kept = new_uuid(), room.store()
    room.take(room.brought(record, kept))
    done = room.carried_out(record, ELECTRONIC)

    def killed(_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(destroy_files, "sync_folder", killed)
        with pytest.raises(KeyboardInterrupt):
            room.witness(record, done)
    # The file is gone, its row not yet: nothing calls it missing.
    assert check_fixity(room.ledger).problems == ()
    assert {code for code, _ in room.found()} <= {"FILE_DESTROYED_LEFT"}
    finish_destructions(room.ledger)
    assert room.found() == []


def test_who_names_destroyed_content_again_must_bring_it_again(room: Room) -> None:
    """Handed in before the end, named after it: else that statement would have lost its file."""
    record, other, kept = new_uuid(), new_uuid(), room.store()
    room.take(room.brought(record, kept))
    late, hidden = room.brought(other, kept), room.brought(other, kept, hidden=True)
    room.witness(record, room.carried_out(record, ELECTRONIC))
    assert room.refused(late) == ["FILE_DESTROYED"]
    assert room.refused(hidden) == ["FILE_DESTROYED"]
    room.store()
    room.take(late)
    assert finish_destructions(room.ledger) == ()
    assert content_path(room.ledger.paths, kept.digests.sha256).is_file()
    assert destroyed_contents(room.ledger) == frozenset()
    assert room.found() == []


def test_brought_again_while_it_is_being_deleted(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """Marked, then handed in again before the file goes: it stays."""
    record, other, kept = new_uuid(), new_uuid(), room.store()
    room.take(room.brought(record, kept))
    done = room.carried_out(record, ELECTRONIC)
    delete = destroy_files._delete

    def then(ledger: Ledger, row: Any) -> bool:
        room.store()
        return delete(ledger, row)

    monkeypatch.setattr(destroy_files, "_delete", then)
    room.witness(record, done)
    assert content_path(room.ledger.paths, kept.digests.sha256).is_file()
    room.take(room.brought(other, kept))
    assert stored_files(room.ledger, kept.digests.sha256)[0].path.is_file()


def test_a_file_only_referenced_is_told_until_it_is_deleted_by_hand(room: Room) -> None:
    record, kept = new_uuid(), room.store(mode="reference")
    room.take(room.brought(record, kept))
    statement = room.witness(record, room.carried_out(record, ELECTRONIC))
    assert stored_files(room.ledger, kept.digests.sha256) == ()
    assert room.found() == [("FILE_DESTROYED_LEFT", f"destroyed by statement {statement.hex()}")]
    kept.path.unlink()
    assert room.found() == []


def test_a_row_that_no_statement_speaks_for_is_found(room: Room) -> None:
    from sqlalchemy import update

    from ledger.store.engine import writing
    from ledger.store.tables import file

    kept = room.store()
    room.take(room.brought(new_uuid(), kept))
    with writing(room.ledger.engine) as connection:
        connection.execute(update(file).values(mode="destroyed"))
    content_path(room.ledger.paths, kept.digests.sha256).unlink()
    assert room.found() == [("FILE_DESTROYED_UNSTATED", "a statement")]
