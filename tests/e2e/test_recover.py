"""What an operator lost comes back from the organisations' replicas; nothing in a replica is believed."""

from __future__ import annotations

import base64
import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from ledger import recover as recovery
from ledger.accept import accept
from ledger.anchor import anchor
from ledger.attest import attest
from ledger.chain_state import anchor_bytes
from ledger.check import check
from ledger.evidence import build_evidence
from ledger.handle import Ledger, open_ledger
from ledger.query import record_steps
from ledger.rebuild import give_back_key, rebuild
from ledger.recover import look, missing, recover
from ledger.replica import ReplicaNoneError
from ledger.seal import seal
from ledger.sign import Draft, ItemDraft, sign_statement
from ledger.status import counts
from ledger.submission import Submission
from tests.conftest import RunningNetwork
from tests.e2e.world import ORIGIN, World, given
from tests.ledger.ledger_copy import saved
from verifier.canonical import encode
from verifier.digests import sha256
from verifier.errors import CallerError, ChainError, LedgerError
from verifier.report import Outcome, Verdict
from verifier.verify import verify

LISTED = ("6f2a9d3e-7a44-4d0c-9b7e-0a4a3f6f8a01", "7f2a9d3e-7a44-4d0c-9b7e-0a4a3f6f8a02")


def fetched(network: RunningNetwork, ledger: Ledger, into: Path) -> list[Path]:
    """Copies of what the four organisations hold of this ledger."""
    found = []
    for source in sorted(network.home.glob("network/organisations/*/replica")):
        found.append(into / source.parent.name)
        shutil.copytree(source / ledger.id.hex(), found[-1] / ledger.id.hex())
    assert len(found) == 4
    return found


@contextmanager
def opened(home: Path) -> Iterator[Ledger]:
    ledger = open_ledger(home)
    try:
        yield ledger
    finally:
        ledger.close()


def wrong(world: World, ledger: Ledger) -> list[str]:
    """What `check` finds failed, the anchors compared with the chain."""
    found = check(ledger, lambda number: anchor_bytes(ledger, world.chain, number))
    return [f"{one.code} {one.name} {one.found}" for one in found if one.outcome is Outcome.FAILED]


def goes_on(world: World, ledger: Ledger) -> None:
    assert seal(ledger, empty=True) is not None
    assert anchor(ledger, world.chain) is not None
    assert attest(ledger, world.chain) is not None
    assert counts(ledger).pending == 0
    assert wrong(world, ledger) == []


def holds(world: World, ledger: Ledger, record: str, content: bytes) -> None:
    attest(ledger, world.chain)
    evidence = build_evidence(ledger, [record], ()).data
    report = verify(evidence, world.trust_root(), given({"x": content}))
    assert report.verdict is Verdict.CONSISTENT, report.reasons


def a_statement(world: World, record: str) -> Submission:
    fields = {"title": "只在旧备份里", "number": "X-1", "agent_name": "王五"}
    draft = Draft(event="receive", occurred_at="2026-01-08", late="offline", record=record, fields=fields)
    return sign_statement(world.people["王五"], ORIGIN, draft)


def applied(world: World, record: str) -> bytes:
    """Somebody applies for the record; the statement's digest."""
    fields = {"reader_name": "张三", "purpose": "误写了病情", "agent_name": "王五"}
    draft = Draft(
        event="access.apply",
        occurred_at="2026-01-09",
        late="offline",
        record=record,
        basis="own_record",
        fields=fields,
    )
    return accept(world.ledger, [sign_statement(world.people["王五"], ORIGIN, draft)])[0].statement


def history(world: World) -> tuple[str, str]:
    """Three more batches: single statements, a list, and a statement that answers another."""
    first = world.receive("第一件", {"a.txt": b"a"})
    world.anchor_all()
    items = [ItemDraft(record=r, fields={"title": r, "number": r}, pages=1) for r in LISTED]
    world.list_of("receive", items)
    world.anchor_all()
    last = world.receive("最后一件", {"c.txt": b"c"})
    applied(world, last)
    world.anchor_all()
    return first, last


