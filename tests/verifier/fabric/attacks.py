"""How an attack is written down: a change of the good case, and the one code that must answer it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from tests.verifier.fabric.forge import Case, judge
from verifier.errors import EvidenceError

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
