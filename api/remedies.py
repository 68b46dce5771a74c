"""What is to be done about a refusal, beside what each reason says."""

from __future__ import annotations

import functools
import importlib.resources
import json
from collections.abc import Sequence
from dataclasses import dataclass

from verifier.report import Reason


@dataclass(frozen=True)
class _Remedy:
    """For these reasons; with `expected` only where that is what a reason expects."""

    codes: frozenset[str]
    expected: str | None
    zh: str
    en: str

    def helps(self, reason: Reason) -> bool:
        return reason.code in self.codes and self.expected in (None, reason.expected)


def remedies(reasons: Sequence[Reason]) -> tuple[tuple[str, str], ...]:
    """(zh, en), each once, however many items are refused for it."""
    return tuple((one.zh, one.en) for one in _table() if any(one.helps(reason) for reason in reasons))


@functools.cache
def _table() -> tuple[_Remedy, ...]:
    file = importlib.resources.files("api") / "data" / "remedies.json"
    table = json.loads(file.read_text(encoding="utf-8"))
    return tuple(_Remedy(frozenset(one["codes"]), one.get("expected"), one["zh"], one["en"]) for one in table)
