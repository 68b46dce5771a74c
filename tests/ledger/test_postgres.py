"""What holds of PostgreSQL alone: one view for a reader, one writer, nothing promised that may be lost, and
each thing that a server can do to us said by its own code."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from psycopg import errors
from sqlalchemy import func, insert, select

from ledger import create, seal
from ledger.accept import accept
from ledger.check import check
from ledger.create import begin_store, create_ledger
from ledger.handle import open_ledger
from ledger.settings import write_settings
from ledger.store import postgres as dialect
from ledger.store.address import VARIABLE, Postgres, postgres_at
from ledger.store.engine import reading, store_error, writing
from ledger.store.tables import batch, certificate, metadata, statement
from tests.ledger.databases import Databases, name_of
from tests.ledger.ledger_world import ENROLLING, FIRST, RECORD, SETTINGS, World, make_world, new_uuid
from tests.postgres_cluster import Cluster
from verifier.errors import ArchiveError, CallerError
from verifier.report import Outcome

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True, scope="module")


@pytest.fixture
def world(database: Databases, tmp_path: Path) -> World:
    return make_world(tmp_path)


def name(world: World) -> str:
    assert isinstance(world.ledger.place, Postgres)
    return name_of(world.ledger.place)


def count(world: World) -> int:
    with reading(world.ledger.engine) as connection:
        return connection.execute(select(func.count()).select_from(statement)).scalar_one()


def refused(run: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(ArchiveError) as error:
        run()
    return error.value.code, error.value.at


def test_a_reader_has_one_view_and_writes_nothing(world: World) -> None:
    with reading(world.ledger.engine) as connection:
        query = select(func.count()).select_from(statement)
        assert connection.execute(query).scalar() == ENROLLING
        world.accept([world.receive(world.person(), RECORD)])
        assert connection.execute(query).scalar() == ENROLLING
    assert count(world) == ENROLLING + 1

    def write() -> None:
        with reading(world.ledger.engine) as connection:
            connection.execute(insert(certificate).values(sha256=bytes(32), der=b""))

    assert refused(write)[0] == "STORE_READONLY"


def test_a_writer_holds_the_lock_from_its_start(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    again = open_ledger(world.ledger.paths.home)
    with writing(world.ledger.engine):
        monkeypatch.setattr(dialect, "WAIT_MS", 100)

        def write() -> None:
            with writing(again.engine):
                pass

        assert refused(write)[0] == "STORE_BUSY"
        with reading(again.engine) as connection:
            assert connection.execute(select(batch.c.number)).scalar() == 0
    again.close()


def _set(setting: str) -> Callable[[Cluster, str], None]:
    """For this database alone; taken up by connections made after it."""

    def change(server: Cluster, database: str) -> None:
        with server.connect() as connection:
            connection.execute(f'ALTER DATABASE "{database}" SET {setting}'.encode())

    return change


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("synchronous_commit = off", ("STORE_NOT_LASTING", "synchronous_commit")),
        ("default_transaction_read_only = on", ("STORE_READONLY", "")),
    ],
)
def test_a_database_that_is_not_to_be_trusted_is_not_written(
    world: World, postgres: Cluster, setting: str, expected: tuple[str, str]
) -> None:
    key = world.person()
    _set(setting)(postgres, name(world))
    world.ledger.engine.dispose()
    assert refused(lambda: world.accept([world.receive(key, RECORD)])) == expected
    assert count(world) == ENROLLING


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes"])
def test_a_server_that_does_not_wait_for_its_disk_is_not_written(
    world: World, postgres: Cluster, setting: str
) -> None:
    """Also one that is set so while we are connected."""
    key = world.person()
    world.accept([world.receive(key, RECORD)])
    with _server_wide(postgres, f"{setting} = off"):
        _until(world, setting, "off")
        assert refused(lambda: world.accept([world.receive(key, new_uuid())])) == (
            "STORE_NOT_LASTING",
            setting,
        )
        assert count(world) == ENROLLING + 1
    _until(world, setting, "on")
    world.accept([world.receive(key, new_uuid())])


def _until(world: World, setting: str, value: str) -> None:
    """Each of the server's processes takes up what is new when it is told, one after the other."""
    for _ in range(3000):
        with reading(world.ledger.engine) as connection:
            if connection.exec_driver_sql(f"SHOW {setting}").scalar() == value:
                return
        time.sleep(0.02)
    raise AssertionError(f"{setting} is not {value}")


