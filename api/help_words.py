"""What `--help` is made of, in the reader's language and never cut short."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from rich.style import Style
from rich.table import Table
from rich.text import Text
from typer import rich_utils

from api.language import text


class _FoldedText(Text):
    """Goes on in the next line where it is too long: Chinese has no blanks to break at, and would be cut."""

    @classmethod
    def from_markup(cls, text: str, *, style: str | Style = "", **_: Any) -> Text:
        return Text.from_markup(text, style=style, overflow="fold")


class _FoldedTable(Table):
    """The same for the names of options."""

    def add_row(self, *cells: Any, **options: Any) -> None:
        super().add_row(*cells, **options)
        for column in self.columns:
            column.overflow = "fold"


def translate_panels() -> None:
    rich_utils.ARGUMENTS_PANEL_TITLE = text("参数", "Arguments")
    rich_utils.OPTIONS_PANEL_TITLE = text("选项", "Options")
    rich_utils.COMMANDS_PANEL_TITLE = text("命令", "Commands")
    rich_utils.REQUIRED_LONG_STRING = text("[必填]", "[required]")
    rich_utils.DEFAULT_STRING = text("[默认:{}]", "[default: {}]")
    vars(rich_utils).update(Text=_FoldedText, Table=_FoldedTable)


def translate_help(command: Any) -> None:
    """How a command is used, its own `--help`, and of what kind its options are; and of those below it."""
    option = command.get_help_option(command.context_class(command))
    if option is not None:
        option.help = text("显示本说明", "Show this message and exit.")
    command.options_metavar = text("[选项]", "[OPTIONS]")
    command.get_usage = partial(_usage, command.get_usage)
    for one in (*command.params, *([option] if option is not None else ())):
        if one.param_type_name == "argument":
            # Its own name says what it is.
            one.display_type_rich = _nothing
        elif one.metavar is None:
            one.metavar = _kind(one)
    below = getattr(command, "commands", {})
    if below:
        command.subcommand_metavar = text("命令 [参数]...", "COMMAND [ARGS]...")
    for one in below.values():
        translate_help(one)


def _usage(usage: Callable[[Any], str], context: Any) -> str:
    return usage(context).replace("Usage: ", text("用法:", "Usage: "), 1)


def _nothing(*_: Any, **__: Any) -> None:
    return None


def _kind(option: Any) -> str:
    """A switch takes nothing."""
    kind = option.bare_type()
    if kind == "bool":
        return ""
    number = text("数字", "NUMBER")
    words = {"int": number, "float": number, "Path": text("路径", "PATH"), "list[Path]": text("路径", "PATH")}
    return words.get(kind, text("文字", "TEXT"))
