"""The reader's name in a use is the one in the application that it rests on, where the store has both.

A verifier cannot ask this: names are disclosures, and what is withheld, erased or salted anew compares
with nothing. So it is asked here, of whatever is handed in with its name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, select

from ledger.examined import Examined
from ledger.store.portions import portions
from ledger.store.tables import disclosure, statement
from verifier.custody_approval import APPLY, APPROVE, NAMED
from verifier.custody_tables import tables
from verifier.report import Reason
from verifier.statement import parse_statement


def reader_reasons(connection: Connection, examined: Sequence[Examined]) -> list[list[Reason]]:
    """READER_OTHER for each single act of use that names another reader than all the applications it rests on
    name. Asked under the write lock."""
    uses = [_use(one) for one in examined]
    answered = {digest for use in uses if use is not None for digest in use[1]}
    named = _names(connection, answered) if answered else {}
    found: list[list[Reason]] = []
    for use in uses:
        names = {name for digest in use[1] for name in named.get(digest, ())} if use is not None else set()
        wrong = use is not None and bool(names) and use[0] not in names
        # Whose application it is is no business of who asks with another name.
        found.append([Reason("READER_OTHER", NAMED, "the reader of the application")] if wrong else [])
    return found


def _use(one: Examined) -> tuple[str, tuple[bytes, ...]] | None:
    """The reader's name, and what is answered."""
    if one.statement[5] not in tables().asked or one.statement[8] is None:
        return None
    name = next((value for _, field, _, value in one.disclosures if field == NAMED and value), None)
    return None if name is None else (name, parse_statement(one.statement[3]).claims.answers)


def _names(connection: Connection, answered: set[bytes]) -> Mapping[bytes, set[str]]:
    """By what is answered, an application or its approval: the readers' names in the applications."""
    rests: dict[bytes, set[bytes]] = {}
    for digest, data in _statements(connection, answered, (APPLY, APPROVE)).items():
        said = parse_statement(data)
        rests[digest] = {digest} if said.event == APPLY else set(said.claims.answers)
    applications = {one for of in rests.values() for one in of}
    names: dict[bytes, set[str]] = {}
    for some in portions(applications):
        query = (
            select(statement.c.sha256, disclosure.c.value)
            .join(disclosure, disclosure.c.statement_id == statement.c.id)
            .where(statement.c.sha256.in_(some), statement.c.event == APPLY, disclosure.c.name == NAMED)
        )
        for row in connection.execute(query):
            if row.value:
                names.setdefault(row.sha256, set()).add(row.value)
    return {digest: set().union(*(names.get(one, set()) for one in of)) for digest, of in rests.items()}


def _statements(connection: Connection, digests: set[bytes], events: tuple[str, ...]) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    for some in portions(digests):
        query = select(statement.c.sha256, statement.c.data).where(
            statement.c.sha256.in_(some), statement.c.event.in_(events)
        )
        found |= {row.sha256: row.data for row in connection.execute(query)}
    return found
