"""The statement object of evidence: bytes, disclosures that are not withheld, items with their proofs."""

from __future__ import annotations

from collections.abc import Sequence

from ledger.evidence_rows import ItemRow, StatementRow
from ledger.list_proof import ListTree, list_tree
from verifier.canonical import Json


def statement_object(row: StatementRow, withhold: frozenset[str]) -> Json:
    """docs/formats.md section 12."""
    tree = list_tree(row.leaves) if row.items else None
    return {
        "disclosures": _shown(row.disclosures, withhold),
        "items": [_item(item, tree, withhold) for item in row.items] if tree else [],
        "statement": row.data.decode("ascii"),
    }


def _item(item: ItemRow, tree: ListTree, withhold: frozenset[str]) -> Json:
    return {
        "disclosures": _shown(item.disclosures, withhold),
        "number": item.number,
        "sha256": [h.hex() for h in tree.sha256(item.number)],
        "sm3": [h.hex() for h in tree.sm3(item.number)],
        "text": item.data.decode("utf-8"),
    }


def _shown(disclosures: Sequence[tuple[str, str]], withhold: frozenset[str]) -> list[Json]:
    return [text for text in sorted(text for name, text in disclosures if name not in withhold)]
