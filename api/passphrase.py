"""The passphrase of a person's key: from a file, the environment, or asked at the terminal."""

from __future__ import annotations

import getpass
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from api.errors import CommandError, Exit
from api.facts import in_chinese
from api.language import text

VARIABLE = "ARCHIVE_LEDGER_PASSPHRASE"

PassphraseFile = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file",
        metavar=text("文件", "FILE"),
        help=text(
            f"从文件第一行读取口令(也可用环境变量 {VARIABLE};都没有就在终端询问)",
            f"read the passphrase from the file's first line (or set {VARIABLE}; else it is asked)",
        ),
    ),
]


def passphrase(file: Path | None, *, new: bool = False, whose: str = "") -> bytes:
    """The passphrase's octets; a `new` one is asked twice.

    Raises CommandError PASSPHRASE_FILE, PASSPHRASE_NONE, PASSPHRASE_DIFFERS.
    """
    if file is not None:
        return _from_file(file)
    given = os.environ.get(VARIABLE)
    if given:
        return given.encode()
    if not sys.stdin.isatty():
        raise CommandError(
            "PASSPHRASE_NONE",
            f"需要密钥口令,而这里不是终端,不能询问。请用 --passphrase-file 文件 或环境变量 {VARIABLE}。",
            f"The key's passphrase is needed and this is no terminal to ask it at. "
            f"Use --passphrase-file FILE or the variable {VARIABLE}.",
        )
    words = text(f"{whose}密钥口令:", f"Passphrase of the key {whose}: ")
    first = getpass.getpass(words)
    if new and getpass.getpass(text("再输入一次:", "Once more: ")) != first:
        raise CommandError(
            "PASSPHRASE_DIFFERS",
            "两次输入的口令不同,没有建立密钥。请重新执行。",
            "The two passphrases differ; no key was made. Run the command again.",
        )
    return first.encode()


def _from_file(file: Path) -> bytes:
    try:
        lines = file.read_bytes().splitlines()
    except OSError as error:
        raise CommandError(
            "PASSPHRASE_FILE",
            f"口令文件 {file} 读不出:{in_chinese(error.strerror or str(error))}。请检查路径和权限。",
            f"The passphrase file {file} cannot be read: {error.strerror}. Check its path and permissions.",
            Exit.UNAVAILABLE,
        ) from None
    if not lines or not lines[0]:
        raise CommandError(
            "PASSPHRASE_FILE",
            f"口令文件 {file} 的第一行是空的。请把口令写在第一行。",
            f"The first line of the passphrase file {file} is empty. Write the passphrase there.",
        )
    return lines[0]
