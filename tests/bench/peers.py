"""Other append-only logs in the same run: what they do in the time, with records of the same size.

They are built from the registries with every version and hash pinned (beside/). One that cannot be built or
run is named as not measured.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable

from tests.bench.beside_build import Unbuildable, is_built
from tests.bench.beside_run import immudb, tessera, witness_log
from tests.bench.figures import Part, seconds
from tests.bench.setting import Setting
from tests.bench.stock import statements
from tests.ledger.ledger_world import ORIGIN, make_world

OCTETS = 1400
RUNS = 3


def measure(part: Part, setting: Setting) -> None:
    number, runs = setting.size(10_000, 20), setting.size(RUNS, 1)
    part.add("ours", [_ours(setting, number) for _ in range(runs)])
    others: dict[str, Callable[[], dict[str, float]]] = {
        "tessera": lambda: tessera(setting, number, OCTETS),
        "immudb": lambda: immudb(setting, number, OCTETS),
        "witness-log": lambda: witness_log(setting, number, OCTETS),
    }
    for name, run in others.items():
        if setting.quick and not is_built(name):
            part.lack(name, "not built; the quick run builds nothing")
            continue
        try:
            taken = [run() for _ in range(runs)]
        except (Unbuildable, OSError, subprocess.SubprocessError, AssertionError) as error:
            part.lack(name, str(error)[:400])
            continue
        for key in taken[0]:
            part.add(key, [number / one[key] for one in taken])


def _ours(setting: Setting, number: int) -> float:
    """A second: accepted with everything checked, receipts given, sealed into both trees; no chain."""
    world = make_world(setting.fresh("ours"))
    handed_in = statements(world.person(), ORIGIN, number)

    def whole() -> None:
        world.accept(handed_in)
        while world.seal() is not None:
            world.anchor()

    spent = seconds(whole)
    world.ledger.close()
    return number / spent
