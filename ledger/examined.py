"""What of a submission is kept, once nothing is wrong with it: rows, small enough to be handed from one
process to another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from ledger.examine import Opened, Rules, check_signed, examine
from ledger.store.tables import NO_ITEM
from ledger.submission import Submission
from verifier.disclosure import Disclosure
from verifier.report import Reason
from verifier.statement import Seen
from verifier.trail import Trail

_LOOKED_UP = 200  # characters; longer texts are not searched for

Row: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True)
class Erasure:
    """The fields that are to be erased, and of what: (record, SHA-256 of statements) each."""

    fields: tuple[str, ...]
    subjects: tuple[tuple[str, frozenset[bytes]], ...]


@dataclass(frozen=True)
class Examined:
    """`statement`: its row but for its key and what the receipt promises; `items`, `disclosures`: theirs but
    for the statement's key. `certificate` is the signer's, DER. `sha256`: of the statement, 32 octets."""

    sha256: bytes
    jti: str
    seen: Seen | None
    erasure: Erasure | None
    certificate: bytes
    statement: Row
    items: tuple[Row, ...]
    disclosures: tuple[Row, ...]


Judged: TypeAlias = tuple[Examined | None, list[Reason]]


def judge(submission: Submission, rules: Rules) -> Judged:
    """What is kept of the submission, and every reason to refuse it, its signature's among them.

    None beside the reasons.
    """
    opened, reasons = examine(submission, rules)
    signed = check_signed(opened) if opened else None
    if signed is not None:
        reasons = [*reasons, signed]
    return (None, reasons) if reasons or opened is None else (_rows(opened), [])


def trail_lines(trails: Iterable[Trail]) -> str:
    """As the column `trails` holds them."""
    return "\n".join(f"{trail.kind} {trail.key}" for trail in trails)


def looked_up(shown: Disclosure) -> str | None:
    """As the column `value` holds it: a short text, None for anything else."""
    return shown.value if isinstance(shown.value, str) and len(shown.value) <= _LOOKED_UP else None


def _rows(opened: Opened) -> Examined:
    s = opened.statement
    return Examined(
        sha256=s.digests.sha256,
        jti=s.jti,
        seen=s.seen,
        erasure=Erasure(s.erased, tuple(_subjects(opened))) if s.erased else None,
        certificate=opened.signer.der,
        statement={
            "sha256": s.digests.sha256,
            "sm3": s.digests.sm3,
            "jti": s.jti,
            "data": s.data,
            "certificate": s.certificate_sha256,
            "event": s.event,
            "iss": s.iss,
            "agent": s.agent,
            "record": s.record,
            "list_id": s.list.id if s.list else None,
            "item_count": len(opened.items),
            "trails": trail_lines(opened.trails),
        },
        items=tuple(_items(opened)),
        disclosures=tuple(_disclosures(opened)),
    )


def _subjects(opened: Opened) -> Iterator[tuple[str, frozenset[bytes]]]:
    """Of a single statement, or of each item of a list."""
    answers = frozenset(opened.statement.claims.answers)
    if opened.statement.record is not None:
        yield opened.statement.record, answers
    for part in opened.items:
        yield part.item.record, answers | frozenset(part.item.claims.answers)


def _items(opened: Opened) -> Iterator[Row]:
    for part in opened.items:
        yield {
            "number": part.item.number,
            "record": part.item.record,
            "data": part.item.data,
            "sha256": part.item.digests.sha256,
            "sm3": part.item.digests.sm3,
            "trails": trail_lines(part.trails),
        }


def _disclosures(opened: Opened) -> Iterator[Row]:
    yield from (_disclosure(NO_ITEM, shown) for shown in opened.disclosures)
    for part in opened.items:
        yield from (_disclosure(part.item.number, shown) for shown in part.disclosures)


def _disclosure(number: int, shown: Disclosure) -> Row:
    return {"item_number": number, "name": shown.name, "text": shown.text, "value": looked_up(shown)}
