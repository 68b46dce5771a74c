"""The worker's daily reading of files and its look for unusual uses, on a real ledger, without a chain."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest

from api.absences import Absences
from api.jobs import Jobs
from ledger.accept import accept
from ledger.fabric.gateway import Chain
from ledger.files import StoredFile, store_file
from ledger.fixity_due import FixityState, summary
from ledger.keys import SigningKey
from ledger.query import statement_by_digest
from ledger.sign import Draft, sign_statement
from ledger.store.engine import reading
from ledger.store.tables import statement
from ledger.submission import Submission
from ledger.unusual_alerts import alerts
from tests.ledger.ledger_world import ORIGIN, World, make_world, new_uuid
from verifier.errors import LedgerError


@dataclass(frozen=True)
class Watch:
    world: World
    jobs: Jobs
    service: SigningKey

    def stated(self, event: str) -> list[dict[str, str]]:
        """Outcome and detail of each statement of this event."""
        with reading(self.world.ledger.engine) as connection:
            query = statement.select().where(statement.c.event == event).order_by(statement.c.id)
            digests = [row.sha256 for row in connection.execute(query)]
        steps = [statement_by_digest(self.world.ledger, digest).step for digest in digests]
        return [{"outcome": step.outcome or "", **dict(step.shown)} for step in steps]

    def keep(self, folder: Path, text: str) -> StoredFile:
        (folder / text).write_text(text)
        return store_file(self.world.ledger, folder / text)


@pytest.fixture
def watch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Watch:
    world = make_world(tmp_path)
    service = world.person(role="service")
    absences = Absences(lambda zh, en: None)
    jobs = Jobs(world.ledger, cast(Chain, None), absences, threading.Event(), 3600.0, lambda: service)

    def as_here(ledger: object, submissions: list[Submission]) -> object:
        return accept(world.ledger, submissions, world.person_cas)

    # Its CAs are paper's: no channel's configuration names them.
    monkeypatch.setattr("ledger.accept.accept", as_here)
    return Watch(world, jobs, service)


def test_a_day_reads_what_is_due_and_states_it_once(watch: Watch, tmp_path: Path) -> None:
    watch.jobs.reread_files(30)
    assert watch.stated("fixity") == []
    for n in range(3):
        watch.keep(tmp_path, f"file {n}")
    watch.jobs.reread_files(30)
    watch.jobs.reread_files(30)
    assert watch.stated("fixity") == [{"outcome": "same", "detail": "same 3"}]


def spoil(path: Path) -> None:
    path.chmod(0o600)
    path.write_text("spoiled")


def unread(path: Path) -> None:
    """Nothing that can be read stands there."""
    path.unlink()
    path.mkdir()


# name → what befalls a file, the job's error, and the outcome that is stated.
BAD: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "changed": (spoil, "FIXITY_PROBLEMS", "different"),
    "gone": (Path.unlink, "FIXITY_PROBLEMS", "missing"),
    "not to be read": (unread, "FIXITY_NOT_CHECKED", "unreadable"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_fails_the_run_every_day_until_it_is_good(watch: Watch, tmp_path: Path, name: str) -> None:
    befalls, code, outcome = BAD[name]
    file, _ = watch.keep(tmp_path, "a"), watch.keep(tmp_path, "b")
    befalls(file.path)
    for _ in range(2):
        with pytest.raises(LedgerError) as error:
            watch.jobs.reread_files(30)
        assert error.value.code == code
    assert [one["outcome"] for one in watch.stated("fixity")] == [outcome, outcome]
    assert dict(summary(watch.world.ledger).states)[FixityState.GOOD] == 1


def test_unusual_uses_are_found_by_the_schedule_and_raised_once(watch: Watch) -> None:
    world = watch.world
    stranger, service = world.certified(), world.person(role="service")
    world.clock.when = datetime.datetime(2026, 1, 12, 2, 0, tzinfo=datetime.UTC)
    for _ in range(2):
        said = {"agent_name": "某人", "purpose": "核对"}
        draft = Draft(
            "access.view",
            "2026-01-12",
            record=new_uuid(),
            basis="open",
            fields=said,
            late="offline",
            subject=stranger.agent,
        )
        world.accept([sign_statement(service, ORIGIN, draft)])
    names = {job.name: job.seconds for job in watch.jobs.every(1.0, 30)}
    assert names["alerts"] <= 600
    for _ in range(2):
        watch.jobs.look_for_unusual()
    (alert,) = alerts(world.ledger)
    assert (alert.rule, alert.agent, alert.uses, alert.is_open) == ("off_duty", stranger.agent, 2, True)
    assert [one["detail"] for one in watch.stated("alert.raise")] == ["职务之外:2 次,2 件档案"]
