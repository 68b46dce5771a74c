"""What a command says when it cannot go on, and the exit codes it ends with."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """The exit codes of every command; also printed by `archive-ledger --help`."""

    OK = 0
    DATA = 1
    USAGE = 2
    UNAVAILABLE = 3
    INTERRUPTED = 130


class CommandError(Exception):
    """Something a person must act on: what is wrong, the limit, the remedy, in Chinese and English.

    `code` is UPPER_SNAKE and stable: programs and tests read it, people read the texts.
    """

    def __init__(self, code: str, zh: str, en: str, exit: Exit = Exit.USAGE) -> None:
        super().__init__(code, zh, en)
        self.code = code
        self.zh = zh
        self.en = en
        self.exit = exit

    def __str__(self) -> str:
        return f"{self.code}: {self.en}"
