"""Sealed inquiries at the door: whatever the road, what is sealed stays so until it is released whole.

- What answers a sealed inquiry, or bears its number, is not handed in with disclosures in clear.
- An inquiry that withholds what it asks comes with the envelope in which that is kept.
- A release is of the same office and number, by an auditor of it, and brings all disclosures of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import Connection, insert, or_, select

from ledger.audit_right import AUDITOR, held_at
from ledger.examined import DisclosureRow, Examined, disclosure_row
from ledger.store.tables import NO_ITEM, disclosure, sealed, statement
from verifier.disclosure import check_disclosures, parse_disclosure
from verifier.errors import EvidenceError
from verifier.report import Reason
from verifier.statement import Statement, parse_statement

QUERY, EXPORT, RELEASE = "query.audit", "export", "inquiry.release"


def sealed_reasons(
    connection: Connection, examined: Sequence[Examined], first: int, now: str
) -> list[list[Reason]]:
    """Why each, kept from id `first` on, may not be. Asked under the write lock."""
    return [list(_reasons(connection, one, first + n, now)) for n, one in enumerate(examined)]


def _reasons(connection: Connection, one: Examined, place: int, now: str) -> Iterator[Reason]:
    event = one.statement[5]
    if event == RELEASE:
        yield from release_reasons(connection, parse_statement(one.statement[3]), one.opened)
        held = held_at(connection, one.statement[7], one.iss, place, now)
        if AUDITOR not in held:
            yield Reason("AUDIT_RIGHT", "agent", AUDITOR, " ".join(sorted(held)) or "-")
    elif one.opened:
        yield Reason("RELEASE_FORM", "opened", RELEASE, event)
    if event in (QUERY, EXPORT):
        said = parse_statement(one.statement[3])
        if one.disclosures and answers_sealed(connection, said):
            yield Reason("AUDIT_SEALED", "disclosures", "none with a sealed inquiry", "disclosures in clear")
        withheld = len(said.claims.fields) - len(one.disclosures)
        if event == QUERY and said.record is not None and withheld > 0 and one.envelope is None:
            yield Reason("SEALED_WITHHELD", "disclosures", "every field of the statement", f"-{withheld}")


def answers_sealed(connection: Connection, said: Statement) -> bool:
    """Whether it answers a sealed inquiry, or bears the number of one."""
    query = select(sealed.c.statement_id).join(statement, statement.c.id == sealed.c.statement_id)
    named = or_(statement.c.sha256.in_(said.claims.answers), statement.c.record == said.record)
    return connection.execute(query.where(named)).first() is not None


def release_reasons(
    connection: Connection, by: Statement, opened: Mapping[bytes, Sequence[str]]
) -> Iterator[Reason]:
    """`opened`: by SHA-256 of each statement released, all of its disclosures."""
    if set(opened) != set(by.claims.answers):
        expected = " ".join(one.hex() for one in by.claims.answers)
        yield Reason("RELEASE_FORM", "opened", expected, " ".join(one.hex() for one in sorted(opened)))
    for digest in sorted({*opened, *by.claims.answers}):
        at, found = digest.hex(), _sealed(connection, digest)
        if found is None:
            yield Reason("AUDIT_UNKNOWN", at)
            continue
        target = found[1]
        if (target.iss, target.record) != (by.iss, by.record):
            yield Reason("RELEASE_OTHER", at, f"{target.iss} {target.record}", f"{by.iss} {by.record}")
        try:
            texts = opened.get(digest, ())
            shown = check_disclosures(target.claims, [parse_disclosure(text, at) for text in texts], at)
        except EvidenceError as error:
            yield Reason(error.code, error.at, error.expected, error.found)
            continue
        missing = sorted(set(target.claims.fields) - shown.keys())
        if missing:
            yield Reason("RELEASE_INCOMPLETE", at, "every field of the statement", f"- {' '.join(missing)}")


def _sealed(connection: Connection, digest: bytes) -> tuple[int, Statement] | None:
    query = select(statement.c.id, statement.c.data).join(sealed, sealed.c.statement_id == statement.c.id)
    row = connection.execute(query.where(statement.c.sha256 == digest)).one_or_none()
    return None if row is None else (row.id, parse_statement(row.data))


def keep_sealed(connection: Connection, numbered: Sequence[tuple[int, Examined]]) -> None:
    """Envelopes beside their statements, kept as these ids; and what is released, in clear."""
    for key, one in numbered:
        if one.envelope is not None:
            connection.execute(insert(sealed).values(statement_id=key, envelope=one.envelope))
        for digest, texts in one.opened.items():
            found = _sealed(connection, digest)
            if found is not None:
                rows = [disclosure_row(NO_ITEM, parse_disclosure(text)) for text in texts]
                _make_known(connection, found[0], rows)


def _make_known(connection: Connection, key: int, rows: Sequence[DisclosureRow]) -> None:
    query = select(disclosure.c.name).where(
        disclosure.c.statement_id == key, disclosure.c.item_number == NO_ITEM
    )
    known = set(connection.execute(query).scalars())
    for number, name, text, value in rows:
        if name not in known:
            connection.execute(
                insert(disclosure).values(
                    statement_id=key, item_number=number, name=name, text=text, value=value
                )
            )
