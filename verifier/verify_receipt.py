"""A receipt: the ledger's signed promise to log a statement by a due time. docs/formats.md section 10."""

from __future__ import annotations

from dataclasses import dataclass

from verifier.anchor import Anchor
from verifier.errors import EvidenceError
from verifier.note import Receipt, open_receipt
from verifier.parts import Parts
from verifier.report import Reason, ReceiptResult
from verifier.trust import TrustRoot


@dataclass(frozen=True)
class ReceiptFinding:
    """`broken`: the ledger did not keep its promise. `open`: what the receipt is for is not shown."""

    result: ReceiptResult | None
    reasons: tuple[Reason, ...]
    broken: bool
    open: bool


def check_receipt(note: str, trust: TrustRoot, parts: Parts, anchor: Anchor | None) -> ReceiptFinding:
    """Never a reason to call anything consistent.

    - not signed by the ledger's key, or of another ledger: RECEIPT_INVALID and the rule broken;
    - its statement is in the evidence with an entry: logged (RECEIPT_LATE if recorded after the due time);
    - in the evidence, pending, and the log was anchored after the due time without it: RECEIPT_BROKEN;
    - pending, and not yet due at the anchor: RECEIPT_PENDING;
    - not in the evidence: RECEIPT_UNKNOWN. A digest alone does not say on which trail it should be.

    The anchor's time decides, not the attestations': an old anchor may be attested at any later time.
    """
    try:
        receipt = open_receipt(note, trust.origin, trust.ledger, trust.checkpoint_key)
    except EvidenceError as error:
        rule = Reason(error.code, error.at, error.expected, error.found)
        return ReceiptFinding(None, (Reason("RECEIPT_INVALID", "receipt"), rule), broken=False, open=True)
    recorded_at = parts.recorded_at().get(receipt.statement)
    known = any(opened.sha256 == receipt.statement for opened in parts.statements)
    result = ReceiptResult(
        receipt.statement.hex(), receipt.accepted_at, receipt.due, known, known and recorded_at is not None
    )
    if not known:
        return ReceiptFinding(result, (_reason("RECEIPT_UNKNOWN", receipt),), broken=False, open=True)
    if recorded_at is not None:
        late = (_reason("RECEIPT_LATE", receipt, recorded_at),) if recorded_at > receipt.due else ()
        return ReceiptFinding(result, late, broken=False, open=False)
    if anchor is not None and receipt.due < anchor.time:
        reason = _reason("RECEIPT_BROKEN", receipt, anchor.time)
        return ReceiptFinding(result, (reason,), broken=True, open=False)
    return ReceiptFinding(result, (_reason("RECEIPT_PENDING", receipt),), broken=False, open=True)


def _reason(code: str, receipt: Receipt, found: str = "") -> Reason:
    return Reason(code, f"receipt {receipt.statement.hex()}", f"≤ {receipt.due}", found)
