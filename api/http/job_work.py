"""What jobs do: check the whole ledger; evidence for many records, each in a file of its own."""

from __future__ import annotations

import json
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from api.checking import checked
from api.http.jobs import Tell, Work
from api.http.service import Service
from ledger.evidence import build_evidence


def check_work(service: Service, *, offline: bool) -> Work:
    """As `archive-ledger check`."""

    def work(place: Path, tell: Tell) -> dict[str, Any]:
        found = checked(service.ledger, tell, offline=offline).findings
        outcomes = Counter(str(one.outcome) for one in found)
        place.write_text(json.dumps([asdict(one) for one in found], ensure_ascii=False, default=str))
        return {"agrees": not found, "findings": len(found), **dict(outcomes)}

    return work


def evidence_work(service: Service, records: Sequence[str]) -> Work:
    """A zip with an evidence file for each record."""

    def work(place: Path, tell: Tell) -> dict[str, Any]:
        pending = 0
        with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
            for number, record in enumerate(records):
                tell("evidence", number, len(records))
                made = build_evidence(service.ledger, [record])
                pending += bool(made.pending)
                archive.writestr(f"{record}.evidence.json", made.data)
        tell("evidence", len(records), len(records))
        return {"records": len(records), "with_pending": pending}

    return work
