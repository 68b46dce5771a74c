"""Making an auditor's export, for a job: a zip that only the job's own owner can have."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from api.audit_words import export_words
from api.http.audit_box import Box
from api.http.jobs import Tell, Work
from api.http.service import Service
from ledger.audit_export import export, without_evidence
from ledger.audit_filter import AuditFilter
from ledger.audit_inquiry import Inquiry


def export_work(
    service: Service, inquiry: Inquiry, asked: AuditFilter, said: Mapping[str, str], key: bytes
) -> Work:
    def work(place: Path, tell: Tell) -> dict[str, Any]:
        with place.open("wb") as file:
            box = Box(file, key)
            with zipfile.ZipFile(cast("BinaryIO", box), "w", zipfile.ZIP_DEFLATED) as archive:

                @contextmanager
                def sink(name: str) -> Iterator[BinaryIO]:
                    with archive.open(name, "w") as out:
                        yield cast("BinaryIO", out)

                words = export_words(service.ledger)
                made = export(service.ledger, inquiry, asked, said, sink, words, tell)
            box.close()
        counts = made.counts
        return {
            "expected": counts.expected,
            "listed": counts.listed,
            "withheld": counts.withheld,
            "refused": counts.refused,
            "evidence": len(made.files),
            "without_evidence": counts.without_evidence,
            **_told(without_evidence(counts)),
        }

    return work


def _told(words: tuple[str, str]) -> dict[str, str]:
    zh, en = words
    return {"zh": zh, "en": en} if zh else {}