def test_an_old_back_up_gets_what_it_lacks(
    network_home: RunningNetwork, world: World, tmp_path: Path
) -> None:
    first = world.receive("旧档", {"a.txt": b"a"})
    world.anchor_all()
    later = world.receive("备份时待封存,其后上链", {"b.txt": b"b"})
    home = saved(world.ledger, tmp_path / "old")
    world.anchor_all()
    newest = world.receive("备份之后", {"c.txt": b"c"})
    world.anchor_all()
    replicas = fetched(network_home, world.ledger, tmp_path / "replicas")

    with opened(home) as old:
        with pytest.raises(ChainError) as stopped:
            anchor(old, world.chain)
        assert stopped.value.code == "CHAIN_AHEAD"
        accept(old, [a_statement(world, LISTED[0])])
        assert [(one.number, len(one.copies)) for one in look(old, world.chain, replicas)] == [(2, 4), (3, 4)]
        done = list(recover(old, world.chain, replicas))
        assert [(one.number, one.statements, one.new) for one in done] == [(2, 1, 0), (3, 1, 1)]
        assert attest(old, world.chain) is not None
        assert wrong(world, old) == []
        assert counts(old).pending == 1
        for record, content in ((first, b"a"), (later, b"b"), (newest, b"c")):
            holds(world, old, record, content)
        goes_on(world, old)
        # The statement that was pending keeps what was never on the chain; the one after it has lost it.
        assert [bool(record_steps(old, one)[0].shown) for one in (later, newest)] == [True, False]


def test_what_was_erased_since_is_erased_again(
    network_home: RunningNetwork, world: World, tmp_path: Path
) -> None:
    record = world.receive("误收", {"a.txt": b"a"})
    application = applied(world, record)
    world.anchor_all()
    home = saved(world.ledger, tmp_path / "old")
    erasure = Draft(
        event="disclosure.erase",
        occurred_at="2026-01-09",
        late="offline",
        record=record,
        erased=("purpose",),
        answers=(application,),
        reason="statutory_order",
        fields={"agent_name": "王五", "approver": "赵六", "document_number": "青档〔2026〕1号"},
    )
    accept(world.ledger, [sign_statement(world.people["王五"], ORIGIN, erasure)])
    world.anchor_all()
    replicas = fetched(network_home, world.ledger, tmp_path / "replicas")
    with opened(home) as old:
        assert "purpose" in _shown(old, record)
        assert len(list(recover(old, world.chain, replicas))) == 1
        assert "purpose" not in _shown(old, record)
        assert wrong(world, old) == []


def _shown(ledger: Ledger, record: str) -> set[str]:
    return {name for step in record_steps(ledger, record) for name, _ in step.shown}


@pytest.mark.parametrize("with_key", [True, False], ids=["checkpoint key kept apart", "key lost as well"])
def test_a_lost_ledger_is_rebuilt_from_all_replicas(
    network_home: RunningNetwork, world: World, tmp_path: Path, with_key: bool
) -> None:
    first, last = history(world)
    replicas = fetched(network_home, world.ledger, tmp_path / "replicas")
    key = world.ledger.paths.checkpoint_key.read_bytes()
    home = tmp_path / "again"
    ledger = rebuild(home, world.ledger.settings, world.ledger.public_key, key if with_key else None)
    assert ledger.id == world.ledger.id
    done = list(recover(ledger, world.chain, replicas))
    assert [one.number for one in done] == [1, 2, 3]
    assert attest(ledger, world.chain) is not None
    assert counts(ledger).entries == counts(world.ledger).entries
    assert wrong(world, ledger) == []
    for record, content in ((first, b"a"), (last, b"c")):
        holds(world, ledger, record, content)
    unchecked = {one.code for one in check(ledger) if one.outcome is Outcome.NOT_RUN}
    assert ("RECEIPTS_LOST" in unchecked) is not with_key
    if not with_key:
        with pytest.raises(LedgerError) as refused:
            accept(ledger, [a_statement(world, LISTED[0])])
        assert refused.value.code == "CHECKPOINT_KEY_LOST"
        with pytest.raises(LedgerError, match="CHECKPOINT_KEY"):
            give_back_key(ledger.paths, ledger.public_key, b"no key")
        give_back_key(ledger.paths, ledger.public_key, key)
    ledger.close()
    with opened(home) as again:
        assert list(recover(again, world.chain, replicas)) == []
        assert "RECEIPTS_LOST" not in {one.code for one in check(again)}
        accept(again, [a_statement(world, LISTED[0])])
        goes_on(world, again)


