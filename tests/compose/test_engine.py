"""Without an engine nothing passes: what is missing is said, and the tests fail as not run."""

from __future__ import annotations

import os

import pytest

from tests.compose import engine
from tests.compose.engine import CouldNotRunError


def test_where_none_can_be_had_it_is_said_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_answers", lambda environment: False)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(CouldNotRunError, match=r"Start Docker, or run as root"), engine.engine():
        pytest.fail("there is none")
