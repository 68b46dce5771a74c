"""From an intake folder to its records: by the rows of a table, or one record per sub-folder."""

from __future__ import annotations

from pathlib import Path

from api.carrier import Stated
from api.errors import CommandError, Exit
from api.intake.by_folders import by_folders
from api.intake.by_rows import by_rows
from api.intake.source import Scan
from api.intake.table import find_table, read_table


def scan(folder: Path, table: Path | None = None, stated: Stated = Stated()) -> Scan:  # noqa: B008 (frozen)
    """`stated`: what the files of records are of which neither row nor folder says it.

    Raises CommandError INTAKE_FOLDER, INTAKE_EMPTY, or one of reading the table."""
    if not folder.is_dir():
        raise CommandError(
            "INTAKE_FOLDER",
            f"{folder} 不是文件夹。请给出放有清单(records.tsv/.csv/.xlsx)或各记录子文件夹的目录。",
            f"{folder} is not a folder. Name the one that holds the table (records.tsv/.csv/.xlsx) "
            "or one sub-folder for each record.",
        )
    folder = folder.resolve()
    path = table or find_table(folder)
    found = by_rows(folder, read_table(path), stated) if path is not None else by_folders(folder, stated)
    if not found.records and not found.left_out:
        raise CommandError(
            "INTAKE_EMPTY",
            f"{folder} 中没有可接收的记录:没有清单,也没有子文件夹。",
            f"{folder} holds no record: neither a table with rows nor sub-folders.",
            Exit.DATA,
        )
    return Scan(tuple(found.records), tuple(found.faults), found.left_out)
