"""All commands under one program, built anew for the language of this run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import typer
from typer import rich_utils
from typer.main import get_command

from api.conventions import HOME_VARIABLE, add_common_options
from api.language import text


def build() -> Callable[..., Any]:
    """The program as a callable that takes `args`, `prog_name`, `standalone_mode`."""
    from api import (
        alert_command,
        audit_command,
        backup_command,
        check_command,
        doctor_command,
        drill_command,
        duty_command,
        enrol_command,
        event_command,
        evidence_command,
        fabric_ca_command,
        init_command,
        intake_command,
        key_command,
        list_command,
        loan_command,
        network_command,
        open_command,
        people_command,
        recover_command,
        refused_command,
        seal_command,
        serve_command,
        set_aside_command,
        show_command,
        status_command,
        transfer_command,
        units_command,
        work_command,
    )

    _translate_panels()
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
    for module in (
        init_command,
        doctor_command,
        enrol_command,
        people_command,
        intake_command,
        list_command,
        show_command,
        units_command,
        work_command,
        event_command,
        open_command,
        evidence_command,
        status_command,
        check_command,
        backup_command,
        drill_command,
        recover_command,
        serve_command,
        seal_command,
        set_aside_command,
        refused_command,
    ):
        module.add_to(app)
    network = network_command.network_commands()
    add_common_options(network)
    app.add_typer(network, name="network")
    authority = fabric_ca_command.ca_commands()
    add_common_options(authority)
    app.add_typer(authority, name="ca")
    groups = (
        ("key", key_command.key_commands()),
        ("duty", duty_command.duty_commands()),
        ("transfer", transfer_command.transfer_commands()),
        ("loan", loan_command.loan_commands()),
        ("audit", audit_command.audit_commands()),
        ("alerts", alert_command.alert_commands()),
    )
    for name, group in groups:
        add_common_options(group)
        app.add_typer(group, name=name)
    command = get_command(app)
    _translate_help(command)
    return command


def _translate_help(command: Any) -> None:
    """The help text of `--help` itself, of this command and of those below it."""
    option = command.get_help_option(command.context_class(command))
    if option is not None:
        option.help = text("显示本说明", "Show this message and exit.")
    for below in getattr(command, "commands", {}).values():
        _translate_help(below)


def _translate_panels() -> None:
    rich_utils.ARGUMENTS_PANEL_TITLE = text("参数", "Arguments")
    rich_utils.OPTIONS_PANEL_TITLE = text("选项", "Options")
    rich_utils.COMMANDS_PANEL_TITLE = text("命令", "Commands")
    rich_utils.REQUIRED_LONG_STRING = text("[必填]", "[required]")
    rich_utils.DEFAULT_STRING = text("[默认:{}]", "[default: {}]")
