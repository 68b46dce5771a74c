"""Types of text that compare by their octets, on PostgreSQL too, whatever the database's own collation is."""

from __future__ import annotations

from sqlalchemy import String, Text

TEXT = Text().with_variant(Text(collation="C"), "postgresql")


def text_of(length: int) -> String:
    """At most so many characters, where the database counts them."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")
