"""Clocks that are wrong: one organisation's, two organisations', the operator's. Anchoring goes on, or waits
and says whose clock it is and why; nothing is lost, nothing is anchored twice, and it goes on by itself.

The organisations' chaincode runs with a clock that the test sets, on a network of its own.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import ledger.anchor
from api.command import run
from api.rounds import look_and_seal
from ledger.anchor import anchor, in_flight
from ledger.attest import AttestedBatch, attest
from ledger.chain_state import head
from ledger.fabric.refusal import RefusedError
from ledger.handle import system_clock
from ledger.seal import seal
from tests.api.asking import asker
from tests.conftest import RunningNetwork, network_at
from tests.e2e.clocks import set_clock, skewed_source
from tests.e2e.world import World, make_world
from verifier.errors import ArchiveError, ChainError, LedgerError
from verifier.report import Verdict

FILES = {"a.txt": b"a"}
ALL = ("QingheTownship", "YunlingArchives", "YunlingAudit", "YunlingJustice")


@dataclass
class OperatorClock:
    """The operator's clock, wrong by so many minutes."""

    minutes: float = 0.0

    def __call__(self) -> datetime.datetime:
        return system_clock() + datetime.timedelta(minutes=self.minutes)


@dataclass(frozen=True)
class Office:
    world: World
    home: Path
    clock: OperatorClock = field(default_factory=OperatorClock)

    def organisation(self, msp: str, minutes: float) -> None:
        set_clock(self.home, msp, minutes)


@pytest.fixture(scope="module")
def own_network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNetwork]:
    folder = tmp_path_factory.mktemp("clocks")
    home = folder / "home"
    with network_at(home, skewed_source(folder)) as network:
        yield network


@pytest.fixture
def office(own_network: RunningNetwork, tmp_path: Path) -> Iterator[Office]:
    clock = OperatorClock()
    for msp in ALL:
        set_clock(own_network.home, msp, 0)
    world = make_world(own_network, tmp_path, clock)
    yield Office(world, own_network.home, clock)
    world.close()


def proved(office: Office, record: str, steps: int = 1) -> None:
    report = office.world.verify(office.world.evidence(record).data, FILES)
    assert report.verdict is Verdict.CONSISTENT, report
    assert len(report.records[0].steps) == steps


def waits(office: Office) -> ArchiveError:
    """Why the batch cannot be anchored; it stays in flight, and nothing new is on the chain."""
    world = office.world
    number = in_flight(world.ledger)
    with pytest.raises(ArchiveError) as stopped:
        anchor(world.ledger, world.chain)
    assert in_flight(world.ledger) == number
    return stopped.value


def goes_on(office: Office, record: str) -> None:
    """The batch that waited is anchored, once, and the next one after it."""
    world = office.world
    number = in_flight(world.ledger)
    anchored = anchor(world.ledger, world.chain)
    assert anchored is not None
    assert anchored.anchor.batch == number
    assert attest(world.ledger, world.chain) is not None
    proved(office, record)
    world.act("shelve", record, state="in_place", location="02库-03架")
    world.anchor_all()
    newest = head(world.ledger, world.chain)
    assert newest is not None
    assert number is not None
    assert newest.batch == number + 1
    proved(office, record, steps=2)


def attested_by_three(world: World) -> AttestedBatch:
    """While one of the other three has not committed the block yet, only two say the same: asked again."""
    deadline = time.monotonic() + 300
    while True:
        try:
            attested = attest(world.ledger, world.chain)
        except RefusedError:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        else:
            assert attested is not None
            return attested


ONE_WRONG: list[tuple[str, float]] = [(msp, (10, -10)[n % 2]) for n, msp in enumerate(ALL)]


@pytest.mark.parametrize(("wrong", "minutes"), ONE_WRONG)
def test_one_organisation_is_wrong_and_anchoring_goes_on_with_three(
    office: Office, wrong: str, minutes: float
) -> None:
    office.organisation(wrong, minutes)
    world = office.world
    record = world.receive("户档", FILES)
    seal(world.ledger)
    anchored = anchor(world.ledger, world.chain)
    attested = attested_by_three(world)
    assert anchored is not None
    assert set(attested.asked) - set(attested.organisations) == {wrong}
    for refusals in (anchored.refusals, attested.refusals):
        assert {one.msp: one.code for one in refusals} == {wrong: "CLOCK"}
    report = world.verify(world.evidence(record).data, FILES)
    assert report.verdict is Verdict.CONSISTENT
    assert [w.msp for w in report.witnesses if not w.endorsed] == [wrong]
    assert [w.msp for w in report.witnesses if not w.attested] == [wrong]


