"""kill -9 before every effect of sealing, anchoring and attesting, on the real network."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import RunningNetwork
from tests.fire.killing import kill_everywhere

SCENARIO = "tests.fire.chain_scenarios:anchoring"
# What the network or the outbox keeps; the long run takes everything.
OF_OUTBOX = frozenset(["network Submit", "network CommitStatus", "COMMIT", "say"])


def killed_at(network: RunningNetwork, folder: Path, only: frozenset[str] = frozenset()) -> list[str]:
    killed = kill_everywhere(SCENARIO, folder, str(network.home), str(network.connection), only=only)
    assert not killed.wrong, "\n".join(one[-1500:] for one in killed.wrong[:5])
    return killed.effects


def test_each_batch_is_anchored_exactly_once(network_home: RunningNetwork, tmp_path: Path) -> None:
    effects = killed_at(network_home, tmp_path, OF_OUTBOX)
    # The transaction id is on the disk before anything is sent: once sealed, once remembered.
    assert effects[:3] == ["COMMIT", "COMMIT", "network Submit"]
    assert effects.count("network Submit") == 1
    assert effects[3] == "network CommitStatus"


@pytest.mark.long
def test_each_batch_is_anchored_exactly_once_whatever_is_cut_off(
    network_home: RunningNetwork, tmp_path: Path
) -> None:
    assert {"BEGIN", "INSERT", "UPDATE", "open", "network Evaluate"} <= set(
        killed_at(network_home, tmp_path, frozenset())
    )
