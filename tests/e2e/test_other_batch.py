"""Where the batch sealed here and the one that the chain holds under its number part is said exactly, from
the organisations' replicas: by `check`, and by `recover --dry-run` before anything is given up."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from api.command import run
from api.errors import Exit
from ledger.anchor import anchor
from ledger.handle import Ledger
from ledger.other_batch import Apart, compare, held_otherwise
from ledger.replica import ReplicaNoneError
from ledger.seal import seal
from ledger.store.engine import reading
from ledger.store.tables import NO_ITEM, batch, entry, statement
from tests.api.asking import Ask, asker
from tests.conftest import RunningNetwork
from tests.e2e.world import ENROLLING, World
from tests.ledger.ledger_copy import copy_of
from verifier.digests import sha256

FILES = {"a.txt": b"a"}
# Entries that both hold: two markers, what enrols people, the shared statement.
ALIKE = ENROLLING + 3


@dataclass(frozen=True)
class Forked:
    """`here`: the copied ledger, which sealed a batch of its own; `there`: the one that anchored its own."""

    here: World
    there: World
    replicas: tuple[Path, ...]

    @property
    def home(self) -> Path:
        return self.here.ledger.paths.home


Scene = Callable[[World, World], None]


def nothing_alike(here: World, there: World) -> None:
    here.receive("此处的户档", FILES)
    there.receive("彼处的户档", FILES)


def one_more_there(here: World, there: World) -> None:
    there.receive("彼处多出的户档", FILES)


def one_more_here(here: World, there: World) -> None:
    here.receive("此处多出的户档", FILES)


@pytest.fixture
def forked(
    network_home: RunningNetwork, world: World, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Forked]:
    """Both have the same statement pending when the ledger is copied; then each goes its way."""
    world.receive("共有的户档", FILES)
    twin = replace(world, ledger=copy_of(world.ledger, tmp_path / "twin"))
    request.param(twin, world)
    assert seal(twin.ledger) is not None
    world.anchor_all()
    made = Forked(twin, world, tuple(sorted(network_home.home.glob("network/organisations/*/replica"))))
    assert len(made.replicas) == 4
    yield made
    twin.ledger.close()


def apart(forked: Forked) -> Apart:
    ledger = forked.here.ledger
    found = held_otherwise(ledger, forked.here.chain)
    assert found is not None
    return compare(ledger, found, forked.replicas)


def logged(ledger: Ledger, title: int) -> str:
    """Digest of the statement that was accepted as the `title`-th of those on records, from 0."""
    with reading(ledger.engine) as connection:
        rows = connection.execute(select(statement.c.sha256).order_by(statement.c.id)).scalars().all()
    return str(rows[ENROLLING + title].hex())


def time_of(ledger: Ledger, digest: str) -> str:
    with reading(ledger.engine) as connection:
        query = (
            select(entry.c.recorded_at)
            .join(statement, statement.c.id == entry.c.statement_id)
            .where(statement.c.sha256 == bytes.fromhex(digest), entry.c.item_number == NO_ITEM)
        )
        return str(connection.execute(query).scalar_one())


@pytest.mark.parametrize("forked", [nothing_alike], indirect=True)
def test_what_only_one_of_them_holds_is_named(forked: Forked) -> None:
    """Both batches begin with marker and the shared statement; the second statement is another one."""
    here, there = forked.here.ledger, forked.there.ledger
    found = apart(forked)
    shared, own, other = logged(here, 0), logged(here, 1), logged(there, 1)
    assert shared == logged(there, 0)
    assert (found.number, found.ours_size, found.theirs_size) == (1, ALIKE + 1, ALIKE + 1)
    assert found.first == ALIKE
    assert [one.statement for one in found.only_ours] == [own]
    assert [one.statement for one in found.only_theirs] == [other]
    assert [(one.recorded_at, one.statement, one.item) for one in (found.ours, found.theirs) if one] == [
        (time_of(here, own), own, None),
        (time_of(there, other), other, None),
    ]
    assert found.other_times == ()


SHORTER: list[Any] = [
    pytest.param(one_more_there, (ALIKE, ALIKE + 1), id="the chain's goes on"),
    pytest.param(one_more_here, (ALIKE + 1, ALIKE), id="ours goes on"),
]


@pytest.mark.parametrize(("forked", "sizes"), SHORTER, indirect=["forked"])
def test_where_one_ends_before_the_other_that_is_the_difference(
    forked: Forked, sizes: tuple[int, int]
) -> None:
    found = apart(forked)
    assert (found.ours_size, found.theirs_size) == sizes
    assert found.first == ALIKE
    assert [found.ours is None, found.theirs is None] == [size == ALIKE for size in sizes]
    assert [len(found.only_ours), len(found.only_theirs)] == [size - ALIKE for size in sizes]


@pytest.mark.parametrize("forked", [nothing_alike], indirect=True)
def test_only_a_copy_that_leads_to_the_anchored_root_counts(forked: Forked, tmp_path: Path) -> None:
    """One organisation's copy was changed under a name that fits; another's is used, or it is said."""
    ledger = forked.here.ledger
    folder = forked.replicas[0] / ledger.id.hex() / "1"
    liar = tmp_path / "liar"
    [kept] = [one for one in folder.iterdir() if one.name.startswith(_root(forked.there.ledger))]
    (liar / ledger.id.hex() / "1").mkdir(parents=True)
    changed = kept.read_bytes().replace(b'"recorded_at":"2', b'"recorded_at":"3', 1)
    target = liar / ledger.id.hex() / "1" / f"{kept.name[:64]}-{sha256(changed).hex()}.json"
    target.write_bytes(changed)
    found = held_otherwise(ledger, forked.here.chain)
    assert found is not None
    with pytest.raises(ReplicaNoneError) as none:
        compare(ledger, found, [liar])
    assert [(path, reason.code) for path, reason in none.value.refused] == [(target, "REPLICA_ROOT")]
    assert compare(ledger, found, [liar, *forked.replicas]).source.parents[2] == forked.replicas[0]


def _root(ledger: Ledger) -> str:
    with reading(ledger.engine) as connection:
        return str(connection.execute(select(batch.c.sha256).where(batch.c.number == 1)).scalar_one().hex())


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ask:
    return asker(capsys, monkeypatch)


def given(forked: Forked) -> list[object]:
    return [word for replica in forked.replicas for word in ("--replica", replica)]


@pytest.mark.parametrize("forked", [nothing_alike], indirect=True)
def test_check_and_recover_say_it(forked: Forked, ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    here, there = forked.here.ledger, forked.there.ledger
    own, other = logged(here, 1), logged(there, 1)
    checked = ask("check", "--home", forked.home, *given(forked))
    assert checked.exit == Exit.DATA
    [finding] = [one for one in checked.document["findings"] if one["outcome"] == "failed"]
    assert (finding["code"], finding["name"]) == ("CHAIN_OTHER_ANCHOR", "1")
    looked = ask("recover", "--dry-run", "--home", forked.home, *given(forked))
    assert looked.exit == Exit.DATA
    # What would come back in its place, were ours given up.
    assert [one["batch"] for one in looked.document["missing"]] == [1]
    for document in (checked.document, looked.document):
        [said] = document["differences"]
        assert (said["batch"], said["first"], said["ours_size"], said["theirs_size"]) == (
            1,
            ALIKE,
            ALIKE + 1,
            ALIKE + 1,
        )
        assert (said["ours"]["statement"], said["theirs"]["statement"]) == (own, other)
        assert said["ours"]["recorded_at"] == time_of(here, own)
    for command in (("check",), ("recover", "--dry-run")):
        for language, words in (("zh", f"第 {ALIKE} 条起不同"), ("en", f"part at entry {ALIKE}")):
            capsys.readouterr()
            arguments = [*command, "--home", forked.home, "--lang", language, *given(forked)]
            assert run(list(map(str, arguments))) == Exit.DATA
            told = capsys.readouterr().out
            assert words in told
            for fact in (own, other, time_of(here, own), time_of(there, other)):
                assert fact in told
    assert _state(here) == "sealed"


def _state(ledger: Ledger) -> str:
    with reading(ledger.engine) as connection:
        return str(connection.execute(select(batch.c.state).where(batch.c.number == 1)).scalar_one())


@pytest.mark.parametrize("forked", [nothing_alike], indirect=True)
def test_without_a_copy_it_says_that_it_could_not_compare(forked: Forked, ask: Ask, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    shutil.copytree(forked.home / "ledger", tmp_path / "again" / "ledger")
    for command in (("check", "--replica", empty), ("check",), ("recover", "--dry-run", "--replica", empty)):
        said = ask(*command, "--home", tmp_path / "again")
        assert said.exit == Exit.DATA
        [one] = said.document["differences"]
        assert (one["batch"], one["source"], one["refused"]) == (1, None, [])


def test_two_of_the_very_same_batch_do_not_differ(world: World, tmp_path: Path, ask: Ask) -> None:
    twin = copy_of(world.ledger, tmp_path / "twin")
    for ledger in (world.ledger, twin):
        assert seal(ledger, empty=True) is not None
    assert anchor(world.ledger, world.chain) is not None
    assert held_otherwise(twin, world.chain) is None
    checked = ask("check", "--home", tmp_path / "twin")
    assert (checked.exit, checked.document["differences"]) == (Exit.OK, [])
    twin.close()
