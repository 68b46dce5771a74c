"""Check 11: the order of handling. Run last, on evidence that holds; docs/formats.md sections 16 and 17.

The records in scope are judged, whose trails are there from the first entry on: of any other record some acts
may be missing. What is pending is not judged: where it will stand is not known.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from verifier.acts import Act
from verifier.custody import Duties, Judged, fold
from verifier.custody_deposit import not_compared
from verifier.tally import Tally


def check_custody(
    records: Collection[str], acts: Mapping[str, Sequence[Act]], tally: Tally, duties: Duties
) -> dict[str, tuple[Judged, ...]]:
    """What is judged of each record, in the order of its acts."""
    found: dict[str, tuple[Judged, ...]] = {}
    if not records:
        tally.lack("NO_RECORD_IN_SCOPE", "scope")
    for record in records:
        every = acts.get(record, ())
        found[record] = fold((act for act in every if act.entry is not None), duties)
        tally.subjects += len(found[record])
        if not found[record]:
            tally.lack("NOTHING_TO_CHECK", record)
        for one in found[record]:
            for breach in one.breaches:
                tally.fail(breach.code, one.act.at, breach.expected, breach.found)
            for name in not_compared(one.act):
                tally.lack("CUSTODY_NAME_NOT_COMPARED", one.act.at, found=name)
            if one.from_register:
                tally.note("CUSTODY_OLD_REGISTER", one.act.at)
        if len(every) > len(found[record]):
            tally.note("CUSTODY_PENDING", found=str(len(every) - len(found[record])))
    judged = [one for of in found.values() for one in of]
    unknown, late = sum(not one.duty_known for one in judged), sum(one.late for one in judged)
    if unknown:
        tally.lack("CUSTODY_DUTIES_NOT_CHECKED", found=str(unknown))
    if any(one.held for one in judged):
        tally.note("LATER_DUTIES_NOT_PROVED")
    if late:
        tally.note("CUSTODY_LATE", found=str(late))
    return found
