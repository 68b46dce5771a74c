"""Which earlier statements an act answers: the last one, the last of an event, or one named by its digest."""

from __future__ import annotations

from collections.abc import Sequence

from api.errors import CommandError, Exit
from api.event.request import event_named
from api.lookup import statement_named
from ledger.handle import Ledger
from ledger.list_query import list_steps
from ledger.query import record_steps
from ledger.steps import StepView

LAST = "last"


def answered(
    ledger: Ledger, given: Sequence[str], record: str | None, list_id: str | None
) -> tuple[bytes, ...]:
    """Digests for one record, or for a list's own statement.

    `last` is the last statement on it; the code of an event is the last one of that event on it; all else
    is a digest or the beginning of one. Raises CommandError ANSWER_UNKNOWN, CallerError STATEMENT_SEVERAL.
    """
    found: list[bytes] = []
    steps: tuple[StepView, ...] | None = None
    for text in given:
        spec = event_named(text)
        if text == LAST or spec is not None:
            if steps is None:
                steps = _steps(ledger, record, list_id)
            fitting = [step for step in steps if spec is None or step.event == spec.name]
            if not fitting:
                raise _unknown(text)
            found.append(bytes.fromhex(fitting[-1].statement))
            continue
        digest = statement_named(ledger, text)
        if digest is None:
            raise _unknown(text)
        found.append(digest)
    return tuple(dict.fromkeys(found))


def of_subject(given: Sequence[str]) -> tuple[str, ...]:
    """Those that depend on the record or list itself, and so differ from record to record."""
    return tuple(text for text in given if text == LAST or event_named(text) is not None)


def _steps(ledger: Ledger, record: str | None, list_id: str | None) -> tuple[StepView, ...]:
    if record is not None:
        return record_steps(ledger, record)
    return list_steps(ledger, list_id) if list_id is not None else ()


def _unknown(text: str) -> CommandError:
    return CommandError(
        "ANSWER_UNKNOWN",
        f"--answers {text}:没有这样的签名行为记录。请用 last、行为的代码或中文名(如 access.apply、申请利用)"
        "或 archive-ledger show 中的摘要(至少前 8 位)。",
        f"--answers {text}: there is no such statement. Use last, an event's code (access.apply) or a digest "
        "from archive-ledger show (at least 8 digits).",
        Exit.DATA,
    )
