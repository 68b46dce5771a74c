"""Building evidence: one file that proves records, or lists, offline. docs/formats.md section 12.

`verifier/evidence.py` and `verifier/verify.py` are the check side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from ledger.blocked import refuse_blocked
from ledger.configurations import kept_configurations
from ledger.evidence_rows import (
    EntryRow,
    StatementRow,
    duties_beside,
    entries_on,
    keys_beside,
    pending_on,
    records_on,
    statements_of,
)
from ledger.evidence_statements import statement_object
from ledger.handle import Ledger
from ledger.merkle import Tree, inclusion
from ledger.store.engine import reading
from ledger.store.tables import anchor as anchor_table
from ledger.store.tables import attestation as attestation_table
from ledger.store.tables import batch as batch_table
from ledger.tiles import stored_tree
from verifier.anchor import parse_anchor
from verifier.canonical import Json, base64_text, encode, parse
from verifier.errors import CallerError
from verifier.evidence import MAX_EVIDENCE
from verifier.fabric.block import block_json
from verifier.shape import UUID


@dataclass(frozen=True)
class EvidenceFile:
    """`pending`: statements that are not in an attested batch, and whether they were included."""

    data: bytes
    batch: int | None
    entries: int
    pending: int
    pending_included: bool


@dataclass(frozen=True)
class _Anchored:
    batch: int
    size: int
    block: Json
    block_number: int
    transaction: int
    attestations: tuple[bytes, ...]


def build_evidence(
    ledger: Ledger,
    records: Sequence[str],
    lists: Sequence[str] = (),
    *,
    withhold: frozenset[str] = frozenset(),
    with_pending: bool = False,
    basis: int = 0,
    inside: bool = False,
) -> EvidenceFile:
    """Evidence for these records, and for these lists with every record on them, as of the newest
    attested anchor.

    `withhold` names fields that are left out; `basis` is the number of the configuration block that the
    reader's trust root pins. Pending statements are left out unless `with_pending`, or there is nothing
    else. The trail `keys` of each signer comes with it.
    `inside`: it does not leave the house, so that a record with an open case (`ledger.blocked`) is no bar.
    Raises CallerError RECORD_BLOCKED, SCOPE_EMPTY, SCOPE_UNKNOWN, BASIS_UNKNOWN, BASIS_NOT_ANCHORED,
    EVIDENCE_SIZE.
    """
    if not records and not lists:
        raise CallerError("SCOPE_EMPTY", "scope", "a record or a list", "none")
    for subject in (*records, *lists):
        if not UUID.match(subject):
            raise CallerError("SCOPE_UNKNOWN", "scope", "a uuid", subject)
    scope_lists = tuple(sorted(set(lists)))
    with reading(ledger.engine) as connection:
        scope_records = tuple(sorted({*records, *records_on(connection, scope_lists)}))
        if not inside:
            refuse_blocked(connection, scope_records)
        anchored = _newest_attested(connection)
        size = anchored.size if anchored else 0
        entries = entries_on(connection, scope_records, scope_lists, size)
        pending = pending_on(connection, scope_records, scope_lists, size)
        _every_subject_known(scope_records, scope_lists, entries, pending)
        shown_pending = with_pending or not entries
        wanted = {(row.statement_id, row.item_number) for row in entries}
        if shown_pending:
            wanted |= set(pending)
        statements = statements_of(connection, wanted)
        if entries:
            # Duties first: of whoever signed what stands on those trails, the keys come along too.
            for beside_of in (duties_beside, keys_beside):
                beside = beside_of(connection, statements, size)
                entries = tuple(sorted({*entries, *beside}, key=lambda row: row.index))
                wanted |= {(row.statement_id, row.item_number) for row in beside}
                statements = statements_of(connection, wanted)
        body: dict[str, Json] = {
            "attestations": [],
            "basis": _basis(ledger, basis),
            "certificates": [base64_text(der) for der in _certificates(statements)],
            "configurations": [block_json(b) for b in kept_configurations(ledger) if b.number > basis],
            "entries": [],
            "ledger": {"id": ledger.id.hex(), "origin": ledger.origin},
            "markers": [],
            "scope": {"lists": list(scope_lists), "records": list(scope_records)},
            "statements": [statement_object(s, withhold) for s in statements],
            "version": "archive-ledger evidence v1",
        }
        if anchored and entries:
            _check_after(anchored, basis)
            body |= _anchored_part(connection, anchored, entries)
    data = encode(body)
    if len(data) > MAX_EVIDENCE:
        raise CallerError("EVIDENCE_SIZE", "evidence", f"≤ {MAX_EVIDENCE} octets", str(len(data)))
    return EvidenceFile(
        data=data,
        batch=anchored.batch if anchored and entries else None,
        entries=len(entries),
        pending=len(pending),
        pending_included=bool(pending) and shown_pending,
    )


def _every_subject_known(
    records: Sequence[str],
    lists: Sequence[str],
    entries: Sequence[EntryRow],
    pending: Mapping[tuple[int, int], str],
) -> None:
    known = {subject for row in entries for subject in row.subjects} | set(pending.values())
    unknown = [subject for subject in (*records, *lists) if subject not in known]
    if unknown:
        raise CallerError("SCOPE_UNKNOWN", "scope", "a record or list of this ledger", " ".join(unknown))


def _newest_attested(connection: Connection) -> _Anchored | None:
    newest = connection.execute(
        select(attestation_table.c.batch).order_by(attestation_table.c.batch.desc()).limit(1)
    ).scalar()
    if newest is None:
        return None
    row = connection.execute(select(anchor_table).where(anchor_table.c.batch == newest)).one()
    payloads = connection.execute(
        select(attestation_table.c.payload).where(attestation_table.c.batch == newest)
    ).scalars()
    return _Anchored(
        batch=row.batch,
        size=parse_anchor(row.data).size,
        block=parse(row.block, "block"),
        block_number=row.block_number,
        transaction=row.transaction,
        attestations=tuple(payloads),
    )


def _check_after(anchored: _Anchored, basis: int) -> None:
    """Nothing that was anchored before the block that the reader trusts can be shown to follow from it."""
    if anchored.block_number <= basis:
        raise CallerError(
            "BASIS_NOT_ANCHORED",
            "trust root",
            f"an anchor after block {basis}",
            f"the newest is in block {anchored.block_number}",
        )


def _anchored_part(
    connection: Connection, anchored: _Anchored, entries: Sequence[EntryRow]
) -> dict[str, Json]:
    trees = {alg: stored_tree(connection, alg, anchored.size) for alg in ("sha256", "sm3")}
    markers = _markers(connection, anchored.batch, [row.index for row in entries])
    return {
        "anchor": {"block": anchored.block, "transaction": anchored.transaction},
        "attestations": [text for text in sorted({base64_text(p) for p in anchored.attestations})],
        "entries": [_leaf(trees, row.index, row.text) for row in entries],
        "markers": [_leaf(trees, index, text) for index, text in sorted(markers.items())],
    }


def _leaf(trees: Mapping[str, Tree], index: int, text: str) -> Json:
    leaf: dict[str, Json] = {alg: [h.hex() for h in inclusion(tree, index)] for alg, tree in trees.items()}
    return leaf | {"text": text}


def _markers(connection: Connection, last: int, indexes: Sequence[int]) -> dict[int, str]:
    """For each entry its batch's marker, and the next one unless the batch is the anchor's own."""
    rows = connection.execute(
        select(batch_table.c.number, batch_table.c.marker_index, batch_table.c.marker)
        .where(batch_table.c.number <= last)
        .order_by(batch_table.c.marker_index)
    ).all()
    needed: dict[int, str] = {}
    position = 0
    for index in indexes:
        while position + 1 < len(rows) and rows[position + 1].marker_index < index:
            position += 1
        for row in rows[position : position + 2]:
            needed[row.marker_index] = row.marker
    return needed


def _basis(ledger: Ledger, number: int) -> Json:
    for block in kept_configurations(ledger):
        if block.number == number:
            return {"hash": block.header_hash.hex(), "number": number}
    raise CallerError("BASIS_UNKNOWN", "trust root", "a configuration block of this channel", str(number))


def _certificates(statements: Sequence[StatementRow]) -> list[bytes]:
    by_digest = {row.certificate_sha256: row.certificate for row in statements}
    return [by_digest[digest] for digest in sorted(by_digest)]
