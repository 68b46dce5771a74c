"""Where the demo plays, and how it shows what it does: the command first, then what it says."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from api.command import run
from api.language import language, text

LEDGER, VERIFY = "archive-ledger", "archive-verify"


@dataclass(frozen=True)
class Stage:
    """`work` holds the demo's own data and nothing of the user's; `out` is what it leaves to look at."""

    work: Path
    out: Path
    timings: list[tuple[str, float]] = field(default_factory=list)

    @property
    def home(self) -> Path:
        return self.work / "home"


class DemoFailedError(Exception):
    """A step did not end as it must."""


def heading(zh: str, en: str) -> None:
    print(f"\n━━ {text(zh, en)}", flush=True)


def ledger(stage: Stage, *arguments: str, expect: int = 0, home: Path | None = None) -> None:
    """Runs one `archive-ledger` command on the demo's home, shown as it would be typed.

    Raises DemoFailedError when it does not end with `expect`.
    """
    show(LEDGER, arguments)
    code = run([*arguments, "--home", str(home or stage.home), "--lang", language()])
    if code != expect:
        raise DemoFailedError(f"{LEDGER} {arguments[0]}: {code} ≠ {expect}")


def verify(*arguments: str, expect: int, whole: bool = False) -> None:
    """Runs the offline verifier as a program of its own, as a stranger would.

    Shows its whole report, or only the verdict that it begins with.
    """
    show(VERIFY, arguments)
    program = Path(sys.executable).with_name(VERIFY)
    done = subprocess.run(
        [program, *arguments, "--lang", language()], stdout=subprocess.PIPE, encoding="utf-8", check=False
    )
    verdict, _, rest = done.stdout.partition("\n【" if language() == "zh" else "\n[")
    print(done.stdout if whole else verdict)
    if rest and not whole:
        print(text("……(其余各节从略)", "… (the other sections are left out here)"))
    if done.returncode != expect:
        raise DemoFailedError(f"{VERIFY}: {done.returncode} ≠ {expect}")
    print(text(f"(退出码 {expect})", f"(exit code {expect})"), flush=True)


def show(program: str, arguments: Sequence[str]) -> None:
    words = " ".join(word if _plain(word) else shlex.quote(word) for word in arguments)
    room = max(60, shutil.get_terminal_size().columns * 2)
    line = f"$ {program} {words}"
    print(line if len(line) <= room else line[: room - 1] + "…", flush=True)


def _plain(word: str) -> bool:
    return bool(word) and not any(c.isspace() or c in "'\"$;&|<>()*?\\" for c in word)


class timed:  # noqa: N801  reads as a statement: with timed(...)
    """Notes how long the block took."""

    def __init__(self, stage: Stage, zh: str, en: str) -> None:
        self.stage, self.name = stage, text(zh, en)

    def __enter__(self) -> None:
        self.start = time.monotonic()

    def __exit__(self, *_: object) -> None:
        self.stage.timings.append((self.name, time.monotonic() - self.start))
