"""The chaincode as a judge, built once for all workers, and one scene for all tables."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from network.locking import locked
from tests.differential.judge import Judge, build_judge
from tests.differential.scene import Scene, make_scene


@pytest.fixture(scope="session")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judge]:
    folder = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        folder = folder.parent
    with locked(folder / "judge.lock", 600, lambda: None):
        binary = folder / "judge"
        if not binary.exists():
            build_judge(binary)
    made = Judge(binary)
    yield made
    made.close()


@pytest.fixture(scope="session")
def scene() -> Scene:
    return make_scene()
