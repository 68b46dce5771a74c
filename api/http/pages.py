"""Paging: an answer's `next` asks for what follows it. What stands in it is the service's own affair."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from fastapi import Query

from api.http.problem import refuse
from verifier.canonical import base64url_bytes, base64url_text
from verifier.errors import EvidenceError

PAGE = 200
Limit: TypeAlias = Annotated[int, Query(ge=1, le=PAGE, description="At most so many.")]
Cursor: TypeAlias = Annotated[
    str | None, Query(alias="cursor", max_length=200, description="`next` of the page before.")
]


def cursor_of(kind: str, *parts: object) -> str:
    return base64url_text("\n".join((kind, *map(str, parts))).encode())


def read_cursor(text: str, kind: str, parts: int) -> list[str]:
    """Raises ProblemError CURSOR_FORM."""
    try:
        said = base64url_bytes(text, "cursor").decode("ascii").split("\n")
    except (EvidenceError, UnicodeDecodeError):
        said = []
    if len(said) != parts + 1 or said[0] != kind:
        raise refuse("CURSOR_FORM", "cursor", "`next` of a page of these", text[:80])
    return said[1:]


def number(text: str) -> int:
    """Raises ProblemError CURSOR_FORM."""
    if not (text.isascii() and text.isdigit()) or len(text) > 16:
        raise refuse("CURSOR_FORM", "cursor", "`next` of a page of these", text[:80])
    return int(text)


def after_of(cursor: str | None, kind: str) -> tuple[int, int] | None:
    """The act (statement id, item number) after which a page begins. Raises ProblemError CURSOR_FORM."""
    if cursor is None:
        return None
    key, item = read_cursor(cursor, kind, 2)
    return number(key), number(item) - 1


def cursor_after(kind: str, after: tuple[int, int] | None) -> str | None:
    # An act that is no item's has the number -1.
    return cursor_of(kind, after[0], after[1] + 1) if after is not None else None
