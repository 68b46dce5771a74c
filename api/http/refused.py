"""Whoever is refused is on record: the one place that says which refusals are stated, and how many of them.

A refusal is about *who* asks: nobody signed in, a right that is missing, a key that is revoked, a signature
or a certificate that is somebody else's, too many tries. What is badly written, too large or not there is
none: it is told, counted and in the log of requests. A statement that was well signed and broke a rule of the
ledger stands in the ledger's own list (`archive-ledger refused`).

Nobody can fill the ledger by knocking: so many are stated of one person or address, and of all strangers
together, in five minutes; that it came to this is stated once, and with the next refusal how many were not.
"""

from __future__ import annotations

from dataclasses import dataclass

from api.http.problem import Problem
from api.http.service import Service
from api.http.states import DENIED, state_denied

_WHILE = 300.0
_STRANGERS = ("strangers", "all")
_WHO = frozenset([401, 403, 429])
# Of a sign-in, what cannot be read is refused as well.
_SIGN_IN = _WHO | {400, 422}


@dataclass(frozen=True)
class Attempt:
    """`agent`: whoever is signed in; `named`: who it may be, by a session that has ended or a certificate;
    `credential`: whether anything was shown at all."""

    operation: str
    address: str
    agent: str = ""
    named: str = ""
    credential: bool = True


def is_refusal(problem: Problem, operation: str) -> bool:
    if problem.status in (_SIGN_IN if operation == "sign_in" else _WHO):
        return True
    return problem.status < 500 and any(reason.code in DENIED for reason in problem.wrong)


def record(service: Service, problem: Problem, attempt: Attempt) -> float:
    """States it, and says 0; or counts it, and says after how many seconds the next is stated.

    Raises what `accept` raises: what cannot be recorded is not answered as if it were.
    """
    limits, rates = service.limits, service.rates
    bucket, most = _bucket(service, attempt)
    wait = rates.wait(*bucket, most, _WHILE)
    codes = _codes(problem)
    if wait:
        if not attempt.credential or rates.wait("locked", bucket[1], 1, _WHILE):
            return wait
        # That it came to this: once in the while.
        codes = ["TOO_MANY"]
    if not attempt.agent:
        all_wait = rates.wait(*_STRANGERS, limits.strangers, _WHILE)
        if all_wait:
            return max(wait, all_wait)
    unstated = 0 if wait else rates.take_beyond(*bucket)
    unstated += 0 if attempt.agent else rates.take_beyond(*_STRANGERS)
    more = f"; {unstated} not stated before" if unstated else ""
    who = attempt.agent or attempt.named or None
    told = f"{' '.join(codes)} {attempt.operation}{more}"
    state_denied(service, codes[0], who, attempt.address, told)
    return wait


def _bucket(service: Service, attempt: Attempt) -> tuple[tuple[str, str], int]:
    """Under which name it is counted, and how many of these are stated."""
    limits = service.limits
    if attempt.agent:
        return ("denied", attempt.agent), limits.denials
    if attempt.credential:
        return ("refused", attempt.address), limits.refusals
    return ("knock", attempt.address), limits.knocks


def _codes(problem: Problem) -> list[str]:
    """Of all that is wrong, or of the whole where nothing is named."""
    return list(dict.fromkeys(reason.code for reason in problem.wrong)) or [problem.code]
