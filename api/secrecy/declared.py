"""The declared grade, asked before any file is opened."""

from __future__ import annotations

import sys
from typing import Annotated, TypeAlias

import typer

from api.conventions import Call
from api.errors import CommandError, Exit
from api.language import text
from ledger.secrecy import declared

Grade: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--grade",
        metavar=text("密级", "GRADE"),
        help=text(
            "密级声明:不涉密(none);不写则在终端询问,否则签名即声明不涉密",
            "declared grade: none; asked at a terminal, else whoever signs declares that there is none",
        ),
    ),
]
NONE = frozenset(["none", "无", "否", "不涉密", "非密", "no", "n"])


def declared_grade(call: Call, grade: str | None) -> str | None:
    """`secret_declared` if what is to be taken in is declared secret; None if it is not.

    Raises CommandError GRADE_VALUE.
    """
    if grade is None:
        if call.out.as_json or not sys.stdin.isatty():
            return None
        grade = input(
            text(
                "其中有无绝密、机密、秘密或工作秘密?没有请输入 无:",
                "Is any of it top secret, secret, confidential or a work secret? If not, type none: ",
            )
        )
    said = grade.strip().lower()
    if said in NONE:
        return None
    if declared(said):
        return "secret_declared"
    raise CommandError(
        "GRADE_VALUE",
        f"密级声明“{grade.strip()[:20]}”不认识。不涉密的写“不涉密”;绝密、机密、秘密、工作秘密不得接收。",
        f"The declared grade '{grade.strip()[:20]}' is unknown. Write none; what is top secret, secret, "
        "confidential or a work secret is never taken in.",
    )


def refused_as_declared() -> CommandError:
    return CommandError(
        "GRADE_SECRET",
        "声明有密级,不予接收:没有打开任何文件,没有存放。请按保密规定处置,不要放在本机。",
        "Declared as secret and refused: no file was opened, nothing is kept. "
        "Handle it by the secrecy rules.",
        Exit.DATA,
    )
