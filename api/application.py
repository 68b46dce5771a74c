"""All commands under one program, built anew for the language of this run.

Only the command that is asked for is loaded: loading them all takes a second. Help, and a name that is no
command's, need them all.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any

import typer
from typer.main import get_command

from api.conventions import HOME_VARIABLE, add_common_options
from api.help_words import translate_help, translate_panels
from api.language import text

# Module (in `api`, its name ending in _command) → the commands that it adds, in the order of the help.
COMMANDS = {
    "init": ("init",),
    "doctor": ("doctor",),
    "enrol": ("enrol",),
    "people": ("people",),
    "intake": ("intake",),
    "list": ("list",),
    "show": ("show",),
    "units": ("units",),
    "work": ("work", "repairs", "volumes", "originals"),
    "event": ("event", "events"),
    "open": ("open",),
    "evidence": ("evidence", "receipt", "trust-root"),
    "status": ("status",),
    "check": ("check", "fixity"),
    "backup": ("backup", "restore"),
    "drill": ("drill", "backups"),
    "recover": ("recover",),
    "serve": ("serve",),
    "seal": ("seal", "anchor"),
    "set_aside": ("set-aside",),
    "refused": ("refused",),
}
# Group of commands → the module and the function that make it.
GROUPS = {
    "network": ("network", "network_commands"),
    "ca": ("fabric_ca", "ca_commands"),
    "key": ("key", "key_commands"),
    "duty": ("duty", "duty_commands"),
    "transfer": ("transfer", "transfer_commands"),
    "loan": ("loan", "loan_commands"),
    "destroy": ("destroy", "destroy_commands"),
    "audit": ("audit", "audit_commands"),
    "alerts": ("alert", "alert_commands"),
}


def build(arguments: Sequence[str] = ()) -> Callable[..., Any]:
    """The program as a callable that takes `args`, `prog_name`, `standalone_mode`: with the one command that
    `arguments` ask for, or with all.
    """
    asked = _asked(arguments)
    translate_panels()
    app = typer.Typer(
        help=text(
            "档案存证链:接收、移交、修复、利用,每一步都由本人签名,成批上链固定,一份核验文件即可离线核对。",
            "Archive Ledger: every act signed by its person, sealed in batches, anchored on the chain; "
            "one evidence file proves it offline.",
        ),
        epilog=text(
            "退出码:0 完成;1 数据有问题;2 用法不对;3 所需的网络、总账或环境不可用;130 被中断。"
            f"数据目录:--home 或 {HOME_VARIABLE},默认 .archive-ledger。",
            "Exit codes: 0 done; 1 something in the data is not right; 2 wrong usage; 3 the network, ledger "
            f"or machine lacks something; 130 interrupted. Data folder: --home or {HOME_VARIABLE}.",
        ),
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
    )
    add_common_options(app)
    for module, names in COMMANDS.items():
        if asked is None or asked in names:
            _load(module).add_to(app)
    for name, (module, function) in GROUPS.items():
        if asked is None or asked == name:
            group = getattr(_load(module), function)()
            add_common_options(group)
            app.add_typer(group, name=name)
    command = get_command(app)
    translate_help(command)
    return command


def _load(module: str) -> Any:
    return importlib.import_module(f"api.{module}_command")


def _asked(arguments: Sequence[str]) -> str | None:
    """The command's name, which stands after the common options; None if there is none of that name."""
    words = iter(arguments)
    for word in words:
        if word in ("--home", "--lang"):
            next(words, None)
        elif word != "--json" and not word.startswith(("--home=", "--lang=")):
            return word if word in GROUPS or any(word in names for names in COMMANDS.values()) else None
    return None
