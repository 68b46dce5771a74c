"""A submission as the journal keeps it, so that the same bytes are given again after a crash."""

from __future__ import annotations

from ledger.submission import Submission, SubmittedItem
from verifier.canonical import base64_bytes, base64_text, encode, parse
from verifier.shape import members

_VERSION = "archive-ledger submission v1"


def submission_bytes(submission: Submission) -> bytes:
    return encode(
        {
            "version": _VERSION,
            "statement": submission.statement.decode("ascii"),
            "certificate": base64_text(submission.certificate),
            "disclosures": list(submission.disclosures),
            "items": [
                {"data": item.data.decode("utf-8"), "disclosures": list(item.disclosures)}
                for item in submission.items
            ],
        }
    )


def read_submission(data: bytes) -> Submission:
    """Raises EvidenceError if these are not the bytes of a submission."""
    m = members(
        parse(data, "journal"), "journal", ("version", "statement", "certificate", "disclosures", "items")
    )
    m.constant("version", _VERSION)
    items = []
    for at, value in m.objects("items", 40_000):
        item = members(value, at, ("data", "disclosures"))
        items.append(
            SubmittedItem(item.text("data").encode(), item.texts("disclosures", None, 5000, ordered=False))
        )
    return Submission(
        statement=m.text("statement").encode("ascii"),
        certificate=base64_bytes(m.text("certificate"), "journal.certificate"),
        disclosures=m.texts("disclosures", None, 5000, ordered=False),
        items=tuple(items),
    )
