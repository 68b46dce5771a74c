"""What commands need to know of a record before they act on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import select

from ledger.blocked import blocked
from ledger.evidence import build_evidence
from ledger.query import RecordRow, named, record_steps, records_numbered
from ledger.steps import StepView
from ledger.store.engine import reading
from ledger.store.portions import portions
from ledger.store.tables import file, statement
from verifier.acts import Act, acts_of
from verifier.entry import Entry
from verifier.errors import CallerError
from verifier.evidence import read_evidence
from verifier.parts import open_parts
from verifier.report import CheckName
from verifier.tally import Tally
from verifier.verify_files import RecordFiles, files_of

if TYPE_CHECKING:
    from api.conventions import Call
    from ledger.handle import Ledger

_LEAST_PREFIX = 8


def record_files(record: str, evidence: bytes) -> RecordFiles:
    """The record's files by the verifier's own rule, from evidence for it."""
    return files_of(record, _acts(evidence), {})


def files_now(ledger: Ledger, record: str) -> RecordFiles:
    """The record's files as the office has them: everything accepted counts, anchored or not.

    Raises what `build_evidence` raises.
    """
    steps = record_steps(ledger, record)
    order = {(step.statement, step.item): place for place, step in enumerate(steps)}
    acts = sorted(
        _acts(build_evidence(ledger, [record], with_pending=True, inside=True).data),
        key=lambda act: order.get((act.key[0].hex(), act.key[1]), -1),
    )
    return files_of(record, [_as_logged(act, steps) for act in acts], {})


def files_shown(ledger: Ledger, record: str) -> RecordFiles:
    """The same, but nothing of a record with an open case about something received by mistake."""
    files = files_now(ledger, record)
    with reading(ledger.engine) as connection:
        return replace(files, current=(), older=(), erased=()) if blocked(connection, record) else files


def _acts(evidence: bytes) -> tuple[Act, ...]:
    return acts_of(open_parts(read_evidence(evidence), {name: Tally(name) for name in CheckName}))


def _as_logged(act: Act, steps: Sequence[StepView]) -> Act:
    """The verifier lets a pending act replace no file; for the office's own view it does."""
    if act.entry is not None:
        return act
    return replace(act, entry=Entry(len(steps), steps[-1].accepted_at, act.statement.digests, None, ()))


def numbers_in_use(ledger: Ledger, numbers: Iterable[str]) -> dict[str, str]:
    """Those of `numbers` that are or were the archival number of some record, with what that record is."""
    found = records_numbered(ledger, numbers)
    return {number: "; ".join(map(named, rows)) for number, rows in found.items()}


def of_same_number(ledger: Ledger, rows: Iterable[RecordRow]) -> dict[str, tuple[RecordRow, ...]]:
    """Each archival number of `rows` that more than one record of the ledger now has, with all of those."""
    found = records_numbered(ledger, [row.number for row in rows if row.number])
    present = {n: tuple(row for row in of if row.number == n) for n, of in found.items()}
    return {number: of for number, of in present.items() if len(of) > 1}


def warn_of_same_number(call: Call, shared: Mapping[str, Sequence[RecordRow]]) -> None:
    for number, rows in shared.items():
        lines = "".join(f"\n  {named(row)}" for row in rows)
        call.out.say(
            f"注意:{len(rows)} 条记录共用档号“{number}”,按档号找不到其中任何一条,只能写编号。"
            f"请用 event metadata.correct 更正其一的档号:{lines}",
            f"Note: {len(rows)} records share the number '{number}'; it names none of them, only the id "
            f"does. Correct the number of one with: event metadata.correct{lines}",
        )


def statements_known(ledger: Ledger, digests: Iterable[bytes]) -> set[bytes]:
    """Those of the SHA-256 digests of which the ledger has the statement."""
    found: set[bytes] = set()
    with reading(ledger.engine) as connection:
        for some in portions(digests):
            query = select(statement.c.sha256).where(statement.c.sha256.in_(some))
            found |= set(connection.execute(query).scalars())
    return found


def contents_held(ledger: Ledger, mode: str) -> frozenset[bytes]:
    """SHA-256 of every file that the store lists as kept in this mode (copy or reference)."""
    with reading(ledger.engine) as connection:
        query = select(file.c.sha256).where(file.c.mode == mode)
        return frozenset(connection.execute(query).scalars())


def statement_named(ledger: Ledger, prefix: str) -> bytes | None:
    """The digest of the one statement whose SHA-256 begins so; None if it is no such prefix.

    Raises CallerError STATEMENT_SEVERAL.
    """
    text = prefix.lower()
    if not _LEAST_PREFIX <= len(text) <= 64 or not all(ch in "0123456789abcdef" for ch in text):
        return None
    low, high = bytes.fromhex(text.ljust(64, "0")), bytes.fromhex(text.ljust(64, "f"))
    with reading(ledger.engine) as connection:
        query = select(statement.c.sha256).where(statement.c.sha256 >= low, statement.c.sha256 <= high)
        found = list(connection.execute(query.limit(2)).scalars())
    if len(found) > 1:
        raise CallerError("STATEMENT_SEVERAL", prefix)
    return found[0] if found else None
