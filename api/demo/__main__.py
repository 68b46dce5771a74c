"""`make demo`: the main job on real files and a real network, then everything is stopped and verified."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import time
from pathlib import Path

from api.command import run
from api.demo.cast import CAST, TOWNSHIP
from api.demo.drawing import draw_samples, first_version_folder
from api.demo.handins import lay_out
from api.demo.records import read_samples
from api.demo.stage import DemoFailedError, Stage, heading, ledger, timed
from api.demo.story import HANDING_OUT, HOUSEHOLD, PENDING, Samples, chapters, pending_act
from api.demo.trials import trials
from api.language import choose_language, language, text
from ledger.store.address import VARIABLE

ORIGIN = "qinghe.yunling.example/archives"
WITHHELD = ("id_number", "phone")


def main() -> int:
    choose_language(None)
    # These keys guard invented people; a real office is asked for its own passphrase.
    os.environ["ARCHIVE_LEDGER_PASSPHRASE"] = "demo only 仅供演示"  # noqa: S105
    # A file of its own, which the trials change: never a database that somebody uses.
    os.environ.pop(VARIABLE, None)
    stage = Stage(Path.cwd() / ".archive-ledger" / "demo", Path.cwd() / "demo-out")
    started = time.monotonic()
    try:
        with timed(stage, "画样例文件", "drawing the sample files"):
            samples = _draw(stage)
        try:
            _play(stage, samples)
        finally:
            _stop(stage)
        with timed(stage, "断网核验与四种破坏", "verifying offline, and four ways to break it"):
            trials(stage)
    except DemoFailedError as error:
        print(f"\n{text('演示没有走完', 'the demo did not finish')}: {error}", file=sys.stderr)
        return 1
    _farewell(stage, time.monotonic() - started)
    return 0


def _draw(stage: Stage) -> Samples:
    heading("一、24 件样例档案(人名、地名均为虚构)", "1. 24 sample records, all invented")
    root, stamp = stage.work / "samples", stage.work / "samples.stamp"
    # Drawing is deterministic: what the same code drew before need not be drawn again.
    wanted = _drawing_digest()
    if not root.is_dir() or not stamp.is_file() or stamp.read_text() != wanted:
        shutil.rmtree(root, ignore_errors=True)
        draw_samples(root, _drawn)
        stamp.write_text(wanted)
    records = tuple(read_samples())
    samples = Samples(root, records, root / first_version_folder(records[HOUSEHOLD - 1]))
    lay_out(samples, stage.work / "hand-ins")
    print(text(f"{len(records)} 件,见 {root}", f"{len(records)} records, see {root}"), flush=True)
    return samples


def _drawn(done: int, total: int, what: str) -> None:
    if sys.stdout.isatty():
        print(f"\r\x1b[K{done}/{total} {what}", end="" if done < total else "\n", flush=True)


def _drawing_digest() -> str:
    sources = sorted(
        p for p in Path(__file__).parent.rglob("*") if p.suffix in (".py", ".txt", ".tsv", ".ttf")
    )
    return hashlib.sha256(b"".join(p.read_bytes() for p in sources)).hexdigest()


def _play(stage: Stage, samples: Samples) -> None:
    heading("二、四家机构的网络", "2. the network of four organisations")
    with timed(stage, "启动网络", "starting the network"):
        if stage.home.exists():
            ledger(stage, "network", "reset", "--yes")
            shutil.rmtree(stage.home)
        ledger(stage, "network", "up")
    heading("三、总账与人员", "3. the ledger and its people")
    with timed(stage, "建账、登记人员", "making the ledger, enrolling people"):
        ledger(stage, "init", "--origin", ORIGIN, "--operator", TOWNSHIP)
        for one in CAST:
            ledger(stage, *one.enrolling())
    intakes = stage.work / "hand-ins"
    with timed(
        stage, "全部经过:签名、封批、上链、确认", "the whole story: signed, sealed, anchored, attested"
    ):
        for chapter in chapters(samples, intakes):
            heading(f"{chapter.step} {chapter.zh}", f"{chapter.step} {chapter.en}")
            for command in chapter.commands:
                ledger(stage, *command)
            ledger(stage, "anchor")
        heading("S16 回访登记:当天签名,还没有上链", "S16 a follow-up, signed and not yet anchored")
        ledger(stage, *pending_act(intakes))
    with timed(stage, "写出核验文件", "writing the evidence"):
        _write(stage, samples)


def _write(stage: Stage, samples: Samples) -> None:
    heading("四、写出核验文件和核验基准", "4. the evidence and the trust root are written")
    shutil.rmtree(stage.out, ignore_errors=True)
    stage.out.mkdir()
    case, pending = (samples.records[n - 1].archival_number for n in (HOUSEHOLD, PENDING))
    ledger(stage, "show", case)
    ledger(stage, "trust-root", "-o", str(stage.out / "trust.json"))
    hidden = [word for name in WITHHELD for word in ("--withhold", name)]
    files = ("--files", str(stage.out / "files"), *HANDING_OUT)
    ledger(stage, "evidence", case, "-o", str(stage.out / "case.evidence.json"), *files, *hidden)
    files = ("--files", str(stage.out / "pending-files"), *HANDING_OUT)
    ledger(stage, "evidence", pending, "-o", str(stage.out / "pending.evidence.json"), *files)
    ledger(stage, "status")


def _stop(stage: Stage) -> None:
    heading("五、停掉网络和总账", "5. network and ledger are stopped")
    if stage.home.exists():
        run(["network", "down", "--home", str(stage.home), "--lang", language()])


def _farewell(stage: Stage, seconds: float) -> None:
    heading("用时", "timings")
    for name, spent in stage.timings:
        print(f"  {spent:6.1f} s  {name}")
    print(f"  {seconds:6.1f} s  {text('合计', 'in all')}")
    command = f".venv/bin/archive-verify {stage.out.name}/case.evidence.json {stage.out.name}/files"
    print(
        text("\n自己再核一遍(不需要网络):\n  ", "\nCheck it yourself, no network needed:\n  ")
        + f"{command} --trust {stage.out.name}/trust.json"
    )


if __name__ == "__main__":
    sys.exit(main())
