"""Fixtures for what is tested on both databases; a folder's conftest.py takes them from here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ledger.store.address import Postgres
from ledger.store.engine import open_engine
from ledger.store.revision import upgrade_store
from tests.ledger.databases import FILES, IN_USE, Databases
from tests.postgres_cluster import Cluster


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Databases]:
    """Every ledger that the test makes is on this kind of database."""
    if request.param == "sqlite":
        yield FILES
        return
    server: Cluster = request.getfixturevalue("postgres")
    made = Databases(server, _template(server))
    IN_USE.append(made)
    yield made
    IN_USE.remove(made)
    made.drop()


def _template(server: Cluster) -> str:
    """A database with our tables, made once."""
    if "tables" not in server.made:
        name = server.database()
        place = Postgres(server.url(name))
        engine = open_engine(place)
        upgrade_store(engine, place)
        engine.dispose()
        server.made["tables"] = name
    return server.made["tables"]


@pytest.fixture(autouse=True)
def databases_of_this_test_alone() -> Iterator[None]:
    """What a test made is dropped after it, so that they do not fill the machine."""
    before = {id(one): len(one.made) for one in IN_USE}
    yield
    for one in IN_USE:
        one.drop(before.get(id(one), 0))
