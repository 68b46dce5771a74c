"""Checking every kept statement, and that nothing is kept beside them."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from sqlalchemy import ColumnElement, Connection, func, select

from ledger.check_beside import judge_portions
from ledger.check_portions import portions
from ledger.check_standing import check_standing
from ledger.check_statement import Basis, check_portion
from ledger.finding import Finding, Progress, Subject
from ledger.handle import Ledger
from ledger.membership import PersonCas, ders
from ledger.store.tables import certificate, disclosure, item, statement
from verifier.report import Outcome


def check_statements(
    connection: Connection, ledger: Ledger, cas: PersonCas | None, progress: Progress
) -> Iterator[Finding]:
    """Every statement in the order of acceptance; `cas` None: who issued the certificates is not judged."""
    total = connection.execute(select(func.count()).select_from(statement)).scalar_one()
    items = connection.execute(select(func.count()).select_from(item)).scalar_one()
    basis = Basis(
        origin=ledger.origin,
        ledger_id=ledger.id,
        public_key=ledger.public_key,
        gives_receipts=ledger.checkpoint_key is not None,
        person_cas=None if cas is None else ders(cas),
    )
    judge = functools.partial(check_portion, basis=basis)
    done = 0
    # Of a statement there is a signature to verify, and a receipt's.
    weight = items + 4 * total
    for portion, findings in judge_portions(judge, portions(connection), weight):
        yield from findings
        done += len(portion.kept)
        progress("statements", done, total)
    yield from check_standing(connection)
    yield from _orphans(connection)
    yield from _receipts_lost(connection, ledger)


def _orphans(connection: Connection) -> Iterator[Finding]:
    """Rows that belong to no statement, or to one that is no list."""
    absent: ColumnElement[bool] = (
        ~select(statement.c.id)
        .where(statement.c.id == item.c.statement_id, statement.c.item_count > 0)
        .exists()
    )
    for row in connection.execute(select(item.c.statement_id, item.c.number, item.c.record).where(absent)):
        name = f"{row.statement_id} {row.number}"
        yield Finding(Outcome.FAILED, "STATEMENT_MISSING", Subject.ITEM, name, (row.record,))
    absent = ~select(statement.c.id).where(statement.c.id == disclosure.c.statement_id).exists()
    for one in connection.execute(select(disclosure.c.statement_id, disclosure.c.name).where(absent)):
        name = f"{one.statement_id} {one.name}"
        yield Finding(Outcome.FAILED, "STATEMENT_MISSING", Subject.DISCLOSURE, name)
    used = select(statement.c.certificate)
    for digest in connection.execute(select(certificate.c.sha256).where(certificate.c.sha256.not_in(used))):
        yield Finding(Outcome.FAILED, "CERTIFICATE_SPARE", Subject.CERTIFICATE, digest.sha256.hex())


def _receipts_lost(connection: Connection, ledger: Ledger) -> Iterator[Finding]:
    """Statements that came back from replicas, while the key that signs receipts did not."""
    query = select(func.count()).select_from(statement).where(statement.c.receipt == "")
    count = connection.execute(query).scalar_one()
    if count and ledger.checkpoint_key is None:
        yield Finding(Outcome.NOT_RUN, "RECEIPTS_LOST", Subject.RECEIPT, str(count))
