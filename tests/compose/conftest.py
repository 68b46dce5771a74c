"""One engine, its images and one deployment for all these tests; where none can be had they fail."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.compose.deployment import Deployment, deployment
from tests.compose.engine import CouldNotRunError, Engine, engine
from tests.compose.images import have_images
from tests.compose.told import Told, tell


@pytest.fixture(scope="session")
def docker() -> Iterator[Engine]:
    try:
        with engine() as found:
            made = have_images(found)
            yield found
            if not found.own:
                found.docker("image", "rm", *made, check=False)
    except CouldNotRunError as error:
        pytest.fail(f"could not run: {error}", pytrace=False)


@pytest.fixture(scope="session")
def composed(docker: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """The deployment after `docker compose up`, all of it well."""
    shared = tmp_path_factory.mktemp("shared")
    # The containers' account is another than this one.
    for folder in (shared, *Path(shared).parents[:2]):
        folder.chmod(0o755)
    with deployment(docker, shared) as made:
        made.compose("build", "--quiet")
        made.up()
        made.until_well()
        made.open_office()
        yield made


@pytest.fixture(scope="session")
def told(composed: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Told:
    return tell(composed, tmp_path_factory.mktemp("told"))
