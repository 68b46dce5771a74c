"""kill -9 before every effect of accepting, sealing, storing, creating, backing up and restoring."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fire.killing import Killed, kill_everywhere

# What must be among the effects, or the watch is blind.
EXPECTED = {
    "ACCEPT": {"BEGIN", "INSERT", "DELETE", "COMMIT", "PRAGMA", "say"},
    "SEAL": {"open", "BEGIN", "INSERT", "UPDATE", "COMMIT", "say"},
    "STORE_FILE": {"open", "mkdir", "fsync", "rename", "BEGIN", "INSERT", "COMMIT", "say"},
    "CREATE": {"open", "mkdir", "fsync", "rename", "BEGIN", "CREATE", "INSERT", "COMMIT", "say"},
    "BACKUP": {"open", "mkdir", "fsync", "rename", "chmod", "say"},
    "RESTORE": {"open", "mkdir", "fsync", "rename", "say"},
}
# Where a state ends and the next begins; the long run takes every effect.
TURNS = frozenset(["COMMIT", "rename", "say"])


def killed_at(scenario: str, folder: Path, only: frozenset[str] = frozenset()) -> Killed:
    killed = kill_everywhere(f"tests.fire.scenarios:{scenario}", folder, only=only)
    assert not killed.wrong, "\n".join(one[-1500:] for one in killed.wrong[:5])
    return killed


@pytest.mark.parametrize("scenario", list(EXPECTED))
def test_nothing_is_lost_doubled_or_half_written(tmp_path: Path, scenario: str) -> None:
    assert set(killed_at(scenario, tmp_path, TURNS).effects) == TURNS & EXPECTED[scenario]


@pytest.mark.long
@pytest.mark.parametrize("scenario", list(EXPECTED))
def test_nothing_is_lost_doubled_or_half_written_whatever_is_cut_off(tmp_path: Path, scenario: str) -> None:
    assert EXPECTED[scenario] <= set(killed_at(scenario, tmp_path).effects)


@pytest.mark.parametrize("scenario", ["ENROL", "RENEW"])
def test_a_person_never_has_half_a_key_or_another_keys_certificate(tmp_path: Path, scenario: str) -> None:
    killed = kill_everywhere(f"tests.fire.people_scenarios:{scenario}", tmp_path)
    assert not killed.wrong, "\n".join(one[-1500:] for one in killed.wrong[:5])
    assert {"open", "fsync", "link", "rename", "remove", "rmdir", "say"} <= set(killed.effects)
