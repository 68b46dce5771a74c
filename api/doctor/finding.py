"""The result of one check, with the remedy where there is a problem."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from api.failure import problem_of


class State(Enum):
    """A check that could not be made is neither good nor bad."""

    OK = "ok"
    PROBLEM = "problem"
    COULD_NOT_CHECK = "could not check"


STATE_WORDS = {
    State.OK: ("正常", "ok"),
    State.PROBLEM: ("有问题", "problem"),
    State.COULD_NOT_CHECK: ("无法检查", "could not check"),
}


@dataclass(frozen=True)
class Finding:
    """`name` is stable and for programs; `found` says what is so, `remedy` what to do; each (zh, en)."""

    name: str
    label: tuple[str, str]
    state: State
    found: tuple[str, str]
    remedy: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class Check:
    """One check: `look` answers (state, found, remedy)."""

    name: str
    label: tuple[str, str]
    look: Callable[[], tuple[State, tuple[str, str], tuple[str, str]]]

    def made(self) -> Finding:
        """The finding; what goes wrong while looking is a check that could not be made."""
        try:
            state, found, remedy = self.look()
        except Exception as error:
            problem = problem_of(error)
            if problem is None:
                raise
            first = problem.zh.partition("\n")[0], problem.en.partition("\n")[0]
            return Finding(self.name, self.label, State.COULD_NOT_CHECK, first)
        return Finding(self.name, self.label, state, found, remedy)


Seen = tuple[State, tuple[str, str], tuple[str, str]]
NO_REMEDY = ("", "")


def ok(zh: str, en: str) -> Seen:
    return State.OK, (zh, en), NO_REMEDY


def problem(found: tuple[str, str], remedy: tuple[str, str]) -> Seen:
    return State.PROBLEM, found, remedy


def could_not_check(zh: str, en: str, remedy: tuple[str, str] = NO_REMEDY) -> Seen:
    return State.COULD_NOT_CHECK, (zh, en), remedy
