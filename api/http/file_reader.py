"""For what a file is opened over HTTP."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Use:
    """`act`: view or download. `basis`: a catalogue code. `reader_name`: for whom, if not for oneself."""

    act: str
    purpose: str
    basis: str
    reader_name: str | None
    legal_basis: str | None
    answers: tuple[bytes, ...] = ()
