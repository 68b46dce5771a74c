"""What is asked of one record, list or batch is answered by an index: no table is walked through.

The database itself says how it would answer each query that was really made (EXPLAIN). PostgreSQL, which
walks what is small, is told that walking is dear: it then does so only where no index would do.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from api.lookup import numbers_in_use, statement_named, statements_known
from api.rounds import something_pending
from ledger.anchor import in_flight
from ledger.check import records_with_file
from ledger.evidence_rows import entries_on, pending_on, records_on, statements_of
from ledger.list_query import find_list, list_records, list_steps
from ledger.query import find_record, record_steps, statement_by_digest
from ledger.reread import reread
from ledger.sign import Draft, sign_statement
from ledger.status import last_anchor_at
from ledger.store.address import Postgres
from ledger.store.engine import reading
from ledger.store.tables import statement
from ledger.submission import Submission
from tests.ledger.ledger_world import ENROLLING, FIRST, ORIGIN, RECORD, TOWN, World, make_world, new_uuid
from verifier.digests import sha256

pytestmark = pytest.mark.usefixtures("database")

LIST = "0f2a9d3e-7a44-4d0c-9b7e-0a4a3f6f8a02"
GROWING = ("statement", "item", "disclosure", "entry", "link", "tile", "file")
_WALK = re.compile(rf"(SCAN|Seq Scan on) ({'|'.join(GROWING)})\b")


class Asked:
    """A ledger with a record and a list, and every query made to its store."""

    def __init__(self, folder: Path) -> None:
        self.world: World = make_world(folder)
        key = self.world.person()
        self.single: Submission = self.world.receive(key, RECORD)
        self.pending: Submission = self.world.receive(key, RECORD)
        listed = self.world.receive_list(key, [RECORD, new_uuid(), new_uuid()], LIST)
        self.world.accept([self.single, listed])
        self.world.seal_and_anchor()
        self.queries: list[tuple[str, Any]] = []
        event.listen(self.world.ledger.engine, "before_cursor_execute", self._note)

    def _note(self, _connection: Any, _cursor: Any, query: str, parameters: Any, _c: Any, many: bool) -> None:
        self.queries.append((query, parameters[0] if many else parameters))

    def walks(self) -> list[str]:
        """The queries that walk a growing table from end to end, with the database's plan of it."""
        found = []
        asked, self.queries = self.queries, []
        server = isinstance(self.world.ledger.place, Postgres)
        raw = self.world.ledger.engine.raw_connection()
        cursor = raw.cursor()
        if server:
            cursor.execute("SET enable_seqscan = off")
        for query, parameters in asked:
            if query.lstrip().startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")):
                cursor.execute(f"EXPLAIN {'' if server else 'QUERY PLAN '}{query}", parameters)
                lines = [str(line[-1]) for line in cursor.fetchall()]
                found += [f"{line}: {query}" for line in lines if _WALK.search(line)]
        raw.close()
        return found


@pytest.fixture
def asked(tmp_path: Path) -> Asked:
    return Asked(tmp_path)


def rows(asked: Asked) -> None:
    """What `build_evidence` reads."""
    with reading(asked.world.ledger.engine) as connection:
        assert entries_on(connection, [RECORD], [LIST], 100)
        assert not pending_on(connection, [RECORD], [LIST], 100)
        assert records_on(connection, [LIST])
        assert statements_of(connection, [(ENROLLING + 1, -1), (ENROLLING + 2, 0)])


def lend(asked: Asked) -> None:
    """Another record to a reader who has one; both as an older register has them."""
    clerk, records = asked.world.person(), (RECORD, new_uuid())
    asked.world.appoint(clerk, "counter_clerk", "township_archivist")
    asked.world.accept([asked.world.receive(clerk, records[1])])
    draft = Draft(
        event="borrow.out",
        occurred_at="2026-01-08",
        basis="mediation",
        due="2026-03-30",
        state="on_loan",
        late="old_register",
        fields={"agent_name": "孙八", "reader_name": "周九", "purpose": "勘验"},
    )
    first, second = (sign_statement(clerk, ORIGIN, replace(draft, record=one)) for one in records)
    asked.world.accept([first])
    asked.queries.clear()
    asked.world.accept([second])


CASES: list[tuple[str, Callable[[Asked], object]]] = [
    ("record by number", lambda a: find_record(a.world.ledger, "QC03-ZY·TD-021")),
    ("record by uuid", lambda a: find_record(a.world.ledger, RECORD[:8])),
    ("steps of a record", lambda a: record_steps(a.world.ledger, RECORD)),
    ("list by uuid", lambda a: find_list(a.world.ledger, LIST[:8])),
    ("steps of a list", lambda a: list_steps(a.world.ledger, LIST)),
    ("records of a list", lambda a: list_records(a.world.ledger, LIST)),
    ("statement by digest", lambda a: statement_by_digest(a.world.ledger, sha256(a.single.statement))),
    ("statement by prefix", lambda a: statement_named(a.world.ledger, sha256(a.single.statement).hex()[:12])),
    ("statements known", lambda a: statements_known(a.world.ledger, [bytes(32)])),
    ("numbers in use", lambda a: numbers_in_use(a.world.ledger, ["QC03-ZY·TD-021"])),
    ("records with a file", lambda a: records_with_file(a.world.ledger, sha256(RECORD.encode()))),
    ("evidence", rows),
    ("accept", lambda a: a.world.accept([a.pending, a.single])),
    ("lend", lend),
    ("something pending", lambda a: something_pending(a.world.ledger)),
    ("seal", lambda a: (a.world.accept([a.pending]), a.world.seal())),
    ("reread", lambda a: reread(a.world.ledger, FIRST)),
    ("batch in flight", lambda a: in_flight(a.world.ledger)),
    ("last anchor", lambda a: last_anchor_at(a.world.ledger)),
]


@pytest.mark.parametrize(("name", "ask"), CASES, ids=[name for name, _ in CASES])
def test_no_growing_table_is_walked(asked: Asked, name: str, ask: Callable[[Asked], object]) -> None:
    assert ask(asked) is not None or name in ("evidence", "batch in flight", "lend")
    assert asked.queries
    assert asked.walks() == []


def test_a_walk_is_seen(asked: Asked) -> None:
    with reading(asked.world.ledger.engine) as connection:
        connection.execute(statement.select().where(statement.c.iss == TOWN)).all()
    assert len(asked.walks()) == 1