@contextmanager
def _server_wide(server: Cluster, setting: str) -> Iterator[None]:
    asked = setting.partition(" ")[0]
    with server.connect() as connection:
        connection.execute(f"ALTER SYSTEM SET {setting}".encode())
        connection.execute("SELECT pg_reload_conf()")
        try:
            yield
        finally:
            connection.execute(f"ALTER SYSTEM RESET {asked}".encode())
            connection.execute("SELECT pg_reload_conf()")


def test_an_account_that_may_not_write_is_said_to_be_that(world: World, postgres: Cluster) -> None:
    with postgres.connect(name(world)) as server:
        server.execute("CREATE ROLE looker LOGIN")
        server.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO looker")
    key, url = world.person(), postgres.url(name(world)).replace("postgres@", "looker@")
    world.ledger.paths.settings.write_bytes(write_settings(replace(world.ledger.settings, database=url)))
    looker = open_ledger(world.ledger.paths.home, world.clock)
    made = [world.receive(key, RECORD)]
    try:
        assert refused(lambda: accept(looker, made, world.person_cas))[0] == "STORE_READONLY"
    finally:
        looker.close()
        with postgres.connect(name(world)) as server:
            server.execute("DROP OWNED BY looker")
            server.execute("DROP ROLE looker")


def test_after_the_server_fell_the_same_ledger_goes_on_and_nothing_is_doubled(
    world: World, postgres: Cluster
) -> None:
    key = world.person()
    first, second = world.receive(key, RECORD), world.receive(key, new_uuid())
    before = world.accept([first])

    def write() -> None:
        with writing(world.ledger.engine) as connection:
            connection.execute(insert(certificate).values(sha256=bytes(32), der=b""))
            postgres.stop("immediate")

    assert refused(write)[0] == "STORE_UNREACHABLE"
    for _ in range(2):
        assert refused(lambda: world.accept([second]))[0] == "STORE_UNREACHABLE"
    assert refused(lambda: open_ledger(world.ledger.paths.home))[0] == "STORE_UNREACHABLE"
    postgres.start()
    again = world.accept([first, second])
    assert (again[0].duplicate, again[0].receipt) == (True, before[0].receipt)
    sealed = world.seal()
    assert sealed is not None
    assert (sealed.number, sealed.statements, count(world)) == (FIRST, 2, ENROLLING + 2)
    found = check(world.ledger, membership=world.person_cas)
    assert [one for one in found if one.outcome is Outcome.FAILED] == []


def test_a_check_during_which_the_server_goes_finds_nothing_against_the_ledger(
    world: World, postgres: Cluster
) -> None:
    world.accept([world.receive(world.person(), RECORD)])
    found = check(
        world.ledger,
        membership=world.person_cas,
        progress=lambda stage, done, total: postgres.stop("immediate") if stage == "store" else None,
    )
    try:
        assert refused(lambda: list(found))[0] == "STORE_UNREACHABLE"
    finally:
        postgres.start()


# (error, code): by the classes that the driver raises for the server's codes.
NAMED: list[tuple[psycopg.Error, str | None]] = [
    (errors.DiskFull("no space"), "STORE_SPACE"),
    (errors.DataCorrupted("bad page"), "STORE_DAMAGED"),
    (errors.IndexCorrupted("bad index"), "STORE_DAMAGED"),
    (errors.LockNotAvailable("timeout"), "STORE_BUSY"),
    (errors.SerializationFailure("again"), "STORE_BUSY"),
    (errors.DeadlockDetected("again"), "STORE_BUSY"),
    (errors.ReadOnlySqlTransaction("standby"), "STORE_READONLY"),
    (errors.AdminShutdown("bye"), "STORE_UNREACHABLE"),
    (errors.CannotConnectNow("starting"), "STORE_UNREACHABLE"),
    (errors.TooManyConnections("full"), "STORE_UNREACHABLE"),
    (errors.InvalidPassword("no"), "STORE_UNREACHABLE"),
    (errors.IoError("disk"), "STORE_FAILED"),
    (errors.InternalError_("bug"), "STORE_FAILED"),
    (psycopg.OperationalError("server closed the connection unexpectedly"), "STORE_UNREACHABLE"),
    (errors.UniqueViolation("twice"), None),
    (errors.UndefinedTable("none"), None),
]


@pytest.mark.parametrize(("error", "code"), NAMED, ids=[type(error).__name__ for error, _ in NAMED])
def test_what_the_server_says_has_a_code(database: Databases, error: psycopg.Error, code: str | None) -> None:
    named = store_error(error)
    assert (named.code if named else None) == code


