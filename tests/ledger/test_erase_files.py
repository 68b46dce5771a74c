"""What was received by mistake: blocked at once, erased by two people, closed; and what is left then."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ledger.accept import SubmissionsRefusedError
from ledger.erase_files import finish_erasures
from ledger.evidence import build_evidence
from ledger.files import content_path, store_file, stored_files
from ledger.keys import SigningKey
from ledger.query import find_record, record_steps, search_records
from ledger.sign import Draft, sign_statement
from tests.ledger.ledger_world import (
    AUDIT,
    ORIGIN,
    RECORD,
    SETTINGS,
    TOWN,
    World,
    make_world,
    number_of,
)
from verifier.claims import FileClaim
from verifier.disclosure import FileDigests
from verifier.errors import CallerError, LedgerError

pytestmark = pytest.mark.usefixtures("database")

OTHER = RECORD[:-1] + "2"
# Not marked: nothing told that it is one.
SECRET = "某某方案".encode()
FIELDS = {"agent_name": "某人", "document_number": "青保〔2026〕1号"}
ERASING = {"reason": "mistaken_upload", "fields": {**FIELDS, "approver": "李局"}}


@pytest.fixture
def world(tmp_path: Path) -> World:
    """The second organisation is the archive authority."""
    kinds = {TOWN: "township", AUDIT: "archive"}
    return make_world(tmp_path, settings=replace(SETTINGS, kinds=kinds))


class Case:
    """The clerk's and the authority's steps on one record, with one file that is a secret."""

    def __init__(self, world: World, folder: Path, *, hidden: bool = False) -> None:
        self.world, self.hidden = world, hidden
        self.clerk, self.closer, self.authority = world.person(), world.person(), world.person(AUDIT)
        world.appoint(self.clerk, "village_archivist")
        world.appoint(self.authority, "authority_reviewer")
        path = folder / "a.bin"
        path.write_bytes(SECRET)
        self.kept = store_file(world.ledger, path)
        self.received = self.receive(RECORD)

    @property
    def file(self) -> FileClaim:
        if self.hidden:
            return FileClaim("content", "text/plain", "electronic", "original", None, None)
        return FileClaim("content", "text/plain", "electronic", "original", self.kept.digests, self.kept.size)

    @property
    def digests(self) -> dict[str, str | FileDigests]:
        return {"file.0.digests": FileDigests(self.kept.digests, self.kept.size)} if self.hidden else {}

    def receive(self, record: str) -> bytes:
        fields = {"title": "张三户土地承包户档", "number": number_of(record), "agent_name": "王五"}
        return self.do(self.clerk, "receive", record=record, files=(self.file,), fields=fields | self.digests)

    def do(self, who: SigningKey, event: str, *answers: bytes, **changes: Any) -> bytes:
        said = {"record": RECORD, "fields": FIELDS, "answers": tuple(sorted(answers)), **changes}
        draft = Draft(event, "2026-01-09", **said)
        return self.world.accept([sign_statement(who, ORIGIN, draft)])[0].statement

    def approved(self) -> bytes:
        return self.do(self.authority, "secrecy.approve", self.do(self.clerk, "secrecy.report"))

    def erase(self, approved: bytes) -> bytes:
        said = {**ERASING, "fields": {**FIELDS, "approver": "李局", **self.digests}}
        return self.do(self.clerk, "file.erase", approved, files=(self.file,), **said)

    def refused(self, *arguments: Any, **changes: Any) -> list[str]:
        with pytest.raises(SubmissionsRefusedError) as error:
            self.do(*arguments, **changes)
        return [reason.code for reason in error.value.refusals[0].reasons]


def test_nothing_is_let_go_by_whoever_has_some_duty(world: World, tmp_path: Path) -> None:
    """A reader of the archive approves nothing; a system administrator takes no names out of any act."""
    case = Case(world, tmp_path)
    reported = case.do(case.clerk, "secrecy.report")
    reader, system = world.person(AUDIT), world.person()
    world.appoint(system, "system_admin")
    assert case.refused(reader, "secrecy.approve", reported) == ["CUSTODY_DUTY"]
    assert case.refused(reader, "secrecy.dismiss", reported) == ["CUSTODY_DUTY"]
    approved = case.do(case.authority, "secrecy.approve", reported)
    said = {**ERASING, "files": (case.file,)}
    assert case.refused(system, "file.erase", approved, **said) == ["CUSTODY_DUTY"]
    assert case.refused(system, "disclosure.erase", case.received, erased=("title",), **ERASING) == [
        "CUSTODY_DUTY"
    ]


@pytest.mark.parametrize("hidden", [False, True])
def test_from_the_report_to_the_close(world: World, tmp_path: Path, hidden: bool) -> None:
    case, ledger = Case(world, tmp_path, hidden=hidden), world.ledger
    place = content_path(ledger.paths, case.kept.digests.sha256)
    reported = case.do(case.clerk, "secrecy.report")
    # At once nothing of it is shown, found by its words, used, or sent out.
    assert {step.shown for step in record_steps(ledger, RECORD)} == {()}
    assert (find_record(ledger, RECORD).title, search_records(ledger, "土地承包")) == ("", ())
    with pytest.raises(CallerError, match="RECORD_BLOCKED"):
        build_evidence(ledger, [RECORD])
    view = {"fields": {"agent_name": "x", "purpose": "x"}, "basis": "open"}
    assert case.refused(case.closer, "access.view", **view) == ["CUSTODY_BLOCKED"]
    # One person or one organisation alone erases nothing.
    assert case.refused(case.clerk, "secrecy.approve", reported) == ["EVENT_ORGANISATION"]
    unapproved = case.refused(
        case.clerk,
        "file.erase",
        reported,
        files=(case.file,),
        **{**ERASING, "fields": {**FIELDS, "approver": "李局", **case.digests}},
    )
    assert unapproved == ["CUSTODY_SECRECY_ORDER", "CUSTODY_ANSWERS"]
    names = tuple(sorted(("title", "number", *case.digests)))
    early = case.refused(case.clerk, "disclosure.erase", case.received, erased=names, **ERASING)
    assert early == ["CUSTODY_ERASE_UNAPPROVED"]
    assert place.is_file()
    approved = case.do(case.authority, "secrecy.approve", reported)
    erased = case.erase(approved)
    assert not place.exists()
    assert stored_files(ledger, case.kept.digests.sha256) == ()
    case.do(case.clerk, "disclosure.erase", case.received, erased=names, **ERASING)
    assert case.refused(case.clerk, "secrecy.close", approved) == ["CUSTODY_SAME_PERSON"]
    case.do(case.closer, "secrecy.close", approved)
    steps = {step.statement: step for step in record_steps(ledger, RECORD)}
    assert set(names) <= set(steps[case.received.hex()].hidden)
    assert dict(steps[erased.hex()].shown)["document_number"] == FIELDS["document_number"]
    # Evidence is to be had again; this ledger has no channel's configuration to put into it.
    with pytest.raises(LedgerError, match="CONFIGURATION_NONE"):
        build_evidence(ledger, [RECORD])


def test_what_was_cut_off_is_finished(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case, ledger = Case(world, tmp_path), world.ledger
    approved = case.approved()

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("ledger.accept.finish_erasures", killed)
        with pytest.raises(KeyboardInterrupt):
            case.erase(approved)
    assert content_path(ledger.paths, case.kept.digests.sha256).is_file()
    assert finish_erasures(ledger).deleted == (case.kept.digests.sha256,)
    assert finish_erasures(ledger).deleted == ()
    assert not content_path(ledger.paths, case.kept.digests.sha256).exists()


@pytest.mark.parametrize("there", [False, True])
@pytest.mark.parametrize("here", [False, True])
def test_what_another_record_holds_as_well_is_reported_there_first(
    world: World, tmp_path: Path, here: bool, there: bool
) -> None:
    """Whether its digest stands in clear, `here` and `there`, or is a disclosure that no trail shows."""
    case = Case(world, tmp_path, hidden=there)
    case.receive(OTHER)
    case.hidden = here
    approved = case.approved()
    with pytest.raises(SubmissionsRefusedError) as error:
        case.erase(approved)
    (reason,) = error.value.refusals[0].reasons
    assert (reason.code, reason.found) == ("FILE_SHARED", OTHER)
    case.do(case.clerk, "secrecy.report", record=OTHER)
    case.erase(approved)
    assert not content_path(world.ledger.paths, case.kept.digests.sha256).exists()


def test_a_file_only_referenced_is_left_where_it_lies(world: World, tmp_path: Path) -> None:
    case, ledger = Case(world, tmp_path), world.ledger
    store_file(ledger, tmp_path / "a.bin", "reference")
    case.erase(case.approved())
    assert (tmp_path / "a.bin").is_file()
    assert stored_files(ledger, case.kept.digests.sha256) == ()
