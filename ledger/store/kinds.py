"""The two kinds of transaction, as an option of the connection that begins one."""

from __future__ import annotations

from sqlalchemy import Connection

WRITE = "archive_write"
# How long a writer waits for another to finish.
WAIT_MS = 30_000


def is_writing(connection: Connection) -> bool:
    return bool(connection.get_execution_options().get(WRITE, False))