def test_an_address_leads_to_this_ledgers_database_or_to_none(
    world: World, database: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_world(tmp_path / "other")
    home = world.ledger.paths.home
    # The same database from elsewhere: the environment says where.
    monkeypatch.setenv(VARIABLE, f"{world.ledger.place}&application_name=elsewhere")
    open_ledger(home).close()
    monkeypatch.setenv(VARIABLE, str(other.ledger.place))
    assert refused(lambda: open_ledger(home)) == ("STORE_OTHER_LEDGER", str(other.ledger.place))
    empty = database.new()
    monkeypatch.setenv(VARIABLE, empty)
    assert refused(lambda: open_ledger(home)) == ("STORE_EMPTY", empty)
    nowhere = "postgresql://postgres@/none?host=/nowhere"
    monkeypatch.setenv(VARIABLE, nowhere)
    assert refused(lambda: open_ledger(home))[0] == "STORE_UNREACHABLE"
    monkeypatch.delenv(VARIABLE)
    open_ledger(home).close()


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("mysql://host/name", "DATABASE_ADDRESS"),
        ("host=/run dbname=x", "DATABASE_ADDRESS"),
        ("postgresql://host/name?nonsense=1", "DATABASE_ADDRESS"),
        ("postgresql://user:secret@host/name", "DATABASE_PASSWORD"),
        ("postgresql://host/name?password=secret", "DATABASE_PASSWORD"),
        ("postgresql://host/name?sslpassword=secret", "DATABASE_PASSWORD"),
    ],
)
def test_what_is_no_address_is_refused_and_no_password_is_shown(
    database: Databases, url: str, code: str
) -> None:
    with pytest.raises(CallerError) as error:
        postgres_at(url)
    assert error.value.code == code
    assert "secret" not in str(error.value)


def test_a_database_of_another_encoding_is_refused(
    postgres: Cluster, database: Databases, tmp_path: Path
) -> None:
    made = postgres.database(encoding="LATIN1")
    database.made.append(made)
    settings = replace(SETTINGS, database=postgres.url(made))
    assert refused(lambda: create_ledger(tmp_path, settings)) == ("STORE_SERVER", "server_encoding")
    assert list(tmp_path.iterdir()) == []


def test_a_ledger_is_made_in_an_empty_database_only(
    world: World, postgres: Cluster, database: Databases, tmp_path: Path
) -> None:
    settings = world.ledger.settings
    target = tmp_path / "new"
    assert refused(lambda: create_ledger(target, settings))[0] == "STORE_NOT_EMPTY"
    foreign = database.new(postgres.database())
    with psycopg.connect(foreign, autocommit=True) as server:
        server.execute("CREATE TABLE other (x int)")
    elsewhere = replace(settings, database=foreign)
    assert refused(lambda: create_ledger(target, elsewhere)) == ("STORE_REVISION_UNKNOWN", foreign)
    assert list(target.iterdir()) == []
    assert count(world) == ENROLLING


def test_what_fails_while_a_ledger_is_made_leaves_nothing_in_the_database(
    database: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = replace(SETTINGS, database=database.new())
    write = seal.write_batch

    def written_then_broken(*arguments: object, **named: object) -> None:
        write(*arguments, **named)  # type: ignore[arg-type]  # as it was called
        raise OSError("no space")

    monkeypatch.setattr(create, "write_batch", written_then_broken)
    with pytest.raises(OSError, match="no space"):
        create_ledger(tmp_path, settings)
    assert list(tmp_path.iterdir()) == []
    monkeypatch.undo()
    create_ledger(tmp_path, settings).close()


def test_making_that_was_broken_off_between_folder_and_database_is_finished(world: World) -> None:
    """The folder has its name a moment before the server commits."""
    first, home = world.ledger, world.ledger.paths.home
    with writing(first.engine) as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
    assert refused(lambda: open_ledger(home))[0] == "STORE_EMPTY"
    begin_store(home, world.clock)
    with reading(open_ledger(home).engine) as connection:
        row = connection.execute(select(batch)).one()
    assert (row.number, row.size, first.id.hex() in row.marker) == (0, 1, True)
    assert refused(lambda: begin_store(home, world.clock))[0] == "STORE_NOT_EMPTY"


def test_texts_compare_by_their_octets_whatever_the_databases_collation(world: World) -> None:
    """Prefixes are looked up as ranges: by a language's rules "B" is after "a", and "-" may be nothing."""
    assert isinstance(world.ledger.place, Postgres)
    with psycopg.connect(world.ledger.place.url) as server:
        others = server.execute(
            "SELECT table_name, column_name, collation_name FROM information_schema.columns "
            "WHERE table_schema = 'public' AND data_type IN ('text', 'character varying') "
            "AND collation_name IS DISTINCT FROM 'C' AND table_name <> 'alembic_version'"
        ).fetchall()
    assert others == []
