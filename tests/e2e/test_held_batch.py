"""A batch held back: what an anchor's time and an attestation's time prove, and no more.

An operator may have its transaction endorsed, keep it, and submit it later; and it may date a transaction
within the 5 minutes that the organisations allow. Neither makes a verdict claim a time that nobody saw.
"""

from __future__ import annotations

import datetime
import time
from dataclasses import replace
from pathlib import Path

import pytest

from ledger.anchor import anchor
from ledger.attest import attest
from ledger.handle import system_clock
from ledger.seal import seal
from tests.conftest import RunningNetwork
from tests.e2e.invalid import VALID, held, order
from tests.e2e.world import World, make_world
from verifier.errors import EvidenceError
from verifier.report import Report, Verdict
from verifier.shape import datetime_of, instant_of
from verifier.texts import Speech
from verifier.verify_times import TOLERANCE
from verifier.wording_proof import vouching_lines

FILES = {"a.txt": b"a"}
HELD_SECONDS = 3.0
SLOW = datetime.timedelta(minutes=4)


def slow_clock() -> datetime.datetime:
    """Within the 5 minutes that every organisation allows."""
    return system_clock() - SLOW


def spoken(report: Report) -> str:
    return "\n".join(vouching_lines(report, Speech("zh")))


def test_kept_back_after_endorsement(world: World) -> None:
    record = world.receive("户档", FILES)
    seal(world.ledger)
    kept = held(world)
    endorsed_at = instant_of(system_clock())
    time.sleep(HELD_SECONDS)
    submitted_at = instant_of(system_clock())
    assert order(world.chain, kept).code == VALID
    assert anchor(world.ledger, world.chain) is not None
    assert attest(world.ledger, world.chain) is not None
    report = world.verify(world.evidence(record).data, FILES)
    assert report.verdict is Verdict.CONSISTENT
    # That it existed by then the organisations saw; that nobody could take it back, only later.
    interval = report.records[0].steps[0].interval
    assert interval is not None
    assert interval.by == report.anchor_time
    assert report.anchor_time is not None
    assert report.attested_at is not None
    assert report.anchor_time <= endorsed_at < submitted_at <= report.attested_at


def test_dated_back_within_the_tolerance(network_home: RunningNetwork, tmp_path: Path) -> None:
    """Every clock of the operator is 4 minutes slow, for anchors and for attestations."""
    world = make_world(network_home, tmp_path, slow_clock)
    before = system_clock()
    record = world.receive("户档", FILES)
    world.anchor_all()
    after = system_clock()
    report = world.verify(world.evidence(record).data, FILES)
    assert report.verdict is Verdict.CONSISTENT
    interval = report.records[0].steps[0].interval
    assert interval is not None
    assert interval.after is not None
    assert report.attested_at is not None
    # Each bound holds with the tolerance that is printed beside it.
    assert datetime_of(interval.after) - TOLERANCE <= before
    assert after <= datetime_of(interval.by) + TOLERANCE
    assert after <= datetime_of(report.attested_at) + TOLERANCE
    # Without it, it would claim to be irrevocable before it was even there.
    assert datetime_of(report.attested_at) < before
    assert "5分钟" in spoken(report)
    world.close()


def test_an_attestation_is_not_dated_before_its_anchor(network_home: RunningNetwork, tmp_path: Path) -> None:
    """The anchor by a true clock, the attestation by one that is slow: refused when it is made."""
    world = make_world(network_home, tmp_path)
    world.receive("户档", FILES)
    seal(world.ledger)
    assert anchor(world.ledger, world.chain) is not None
    with pytest.raises(EvidenceError) as refused:
        attest(world.ledger, replace(world.chain, now=slow_clock))
    assert refused.value.code == "ATTESTATION_TIME"
    assert attest(world.ledger, world.chain) is not None
    world.close()
