"""What one check has found so far. A check passes only if it looked at something and nothing was wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from verifier.errors import EvidenceError
from verifier.fabric import cannot as fabric_cannot
from verifier.report import CheckName, CheckResult, Outcome, Reason

# Not a rule broken but a thing that this verifier does not know how to judge: the verdict is "cannot check".
CANNOT: frozenset[str] = fabric_cannot.CANNOT | {"EVENT_UNKNOWN"}
# Beyond this many, further reasons of one kind say nothing new and could fill the memory.
MOST_REASONS = 100


def at_most(reasons: Sequence[Reason]) -> list[Reason]:
    """The first of them, and how many more there are."""
    more = len(reasons) - MOST_REASONS
    told = list(reasons[:MOST_REASONS])
    return [*told, Reason("MORE_REASONS", found=str(more))] if more > 0 else told


@dataclass
class Tally:
    """`failed`: rules broken. `lacking`: why it could not run, or not to the end. `notes`: the rest."""

    check: CheckName
    subjects: int = 0
    failed: list[Reason] = field(default_factory=list)
    lacking: list[Reason] = field(default_factory=list)
    notes: list[Reason] = field(default_factory=list)

    @property
    def full(self) -> bool:
        """So much is wrong that more of it need not be looked for."""
        return len(self.failed) > MOST_REASONS

    def fail(self, code: str, at: str = "", expected: str = "", found: str = "") -> None:
        _add(self.failed, Reason(code, at, expected, found))

    def lack(self, code: str, at: str = "", expected: str = "", found: str = "") -> None:
        _add(self.lacking, Reason(code, at, expected, found))

    def note(self, code: str, at: str = "", expected: str = "", found: str = "") -> None:
        _add(self.notes, Reason(code, at, expected, found))

    def needs(self, name: str) -> None:
        """The check could not run to the end for want of `name`: another check, or a file."""
        reason = Reason("PREREQUISITE", expected=name)
        if reason not in self.lacking:
            _add(self.lacking, reason)

    @contextmanager
    def rule(self) -> Iterator[None]:
        """Turns an EvidenceError into this check's reason; what follows the `with` still runs."""
        try:
            yield
        except EvidenceError as error:
            if error.code in CANNOT:
                self.lack(error.code, error.at, error.expected, error.found)
            else:
                self.fail(error.code, error.at, error.expected, error.found)

    @contextmanager
    def subject(self) -> Iterator[None]:
        """The same, counting one more thing looked at."""
        self.subjects += 1
        with self.rule():
            yield

    def result(self) -> CheckResult:
        if self.failed:
            outcome = Outcome.FAILED
        elif self.lacking or self.subjects == 0:
            outcome = Outcome.NOT_RUN
        else:
            outcome = Outcome.PASSED
        if outcome is Outcome.NOT_RUN and not self.lacking:
            self.lack("NOTHING_TO_CHECK")
        return CheckResult(self.check, outcome, self.subjects, (*self.failed, *self.lacking, *self.notes))


def _add(reasons: list[Reason], reason: Reason) -> None:
    if len(reasons) < MOST_REASONS:
        reasons.append(reason)
    elif len(reasons) == MOST_REASONS:
        reasons.append(Reason("MORE_REASONS", found=f"> {MOST_REASONS}"))
