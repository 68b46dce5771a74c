"""The organisations' replica folders: those that are named, or those in the data folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from api.conventions import Call
from api.errors import CommandError
from api.language import text

Replicas = Annotated[
    list[Path] | None,
    typer.Option(
        "--replica",
        metavar=text("目录", "DIR"),
        help=text(
            "机构的副本目录,可写多次(默认:数据目录内各机构的 replica)",
            "an organisation's replica folder, repeatable (default: those in the data folder)",
        ),
    ),
]


def replica_folders(call: Call, given: Sequence[Path] | None) -> list[Path]:
    """None at all where nothing is given and none lies here. Raises CommandError REPLICA_ABSENT."""
    found = list(given or sorted(call.home.glob("network/organisations/*/replica")))
    absent = [str(folder) for folder in found if not folder.is_dir()]
    if absent:
        raise _absent("、".join(absent))
    return found


def needed_replicas(call: Call, given: Sequence[Path] | None) -> list[Path]:
    """The same, at least one. Raises CommandError REPLICA_ABSENT."""
    found = replica_folders(call, given)
    if not found:
        raise _absent(str(call.home / "network" / "organisations"))
    return found


def _absent(named: str) -> CommandError:
    return CommandError(
        "REPLICA_ABSENT",
        f"找不到副本目录:{named}。请用 --replica 指出各机构交来的副本目录。",
        f"No replica there: {named}. Name the folders that the organisations handed over with --replica.",
    )
