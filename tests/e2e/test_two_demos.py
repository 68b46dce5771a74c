"""The demo, twice at once on one machine: neither touches the other, both tell the story to its end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

SECONDS = 900


@pytest.fixture(scope="module")
def demos(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, str]:
    """Folder of each demo → all that it printed. Both ended with 0."""
    folders = [tmp_path_factory.mktemp(name) for name in ("demo-one", "demo-二 号")]
    running = []
    for folder in folders:
        with (folder / "printed.txt").open("wb") as printed:
            process = subprocess.Popen(
                [sys.executable, "-m", "api.demo"],
                cwd=folder,
                env=os.environ | {"ARCHIVE_LEDGER_LANG": "zh", "PYTHONUTF8": "1"},
                stdout=printed,
                stderr=subprocess.STDOUT,
            )
        running.append(process)
    codes = [process.wait(SECONDS) for process in running]
    texts = {folder: (folder / "printed.txt").read_text(encoding="utf-8") for folder in folders}
    assert codes == [0, 0], "\n".join(text[-3000:] for text in texts.values())
    return texts


def test_each_verdict_is_reached(demos: dict[Path, str]) -> None:
    for printed in demos.values():
        order = [
            printed.index(f"核验结论:{verdict}") for verdict in ("一致", "不一致", "依据不全", "无法核验")
        ]
        assert order == sorted(order)
        assert "“04_指界签字表.pdf”与归档件不同" in printed
        assert "Traceback" not in printed
        assert "Warning" not in printed


def test_the_edited_row_is_named(demos: dict[Path, str]) -> None:
    for printed in demos.values():
        check = printed[printed.index("archive-ledger check") :]
        assert "不符" in check.partition("archive-verify")[0]


def test_what_it_leaves_can_be_verified_again(demos: dict[Path, str]) -> None:
    for folder in demos:
        out = folder / "demo-out"
        words: list[str | Path] = [
            out / "case.evidence.json",
            out / "files",
            "--trust",
            out / "trust.json",
            "--json",
        ]
        program = Path(sys.executable).with_name("archive-verify")
        done = subprocess.run([program, *words], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        report = json.loads(done.stdout)
        assert {check["outcome"] for check in report["checks"]} == {"passed"}


def test_two_networks_two_ledgers_and_nothing_left_running(demos: dict[Path, str]) -> None:
    roots = [json.loads((folder / "demo-out" / "trust.json").read_text()) for folder in demos]
    assert len({root["channel"] for root in roots}) == 2
    assert len({root["ledger"]["id"] for root in roots}) == 2
    left = [p.info["cmdline"] for p in psutil.process_iter(["cmdline"]) if _belongs(p.info["cmdline"], demos)]
    assert left == []


def _belongs(words: list[str] | None, demos: dict[Path, str]) -> bool:
    return any(str(folder) in word for word in words or () for folder in demos)
