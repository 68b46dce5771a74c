"""Where the programs come from, and what is said when they cannot be had."""

import os
import threading
import time
from pathlib import Path

import pytest

from network import binaries, toolchain
from network.binaries import chaincode_program, fabric_programs
from network.errors import NetworkError
from network.progress import silent


def program(path: Path, says: str, mode: int = 0o755) -> None:
    path.write_text(f"#!/bin/sh\necho '{says}'\n")
    path.chmod(mode)


def test_an_official_release_is_taken_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path / "peer", "peer:\n Version: v3.1.1")
    program(tmp_path / "orderer", "orderer:\n Version: v3.1.1")
    monkeypatch.setenv("FABRIC_BIN", str(tmp_path))
    found = fabric_programs(silent)
    assert (found.peer, found.orderer, found.version) == (tmp_path / "peer", tmp_path / "orderer", "3.1.1")


def test_every_fault_of_a_named_folder_is_said_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path / "orderer", "Version: v2.5.9")
    monkeypatch.setenv("FABRIC_BIN", str(tmp_path))
    with pytest.raises(NetworkError) as caught:
        fabric_programs(silent)
    for text in (caught.value.zh, caught.value.en):
        assert str(tmp_path / "peer") in text
        assert "v2.5.9" in text
        assert "FABRIC_BIN" in text
    program(tmp_path / "peer", "Version: v3.1.1", mode=0o644)
    with pytest.raises(NetworkError, match=r"chmod \+x"):
        fabric_programs(silent)


def test_a_program_that_does_not_run_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("peer", "orderer"):
        (tmp_path / name).write_bytes(b"\x7fELF not really")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("FABRIC_BIN", str(tmp_path))
    with pytest.raises(NetworkError, match=r"not version 3\.1"):
        fabric_programs(silent)


def test_missing_chaincode_sources_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NetworkError, match=r"go\.mod, main\.go.*ARCHIVE_LEDGER_CHAINCODE"):
        chaincode_program(tmp_path / "none", silent)
    (tmp_path / "go.mod").write_text("module example\n\ngo 1.26\n")
    monkeypatch.setenv("ARCHIVE_LEDGER_CHAINCODE", str(tmp_path))
    with pytest.raises(NetworkError, match=r"lack main\.go"):
        chaincode_program(None, silent)


def test_chaincode_that_does_not_compile_says_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOCACHE", str(Path(os.environ.get("GOCACHE", Path.home() / ".cache/go-build"))))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    source = tmp_path / "source"
    source.mkdir()
    (source / "go.mod").write_text("module example\n\ngo 1.26\n")
    (source / "main.go").write_text("package main\n\nfunc main() { undefinedThing() }\n")
    with pytest.raises(NetworkError, match=r"main\.go:3"):
        chaincode_program(source, silent)
    left = [path.name for path in (tmp_path / "cache" / "archive-ledger").iterdir() if path.is_dir()]
    assert [name for name in left if name.startswith("chaincode")] == []


def test_a_change_of_source_is_another_version_and_a_test_file_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("GOCACHE", str(Path(os.environ.get("GOCACHE", Path.home() / ".cache/go-build"))))
    source = tmp_path / "source"
    source.mkdir()
    (source / "go.mod").write_text("module example\n\ngo 1.26\n")
    (source / "main.go").write_text("package main\n\nfunc main() {}\n")
    one = chaincode_program(source, silent)
    assert os.access(one.program, os.X_OK)
    (source / "main_test.go").write_text("package main\n")
    assert chaincode_program(source, silent) == one
    (source / "main.go").write_text("package main\n\n// changed\nfunc main() {}\n")
    assert chaincode_program(source, silent).version != one.version


def test_two_builders_at_once_build_once(tmp_path: Path) -> None:
    target = tmp_path / "built"
    builds: list[Path] = []

    def build(into: Path) -> None:
        builds.append(into)
        time.sleep(0.3)
        (into / "peer").write_text("whole")

    threads = [threading.Thread(target=binaries.build_once, args=(target, build, silent)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(builds) == 1
    assert (target / "peer").read_text() == "whole"


def test_a_build_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def build(into: Path) -> None:
        (into / "peer").write_text("half")
        raise NetworkError("坏了", "broken")

    with pytest.raises(NetworkError, match="broken"):
        binaries.build_once(tmp_path / "built", build, silent)
    assert [path.name for path in tmp_path.iterdir()] == ["built.lock"]


def test_a_machine_without_a_toolchain_is_named_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("FABRIC_BIN", raising=False)
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    with pytest.raises(NetworkError) as caught:
        fabric_programs(silent)
    for text in (caught.value.zh, caught.value.en):
        assert "Linux/riscv64" in text
        assert "FABRIC_BIN" in text


def test_without_go_and_without_pip_nothing_can_be_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert toolchain.toolchain_here((1, 26, 0)) is None
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(NetworkError, match="ensurepip"):
        toolchain.find_toolchain((1, 26, 0), silent)


def test_an_old_go_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path / "go", "go1.21.3")
    pinned = tmp_path / "pinned" / "go" / "bin" / "go"
    pinned.parent.mkdir(parents=True)
    program(pinned, "go1.26.6")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(toolchain, "_pinned", lambda progress: pinned)
    found = toolchain.find_toolchain((1, 26, 1), silent)
    assert (found.command, found.name) == (str(pinned), "go1.26.6")
    assert toolchain.find_toolchain((1, 21, 0), silent).command == str(tmp_path / "go")


def test_the_build_environment_is_set_and_not_inherited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOFLAGS", "-mod=mod")
    monkeypatch.setenv("GOTOOLCHAIN", "auto")
    monkeypatch.setenv("GOOS", "windows")
    found = toolchain.Toolchain("go", (1, 26, 1)).environment()
    assert (found["GOTOOLCHAIN"], found["GOFLAGS"], found["CGO_ENABLED"]) == ("local", "-mod=readonly", "0")
    assert "GOOS" not in found


def test_the_pinned_module_names_its_go(tmp_path: Path) -> None:
    module = Path(binaries.__file__).parent / "fabric" / "go.mod"
    assert toolchain.wanted_version(module) >= (1, 26, 0)
    (tmp_path / "go.mod").write_text("module x\n")
    with pytest.raises(NetworkError, match=r"go\.mod"):
        toolchain.wanted_version(tmp_path / "go.mod")
