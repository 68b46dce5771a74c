"""Whose clock is wrong, when organisations refuse a transaction for its time."""

from __future__ import annotations

import re
from collections.abc import Iterable

# The chaincode's code (docs/formats.md section 15).
CLOCK = "CLOCK"
# What a peer itself says before it asks any chaincode: fabric/core/handlers/auth/filter/timewindow.go.
_WINDOW = re.compile(
    r"request unauthorized due to incorrect timestamp (\S+), peer time (\S+), "
    r"peer\.authentication\.timewindow (\S+)"
)


def outside_window(message: str) -> tuple[str, str] | None:
    """(the peer's time and window, ours) when a peer refused a proposal's time; else None."""
    found = _WINDOW.search(message)
    return (f"{found[2]} ± {found[3]}", found[1]) if found else None


def is_our_own(codes: Iterable[tuple[str, str]], of: int) -> bool:
    """Whether it is rather our clock that is wrong. `codes`: (MSP id, refusal code); `of`: organisations.

    A majority refused the time: either so many clocks are wrong, or ours is.
    """
    return len({msp for msp, code in codes if msp and code == CLOCK}) > of // 2