def test_a_key_of_another_ledger_is_refused(world: World, tmp_path: Path) -> None:
    key = world.ledger.paths.checkpoint_key.read_bytes()
    with pytest.raises(CallerError) as refused:
        rebuild(tmp_path / "again", world.ledger.settings, bytes(32), key)
    assert refused.value.code == "CHECKPOINT_KEY_OTHER"
    assert not (tmp_path / "again").exists()


def test_one_replica_with_gaps_brings_back_what_it_vouched_for(
    network_home: RunningNetwork, world: World, tmp_path: Path
) -> None:
    first, last = history(world)
    replicas = fetched(network_home, world.ledger, tmp_path / "replicas")
    shutil.rmtree(replicas[0] / world.ledger.id.hex() / "2")
    ledger = rebuild(tmp_path / "again", world.ledger.settings, world.ledger.public_key, None)
    with pytest.raises(ReplicaNoneError) as stopped:
        list(recover(ledger, world.chain, replicas[:1]))
    assert (stopped.value.code, stopped.value.number) == ("REPLICA_NONE", 2)
    assert missing(ledger, world.chain) == range(2, 4)
    holds(world, ledger, first, b"a")
    assert [(one.number, len(one.copies)) for one in look(ledger, world.chain, replicas[:1])] == [
        (2, 0),
        (3, 1),
    ]
    assert [one.number for one in recover(ledger, world.chain, replicas)] == [2, 3]
    holds(world, ledger, last, b"c")
    assert wrong(world, ledger) == []
    ledger.close()


Tampering = Callable[[dict[str, Any]], object]


def _flip(text: str) -> str:
    return text[:-1] + ("A" if text[-1] != "A" else "Q")


def _other_certificate(batch: dict[str, Any]) -> None:
    der = bytearray(base64.b64decode(batch["certificates"][0]))
    der[-1] ^= 1
    batch["certificates"][0] = base64.b64encode(der).decode()


def _other_item(batch: dict[str, Any]) -> None:
    batch["statements"][0]["items"][1] = batch["statements"][0]["items"][1].replace('"pages":1', '"pages":2')


# Of a copy whose name was made to fit again.
TAMPERED: dict[str, tuple[Tampering, str]] = {
    "statement": (
        lambda b: b["statements"][0].update(statement=_flip(b["statements"][0]["statement"])),
        "STATEMENT_SIGNATURE",
    ),
    "statement left out": (lambda b: b["statements"].clear(), "REPLICA_ROOT"),
    "statement twice": (lambda b: b["statements"].append(b["statements"][0]), "STATEMENT_REPEATED"),
    "item": (_other_item, "LIST_ROOTS"),
    "items left out": (lambda b: b["statements"][0].pop("items"), "LIST_SIZE"),
    "certificate": (_other_certificate, "CERTIFICATE_MISSING"),
    "recorded_at": (
        lambda b: b["statements"][0].update(recorded_at="2026-11-26T00:00:00.000Z"),
        "CERTIFICATE_DATE",
    ),
    "links": (lambda b: b["links"].reverse(), "REPLICA_DIFFERS"),
    "link of another leaf": (lambda b: b["links"].append("0 -"), "REPLICA_DIFFERS"),
    "marker": (lambda b: b.update(marker=b["marker"].replace("v1", "v2")), "REPLICA_DIFFERS"),
    "frontier": (lambda b: b["frontier"].update(sha256=[]), "REPLICA_DIFFERS"),
    "number": (lambda b: b.update(number=7), "REPLICA_NUMBER"),
    "ledger": (lambda b: b.update(ledger="00" * 32), "REPLICA_LEDGER"),
    "version": (lambda b: b.update(version="archive-ledger batch v2"), "SHAPE_VALUE"),
    "unknown member": (lambda b: b.update(note="x"), "SHAPE_MEMBERS"),
}


