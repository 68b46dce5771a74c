"""Checking one kept statement from its bytes: digests, signer, items, disclosures, receipt.

Pure: rows in, findings out, so that processes can do it side by side.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from cryptography import x509

from ledger.check_portions import Kept, Portion
from ledger.examined import looked_up, trail_lines
from ledger.finding import Finding, Subject
from ledger.store.rows import AnyRow
from ledger.store.tables import NO_ITEM
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


@dataclass(frozen=True)
class Basis:
    """What statements are held to. `person_cas`: MSP id → DER of its person CAs; None: who issued the
    certificates is not judged. `gives_receipts`: the key that signs them is there."""

    origin: str
    ledger_id: bytes
    public_key: bytes
    gives_receipts: bool
    person_cas: Mapping[str, tuple[bytes, ...]] | None


def check_portion(portion: Portion, basis: Basis) -> list[Finding]:
    """In the order of acceptance."""
    return [finding for kept in portion.kept for finding in _check(kept, portion.certificates, basis)]


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


@functools.lru_cache(maxsize=1024)
def _signer(der: bytes) -> Signer:
    return read_signer(der)


def _signer_of(digest: bytes, certificates: Mapping[bytes, bytes]) -> Signer:
    """Raises EvidenceError CERTIFICATE_MISSING, CERTIFICATE_DIGEST, and those of `read_signer`."""
    der = certificates.get(digest)
    if der is None:
        raise EvidenceError("CERTIFICATE_MISSING", found=digest.hex())
    if sha256(der) != digest:
        raise EvidenceError("CERTIFICATE_DIGEST", "", digest.hex(), sha256(der).hex())
    return _signer(der)


def _check_issuer(signer: Signer, msp: str, person_cas: Mapping[str, tuple[bytes, ...]] | None) -> None:
    """Raises EvidenceError STATEMENT_ISSUER, CERTIFICATE_ISSUER."""
    if person_cas is None:
        return
    if msp not in person_cas:
        raise EvidenceError("STATEMENT_ISSUER", "", " ".join(sorted(person_cas)), msp)
    if not _is_issued(signer.der, person_cas[msp]):
        raise EvidenceError("CERTIFICATE_ISSUER", "", f"a person CA of {msp}")


@functools.lru_cache(maxsize=1024)
def _is_issued(der: bytes, cas: tuple[bytes, ...]) -> bool:
    try:
        check_issuer(_signer(der), [x509.load_der_x509_certificate(ca) for ca in cas])
    except EvidenceError:
        return False
    return True


def _check(kept: Kept, certificates: Mapping[bytes, bytes], basis: Basis) -> list[Finding]:
    row, items = kept.row, kept.items
    name = row.sha256.hex()
    named = {part.record for part in items} | ({row.record} if row.record else set())
    found = Found(name, tuple(sorted(named)))
    digests = both(row.data)
    if (row.sha256, row.sm3) != (digests.sha256, digests.sm3):
        found.fail("STATEMENT_DIGEST", Subject.STATEMENT, name, name, digests.sha256.hex())
    _check_receipt(basis, row, found)
    parsed = None
    with found.rule(Subject.STATEMENT, name):
        parsed = parse_statement(row.data)
    if parsed is None:
        return found.findings
    if parsed.record is not None and parsed.record not in named:
        found.records = tuple(sorted({*named, parsed.record}))
    _check_columns(row, parsed, found)
    _check_signer(basis, parsed, kept.recorded_at or row.accepted_at, certificates, found)
    opened = _check_items(items, parsed, found)
    claims = {NO_ITEM: parsed.claims} | {one.number: one.claims for one in opened}
    records = {one.number: one.record for one in opened}
    _check_disclosures(kept.disclosures, claims, records, found)
    return found.findings


def _check_receipt(basis: Basis, row: AnyRow, found: Found) -> None:
    if not row.receipt and not basis.gives_receipts:
        return  # `check_statements` says so, once
    with found.rule(Subject.RECEIPT, found.name):
        receipt = open_receipt(row.receipt, basis.origin, basis.ledger_id, basis.public_key)
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


def _check_signer(
    basis: Basis, parsed: Statement, when: str, certificates: Mapping[bytes, bytes], found: Found
) -> None:
    """`when`: the instant at which the certificate must have been in date."""
    if parsed.aud != basis.origin:
        found.fail("STATEMENT_AUDIENCE", Subject.STATEMENT, found.name, basis.origin, parsed.aud)
    signer = None
    with found.rule(Subject.CERTIFICATE, found.name):
        signer = _signer_of(parsed.certificate_sha256, certificates)
    if signer is None:
        return
    if signer.agent != parsed.agent:
        found.fail("CERTIFICATE_AGENT", Subject.STATEMENT, found.name, parsed.agent, signer.agent)
    with found.rule(Subject.STATEMENT, found.name):
        check_signature(parsed, signer.key)
    with found.rule(Subject.CERTIFICATE, found.name):
        _check_issuer(signer, parsed.iss, basis.person_cas)
    with found.rule(Subject.CERTIFICATE, found.name):
        check_validity(signer, instant(when, "recorded_at"))


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
    rows: list[AnyRow], claims: dict[int, Claims], records: dict[int, str], found: Found
) -> None:
    """`claims`: of the statement (NO_ITEM) and of its items; `records`: of the items."""
    for row in rows:
        name, number = f"{found.name} {row.item_number} {row.name}", row.item_number
        with (found.about(records[number]) if number in records else found).rule(Subject.DISCLOSURE, name):
            shown = parse_disclosure(row.text)
            if number not in claims:
                raise EvidenceError("SD_NOT_BOUND", found=row.name)
            check_disclosures(claims[number], [shown], "")
            if (row.name, row.value) != (shown.name, looked_up(shown)):
                raise EvidenceError("STORE_COLUMN", "", shown.name, row.name)
