"""Texts that begin in a certain way, asked so that an index answers."""

from __future__ import annotations

from sqlalchemy import Column, ColumnElement, and_


def beginning_with(column: Column[str], text: str) -> ColumnElement[bool]:
    """`text` is not empty. No wildcard in it means anything."""
    return and_(column >= text, column < text[:-1] + chr(ord(text[-1]) + 1))
