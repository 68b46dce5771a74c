"""A request whose form is wrong: everything that is wrong with it, at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from api.http.problem import Problem
from verifier.errors import found_text
from verifier.report import Reason


def problem_of_validation(errors: Sequence[Any]) -> Problem:
    """`errors`: as pydantic lists them. Where a value cannot be sent it is described, not repeated."""
    return Problem(422, "REQUEST_INVALID", tuple(_reason(error) for error in errors))


def _reason(error: Any) -> Reason:
    at = ".".join(str(part) for part in error.get("loc", ()))
    given = error.get("input")
    found = found_text(given) if isinstance(given, str | int | float | bool) else type(given).__name__
    return Reason("REQUEST_INVALID", at, str(error.get("msg", "")), found_text(found, 80))
