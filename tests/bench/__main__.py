"""Measures, and writes what was measured into docs/PERFORMANCE.md.

python -m tests.bench all              every part, each in a process of its own, then the page
python -m tests.bench accept check     these parts, then the page
python -m tests.bench render           the page alone, from results that lie there
  --quick       the smallest sizes: shows that a part runs; its figures mean nothing and are not rendered
  --results F   where results lie (default .archive-ledger/bench/results)
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.bench.figures import Part, write_part
from tests.bench.machine import ROOT, about
from tests.bench.parts import PARTS
from tests.bench.render import render
from tests.bench.setting import own_setting

RESULTS = ROOT / ".archive-ledger" / "bench" / "results"
# A part that hangs must not keep the others from being measured.
PART_SECONDS = 900
# A million entries are really made: ten minutes on two idle cores.
LONGER = {"size": 3600}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, "all", "render", []])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--results", type=Path, default=RESULTS)
    chosen = parser.parse_args()
    parts = list(PARTS) if chosen.parts in ([], ["all"]) else [one for one in chosen.parts if one in PARTS]
    if chosen.inside:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
        take(parts[0], chosen.quick, chosen.results)
        return 0
    for one in parts:
        (chosen.results / f"{one}.json").unlink(missing_ok=True)
    failed = [one for one in parts if not _in_process_of_its_own(one, chosen.quick, chosen.results)]
    if not chosen.quick:
        render(chosen.results, ROOT / "docs")
    return 1 if failed else 0


def take(name: str, quick: bool, results: Path) -> None:
    part, on = Part(name, quick), about()
    begin = time.perf_counter()
    with own_setting(quick) as setting:
        PARTS[name](part, setting)
    write_part(part, results, on | {"seconds": round(time.perf_counter() - begin, 1)})


def _in_process_of_its_own(name: str, quick: bool, results: Path) -> bool:
    """So that one part's memory, threads and failures are no other's. A failure is a result as well."""
    print(f"{name} …", file=sys.stderr, flush=True)
    begin, longest = time.perf_counter(), LONGER.get(name, PART_SECONDS)
    command = [sys.executable, "-m", "tests.bench", name, "--inside", "--results", str(results)]
    with subprocess.Popen([*command, *(["--quick"] if quick else [])], cwd=ROOT) as run:
        try:
            code = run.wait(longest)
            why = "" if code == 0 else f"ended with code {code}"
        except subprocess.TimeoutExpired:
            why = f"did not end within {longest} s"
            # It stops its network and removes its folder on the way out.
            run.terminate()
    if why:
        part = Part(name, quick)
        part.lack(name, why)
        write_part(part, results, about())
    print(f"{name}: {why or 'done'}, {time.perf_counter() - begin:.0f} s", file=sys.stderr, flush=True)
    return not why


if __name__ == "__main__":
    sys.exit(main())
