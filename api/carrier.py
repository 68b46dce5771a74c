"""On what a record stands and what its files are to it: stated by whoever signs, never assumed in silence."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Annotated

import typer

from api.codes import CARRIERS, COPIES, read_code
from api.conventions import Call
from api.errors import CommandError
from api.language import text

Carrier = Annotated[
    str | None,
    typer.Option(
        "--carrier",
        metavar=text("纸质|电子|双套", "paper|electronic|both"),
        help=text("档案的载体(放入文件时必须写明)", "on what the record stands (asked for with files)"),
    ),
]
Copy = Annotated[
    str | None,
    typer.Option(
        "--copy",
        metavar=text("原件|扫描件|增强件|复制件", "original|scan|enhanced|copy"),
        help=text(
            "文件是什么(默认:电子载体为原件,纸质、双套为扫描件)",
            "what the files are (default: original if electronic, else scan)",
        ),
    ),
]

# What is asked at a terminal.
_CHOICES = (
    ("paper", "纸质:文件是纸质原件的扫描件", "paper: the files are scans of paper originals"),
    ("electronic", "电子:原生电子文件,没有纸质原件", "electronic: born digital, no paper original"),
    ("both", "双套:文件是扫描件,纸质原件一并保管", "both: the files are scans, the paper is kept as well"),
)


@dataclass(frozen=True)
class Stated:
    """What was stated for everything of one call, where nothing nearer says it; codes, or None."""

    carrier: str | None = None
    copy: str | None = None

    def copy_of(self, carrier: str) -> str:
        """Which copy the files of a record on this carrier are: as stated, else by the carrier alone."""
        return self.copy or ("original" if carrier == "electronic" else "scan")


def read_stated(carrier: str | None, copy: str | None) -> Stated:
    """Raises CommandError USAGE_VALUE, COPY_OF_PAPER."""
    return possible(
        Stated(
            read_code("--carrier", carrier, CARRIERS) if carrier is not None else None,
            read_code("--copy", copy, COPIES) if copy is not None else None,
        )
    )


def possible(stated: Stated) -> Stated:
    """`stated` itself. Raises CommandError COPY_OF_PAPER."""
    if stated.carrier is not None and impossible(stated.carrier, stated.copy_of(stated.carrier)):
        raise CommandError(
            "COPY_OF_PAPER",
            "载体为纸质的,计算机文件不会是原件。--copy 请写 扫描件、增强件 或 复制件;"
            "文件本身就是原件的,载体写 电子 或 双套。",
            "Of a record on paper no computer file is the original. Give --copy scan, enhanced or copy; "
            "if the file is the original, the carrier is electronic or both.",
        )
    return stated


def impossible(carrier: str, copy: str) -> bool:
    return (carrier, copy) == ("paper", "original")


def asked_or_refused(call: Call, stated: Stated, zh: str, en: str) -> Stated:
    """`stated` with the carrier, asked at a terminal. `zh`, `en`: which files.

    Raises CommandError CARRIER_UNSTATED where nobody can be asked, COPY_OF_PAPER.
    """
    if call.out.as_json or not sys.stdin.isatty():
        raise CommandError(
            "CARRIER_UNSTATED",
            f"{zh}没有写明是扫描件还是原生电子文件,这只能由签名人认定;没有登记。"
            "请加 --carrier 纸质(文件是扫描件)、--carrier 电子(原生电子文件)"
            "或 --carrier 双套(扫描件,另有纸质);情形特殊的再加 --copy 原件|扫描件|增强件|复制件。",
            f"Of {en} it is not stated whether they are scans or born digital, which only the signer can "
            "say; nothing was recorded. Add --carrier paper (the files are scans), electronic (born digital) "
            "or both (scans, with the paper); where that does not fit, also "
            "--copy original|scan|enhanced|copy.",
        )
    call.out.say(f"{zh}没有写明是什么。请选:", f"Of {en} it is not stated what they are. Choose:")
    for number, (_, words_zh, words_en) in enumerate(_CHOICES, 1):
        call.out.say(f"  {number}  {words_zh}", f"  {number}  {words_en}")
    answer = input(text("1、2 或 3,其他取消:", "1, 2 or 3, anything else cancels: ")).strip()
    chosen = {str(number): carrier for number, (carrier, *_) in enumerate(_CHOICES, 1)}.get(answer)
    if chosen is None:
        raise CommandError("ABORTED", "已取消,没有改动。", "Cancelled; nothing was changed.")
    return possible(Stated(chosen, stated.copy))


def words(carrier: str, copy: str) -> tuple[str, str]:
    """`纸质、扫描件`."""
    zh = f"载体{CARRIERS[carrier].zh}、文件为{COPIES[copy].zh}"
    return zh, f"carrier {CARRIERS[carrier].en}, files: {COPIES[copy].en}"
