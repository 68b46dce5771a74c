"""kill -9 before every effect of an intake by command: done again, nothing is lost and nothing doubled."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.api.conftest import made_office as made_office  # the fixture
from tests.fire.killing import Killed, kill_everywhere
from tests.fire.test_killed import TURNS


def killed_at(office: Path, folder: Path, only: frozenset[str] = frozenset()) -> Killed:
    killed = kill_everywhere("tests.fire.intake_scenarios:intake", folder, str(office), only=only)
    assert not killed.wrong, "\n".join(one[-1500:] for one in killed.wrong[:5])
    return killed


def test_an_intake_is_done_again(made_office: Path, tmp_path: Path) -> None:
    assert set(killed_at(made_office, tmp_path, TURNS).effects) == TURNS


@pytest.mark.long
def test_an_intake_is_done_again_whatever_is_cut_off(made_office: Path, tmp_path: Path) -> None:
    expected = {"open", "mkdir", "fsync", "rename", "BEGIN", "INSERT", "COMMIT", "say"}
    assert expected <= set(killed_at(made_office, tmp_path).effects)
