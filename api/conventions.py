"""What all commands have in common: `--home`, `--lang`, `--json`, and the call they are given."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, wraps
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from api.language import text
from api.named_subjects import names_here
from api.output import Output
from verifier.errors import CallerError, EvidenceError

# Shared with the network's own commands, which read the same variable.
HOME_VARIABLE = "ARCHIVE_LEDGER_HOME"
DEFAULT_HOME = Path(".archive-ledger")


@dataclass(frozen=True)
class Call:
    """What a command is given beside its own options: the data folder, and where its words go."""

    home: Path
    out: Output


def _common() -> dict[str, tuple[Any, Any]]:
    """The three options: parameter name → (annotation, default)."""
    home = typer.Option(
        "--home",
        metavar=text("目录", "DIR"),
        help=text(
            f"数据目录(默认取环境变量 {HOME_VARIABLE},再默认 {DEFAULT_HOME})",
            f"the data folder (default: {HOME_VARIABLE}, else {DEFAULT_HOME})",
        ),
    )
    lang = typer.Option("--lang", metavar="zh|en", help=text("输出语言", "language of the output"))
    as_json = typer.Option(
        "--json", help=text("输出一份 JSON,供程序读取", "print one JSON document, for programs")
    )
    return {
        "common_home": (Annotated[Path | None, home], None),
        "common_lang": (Annotated[str | None, lang], None),
        "common_json": (Annotated[bool, as_json], False),
    }


def _shape(run: Callable[..., None], own: list[inspect.Parameter]) -> None:
    """Gives `run` the signature that the command line is made from: its own options, then the common ones."""
    keyword = inspect.Parameter.KEYWORD_ONLY
    context = inspect.Parameter("context", keyword, annotation=typer.Context)
    common = [
        inspect.Parameter(name, keyword, default=default, annotation=kind)
        for name, (kind, default) in _common().items()
    ]
    parameters = [context, *(one.replace(kind=keyword) for one in own), *common]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # functions may bear one
    run.__annotations__ = {one.name: one.annotation for one in parameters}


def add_common_options(app: typer.Typer) -> None:
    """Accepts the common options before the command's name as well."""

    def before(
        *, context: typer.Context, common_home: Path | None, common_lang: str | None, common_json: bool
    ) -> None:
        home, as_json = context.obj or (None, False)
        context.obj = (common_home or home, common_json or as_json)

    _shape(before, [])
    app.callback()(before)


def add_command(app: typer.Typer, name: str, function: Callable[..., None], zh: str, en: str) -> None:
    """Adds `function(call, …)` as a command.

    `--lang` itself is obeyed before any command is built (api/command.py), as help texts depend on it.
    """
    hints = get_type_hints(function, include_extras=True)
    own = [p.replace(annotation=hints[p.name]) for p in inspect.signature(function).parameters.values()][1:]

    @wraps(function)
    def run(
        *,
        context: typer.Context,
        common_home: Path | None,
        common_lang: str | None,
        common_json: bool,
        **options: Any,
    ) -> None:
        before: tuple[Path | None, bool] = context.obj or (None, False)
        home = common_home or before[0] or Path(os.environ.get(HOME_VARIABLE) or DEFAULT_HOME)
        try:
            function(Call(home.expanduser(), Output(common_json or before[1])), **options)
        except BrokenPipeError:
            # Whoever read our output has gone (`| head`): nothing is left to say, and nowhere to say it.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except (CallerError, EvidenceError) as error:
            from api.failure import problem_of

            # Here alone it is known whose ledger can say who is meant by a uuid. Where the store itself or
            # the network failed it is not asked again.
            raise problem_of(error, partial(names_here, home.expanduser())) or error from error

    del run.__wrapped__
    _shape(run, own)
    app.command(name, help=text(zh, en))(run)
