"""The whole office by its command line, on the real network: from a folder to a file that proves it."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import pytest

from api.command import run
from tests.api.asking import PASSPHRASE, Ask
from tests.conftest import RunningNetwork
from tests.e2e.world import ORIGIN
from tests.people import ARCHIVE, TOWN, USUAL

NUMBER = "QC03-ZY·TD-021"
TAKING = ("--as", "王五", "--carrier", "electronic")
T = TypeVar("T")
FILES = {"01_合同.txt": "承包合同", "02_签字表.txt": "指界签字表"}


def records(folder: Path) -> Path:
    for number, title in ((NUMBER, "张三户"), ("QC03-ZY·TD-022", "李四户")):
        own = folder / f"{number}_{title}"
        own.mkdir(parents=True)
        for name, content in FILES.items():
            (own / name).write_text(f"{title}{content}", encoding="utf-8")
    return folder


USE = ("--as", "王五", "--purpose", "核对", "--basis", "own_record")


def verify(*arguments: object) -> int:
    command = [sys.executable, "-c", "import sys; from verifier.command import main; sys.exit(main())"]
    run = subprocess.run([*command, *map(str, arguments)], capture_output=True, timeout=600, check=False)
    assert b"Traceback" not in run.stderr
    return run.returncode


def test_from_a_folder_to_a_verdict(ask: Ask, tmp_path: Path) -> None:
    taken = ask("intake", records(tmp_path / "in"), *TAKING, "--late", "old_paper")
    assert (taken.exit, taken.document["records_taken"]) == (0, 2), taken.error
    out = tmp_path / "out"
    trust, evidence, files = out / "trust.json", out / "case.evidence.json", out / "files"
    root = ask("trust-root", "-o", trust)
    assert root.document["spoken"].replace("-", "").lower() == root.document["fingerprint"]

    pending = ask("evidence", NUMBER, "-o", evidence, "--files", files, *USE)
    assert (pending.document["batch"], pending.document["pending_included"]) == (None, True)
    assert verify(evidence, *files.iterdir(), "--trust", trust) == 2

    listed = ask("event", "list.freeze", NUMBER, "--as", "王五", "--field", "list_title=移交清单")
    assert listed.exit == 0, listed.error
    returned = ask(
        "event", "item.return", NUMBER, "--as", "赵六", "--reason", "page_count", "--answers", "last"
    )
    assert returned.exit == 0, returned.error
    new = tmp_path / "02_签字表.txt"
    new.write_text("补齐的指界签字表", encoding="utf-8")
    again = ask("event", "重报", NUMBER, "--as", "王五", "--file", new, "--keep",
                "--carrier", "电子", "--answers", "单件退回")  # fmt: skip
    assert again.document["files"] == list(FILES)
    assert ask("seal").document["sealed"]["batch"] == 1
    assert {step["state"] for step in ask("show", NUMBER).document["steps"]} == {"sealed"}
    anchored = ask("anchor")
    assert [one["batch"] for one in anchored.document["anchored"]] == [1]
    assert len(anchored.document["attested"]["organisations"]) == 4

    shown = ask("show", NUMBER).document
    assert [(s["event"], s["state"], s["version"]) for s in shown["steps"]] == [
        ("receive", "attested", None),
        ("access.download", "attested", None),
        ("list.freeze", "attested", None),
        ("item.return", "attested", None),
        ("resubmit", "attested", 2),
    ]
    assert [file["name"] for file in shown["files"]] == list(FILES)
    assert shown["handling"] == {"transfer": "arranging"}
    made = ask(
        "evidence",
        NUMBER,
        "-o",
        evidence,
        "--force",
        "--files",
        out / "now",
        *USE,
        "--withhold",
        "agent_duty",
    )
    # Five of this record; two for the key of each of the two who signed, and every appointment of theirs.
    appointments = len(USUAL[TOWN]) + len(USUAL[ARCHIVE])
    assert (made.exit, made.document["entries"]) == (0, 9 + appointments), made.error
    receipt = out / "receipt.txt"
    assert ask("receipt", again.document["statement"], "-o", receipt).exit == 0
    given = sorted((out / "now").iterdir())
    assert verify(evidence, *given, "--trust", trust, "--receipt", receipt) == 0
    assert verify(evidence, *given) == 3
    given[0].write_text("another", encoding="utf-8")
    assert verify(evidence, *given, "--trust", trust) == 1
    whole = ask("evidence", "--list", taken.document["lists"][0]["list"], "-o", out / "list.evidence.json")
    # The list's own entry, five of this record, one of the other on the list, and the keys' four.
    assert whole.document["entries"] == 11 + appointments
    assert set(made.document["records"]) < set(whole.document["records"])


def test_status_check_and_a_changed_row(ask: Ask, tmp_path: Path) -> None:
    ask("intake", records(tmp_path / "in"), *TAKING)
    ask("anchor")
    status = ask("status")
    assert status.exit == 0, status.error
    assert status.document["chain"] == {
        "reachable": True,
        "newest_batch": 1,
        "organisations": ["QingheTownship", "YunlingArchives", "YunlingAudit", "YunlingJustice"],
        "silent": [],
        "trouble_zh": None,
        "trouble_en": None,
    }
    assert status.document["counts"]["batches_by_state"]["attested"] == 2
    assert ask("check").document == {
        "agrees": True,
        "failed": 0,
        "not_checked": 0,
        "findings": [],
        "differences": [],
    }
    backup = ask("backup", tmp_path / "backup")
    assert backup.exit == 0, backup.error
    other = tmp_path / "other"
    assert ask("restore", tmp_path / "backup", "--home", other).exit == 0
    assert ask("check", "--home", other).document["agrees"]
    database = sqlite3.connect(other / "ledger" / "ledger.sqlite")
    with database:
        database.execute("UPDATE item SET record = ? WHERE number = 1", (record_of(ask),))
    database.close()
    found = ask("check", "--home", other)
    assert (found.exit, found.document["agrees"]) == (1, False)
    assert any(one["subject"] == "item" for one in found.document["findings"])
    kept = next(path for path in (other / "ledger" / "files").rglob("*") if path.is_file())
    kept.write_text("changed", encoding="utf-8")
    spoiled = ask("fixity", "--home", other)
    assert (spoiled.exit, [p["result"] for p in spoiled.document["problems"]]) == (1, ["changed"])


def record_of(ask: Ask) -> str:
    return str(ask("show", NUMBER).document["record"])


def test_a_restored_old_backup_is_told_that_the_chain_is_ahead(ask: Ask, tmp_path: Path) -> None:
    ask("backup", tmp_path / "backup")
    ask("intake", records(tmp_path / "in"), *TAKING)
    ask("anchor")
    assert ask("restore", tmp_path / "backup", "--home", tmp_path / "old").exit == 0
    found = ask("check", "--home", tmp_path / "old")
    assert found.exit == 1
    assert [one["code"] for one in found.document["findings"]] == ["CHAIN_AHEAD"]


def replica_options(network: RunningNetwork) -> list[object]:
    folders = sorted(network.home.glob("network/organisations/*/replica"))
    return [word for folder in folders for word in ("--replica", folder)]


# Files never were on the chain: those of the two records are named, and have not failed.
NO_FILES = ["FILE_NOT_RECOVERED"] * (2 * len(FILES))


def codes_of(checked: Mapping[str, Any]) -> tuple[int, list[str]]:
    return checked["failed"], [one["code"] for one in checked["findings"]]


def test_an_old_backup_recovers_what_it_lacks(ask: Ask, network_home: RunningNetwork, tmp_path: Path) -> None:
    ask("backup", tmp_path / "backup")
    ask("intake", records(tmp_path / "in"), *TAKING)
    ask("anchor")
    replicas, old = replica_options(network_home), ("--home", tmp_path / "old")
    assert ask("restore", tmp_path / "backup", *old).exit == 0
    assert ask("anchor", *old).code == "CHAIN_AHEAD"
    ahead = ask("recover", *replicas, "--dry-run", *old)
    assert [(one["batch"], len(one["copies"])) for one in ahead.document["missing"]] == [(1, 4)], ahead.error
    assert ask("check", *old).exit == 1
    done = ask("recover", *replicas, *old)
    # The back-up was stated by the service, whose key two registrars enrolled first; then came the intake.
    assert [(one["batch"], one["new"]) for one in done.document["recovered"]] == [(1, 4)], done.error
    assert codes_of(ask("check", *old).document) == (0, NO_FILES)
    assert ask("status", *old).document["counts"]["recovered_batches"] == 1
    assert ask("recover", *replicas, *old).document["recovered"] == []


def test_a_lost_ledger_is_begun_again(ask: Ask, network_home: RunningNetwork, tmp_path: Path) -> None:
    ask("intake", records(tmp_path / "in"), *TAKING)
    ask("anchor")
    record, trust = record_of(ask), tmp_path / "trust.json"
    ask("trust-root", "-o", trust)
    new = ("--home", tmp_path / "new", "--connection", network_home.connection)
    replicas = replica_options(network_home)
    assert ask("recover", *replicas, *new).code == "TRUST_NEEDED"
    done = ask("recover", *replicas, "--trust", trust, *new)
    assert [one["batch"] for one in done.document["recovered"]] == [1], done.error
    assert not done.document["receipts"]
    new_home = ("--home", tmp_path / "new")
    assert codes_of(ask("check", *new_home).document) == (0, ["RECEIPTS_LOST", *NO_FILES])
    evidence = tmp_path / "case.evidence.json"
    assert ask("evidence", record, "-o", evidence, "--home", tmp_path / "new").exit == 0
    files = sorted((tmp_path / "in" / f"{NUMBER}_张三户").iterdir())
    assert verify(evidence, *files, "--trust", trust) == 0
    looked = {
        one["name"]: one["state"] for one in ask("doctor", "--home", tmp_path / "new").document["checks"]
    }
    assert looked["ledger"] == "problem"
    assert ask("backup", tmp_path / "keyless", "--home", tmp_path / "new").exit == 0
    assert ask("restore", tmp_path / "keyless", "--home", tmp_path / "newer").exit == 0
    assert ask("show", record, "--home", tmp_path / "newer").exit == 0
    key = Path(os.environ["ARCHIVE_LEDGER_HOME"]) / "ledger" / "checkpoint.key"
    back = ask("recover", *replicas, "--checkpoint-key", key, "--home", tmp_path / "new")
    assert back.document["receipts"], back.error
    assert codes_of(ask("check", *new_home).document) == (0, NO_FILES)


def test_the_worker_anchors_beats_and_stops_when_told(ask: Ask, tmp_path: Path) -> None:
    home = os.environ["ARCHIVE_LEDGER_HOME"]
    command = [sys.executable, "-c", "from api.command import main; main()", "serve"]
    worker = subprocess.Popen(
        [*command, "--interval", "0.2", "--heartbeat", "5"],
        env=os.environ | {"ARCHIVE_LEDGER_HOME": home, "ARCHIVE_LEDGER_PASSPHRASE": PASSPHRASE},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        ask("intake", records(tmp_path / "in"), *TAKING)
        steps = wait_for(lambda: ask("show", NUMBER).document["steps"], lambda s: s[0]["state"] == "attested")
        assert steps[0]["batch"] == 1
        beaten = wait_for(lambda: ask("status").document, lambda s: s["counts"]["last_attested_batch"] >= 2)
        assert beaten["worker"]["alive"]
        assert {run["job"]: run["error"] for run in beaten["worker"]["runs"]} == dict.fromkeys(
            ("seal", "anchor", "attest", "attest_rest", "heartbeat", "fixity", "alerts", "overdue"), ""
        )
        second = ask("serve")
        assert (second.exit, second.code) == (3, "LOCK_HELD")
        assert f"进程 {worker.pid}" in second.document["error"]["zh"]
    finally:
        worker.send_signal(signal.SIGTERM)
        _, said = worker.communicate(timeout=600)
    assert worker.returncode == 0, said
    stopped = json.loads((Path(home) / "worker" / "state.json").read_text(encoding="utf-8"))
    assert stopped["stopped"]
    assert not ask("status").document["worker"]["alive"]


def wait_for(look: Callable[[], T], enough: Callable[[T], bool], seconds: float = 300) -> T:
    deadline = time.monotonic() + seconds
    while not enough(found := look()):
        assert time.monotonic() < deadline, found
        time.sleep(0.5)
    return found


def test_organisations_are_called_by_their_names(
    ask: Ask, network_home: RunningNetwork, capsys: pytest.CaptureFixture[str]
) -> None:
    again = ["init", "--origin", ORIGIN, "--connection", str(network_home.connection)]
    for language, town, kind, between in (
        ("zh", "青禾镇人民政府", "青禾镇人民政府(乡镇)", "、"),
        ("en", "Qinghe Township Government", " (township)", ", "),
    ):
        capsys.readouterr()
        assert run([*again, "--lang", language]) == 0
        made = capsys.readouterr().out
        assert town in made
        assert kind in made
        assert run(["status", "--lang", language]) == 0
        said = capsys.readouterr().out
        assert town in said
        assert said.count(between) >= 3
        for ids in (made, said):
            assert "YunlingAudit" not in ids
