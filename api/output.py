"""Where a command's words go: plain lines and tables for people, one JSON document for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from api.language import text

# Wide enough that nothing is cut when the output goes into a file or a pipe.
_PIPE_WIDTH = 400


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Leaves it to the caller (api/conventions.py) what a reader who has gone means."""
        raise BrokenPipeError


class Meter:
    """One line of progress: `advance` moves it, `say` changes what it tells."""

    def __init__(self, progress: Progress | None, task: int) -> None:
        self._progress = progress
        self._task = task

    def advance(self, steps: int = 1) -> None:
        if self._progress is not None:
            self._progress.advance(self._progress.task_ids[self._task], steps)

    def say(self, words: str) -> None:
        if self._progress is not None:
            self._progress.update(self._progress.task_ids[self._task], description=words)


@dataclass(frozen=True)
class Output:
    """`as_json`: nothing but one JSON document goes to standard output, and no progress is drawn."""

    as_json: bool = False

    def say(self, zh: str, en: str) -> None:
        if not self.as_json:
            lines = [printable(line) for line in text(zh, en).split("\n")]
            self._console().print(Text("\n".join(lines)), soft_wrap=True)

    def table(self, heads: Sequence[tuple[str, str]], rows: Sequence[Sequence[str]]) -> None:
        """Columns padded by what a terminal shows (a Chinese character takes two places)."""
        if self.as_json:
            return
        lines = [[text(zh, en) for zh, en in heads], *[[printable(cell) for cell in row] for row in rows]]
        widths = [max(cell_len(line[column]) for line in lines) for column in range(len(heads))]
        for number, line in enumerate(lines):
            padded = [cell + " " * (width - cell_len(cell)) for cell, width in zip(line, widths, strict=True)]
            style = "bold" if number == 0 else ""
            self._console().print(Text("  ".join(padded).rstrip(), style=style), soft_wrap=True)

    def document(self, value: Mapping[str, object]) -> None:
        """Writes the command's JSON document, if that is what was asked for."""
        if self.as_json:
            sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n")

    @contextmanager
    def progress(self, zh: str, en: str, total: int | None = None) -> Iterator[Meter]:
        """A progress bar on standard error, on a terminal only; without `total` a spinner."""
        console = Console(stderr=True)
        if self.as_json or not console.is_terminal:
            yield Meter(None, 0)
            return
        columns = [SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()]
        bar = [BarColumn(), MofNCompleteColumn()] if total is not None else []
        with Progress(*columns[:2], *bar, columns[2], console=console, transient=True) as progress:
            progress.add_task(text(zh, en), total=total)
            yield Meter(progress, 0)

    def _console(self) -> Console:
        console = _Console(highlight=False)
        return console if console.is_terminal else _Console(highlight=False, width=_PIPE_WIDTH)


def printable(words: str) -> str:
    """Control and direction characters shown as their code, so that a name cannot redraw the screen."""
    return "".join(ch if ch.isprintable() else f"\\u{ord(ch):04x}" for ch in words)


def complain(zh: str, en: str) -> None:
    """One message to standard error."""
    lines = [printable(line) for line in text(zh, en).split("\n")]
    Console(stderr=True, highlight=False).print(Text("\n".join(lines)), soft_wrap=True)
