"""Whether every kept statement counts: before it, its signer's key was enrolled and not revoked, and the
person held a duty."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress

from sqlalchemy import Connection, exists, select

from ledger.finding import Finding, Subject
from ledger.people_trails import signer_of
from ledger.standing import check_signer
from ledger.store.tables import certificate, set_aside, statement
from verifier.duties import Duties, duty_act
from verifier.errors import EvidenceError
from verifier.keys import Keys, key_act
from verifier.people import TRAIL_OF
from verifier.report import Outcome
from verifier.statement import parse_statement


def check_standing(connection: Connection) -> Iterator[Finding]:
    """In the order of acceptance, which is the log's; what was set aside counts for nothing.

    What cannot be read here is told by `check_statements`.
    """
    aside = exists().where(set_aside.c.statement_id == statement.c.id)
    query = (
        select(
            statement.c.id, statement.c.sha256, statement.c.iss, statement.c.record, statement.c.event,
            statement.c.accepted_at, certificate.c.der,
        )
        .join(certificate, certificate.c.sha256 == statement.c.certificate)
        .where(~aside)
        .order_by(statement.c.id)
    )  # fmt: skip
    keys: dict[str, Keys] = defaultdict(Keys)
    duties: dict[str, Duties] = defaultdict(Duties)
    for row in connection.execution_options(yield_per=1000).execute(query):
        with suppress(EvidenceError):
            signer = signer_of(row.der)
            try:
                check_signer(
                    signer, row.iss, row.id, row.accepted_at, keys[signer.agent], duties[signer.agent]
                )
            except EvidenceError as error:
                records = (row.record,) if row.record else ()
                name = row.sha256.hex()
                yield Finding(
                    Outcome.FAILED, error.code, Subject.STATEMENT, name, records, error.expected, error.found
                )
            if row.event in TRAIL_OF:
                data = connection.execute(
                    select(statement.c.data).where(statement.c.id == row.id)
                ).scalar_one()
                said = parse_statement(data)
                # An act that breaks a rule counts for nothing; what rests on it is told.
                if (key := key_act(said, signer.role, row.id)) is not None:
                    keys[key.subject].take(key)
                if (duty := duty_act(said, signer.role, row.id, row.accepted_at)) is not None:
                    duties[duty.subject].take(duty)
