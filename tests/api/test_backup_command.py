"""What `backup`, `restore` and `network up` say of a network that is left out, elsewhere, or gone."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from api.command import run
from api.errors import Exit
from ledger.fabric.connection import read_connection
from network.errors import NetworkError
from network.layout import layout
from tests.api.conftest import Office


def test_everything_in_the_data_folder_is_held_and_in_the_manifest(office: Office, tmp_path: Path) -> None:
    (office.home / "consortium.yaml").write_bytes((office.home / "network" / "consortium.yaml").read_bytes())
    taken = office.ask("intake", folder_of_one(tmp_path), "--as", "王五", "--carrier", "electronic")
    assert taken.document["records_taken"] == 1
    kept = office.ask("backup", tmp_path / "kept")
    assert (kept.exit, kept.document["network"], kept.document["paused"]) == (Exit.OK, "held", 0)
    manifest = json.loads((tmp_path / "kept" / "manifest.json").read_bytes())
    listed = {file["path"] for file in manifest["files"]}
    found = {str(p.relative_to(tmp_path / "kept")) for p in (tmp_path / "kept").rglob("*") if p.is_file()}
    assert found - {"manifest.json"} == listed
    for path in ("consortium.yaml", "intake/journal.sqlite", "network/network.json", "ledger/ledger.sqlite"):
        assert path in listed
    again = tmp_path / "again"
    done = office.ask("restore", tmp_path / "kept", "--home", again)
    assert done.document["connection"] == str(again / "network" / "connection.json")
    places = layout(again)
    for msp in ("QingheTownship", "YunlingAudit"):
        contract = (places.organisation(msp) / "connection.json").read_text(encoding="utf-8")
        assert str(again) in contract
        assert str(office.home) not in contract


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_network_left_out_is_said_loudly(
    office: Office, tmp_path: Path, lang: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["backup", str(tmp_path / "kept"), "--without-network", "--lang", lang]) == 0
    said = capsys.readouterr().out
    assert "network down" in said
    assert ("没有备份网络" if lang == "zh" else "left out") in said
    assert json.loads((tmp_path / "kept" / "manifest.json").read_bytes())["network"] == "left out"
    again = tmp_path / "again"
    assert run(["restore", str(tmp_path / "kept"), "--home", str(again), "--lang", lang]) == 0
    said = capsys.readouterr().out
    assert str(again / "connection" / "connection.json") in said
    assert ("那会是另一个网络" if lang == "zh" else "another network") in said


def test_network_up_beside_a_ledger_without_its_network_makes_none(office: Office, tmp_path: Path) -> None:
    office.ask("backup", tmp_path / "kept")
    again = tmp_path / "again"
    office.ask("restore", tmp_path / "kept", "--without-network", "--home", again)
    before = sorted(again.rglob("*"))
    refused = office.ask("network", "up", "--home", again)
    assert (refused.exit, refused.code) == (Exit.UNAVAILABLE, "NETWORK_OTHER")
    assert sorted(again.rglob("*")) == before
    shutil.rmtree(office.home / "network")
    assert office.ask("network", "up").code == "NETWORK_OTHER"


def test_reset_says_which_ledger_it_ends(office: Office) -> None:
    refused = office.ask("network", "reset")
    assert refused.code == "NEEDS_YES"
    assert "qinghe.yunling.example/archives" in refused.document["error"]["zh"]
    assert "qinghe.yunling.example/archives" in refused.document["error"]["en"]


def test_a_back_up_within_the_network_would_copy_itself(office: Office) -> None:
    refused = office.ask("backup", office.home / "network" / "kept")
    assert (refused.exit, refused.code) == (Exit.USAGE, "BACKUP_TARGET")
    assert not (office.home / "network" / "kept").exists()


def test_a_network_that_does_not_come_back_is_said_and_the_back_up_is_whole(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some process runs under the network's name, and when it is to be started again its port is taken."""
    import network.snapshot

    monkeypatch.setattr(network.snapshot, "_as_they_run", lambda places: ("a plan",))

    def taken(places: object, plans: object) -> None:
        raise NetworkError("端口已被占用", "the port is taken")

    monkeypatch.setattr(network.snapshot, "start_plans", taken)
    answer = office.ask("backup", tmp_path / "kept")
    assert (answer.exit, answer.document["resumed"]) == (Exit.UNAVAILABLE, False)
    for words in ("network up", "the port is taken"):
        assert words in answer.error
    assert office.ask("restore", tmp_path / "kept", "--home", tmp_path / "again").exit == Exit.OK


def test_what_was_missing_is_said_and_told_again_when_it_is_restored(office: Office, tmp_path: Path) -> None:
    connection = office.home / "network" / "connection.json"
    key = tmp_path / "lost.pem"
    text = connection.read_text(encoding="utf-8")
    connection.write_text(text.replace(str(read_connection(connection).key), str(key)), encoding="utf-8")
    answer = office.ask("backup", tmp_path / "kept")
    assert (answer.exit, answer.document["missing"]) == (Exit.DATA, [str(key)])
    assert str(key) in answer.error
    done = office.ask("restore", tmp_path / "kept", "--home", tmp_path / "again")
    assert (done.exit, done.document["missing"]) == (Exit.OK, [str(key)])


def test_keys_in_a_back_up_are_for_its_owner_only(office: Office, tmp_path: Path) -> None:
    office.ask("backup", tmp_path / "kept")
    assert (tmp_path / "kept").stat().st_mode & 0o077 == 0
    office.ask("restore", tmp_path / "kept", "--home", tmp_path / "again")
    keys = [p for p in (tmp_path / "again").rglob("*") if p.suffix == ".key" or p.name == "key.pem"]
    assert len(keys) > 20
    assert [path for path in keys if path.stat().st_mode & 0o077] == []
    assert os.access(tmp_path / "again" / "network" / "network.json", os.R_OK)


def folder_of_one(folder: Path) -> Path:
    (folder / "in" / "QC03-1_甲").mkdir(parents=True)
    (folder / "in" / "QC03-1_甲" / "a.txt").write_text("a", encoding="utf-8")
    return folder / "in"
