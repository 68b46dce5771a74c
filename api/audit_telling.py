"""What an inquiry found, as lines for people and as JSON for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from api.conventions import Call
from api.language import text
from api.list_command import event_words
from api.named_subjects import Names, marks_in, person, with_names
from api.names import organisation
from api.output import printable
from api.proof_words import moment
from api.show_command import step_json

if TYPE_CHECKING:
    from ledger.audit_groups import Group
    from ledger.audit_inquiry import Inquiry
    from ledger.audit_rows import AuditRow


def row_json(row: AuditRow) -> dict[str, object]:
    return {
        "record": row.record,
        "step": step_json(row.step) if row.step else None,
        "attempt": [asdict(one) for one in row.refused],
        "subject": row.subject,
        "refusal": row.is_refusal,
    }


def marks_of(groups: Sequence[Group]) -> frozenset[str]:
    """Whoever and whatever stands in the table by uuid."""
    rows = [row for group in groups for row in (group.lead, *group.rows)]
    return marks_in(mark or "" for row in rows for mark in (row.record, row.subject))


def groups_table(call: Call, groups: Sequence[Group], names: Names) -> None:
    """Each act, and below it those that rest on it."""
    heads = (
        ("接收时间", "taken in"),
        ("行为", "act"),
        ("结果", "outcome"),
        ("利用人/经办人", "by"),
        ("利用目的", "purpose"),
        ("档案", "record"),
    )
    lines = []
    for group in groups:
        lines.append(_line(group.lead, "" if group.lead_fits else text("(所依据)", "(above) "), names))
        lines += [_line(row, "  └ ", names) for row in group.rows]
        left = group.count - len(group.rows) - group.lead_fits
        if left > 0:
            lines.append(("", text(f"  … 另有 {left} 条", f"  … {left} more"), "", "", "", ""))
    call.out.table(heads, lines)


def _line(row: AuditRow, mark: str, names: Names) -> tuple[str, str, str, str, str, str]:
    shown = dict(row.step.shown) if row.step else {}
    by = shown.get("reader_name") or shown.get("agent_name") or ""
    if not by and row.subject is not None:
        by = person(row.subject, names)
    at = row.step.accepted_at if row.step else row.refused[0].at
    outcome = text("不予提供/拒绝", "refused") if row.is_refusal else ""
    return (
        moment(at),
        mark + event_words(row.event),
        outcome,
        printable(by),
        printable(shown.get("purpose", "")),
        with_names(row.record or "", names, zh=text("zh", "en") == "zh"),
    )


def inquiries_table(
    call: Call, found: Sequence[Inquiry], people: Names, names: dict[str, tuple[str, str]]
) -> None:
    """`people`: the inquirers by name; `names`: the organisations."""
    call.out.document(
        {
            "inquiries": [
                {
                    "statement": one.digest.hex(),
                    "number": one.number,
                    "event": one.parsed.event,
                    "agent": one.parsed.agent,
                    "organisation": one.parsed.iss,
                    "accepted_at": one.accepted_at,
                    "sealed": one.is_sealed,
                    "released": one.released,
                    "second": one.second[0].hex() if one.second else None,
                    "state": one.state,
                }
                for one in found
            ]
        }
    )
    heads = (
        ("时间", "when"),
        ("行为", "act"),
        ("机构", "organisation"),
        ("查询人", "by"),
        ("内容", "asks"),
        ("查询", "inquiry"),
    )
    call.out.table(
        heads,
        [
            (
                moment(one.accepted_at),
                event_words(one.parsed.event),
                organisation(one.parsed.iss, names),
                person(one.parsed.agent, people),
                text("密封", "sealed") if one.is_sealed and not one.released else text("可见", "shown"),
                one.digest.hex()[:16],
            )
            for one in found
        ],
    )
