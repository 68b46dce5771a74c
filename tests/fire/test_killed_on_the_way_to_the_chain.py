"""kill -9 before every effect of sealing, anchoring and attesting, on the real network."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import RunningNetwork
from tests.fire.killing import kill_everywhere

SCENARIO = "tests.fire.chain_scenarios:anchoring"


def killed_at(network: RunningNetwork, folder: Path, effects: str) -> list[str]:
    killed = kill_everywhere(SCENARIO, folder, str(network.home), str(network.connection), effects)
    assert not killed.wrong, "\n".join(one[-1500:] for one in killed.wrong[:5])
    return killed.effects


def test_each_batch_is_anchored_exactly_once(network_home: RunningNetwork, tmp_path: Path) -> None:
    effects = killed_at(network_home, tmp_path, "outbox")
    submitted = effects.index("network submit")
    # The transaction id is on the disk before anything is sent.
    assert "COMMIT" in effects[effects.index("network endorse") : submitted]
    assert effects.count("network submit") == 1
    assert effects.index("network commit_status") > submitted


@pytest.mark.long
def test_each_batch_is_anchored_exactly_once_whatever_is_cut_off(
    network_home: RunningNetwork, tmp_path: Path
) -> None:
    assert {"BEGIN", "INSERT", "UPDATE", "open"} <= set(killed_at(network_home, tmp_path, "all"))
