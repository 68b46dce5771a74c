"""How long-running work tells its caller where it is, in both languages."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """One thing being done now. `fraction` is 0..1 where the total is known, else None."""

    zh: str
    en: str
    fraction: float | None = None


Progress = Callable[[Step], None]


def silent(_: Step) -> None:
    """For callers who do not watch."""
