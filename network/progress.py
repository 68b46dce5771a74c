"""How long-running work tells its caller where it is, in both languages."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """One thing being done now. `detail` is what it is at, in no language: a package, a file."""

    zh: str
    en: str
    detail: str = ""


Progress = Callable[[Step], None]


def silent(_: Step) -> None:
    """For callers who do not watch."""
