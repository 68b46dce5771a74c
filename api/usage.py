"""A command used wrongly: the command-line library's own errors, said in our two languages."""

from __future__ import annotations

import re

import typer

from api.errors import CommandError, Exit

# The library raises no class of its own for it.
_UNKNOWN_COMMAND = re.compile(r"No such command '(?P<name>.*)'\.", re.DOTALL)


def usage_problem(error: Exception) -> CommandError | None:
    """The problem that a usage error of the command-line library stands for; None for any other error."""
    kinds = {kind.__name__ for kind in type(error).__mro__}
    if isinstance(error, typer.Abort):
        return CommandError("ABORTED", "已取消,没有改动。", "Cancelled; nothing was changed.", Exit.USAGE)
    # The library's error classes are private in some of its releases; their names are stable.
    if "ClickException" not in kinds:
        return None
    message = str(getattr(error, "format_message", lambda: str(error))())
    context = getattr(error, "ctx", None)
    path = getattr(context, "command_path", "archive-ledger")
    zh, en = f"用法:{path} --help", f"See: {path} --help"
    subject = _subject(error)
    if "NoArgsIsHelpError" in kinds or message == "Missing command.":
        return CommandError("USAGE_MISSING", f"没有写要做什么。{zh}", f"No command was given. {en}")
    if "MissingParameter" in kinds:
        return CommandError("USAGE_MISSING", f"缺少 {subject}。{zh}", f"{subject} is missing. {en}")
    if "NoSuchOption" in kinds:
        name = getattr(error, "option_name", "")
        near = " ".join(getattr(error, "possibilities", None) or ())
        hint_zh, hint_en = (f"相近的有:{near}。", f" Did you mean {near}?") if near else ("", "")
        return CommandError(
            "USAGE_OPTION", f"没有选项 {name}。{hint_zh}{zh}", f"No such option: {name}.{hint_en} {en}"
        )
    if "BadParameter" in kinds:
        return CommandError(
            "USAGE_VALUE",
            f"{subject} 的值不对:{getattr(error, 'message', message)}。{zh}",
            f"{subject} has a wrong value: {getattr(error, 'message', message)}. {en}",
        )
    unknown = _UNKNOWN_COMMAND.match(message)
    if unknown:
        name = unknown["name"]
        return CommandError("USAGE", f"没有“{name}”这个命令。{zh}", f"No such command: {name}. {en}")
    return CommandError("USAGE", f"命令用法不对:{message} {zh}", f"{message} {en}")


def _subject(error: Exception) -> str:
    hint = getattr(error, "param_hint", None)
    if hint:
        return hint if isinstance(hint, str) else " / ".join(hint)
    parameter = getattr(error, "param", None)
    names = getattr(parameter, "opts", None) or [getattr(parameter, "name", "") or ""]
    metavar = getattr(parameter, "metavar", None)
    if getattr(parameter, "param_type_name", "") == "argument":
        return str(metavar or names[0]).upper()
    return " / ".join(names)
