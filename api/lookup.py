"""What commands need to know of a record before they act on it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import select

from ledger.evidence import build_evidence
from ledger.query import NUMBER, record_steps
from ledger.steps import StepView
from ledger.store.engine import reading
from ledger.store.portions import portions
from ledger.store.tables import disclosure, file, statement
from verifier.acts import Act, acts_of
from verifier.entry import Entry
from verifier.errors import CallerError
from verifier.evidence import read_evidence
from verifier.parts import open_parts
from verifier.report import CheckName
from verifier.tally import Tally
from verifier.verify_files import RecordFiles, files_of

if TYPE_CHECKING:
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
        _acts(build_evidence(ledger, [record], with_pending=True).data),
        key=lambda act: order.get((act.key[0].hex(), act.key[1]), -1),
    )
    return files_of(record, [_as_logged(act, steps) for act in acts], {})


def _acts(evidence: bytes) -> tuple[Act, ...]:
    return acts_of(open_parts(read_evidence(evidence), {name: Tally(name) for name in CheckName}))


def _as_logged(act: Act, steps: Sequence[StepView]) -> Act:
    """The verifier lets a pending act replace no file; for the office's own view it does."""
    if act.entry is not None:
        return act
    return replace(act, entry=Entry(len(steps), steps[-1].accepted_at, act.statement.digests, None, ()))


def numbers_in_use(ledger: Ledger, numbers: Iterable[str]) -> set[str]:
    """Those of `numbers` that are the archival number of some record, as last or earlier disclosed."""
    found: set[str] = set()
    with reading(ledger.engine) as connection:
        for some in portions(sorted(set(numbers))):
            query = select(disclosure.c.value).where(
                disclosure.c.name == NUMBER, disclosure.c.value.in_(some)
            )
            found |= {value for value in connection.execute(query).scalars() if value is not None}
    return found


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
