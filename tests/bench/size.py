"""A ledger of a million entries on the real network: is everything as quick as it was with ten thousand?"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select

from api.lookup import files_now
from ledger.accept import accept
from ledger.anchor import anchor
from ledger.attest import attest
from ledger.evidence import build_evidence
from ledger.query import find_record, record_steps, statement_by_digest
from ledger.seal import seal
from ledger.store.engine import reading
from ledger.store.tables import item, statement
from ledger.submission import Submission
from tests.bench.batch import settle
from tests.bench.figures import Part, Series, seconds
from tests.bench.memory import resident
from tests.bench.setting import Setting
from tests.bench.stock import ITEMS_AT_CAP, item_list, lists
from tests.conftest import RunningNetwork
from tests.e2e.world import ORIGIN, World, make_world

SIZES = (10_000, 100_000, 1_000_000)
# Memory is that of each process at its largest while so many batches went through, at every size: what a
# process holds at one instant depends on when it last collected.
WINDOW = 5
SAMPLES, STARTS = 15, 3
COMMAND = [sys.executable, "-c", "import sys; from api.command import main; sys.exit(main())"]


@dataclass
class Course:
    """What was seen while the ledger grew: (entries, value)."""

    rates: list[tuple[float, float]] = field(default_factory=list)
    memory: dict[str, list[tuple[float, float]]] = field(default_factory=dict)


def measure(part: Part, setting: Setting) -> None:
    sizes, course = ((20, 40) if setting.quick else SIZES), Course()
    with setting.network() as network:
        world = make_world(network, setting.fresh("size"))
        made = lists(world.people["王五"], ORIGIN, _plan(sizes, setting.size(ITEMS_AT_CAP, 10)))
        names = ("first", "last") if setting.quick else ("first", "middle", "last")
        for name, size in zip(names, sizes, strict=True):
            while _entries(world) < size:
                _fill(world, network, next(made), course)
                _say(course, sizes[-1])
            _measure_at(part, world, network, name, setting)
        made.close()
        world.close()
    _compare(part)
    part.series.append(Series("rate", "entries/s", tuple(course.rates)))
    part.series += [Series("memory", kind, tuple(points)) for kind, points in course.memory.items()]


def _plan(sizes: Sequence[int], at_cap: int) -> list[int]:
    """Sizes of the lists that lead from each size to the next; a list has one entry of its own."""
    plan: list[int] = []
    reached = 0
    for size in sizes:
        while reached < size:
            items = min(at_cap, max(1, size - reached - 1))
            plan.append(items)
            reached += items + 1
    return plan


def _fill(world: World, network: RunningNetwork, submission: Submission, course: Course) -> None:
    begin = time.perf_counter()
    accept(world.ledger, [submission])
    assert settle(world) is not None
    entries = float(_entries(world))
    course.rates.append((entries, (len(submission.items) + 1) / (time.perf_counter() - begin)))
    for kind, octets in resident(network.home).items():
        course.memory.setdefault(kind, []).append((entries, octets / 2**20))


def _say(course: Course, aim: int) -> None:
    entries, rate = course.rates[-1]
    print(f"size: {entries:,.0f} / {aim:,}, {rate:,.0f}/s", file=sys.stderr, flush=True)


def _entries(world: World) -> int:
    with reading(world.ledger.engine) as connection:
        items = connection.execute(select(func.sum(statement.c.item_count))).scalar() or 0
        return int(items) + connection.execute(select(func.count()).select_from(statement)).scalar_one()


def _measure_at(part: Part, world: World, network: RunningNetwork, name: str, setting: Setting) -> None:
    entries, ledger = _entries(world), world.ledger
    part.facts[name] = f"{entries:,}"
    samples = setting.size(SAMPLES, 1)
    records = _records(world, samples)
    numbers = _numbers(world, records)
    digests = _digests(world)
    asked: dict[str, list[Callable[[], object]]] = {
        "evidence": [lambda r=r: build_evidence(ledger, [r]) for r in records],  # type: ignore[misc]
        "receipt": [lambda d=d: statement_by_digest(ledger, d) for d in digests],  # type: ignore[misc]
        "find": [lambda n=n: find_record(ledger, n) for n in numbers],  # type: ignore[misc]
        "show": [lambda r=r: (record_steps(ledger, r), files_now(ledger, r)) for r in records],  # type: ignore[misc]
    }
    for what, questions in asked.items():
        part.add(f"{what}_{name}", [seconds(one) for one in questions])
    for what, words in (("status", ["status"]), ("list", ["list"]), ("show_process", ["show", records[0]])):
        part.add(f"{what}_{name}", [_start(world, words) for _ in range(setting.size(STARTS, 1))])
    part.add(f"octets_{name}", [_octets(world) / entries])
    part.add(f"database_{name}", [_octets(world) / 2**20])
    _seals(part, world, name, setting)
    _memory(part, world, network, name, setting)


def _memory(part: Part, world: World, network: RunningNetwork, name: str, setting: Setting) -> None:
    """The largest that each process is, seen after each of the same few full batches at every size."""
    largest: dict[str, int] = {}
    for _ in range(setting.size(WINDOW, 1)):
        accept(world.ledger, [item_list(world.people["王五"], ORIGIN, setting.size(ITEMS_AT_CAP, 3))])
        assert settle(world) is not None
        for kind, octets in resident(network.home).items():
            largest[kind] = max(octets, largest.get(kind, 0))
    for kind, octets in largest.items():
        part.add(f"memory_{kind}_{name}", [octets / 2**20])


def _seals(part: Part, world: World, name: str, setting: Setting) -> None:
    """Batches of the same size each time."""
    sealing, anchoring = [], []
    for _ in range(setting.size(5, 1)):
        accept(world.ledger, [item_list(world.people["王五"], ORIGIN, setting.size(1000, 3))])
        sealing.append(seconds(lambda: seal(world.ledger)))
        anchoring.append(seconds(lambda: anchor(world.ledger, world.chain)))
        assert attest(world.ledger, world.chain) is not None
    part.add(f"seal_{name}", sealing)
    part.add(f"anchor_{name}", anchoring)


def _records(world: World, number: int) -> list[str]:
    """From all over the ledger, on full lists."""
    chance = random.Random(number)  # noqa: S311  the same choice in every run
    with reading(world.ledger.engine) as connection:
        most = connection.execute(select(func.max(statement.c.item_count))).scalar_one()
        full = select(statement.c.id).where(statement.c.item_count >= most // 2)
        keys = list(connection.execute(full).scalars())
        places = [(chance.choice(keys), chance.randrange(most // 2)) for _ in range(number)]
        return [
            connection.execute(
                select(item.c.record).where(item.c.statement_id == key, item.c.number == at)
            ).scalar_one()
            for key, at in places
        ]


def _numbers(world: World, records: Sequence[str]) -> list[str]:
    return [find_record(world.ledger, record).number for record in records]


def _digests(world: World) -> list[bytes]:
    with reading(world.ledger.engine) as connection:
        return list(connection.execute(select(statement.c.sha256).limit(SAMPLES)).scalars())


def _start(world: World, words: Sequence[str]) -> float:
    """Seconds that the command takes, as a process of its own."""
    begin = time.perf_counter()
    run = subprocess.run(
        [*COMMAND, "--home", str(world.ledger.paths.home), "--json", *words], capture_output=True, check=False
    )
    spent = time.perf_counter() - begin
    assert run.returncode == 0, run.stderr.decode()
    return spent


def _octets(world: World) -> int:
    folder = world.ledger.paths.database.parent
    return sum(path.stat().st_size for path in folder.glob(f"{world.ledger.paths.database.name}*"))


def _compare(part: Part) -> None:
    """The largest size against the first; memory against the middle one, when every process is warm."""
    by_key = {figure.key: figure for figure in part.figures}
    for what in ("seal", "anchor", "evidence", "receipt", "find", "show"):
        part.ratio(f"{what}_ratio", by_key[f"{what}_last"], by_key[f"{what}_first"])
    for kind in ("ledger", "orderer", "peer", "chaincode"):
        warm = by_key.get(f"memory_{kind}_middle") or by_key[f"memory_{kind}_first"]
        part.ratio(f"memory_{kind}_ratio", by_key[f"memory_{kind}_last"], warm)
