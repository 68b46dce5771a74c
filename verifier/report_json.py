"""A report as JSON for programs. docs/report.schema.json describes it."""

from __future__ import annotations

import json
import unicodedata

from verifier.report import (
    CheckResult,
    FileResult,
    Interval,
    KeyReport,
    Reason,
    ReceiptResult,
    Report,
    Step,
    StepBreach,
    Witness,
)
from verifier.texts import reasons

VERSION = "archive-ledger report v1"
_Value = object


def report_text(report: Report) -> str:
    """The JSON text, ended by LF. Characters that a terminal would act on are written as escapes."""
    text = json.dumps(report_json(report), ensure_ascii=False, indent=2)
    return "".join(_escaped(ch) for ch in text) + "\n"


def report_json(report: Report) -> dict[str, _Value]:
    """The members of docs/report.schema.json, ready for `json.dumps`."""
    return {
        "version": VERSION,
        "verdict": report.verdict.name.lower().replace("_", " "),
        "exit_code": report.verdict.value,
        "reasons": [_reason(r) for r in report.reasons],
        "checks": [_check(c) for c in report.checks],
        "files": [_file(f) for f in report.files],
        "records": [
            {
                "record": r.record,
                "version": r.version,
                "files": r.files,
                "steps": [_step(s) for s in r.steps],
                "custody": dict(r.custody),
                "breaches": [_breach(b) for b in r.breaches],
            }
            for r in report.records
        ],
        "lists": [{"id": x.id, "steps": [_step(s) for s in x.steps]} for x in report.lists],
        "witnesses": [_witness(w) for w in report.witnesses],
        **({"keys": [_key(k) for k in report.keys]} if report.keys else {}),
        "least_attesters": report.least_attesters,
        "anchor": None
        if report.anchor_batch is None
        else {"batch": report.anchor_batch, "size": report.anchor_size, "time": report.anchor_time},
        "attested_at": report.attested_at,
        "receipt": _receipt(report.receipt) if report.receipt else None,
        "trust": {
            "fingerprint": report.fingerprint,
            "origin": report.origin,
            "ledger": report.ledger,
            "channel": report.channel,
        }
        if report.fingerprint
        else None,
    }


def _reason(reason: Reason) -> dict[str, _Value]:
    spec = reasons().get(reason.code)
    return {
        "code": reason.code,
        "kind": spec.kind if spec else None,
        "zh": spec.words.zh if spec else "",
        "en": spec.words.en if spec else "",
        "at": reason.at,
        "expected": reason.expected,
        "found": reason.found,
    }


def _check(check: CheckResult) -> dict[str, _Value]:
    return {
        "check": check.check.value,
        "outcome": check.outcome.value,
        "subjects": check.subjects,
        "reasons": [_reason(r) for r in check.reasons],
    }


def _interval(interval: Interval | None) -> _Value:
    return None if interval is None else {"after": interval.after, "by": interval.by}


def _file(file: FileResult) -> dict[str, _Value]:
    return {
        "status": file.status.value,
        "given": file.given,
        "name": file.name,
        "record": file.record,
        "place": file.place,
        "carrier": file.carrier,
        "copy": file.copy,
        "version": file.version,
        "since": _interval(file.since),
        "rejected_by": file.rejected_by,
    }


def _step(step: Step) -> dict[str, _Value]:
    return {
        "index": step.index,
        "event": step.event,
        "iss": step.iss,
        "agent": step.agent,
        "occurred_at": step.occurred_at,
        "recorded_at": step.recorded_at,
        "interval": _interval(step.interval),
        "late": step.late,
        "basis": step.basis,
        "outcome": step.outcome,
        "reason": step.reason,
        "due": step.due,
        "uses": step.uses,
        "pages": step.pages,
        "version": step.version,
        "state": step.state,
        "disclosed": dict(step.disclosed),
        "withheld": list(step.withheld),
        "erased": list(step.erased),
        "statement": step.statement,
        "answers": list(step.answers),
        "files": step.files,
        "list": step.list,
        "item": step.item,
        "size": step.size,
        "role": step.role,
        "duties": list(step.duties),
    }


def _breach(breach: StepBreach) -> dict[str, _Value]:
    spec = reasons()[breach.code]
    return {
        "step": breach.step,
        "code": breach.code,
        "zh": spec.words.zh,
        "en": spec.words.en,
        "expected": breach.expected,
        "found": breach.found,
    }


def _key(key: KeyReport) -> _Value:
    return {
        "agent": key.agent,
        "key": key.key,
        "certified_by": key.certified_by,
        "enrolled_by": list(key.enrolled_by),
        "enrolled_at": key.enrolled_at,
        "revoked_at": key.revoked_at,
        "reason": key.reason,
        "in_doubt": key.in_doubt,
    }


def _witness(witness: Witness) -> dict[str, _Value]:
    return {
        "msp": witness.msp,
        "name": witness.name,
        "endorsed": witness.endorsed,
        "attested": witness.attested,
        "asked_to_endorse": witness.asked_to_endorse,
        "asked_to_attest": witness.asked_to_attest,
    }


def _receipt(receipt: ReceiptResult) -> dict[str, _Value]:
    return {
        "statement": receipt.statement,
        "accepted_at": receipt.accepted_at,
        "due": receipt.due,
        "known": receipt.known,
        "logged": receipt.logged,
    }


def _escaped(ch: str) -> str:
    if ch == "\n" or (unicodedata.category(ch)[0] != "C" and unicodedata.category(ch) not in ("Zl", "Zp")):
        return ch
    # JSON writes characters beyond the basic plane as a pair of UTF-16 units.
    units = ch.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[n]:02x}{units[n + 1]:02x}" for n in range(0, len(units), 2))
