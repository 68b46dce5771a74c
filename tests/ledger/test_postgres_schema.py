"""A PostgreSQL database whose make-up was changed is named part by part."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.check import check
from ledger.store.address import Postgres
from tests.ledger.databases import Databases, name_of
from tests.ledger.ledger_world import World, make_world
from tests.postgres_cluster import Cluster
from verifier.report import Outcome

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True, scope="module")

# (what was done, the part that is named)
CASES = [
    ("CREATE VIEW spy AS SELECT * FROM statement", "relation spy"),
    ("CREATE MATERIALIZED VIEW spy AS SELECT * FROM statement", "relation spy"),
    ("CREATE TABLE more (x int)", "relation more"),
    ("CREATE FUNCTION spy() RETURNS int LANGUAGE sql AS 'SELECT 1'", "function spy"),
    ("CREATE RULE spy AS ON DELETE TO statement DO INSTEAD NOTHING", "rule spy"),
    (
        "CREATE TRIGGER spy BEFORE UPDATE ON tile FOR EACH ROW "
        "EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "trigger spy",
    ),
    ("ALTER TABLE link DISABLE TRIGGER ALL", "trigger link"),
    ("ALTER TABLE entry ENABLE ROW LEVEL SECURITY", "relation entry"),
    ("CREATE POLICY spy ON entry USING (true)", "policy spy"),
    ("DROP INDEX ix_statement_record", "index ix_statement_record"),
    (
        "DROP INDEX ix_statement_people; CREATE INDEX ix_statement_people ON statement (id) "
        "WHERE event IN ('appoint')",
        "index ix_statement_people",
    ),
    ("CREATE INDEX more ON statement (event)", "index more"),
    ("ALTER TABLE statement DROP CONSTRAINT uq_statement_jti", "constraint uq_statement_jti"),
    ("ALTER TABLE entry DROP CONSTRAINT fk_entry_statement_id", "constraint fk_entry_statement_id"),
    ("ALTER TABLE batch ADD CONSTRAINT more CHECK (number < 1000)", "constraint more"),
    ("ALTER TABLE statement ALTER event TYPE text", "column statement.event"),
    ("ALTER TABLE statement ALTER record SET DEFAULT 'x'", "column statement.record"),
    ("ALTER TABLE statement ALTER event DROP NOT NULL", "column statement.event"),
    ("ALTER TABLE file ADD COLUMN more int", "column file.more"),
    ('ALTER TABLE file ALTER path TYPE text COLLATE "POSIX"', "column file.path"),
    ("ALTER TABLE fixity SET UNLOGGED", "relation fixity"),
    ("DROP TABLE fixity", "relation fixity"),
]


@pytest.fixture
def world(database: Databases, tmp_path: Path) -> World:
    return make_world(tmp_path)


def named(world: World) -> Iterator[str]:
    for one in check(world.ledger, membership=world.person_cas):
        if one.outcome is Outcome.FAILED:
            assert one.code == "STORE_SCHEMA"
            yield one.name


def test_every_change_of_the_schema_is_named(world: World, postgres: Cluster) -> None:
    """One database, changed and put back, as a database for each would take long."""
    assert isinstance(world.ledger.place, Postgres)
    missed = []
    for change, part in CASES:
        world.ledger.close()
        saved = postgres.database(name_of(world.ledger.place))
        with postgres.connect(name_of(world.ledger.place)) as server:
            server.execute(change.encode())
        found = list(named(world))
        if part not in found:
            missed.append((change, part, found))
        world.ledger.close()
        postgres.drop(name_of(world.ledger.place))
        postgres.rename(saved, name_of(world.ledger.place))
    assert missed == []
    assert list(named(world)) == []
