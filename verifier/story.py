"""What the evidence tells of each record and list, step by step, for the report. Judges nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from verifier.acts import Act, Erasures, erased_fields
from verifier.custody import Judged, begun
from verifier.report import Interval, ListReport, RecordReport, Step, StepBreach
from verifier.verify_files import RecordFiles


def record_report(
    files: RecordFiles,
    acts: Sequence[Act],
    erased: Erasures,
    spans: Mapping[int, Interval],
    judged: Sequence[Judged],
) -> RecordReport:
    """`acts`: those on the record, in order. `judged`: the logged ones, which come first."""
    held = {one.act.entry.index: one.held for one in judged if one.act.entry}
    steps = tuple(
        replace(step, duties=held.get(step.index, ()) if step.index is not None else ())
        for step in (_step(act, erased, spans) for act in acts)
    )
    breaches = tuple(
        StepBreach(number, breach.code, breach.expected, breach.found)
        for number, one in enumerate(judged, 1)
        for breach in one.breaches
    )
    return RecordReport(files.record, steps, files.version, len(files.current), begun(judged), breaches)


def list_report(
    listing: str, acts: Sequence[Act], erased: Erasures, spans: Mapping[int, Interval]
) -> ListReport:
    """`acts`: the list's own, in order."""
    return ListReport(listing, tuple(_step(act, erased, spans) for act in acts))


def _step(act: Act, erasures: Erasures, spans: Mapping[int, Interval]) -> Step:
    statement, claims, listing = act.statement, act.claims, act.statement.list
    shown = {name: d.value for name, d in act.shown.items()}
    erased = erased_fields(act, erasures) - shown.keys()
    return Step(
        index=act.entry.index if act.entry else None,
        event=statement.event,
        iss=statement.iss,
        agent=statement.agent,
        occurred_at=claims.occurred_at or statement.occurred_at,
        recorded_at=act.entry.recorded_at if act.entry else None,
        interval=spans.get(act.entry.index) if act.entry else None,
        late=claims.late,
        basis=claims.basis,
        outcome=claims.outcome,
        reason=claims.reason,
        due=statement.due,
        uses=statement.uses,
        pages=claims.pages,
        version=claims.version,
        state=claims.state,
        # Digests are for comparing files, not for reading.
        disclosed=tuple(sorted((name, v) for name, v in shown.items() if isinstance(v, str))),
        withheld=tuple(name for name in claims.fields if name not in shown and name not in erased),
        erased=tuple(sorted(erased)),
        statement=statement.digests.sha256.hex(),
        answers=tuple(answer.hex() for answer in claims.answers),
        files=len(claims.files),
        list=listing.id if listing else None,
        item=act.item.number if act.item else None,
        size=listing.size if listing and not act.item else None,
        role=act.role,
    )
