"""What the network is doing, told while it does it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from api.conventions import Call
from api.language import text
from api.output import Meter, complain
from network.errors import NetworkError
from network.progress import Progress, Step


@contextmanager
def told(call: Call, zh: str, en: str) -> Iterator[tuple[Meter, Progress]]:
    """Steps on one moving line on a terminal; elsewhere each step once, on standard error."""
    last: list[str] = []
    with call.out.progress(zh, en) as meter:
        moving = sys.stderr.isatty() and not call.out.as_json

        def progress(step: Step) -> None:
            words = text(step.zh, step.en)
            meter.say(f"{words} {step.detail[:80]}".rstrip())
            if not moving and not call.out.as_json and last != [words]:
                last[:] = [words]
                complain(f"· {step.zh}", f"· {step.en}")

        try:
            yield meter, progress
        except NetworkError as error:
            if error.detail and not call.out.as_json:
                complain(error.detail, error.detail)
            raise
