"""How an attack is written down: a change of the good case, and the one code that must answer it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from tests.verifier.fabric.forge import Case, judge
from tests.verifier.fabric.forge_channel import Edit, config_envelope
from tests.verifier.fabric.forge_keys import orgs
from verifier.errors import EvidenceError
from verifier.fabric.configuration import Configuration
from verifier.fabric.history import pin

Attack: TypeAlias = tuple[Callable[[], Case], str]


def code_of(make: Callable[[], Case]) -> str:
    """The code with which the case that `make` makes is refused."""
    case = make()
    with pytest.raises(EvidenceError) as refused:
        judge(case)
    assert refused.value.at, "an error says where"
    return refused.value.code


def setting(**members: Any) -> Callable[[Any], None]:
    """An edit that sets scalar members of a message."""

    def edit(message: Any) -> None:
        for name, value in members.items():
            setattr(message, name, value)

    return edit


def adding(octets: bytes) -> Callable[[bytes], bytes]:
    """An edit of octets: something behind them."""
    return lambda before: before + octets


def pinned_with(edits: dict[str, Edit], crls: tuple[bytes, ...] = ()) -> Configuration:
    """A first configuration with edits, and with these CRLs of the first organisation."""
    envelope = config_envelope(orgs(), 0, None, crls={orgs()[0].msp: crls}, edits=edits)
    return pin(0, b"", (envelope,))


def clearing(*names: str) -> Edit:
    """An edit that clears members of a message."""

    def edit(message: Any) -> None:
        for item in names:
            message.ClearField(item)

    return edit


def group_edit(group: str, action: Any) -> dict[str, Edit]:
    return {f"group:{group}": action}
