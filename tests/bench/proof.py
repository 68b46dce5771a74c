"""The verifier as a stranger starts it, and how large evidence is for few and for many events."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from ledger.evidence import build_evidence
from tests.bench.figures import Figure, Part, seconds
from tests.bench.setting import Setting
from tests.e2e.world import World, make_world

RUNS = 7
CONTENTS = {"01_合同.txt": "承包合同".encode()}
VERIFY = [sys.executable, "-c", "import sys; from verifier.command import main; sys.exit(main())"]


def measure(part: Part, setting: Setting) -> None:
    with setting.network() as network:
        world = make_world(network, setting.fresh("proof"))
        folder = setting.fresh("proof-files")
        (folder / "trust.json").write_bytes(world.trust_root())
        for name, content in CONTENTS.items():
            (folder / name).write_bytes(content)
        runs, counts = setting.size(RUNS, 1), (1, 20) if setting.quick else (1, 20, 200)
        made = {number: _record(world, number) for number in counts}
        world.anchor_all()
        cold: dict[int, Figure] = {}
        for number, record in made.items():
            data, spent = _evidence(world, record, runs)
            path = folder / f"{number}.evidence.json"
            path.write_bytes(data)
            part.add(f"octets_{number}", [len(data)])
            part.add(f"build_{number}", spent)
            cold[number] = part.add(f"verify_{number}", [_verify(path, folder) for _ in range(runs)])
        world.close()
    python = part.add("python", [seconds(_start) for _ in range(runs)])
    part.ratio("over_python", cold[1], python)


def _record(world: World, events: int) -> str:
    record = world.receive("张三户土地承包户档", CONTENTS)
    for number in range(events - 1):
        world.act("shelve", record, state="in_place", location=f"02库-{number:03d}架")
    return record


def _evidence(world: World, record: str, runs: int) -> tuple[bytes, list[float]]:
    spent = [seconds(lambda: build_evidence(world.ledger, [record])) for _ in range(runs)]
    return build_evidence(world.ledger, [record]).data, spent


def _verify(evidence: Path, folder: Path) -> float:
    """Seconds; the verdict must be that everything agrees."""
    files = [str(folder / name) for name in CONTENTS]
    command = [*VERIFY, str(evidence), *files, "--trust", str(folder / "trust.json")]
    begin = time.perf_counter()
    run = subprocess.run(command, capture_output=True, check=False)
    spent = time.perf_counter() - begin
    assert run.returncode == 0, run.stdout.decode() + run.stderr.decode()
    return spent


def _start() -> None:
    subprocess.run([sys.executable, "-c", "import cryptography.x509"], check=True)
