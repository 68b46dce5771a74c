"""Whether every kept statement counts: its signer's key enrolled, and not revoked, before it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from sqlalchemy import Connection, exists, select

from ledger.finding import Finding, Subject
from ledger.people_trails import signer_of
from ledger.store.tables import certificate, set_aside, statement
from verifier.errors import EvidenceError
from verifier.keys import REGISTRAR, Keys, key_act
from verifier.people import TRAIL_OF
from verifier.report import Outcome
from verifier.statement import parse_statement


def check_keys(connection: Connection) -> Iterator[Finding]:
    """In the order of acceptance, which is the log's; what was set aside counts for nothing.

    What cannot be read here is told by `check_statements`.
    """
    aside = exists().where(set_aside.c.statement_id == statement.c.id)
    query = (
        select(
            statement.c.id, statement.c.sha256, statement.c.iss, statement.c.record, statement.c.event,
            certificate.c.der,
        )
        .join(certificate, certificate.c.sha256 == statement.c.certificate)
        .where(~aside)
        .order_by(statement.c.id)
    )  # fmt: skip
    keys: dict[str, Keys] = {}
    for row in connection.execution_options(yield_per=1000).execute(query):
        with suppress(EvidenceError):
            signer = signer_of(row.der)
            if row.event in TRAIL_OF:
                _take(connection, row.id, signer.role, keys)
            if signer.role == REGISTRAR:
                continue
            try:
                keys.setdefault(signer.agent, Keys()).check(signer.key_sha256, row.iss, row.id)
            except EvidenceError as error:
                records = (row.record,) if row.record else ()
                name = row.sha256.hex()
                yield Finding(
                    Outcome.FAILED, error.code, Subject.STATEMENT, name, records, error.expected, error.found
                )


def _take(connection: Connection, place: int, role: str, keys: dict[str, Keys]) -> None:
    """An act that breaks a rule counts for nothing; what rests on it is told."""
    data = connection.execute(select(statement.c.data).where(statement.c.id == place)).scalar_one()
    act = key_act(parse_statement(data), role, place)
    if act is not None:
        keys.setdefault(act.subject, Keys()).take(act)
