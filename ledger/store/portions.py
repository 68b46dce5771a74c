"""Cutting long lists of bound parameters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

Value = TypeVar("Value")

# SQLite admits 32,766 parameters in a statement, PostgreSQL 65,535; longer ones gain nothing.
AT_ONCE = 500


def portions(values: Iterable[Value], at_once: int = AT_ONCE) -> Iterator[list[Value]]:
    """Lists of at most `at_once` values, in order."""
    rest = iter(values)
    while some := list(islice(rest, at_once)):
        yield some