def test_a_changed_copy_is_named_and_another_one_used(
    network_home: RunningNetwork, world: World, tmp_path: Path
) -> None:
    """One ledger for all: each attempt with the changed copy alone writes nothing."""
    history(world)
    replicas = fetched(network_home, world.ledger, tmp_path / "replicas")
    ledger = rebuild(tmp_path / "again", world.ledger.settings, world.ledger.public_key, None)
    assert [one.number for one in _first(ledger, world, replicas, 1)] == [1]
    copy = next((replicas[0] / ledger.id.hex() / "2").iterdir())
    sound = copy.read_bytes()
    found = {}
    for name, (tamper, _) in TAMPERED.items():
        batch = json.loads(sound)
        tamper(batch)
        data = encode(batch)
        changed = copy.parent / f"{copy.name[:64]}-{sha256(data).hex()}.json"
        copy.unlink(missing_ok=True)
        changed.write_bytes(data)
        with pytest.raises(ReplicaNoneError) as refused:
            list(recover(ledger, world.chain, replicas[:1]))
        found[name] = [reason.code for _, reason in refused.value.refused]
        assert missing(ledger, world.chain) == range(2, 4)
        changed.unlink()
    copy.write_bytes(sound[:-1] + b" ")
    (copy.parent / ".unfinished-1").write_bytes(b"{")
    done = list(recover(ledger, world.chain, replicas))
    assert [(path, reason.code) for path, reason in done[0].refused] == [(copy, "REPLICA_DIGEST")]
    assert done[0].source.parents[2] == replicas[1]
    assert found == {name: [code] for name, (_, code) in TAMPERED.items()}
    assert wrong(world, ledger) == []
    ledger.close()


def _first(ledger: Ledger, world: World, replicas: list[Path], count: int) -> list[recovery.Recovered]:
    """The last one is in the store, and not yet settled with its anchor: as if it had been killed here."""
    return list(islice(recover(ledger, world.chain, replicas), count))


@pytest.mark.parametrize("seam", ["written", "restored", "settled"])
def test_killed_at_any_seam_it_goes_on(
    network_home: RunningNetwork, world: World, tmp_path: Path, seam: str
) -> None:
    """Within the transaction that restores a batch; after it; and when its anchor is settled."""
    _, last = history(world)
    replicas = fetched(network_home, world.ledger, tmp_path / "replicas")
    home = tmp_path / "again"
    rebuild(home, world.ledger.settings, world.ledger.public_key, None).close()
    with opened(home) as ledger:
        _first(ledger, world, replicas, 1)
    child = [sys.executable, "-m", "tests.e2e.recover_child", seam, str(home), *map(str, replicas)]
    # The batch that was yielded is settled first.
    killed = subprocess.run(child, timeout=600, check=False)
    assert killed.returncode == -signal.SIGKILL
    with opened(home) as again:
        assert missing(again, world.chain)[-1] == 3
        done = [one.number for one in recover(again, world.chain, replicas)]
        assert done in ([2, 3], [3])
        holds(world, again, last, b"c")
        assert wrong(world, again) == []


def test_a_batch_sealed_beside_the_chain_is_taken_back_only_when_asked(
    network_home: RunningNetwork, world: World, tmp_path: Path
) -> None:
    """A copied ledger that sealed for itself: its statements are not lost, and go into a later batch."""
    world.receive("旧档", {"a.txt": b"a"})
    world.anchor_all()
    home = saved(world.ledger, tmp_path / "twin")
    record = world.receive("另一方上链的", {"b.txt": b"b"})
    world.anchor_all()
    replicas = fetched(network_home, world.ledger, tmp_path / "replicas")
    with opened(home) as twin:
        accept(twin, [a_statement(world, LISTED[0])])
        assert seal(twin) is not None
        with pytest.raises(ChainError) as stopped:
            list(recover(twin, world.chain, replicas))
        assert stopped.value.code == "CHAIN_OTHER_ANCHOR"
        assert [one.new for one in recover(twin, world.chain, replicas, give_up_own=True)] == [1]
        assert counts(twin).pending == 1
        assert wrong(world, twin) == []
        holds(world, twin, record, b"b")
        assert seal(twin) is not None
        assert anchor(twin, world.chain) is not None
        assert wrong(world, twin) == []