def test_the_command_says_who_did_not_attest_and_why(
    office: Office, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARCHIVE_LEDGER_HOME", str(office.world.ledger.paths.home))
    ask = asker(capsys, monkeypatch)
    office.organisation("YunlingJustice", 10)
    said = ask("anchor", "--empty")
    assert said.exit == 0
    (refusal,) = said.document["attested"]["refusals"]
    assert (refusal["organisation"], refusal["code"]) == ("YunlingJustice", "CLOCK")
    assert run(["anchor", "--empty"]) == 0
    words = capsys.readouterr().out
    assert "not by YunlingJustice: the transaction time is more than 5 minutes" in " ".join(words.split())
    office.organisation("YunlingAudit", -10)
    said = ask("anchor", "--empty")
    assert (said.exit, said.code) == (3, "CHAIN_REFUSED")
    for language in ("zh", "en"):
        told = said.document["error"][language]
        assert "YunlingAudit" in told
        assert "YunlingJustice" in told


@pytest.mark.parametrize("minutes", [4, -4])
def test_four_minutes_are_tolerated(office: Office, minutes: float) -> None:
    office.organisation("YunlingAudit", minutes)
    attested = office.world.anchor_all_empty()
    assert attested.organisations == ALL


TWO_WRONG: list[tuple[str, dict[str, float]]] = [
    ("both ahead", {"YunlingAudit": 10, "YunlingJustice": 10}),
    ("both behind", {"YunlingArchives": -10, "YunlingJustice": -10}),
    ("one ahead, one behind, one of them the operator's", {"QingheTownship": 10, "YunlingAudit": -10}),
]


@pytest.mark.parametrize(("name", "clocks"), TWO_WRONG, ids=[c[0] for c in TWO_WRONG])
def test_two_organisations_are_wrong_and_the_ledger_waits(
    office: Office, name: str, clocks: dict[str, float]
) -> None:
    record = office.world.receive("户档", FILES)
    seal(office.world.ledger)
    for msp, minutes in clocks.items():
        office.organisation(msp, minutes)
    stopped = waits(office)
    assert isinstance(stopped, RefusedError), name
    assert stopped.code == "CHAIN_REFUSED"
    assert {one.msp: one.code for one in stopped.refusals} == dict.fromkeys(clocks, "CLOCK")
    for msp in clocks:
        assert msp in str(stopped)
        office.organisation(msp, 0)
    goes_on(office, record)


@pytest.mark.parametrize("minutes", [10, -20])
def test_the_operators_own_clock_is_wrong(
    office: Office, monkeypatch: pytest.MonkeyPatch, minutes: float
) -> None:
    """Beyond 15 minutes it is Fabric itself that refuses, in its own words."""
    monkeypatch.setattr(ledger.anchor, "CLOCK_WAIT_SECONDS", 0.1)
    record = office.world.receive("户档", FILES)
    seal(office.world.ledger)
    office.clock.minutes = minutes
    assert waits(office).code == "OWN_CLOCK"
    office.clock.minutes = 0
    goes_on(office, record)


@pytest.mark.parametrize("minutes", [-10, 20])
def test_a_wrong_clock_does_not_come_into_the_log(office: Office, minutes: float) -> None:
    """Whoever seals looks at the chain a moment before, and is told there whose clock is wrong: a batch
    sealed with a time to come would have to wait for it."""
    world = office.world
    record = world.receive("户档", FILES)
    office.clock.minutes = minutes
    with pytest.raises(ChainError) as stopped:
        look_and_seal(world.ledger, world.chain)
    assert stopped.value.code == "OWN_CLOCK"
    assert in_flight(world.ledger) is None
    office.clock.minutes = 0
    look_and_seal(world.ledger, world.chain)
    goes_on(office, record)


BACK: list[tuple[str, bool]] = [("a statement", True), ("an empty batch", False)]


@pytest.mark.parametrize(("name", "statement"), BACK, ids=[c[0] for c in BACK])
def test_the_operators_clock_is_set_back_during_a_run(
    office: Office, monkeypatch: pytest.MonkeyPatch, name: str, statement: bool
) -> None:
    """By two minutes, which the organisations would bear; the log bears no time that goes back."""
    monkeypatch.setattr(ledger.anchor, "CLOCK_WAIT_SECONDS", 0.1)
    world = office.world
    record = world.receive("户档", FILES)
    world.anchor_all()
    newest = head(world.ledger, world.chain)
    office.clock.minutes = -2
    if statement:
        world.act("shelve", record, state="in_place", location="02库-03架")
    seal(world.ledger, empty=not statement)
    stopped = waits(office)
    assert isinstance(stopped, LedgerError), name
    assert stopped.code == "CLOCK_BACK"
    assert newest is not None
    assert newest.time <= stopped.expected.removeprefix("≥ ")
    assert head(world.ledger, world.chain) == newest
    office.clock.minutes = 0
    world.anchor_all()
    proved(office, record, steps=2 if statement else 1)


def test_a_clock_that_was_ahead_is_set_right(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three minutes ahead passed; the log is now ahead of a true clock, and waits until it has caught up."""
    monkeypatch.setattr(ledger.anchor, "CLOCK_WAIT_SECONDS", 0.1)
    world = office.world
    office.clock.minutes = 3
    record = world.receive("户档", FILES)
    world.anchor_all()
    office.clock.minutes = 0
    seal(world.ledger, empty=True)
    assert waits(office).code == "CLOCK_BACK"
    office.clock.minutes = 3.2
    world.anchor_all()
    proved(office, record)


def test_an_organisations_clock_goes_back_while_it_works(office: Office) -> None:
    """What it vouched for stays; it refuses until its clock is right, and then vouches again."""
    world = office.world
    record = world.receive("户档", FILES)
    assert world.anchor_all().organisations == ALL
    office.organisation("YunlingAudit", -60)
    assert set(ALL) - set(world.anchor_all_empty().organisations) == {"YunlingAudit"}
    office.organisation("YunlingAudit", 0)
    assert world.anchor_all_empty().organisations == ALL
    proved(office, record)
