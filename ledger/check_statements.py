"""Checking every kept statement from its bytes: digests, signer, items, disclosures, receipt."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from cryptography import x509
from sqlalchemy import ColumnElement, Connection, func, select

from ledger.examined import looked_up, trail_lines
from ledger.finding import Finding, Progress, Subject
from ledger.handle import Ledger
from ledger.membership import PersonCas
from ledger.store.rows import AnyRow
from ledger.store.tables import NO_ITEM, certificate, disclosure, entry, item, statement
from verifier.certificate import Signer, check_issuer, check_validity, read_signer
from verifier.claims import Claims
from verifier.digests import both, sha256
from verifier.disclosure import check_disclosures, parse_disclosure
from verifier.errors import EvidenceError, found_text
from verifier.item import Item, list_roots, parse_item
from verifier.note import open_receipt
from verifier.report import Outcome
from verifier.shape import instant
from verifier.statement import Statement, check_signature, parse_statement
from verifier.trail import trails_of_item, trails_of_statement

_AT_ONCE = 200


@dataclass
class Found:
    """Findings about one statement; `records` are those it names."""

    name: str
    records: tuple[str, ...]
    findings: list[Finding] = field(default_factory=list)

    def about(self, *records: str) -> Found:
        """The same findings, for what concerns these records alone."""
        return replace(self, records=tuple(sorted(records)))

    def fail(self, code: str, subject: Subject, name: str, expected: str = "", found: str = "") -> None:
        finding = Finding(Outcome.FAILED, code, subject, name, self.records, expected, found)
        self.findings.append(finding)

    @contextmanager
    def rule(self, subject: Subject, name: str) -> Iterator[None]:
        """Turns an EvidenceError into a finding; what follows the `with` still runs."""
        try:
            yield
        except EvidenceError as error:
            self.fail(error.code, subject, name, error.expected, error.found)


def check_statements(
    connection: Connection, ledger: Ledger, cas: PersonCas | None, progress: Progress
) -> Iterator[Finding]:
    """Every statement in the order of acceptance; `cas` None: who issued the certificates is not judged."""
    total = connection.execute(select(func.count()).select_from(statement)).scalar_one()
    done, signers = 0, _Signers(connection, cas)
    for rows in _portions(connection):
        recorded = _recorded(connection, rows[0].id, rows[-1].id)
        for row in rows:
            yield from _check(connection, ledger, row, recorded.get(row.id), signers)
        done += len(rows)
        progress("statements", done, total)
    yield from _orphans(connection)
    yield from _receipts_lost(connection, ledger)


def _portions(connection: Connection) -> Iterator[list[AnyRow]]:
    last = 0
    while True:
        query = select(statement).where(statement.c.id > last).order_by(statement.c.id).limit(_AT_ONCE)
        rows = list(connection.execute(query).all())
        if not rows:
            return
        yield rows
        last = rows[-1].id


def _recorded(connection: Connection, first: int, last: int) -> dict[int, str]:
    """When the statements with these ids were recorded; a pending one is left out."""
    rows = connection.execute(
        select(entry.c.statement_id, entry.c.recorded_at).where(
            entry.c.statement_id >= first, entry.c.statement_id <= last, entry.c.item_number == NO_ITEM
        )
    )
    return {row.statement_id: row.recorded_at for row in rows}


@dataclass
class _Signers:
    """Certificates read once each: the signer and the MSP ids whose person CA issued it."""

    connection: Connection
    cas: PersonCas | None
    known: dict[bytes, Signer] = field(default_factory=dict)
    issued: dict[tuple[bytes, str], bool] = field(default_factory=dict)

    def signer(self, digest: bytes) -> Signer:
        """Raises EvidenceError CERTIFICATE_MISSING, CERTIFICATE_DIGEST, and those of `read_signer`."""
        if digest not in self.known:
            query = select(certificate.c.der).where(certificate.c.sha256 == digest)
            der = self.connection.execute(query).scalar()
            if der is None:
                raise EvidenceError("CERTIFICATE_MISSING", found=digest.hex())
            if sha256(der) != digest:
                raise EvidenceError("CERTIFICATE_DIGEST", "", digest.hex(), sha256(der).hex())
            self.known[digest] = read_signer(der)
        return self.known[digest]

    def check_issuer(self, signer: Signer, msp: str) -> None:
        """Raises EvidenceError STATEMENT_ISSUER, CERTIFICATE_ISSUER."""
        if self.cas is None:
            return
        if msp not in self.cas:
            raise EvidenceError("STATEMENT_ISSUER", "", " ".join(sorted(self.cas)), msp)
        key = (signer.sha256, msp)
        if key not in self.issued:
            self.issued[key] = _is_issued(signer, self.cas[msp])
        if not self.issued[key]:
            raise EvidenceError("CERTIFICATE_ISSUER", "", f"a person CA of {msp}")


def _is_issued(signer: Signer, cas: tuple[x509.Certificate, ...]) -> bool:
    try:
        check_issuer(signer, cas)
    except EvidenceError:
        return False
    return True


def _check(
    connection: Connection, ledger: Ledger, row: AnyRow, recorded_at: str | None, signers: _Signers
) -> list[Finding]:
    name = row.sha256.hex()
    items = _items(connection, row.id) if row.item_count else []
    named = {part.record for part in items} | ({row.record} if row.record else set())
    found = Found(name, tuple(sorted(named)))
    digests = both(row.data)
    if (row.sha256, row.sm3) != (digests.sha256, digests.sm3):
        found.fail("STATEMENT_DIGEST", Subject.STATEMENT, name, name, digests.sha256.hex())
    _check_receipt(ledger, row, found)
    parsed = None
    with found.rule(Subject.STATEMENT, name):
        parsed = parse_statement(row.data)
    if parsed is None:
        return found.findings
    if parsed.record is not None and parsed.record not in named:
        found.records = tuple(sorted({*named, parsed.record}))
    _check_columns(row, parsed, found)
    _check_signer(ledger, parsed, recorded_at or row.accepted_at, signers, found)
    opened = _check_items(items, parsed, found)
    claims = {NO_ITEM: parsed.claims} | {one.number: one.claims for one in opened}
    records = {one.number: one.record for one in opened}
    _check_disclosures(connection, row.id, claims, records, found)
    return found.findings


def _check_receipt(ledger: Ledger, row: AnyRow, found: Found) -> None:
    if not row.receipt and ledger.checkpoint_key is None:
        return  # `_receipts_lost` says so, once
    with found.rule(Subject.RECEIPT, found.name):
        receipt = open_receipt(row.receipt, ledger.origin, ledger.id, ledger.public_key)
        promised = (receipt.statement, receipt.accepted_at, receipt.due)
        if promised != (row.sha256, row.accepted_at, row.due):
            expected = f"{row.accepted_at} {row.due}"
            said = f"{receipt.statement.hex()} {receipt.accepted_at} {receipt.due}"
            raise EvidenceError("RECEIPT_DIFFERS", "", expected, said)


def _check_columns(row: AnyRow, parsed: Statement, found: Found) -> None:
    derived = {
        "jti": parsed.jti,
        "event": parsed.event,
        "iss": parsed.iss,
        "agent": parsed.agent,
        "record": parsed.record,
        "list_id": parsed.list.id if parsed.list else None,
        "item_count": parsed.list.size if parsed.list else 0,
        "certificate": parsed.certificate_sha256,
        "trails": trail_lines(trails_of_statement(parsed)),
    }
    for column, value in derived.items():
        kept = row._mapping[column]
        if kept != value:
            found.fail(
                "STORE_COLUMN",
                Subject.STATEMENT,
                f"{found.name} {column}",
                found_text(value),
                found_text(kept),
            )


def _check_signer(ledger: Ledger, parsed: Statement, when: str, signers: _Signers, found: Found) -> None:
    """`when`: the instant at which the certificate must have been in date."""
    if parsed.aud != ledger.origin:
        found.fail("STATEMENT_AUDIENCE", Subject.STATEMENT, found.name, ledger.origin, parsed.aud)
    signer = None
    with found.rule(Subject.CERTIFICATE, found.name):
        signer = signers.signer(parsed.certificate_sha256)
    if signer is None:
        return
    if signer.agent != parsed.agent:
        found.fail("CERTIFICATE_AGENT", Subject.STATEMENT, found.name, parsed.agent, signer.agent)
    with found.rule(Subject.STATEMENT, found.name):
        check_signature(parsed, signer.key)
    with found.rule(Subject.CERTIFICATE, found.name):
        signers.check_issuer(signer, parsed.iss)
    with found.rule(Subject.CERTIFICATE, found.name):
        check_validity(signer, instant(when, "recorded_at"))


def _items(connection: Connection, key: int) -> list[AnyRow]:
    query = select(item).where(item.c.statement_id == key).order_by(item.c.number)
    return list(connection.execute(query).all())


def _check_items(rows: list[AnyRow], parsed: Statement, found: Found) -> list[Item]:
    opened: list[Item] = []
    changed: set[str] = set()
    for row in rows:
        name, own = f"{found.name} {row.number}", found.about(row.record)
        digests = both(row.data)
        if (row.sha256, row.sm3) != (digests.sha256, digests.sm3):
            changed.add(row.record)
            own.fail("ITEM_DIGEST", Subject.ITEM, name, row.sha256.hex(), digests.sha256.hex())
        with own.rule(Subject.ITEM, name):
            one = parse_item(row.data, row.number)
            opened.append(one)
            if (row.record, row.trails) != (one.record, trail_lines(trails_of_item(one))):
                raise EvidenceError("STORE_COLUMN", "", one.record, row.record)
    numbers = [row.number for row in rows]
    size = parsed.list.size if parsed.list else 0
    if numbers != list(range(size)):
        found.fail("LIST_SIZE", Subject.STATEMENT, found.name, str(size), str(len(numbers)))
    elif parsed.list is not None and list_roots([row.data for row in rows]) != parsed.list.roots:
        # Where an item is known to be changed, the others are not to blame.
        whose = found.about(*changed) if changed else found
        whose.fail("LIST_ROOTS", Subject.STATEMENT, found.name, "the roots that the statement names")
    return opened


def _check_disclosures(
    connection: Connection, key: int, claims: dict[int, Claims], records: dict[int, str], found: Found
) -> None:
    """`claims`: of the statement (NO_ITEM) and of its items; `records`: of the items."""
    rows = connection.execute(select(disclosure).where(disclosure.c.statement_id == key)).all()
    for row in rows:
        name, number = f"{found.name} {row.item_number} {row.name}", row.item_number
        with (found.about(records[number]) if number in records else found).rule(Subject.DISCLOSURE, name):
            shown = parse_disclosure(row.text)
            if number not in claims:
                raise EvidenceError("SD_NOT_BOUND", found=row.name)
            check_disclosures(claims[number], [shown], "")
            if (row.name, row.value) != (shown.name, looked_up(shown)):
                raise EvidenceError("STORE_COLUMN", "", shown.name, row.name)


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
