"""What all commands have in common: `--home`, `--lang`, `--json`, and the call they are given."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from api.language import text
from api.output import Output

# Shared with the network's own commands, which read the same variable.
HOME_VARIABLE = "ARCHIVE_LEDGER_HOME"
DEFAULT_HOME = Path(".archive-ledger")


@dataclass(frozen=True)
class Call:
    """What a command is given beside its own options: the data folder, and where its words go."""

    home: Path
    out: Output


def _common() -> list[inspect.Parameter]:
    home = typer.Option(
        "--home",
        envvar=HOME_VARIABLE,
        metavar=text("目录", "DIR"),
        show_envvar=False,
        help=text(
            f"数据目录(默认取环境变量 {HOME_VARIABLE},再默认 {DEFAULT_HOME})",
            f"the data folder (default: {HOME_VARIABLE}, else {DEFAULT_HOME})",
        ),
    )
    lang = typer.Option("--lang", metavar="zh|en", help=text("输出语言", "language of the output"))
    as_json = typer.Option(
        "--json", help=text("输出一份 JSON,供程序读取", "print one JSON document, for programs")
    )
    kinds: list[tuple[str, Any, Any]] = [
        ("common_home", Annotated[Path | None, home], None),
        ("common_lang", Annotated[str | None, lang], None),
        ("common_json", Annotated[bool, as_json], False),
    ]
    return [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
        for name, kind, default in kinds
    ]


def add_command(
    app: typer.Typer, name: str, function: Callable[..., None], zh: str, en: str, *, hidden: bool = False
) -> None:
    """Adds `function(call, …)` as a command: its own options, then the common ones.

    `--lang` itself is obeyed before any command is built (api/command.py), as help texts depend on it.
    """
    hints = get_type_hints(function, include_extras=True)
    own = [p.replace(annotation=hints[p.name]) for p in inspect.signature(function).parameters.values()][1:]

    @wraps(function)
    def run(*, common_home: Path | None, common_lang: str | None, common_json: bool, **options: Any) -> None:
        function(Call(home=(common_home or DEFAULT_HOME).expanduser(), out=Output(common_json)), **options)

    parameters = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own] + _common()
    del run.__wrapped__
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in parameters}
    app.command(name, help=text(zh, en), hidden=hidden, no_args_is_help=False)(run)
