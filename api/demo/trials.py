"""After the network and the ledger have stopped: what holds, and what is caught."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

from api.demo.stage import Stage, heading, ledger, verify

CHANGED = "04_指界签字表.pdf"


def trials(stage: Stage) -> None:
    evidence, trust = str(stage.out / "case.evidence.json"), ("--trust", str(stage.out / "trust.json"))
    files = stage.out / "files"
    heading("断网核验:家里的一台电脑,一个核验文件", "offline: one computer, one evidence file")
    verify(evidence, str(files), *trust, expect=0, whole=True)

    heading(f"改动一个字节:{CHANGED}", f"one byte of {CHANGED} is changed")
    verify(evidence, str(_one_byte_changed(stage, files)), *trust, expect=1)

    heading("有人改了数据库副本里的一行", "somebody edits a row in a copy of the database")
    ledger(stage, "check", home=_edited_copy(stage), expect=1)

    heading("回访记录:已签名登记,尚未上链", "the follow-up record: signed, not yet anchored")
    pending = str(stage.out / "pending.evidence.json")
    verify(pending, str(stage.out / "pending-files"), *trust, expect=2)

    heading("没有核验基准", "without a trust root")
    verify(evidence, str(files), expect=3)


def _one_byte_changed(stage: Stage, files: Path) -> Path:
    changed = stage.out / "changed-files"
    shutil.rmtree(changed, ignore_errors=True)
    shutil.copytree(files, changed)
    target = changed / CHANGED
    data = bytearray(target.read_bytes())
    data[len(data) // 2] ^= 1
    target.write_bytes(data)
    return changed


def _edited_copy(stage: Stage) -> Path:
    """A copy of the ledger's folder, in which one entry's time has been moved."""
    copy = stage.work / "edited"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(stage.home / "ledger", copy / "ledger")
    database = sqlite3.connect(copy / "ledger" / "ledger.sqlite")
    with database:
        changed = database.execute(
            "UPDATE entry SET recorded_at = replace(recorded_at, '20', '19') "
            "WHERE idx = (SELECT max(idx) FROM entry)"
        ).rowcount
    database.close()
    if changed != 1:
        raise sqlite3.DatabaseError("no entry to edit")
    return copy
