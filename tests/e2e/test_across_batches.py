"""What no organisation can see, as it keeps no index of older batches: they sign it, and a verifier finds it.

docs/threat-model.md says so; each case shows both halves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest
from sqlalchemy import Connection

import ledger.seal
from ledger.anchor import anchor
from ledger.trail_heads import trail_heads
from tests.conftest import RunningNetwork
from tests.e2e.dishonest import make_scene, parts_of
from tests.e2e.world import World
from verifier.report import CheckName, Outcome, Verdict
from verifier.trail import trail

FILES = {"a.txt": b"a"}
Head = tuple[int, bytes]
LIES: list[tuple[str, Callable[[Head], Head], str]] = [
    ("an entry is passed over", lambda head: (head[0] + 1, head[1]), "TRAIL_GAP"),
    ("the trail goes on from another entry", lambda head: (head[0], head[1][::-1]), "TRAIL_LINK"),
]


@pytest.mark.parametrize(("name", "lie", "code"), LIES, ids=[c[0] for c in LIES])
def test_a_false_first_link_is_signed_and_found(
    world: World, monkeypatch: pytest.MonkeyPatch, name: str, lie: Callable[[Head], Head], code: str
) -> None:
    record = world.receive("户档", FILES)
    world.receive("另一户档", FILES)
    world.anchor_all()
    before = world.evidence(record).data
    key = trail("record", record).key

    def lying(connection: Connection, keys: Iterable[str]) -> dict[str, Head]:
        return {one: lie(head) if one == key else head for one, head in trail_heads(connection, keys).items()}

    monkeypatch.setattr(ledger.seal, "trail_heads", lying)
    world.act("shelve", record, state="in_place", location="02库-03架")
    attested = world.anchor_all()
    assert attested.organisations == attested.asked, name
    report = world.verify(world.evidence(record).data, FILES)
    assert report.verdict is Verdict.CANNOT_CHECK
    failed = {c.check: {r.code for r in c.reasons} for c in report.checks if c.outcome is Outcome.FAILED}
    assert failed.keys() == {CheckName.ENTRY}
    assert code in failed[CheckName.ENTRY]
    assert world.verify(before, FILES).verdict is Verdict.CONSISTENT


def test_a_statement_logged_again_in_a_later_batch_is_signed(
    world: World, network_home: RunningNetwork
) -> None:
    """That evidence with it does not hold, LOGGED_TWICE, tests/verifier/test_attacks_entry.py shows."""
    scene = make_scene(world, network_home)
    repeated = parts_of(scene.replayed)
    # 王五's: on three trails, the first entry of each; what stands before it enrols people.
    one = replace(repeated.statements[-1], recorded_at=scene.honest.statements[-1].recorded_at)
    again = replace(
        scene.honest,
        statements=(one,),
        links=repeated.links[-3:],
        certificates=(scene.operator.certificate_der,),
    )
    assert scene.refusals(scene.as_told(again)) == {}
    assert all(len(kept) == 1 for kept in scene.replicas(2).values())
    # What was endorsed and never anchored is swept from every replica once another batch took the number.
    assert anchor(world.ledger, world.chain) is not None
    assert all(len(kept) == 2 for kept in scene.replicas(2).values())
    world.anchor_all_empty()
    assert all(len(kept) == 1 for kept in scene.replicas(2).values())
