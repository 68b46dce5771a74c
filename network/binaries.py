"""The programs a network runs: Fabric's peer and orderer, and the chaincode.

Fabric comes from the folder named by FABRIC_BIN (the official release), else it is built once from the
Go module pinned in network/fabric. Built programs lie in the cache under a digest of everything that
decides them.
"""

import hashlib
import os
import platform
import re
import shutil
import subprocess
import tempfile
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from network.errors import NetworkError
from network.layout import cache_folder
from network.locking import locked
from network.progress import Progress, Step
from network.toolchain import Toolchain, find_toolchain, wanted_version

_MODULE = Path(__file__).parent / "fabric"
_CA_MODULE = Path(__file__).parent / "fabric_ca_server"
# What the pinned module is: the release it follows. It is stamped into the programs built from it.
_BUILT_VERSION = "3.1.4"
_ACCEPTED = re.compile(r"^\s*Version:\s*v?(3\.1\.\d+\S*)\s*$", re.MULTILINE)
_PROGRAMS = ("peer", "orderer")
_REMEDY_ZH = "请从 Hyperledger Fabric 官方发布包取得 3.1.x 的 bin 目录,并令 FABRIC_BIN 指向它。"
_REMEDY_EN = "Take the bin folder of an official Hyperledger Fabric 3.1.x release and set FABRIC_BIN to it."


@dataclass(frozen=True)
class Fabric:
    peer: Path
    orderer: Path
    version: str


@dataclass(frozen=True)
class Chaincode:
    """`version` is a digest of the sources, the same on every machine."""

    program: Path
    version: str


def fabric_programs(progress: Progress) -> Fabric:
    """Raises NetworkError naming what is missing and the remedy."""
    named = os.environ.get("FABRIC_BIN")
    return _from_folder(Path(named).expanduser().resolve()) if named else _built_fabric(progress)


def fabric_ca_program(progress: Progress) -> Path:
    """The `fabric-ca-server` named by FABRIC_CA_SERVER, else built once from the pinned module. Its SQLite is
    C: a C compiler must be there. Raises NetworkError."""
    named = os.environ.get("FABRIC_CA_SERVER")
    if named:
        return Path(named).expanduser().resolve()
    if shutil.which("cc") is None:
        raise NetworkError(
            "编译 fabric-ca-server 需要 C 编译器(cc)。请安装 gcc,或令 FABRIC_CA_SERVER 指向官方发布的程序。",
            "Building fabric-ca-server needs a C compiler (cc). Install gcc, or set FABRIC_CA_SERVER to the "
            "official release's program.",
        )
    modules = [(name, (_CA_MODULE / name).read_bytes()) for name in ("go.mod", "go.sum")]
    toolchain = find_toolchain(wanted_version(_CA_MODULE / "go.mod"), progress)
    target = cache_folder() / _digest([*modules, (toolchain.name, b""), _machine()])[:32]

    def build(into: Path) -> None:
        said = Step("首次编译 Fabric CA(约一分钟)", "building Fabric CA, this once (about a minute)")
        command = ["install", "-v", "-trimpath", "-ldflags=-s -w", "tool"]
        run_go(toolchain, command, _CA_MODULE, {"GOBIN": str(into), "CGO_ENABLED": "1"}, said, progress)

    build_once(target, build, progress)
    return target / "fabric-ca-server"


def chaincode_program(source: Path | None, progress: Progress) -> Chaincode:
    """Builds the chaincode once for its sources (`chaincode_source`). Raises NetworkError."""
    folder = chaincode_source(source)
    version = chaincode_version(folder)
    toolchain = find_toolchain(wanted_version(folder / "go.mod"), progress)
    key = _digest([(version, b""), (toolchain.name, b""), _machine()])
    target = cache_folder() / f"chaincode-{key[:32]}"

    def build(into: Path) -> None:
        said = Step("正在编译链码", "building the chaincode")
        command = ["build", "-trimpath", "-ldflags=-s -w", "-o", str(into / "chaincode"), "."]
        run_go(toolchain, command, folder, {}, said, progress)

    build_once(target, build, progress)
    return Chaincode(target / "chaincode", version)


def chaincode_source(named: Path | None) -> Path:
    """The folder named, else ARCHIVE_LEDGER_CHAINCODE, else `chaincode` beside this package: there an
    installation puts the sources, and there they are in a checkout. Raises NetworkError when there are none.
    """
    folder = named or Path(
        os.environ.get("ARCHIVE_LEDGER_CHAINCODE") or Path(__file__).resolve().parents[1] / "chaincode"
    )
    missing = [name for name in ("go.mod", "main.go") if not (folder / name).is_file()]
    if missing:
        names = "、".join(missing), ", ".join(missing)
        raise NetworkError(
            f"链码源码 {folder} 中缺少 {names[0]}。请重新安装(pip install --force-reinstall '.[api]'),"
            "或令环境变量 ARCHIVE_LEDGER_CHAINCODE 指向完整的 chaincode 目录。",
            f"The chaincode's sources in {folder} lack {names[1]}. Install anew "
            "(pip install --force-reinstall '.[api]'), or set ARCHIVE_LEDGER_CHAINCODE to a whole "
            "chaincode folder.",
        )
    return folder


def chaincode_version(folder: Path) -> str:
    """A digest of the sources (12 hex digits): the same wherever they are built."""
    found = [path for path in folder.rglob("*") if path.is_file() and _is_source(path.relative_to(folder))]
    parts = sorted((path.relative_to(folder).as_posix(), path.read_bytes()) for path in found)
    return _digest(parts)[:12]


def _is_source(path: Path) -> bool:
    if path.name in ("go.mod", "go.sum"):
        return True
    return path.suffix == ".go" and not path.name.endswith("_test.go") and "testdata" not in path.parts


def _from_folder(folder: Path) -> Fabric:
    problems_zh, problems_en, versions = [], [], []
    for name in _PROGRAMS:
        program = folder / name
        if not program.is_file():
            problems_zh.append(f"{program} 不存在")
            problems_en.append(f"{program} is not there")
        elif not os.access(program, os.X_OK):
            problems_zh.append(f"{program} 没有执行权限(chmod +x)")
            problems_en.append(f"{program} may not be executed (chmod +x)")
        else:
            said = _said_version(program)
            found = _ACCEPTED.search(said)
            if found is None:
                first = " ".join(said.split())[:200]
                problems_zh.append(f"{program} 不是 3.1.x 版:{first}")
                problems_en.append(f"{program} is not version 3.1.x: {first}")
            else:
                versions.append(found[1])
    if problems_en:
        raise NetworkError(
            f"FABRIC_BIN({folder})不能用:{';'.join(problems_zh)}。{_REMEDY_ZH}",
            f"FABRIC_BIN ({folder}) cannot be used: {'; '.join(problems_en)}. {_REMEDY_EN}",
        )
    return Fabric(folder / "peer", folder / "orderer", versions[0])


def _said_version(program: Path) -> str:
    try:
        run = subprocess.run([program, "version"], capture_output=True, text=True, timeout=120, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return run.stdout + run.stderr


def _built_fabric(progress: Progress) -> Fabric:
    modules = [(name, (_MODULE / name).read_bytes()) for name in ("go.mod", "go.sum")]
    try:
        toolchain = find_toolchain(wanted_version(_MODULE / "go.mod"), progress)
    except NetworkError as error:
        raise NetworkError(f"{error.zh}{_REMEDY_ZH}", f"{error.en} {_REMEDY_EN}") from error
    key = _digest([*modules, (toolchain.name, b""), _machine(), (_BUILT_VERSION, b"")])
    target = cache_folder() / key[:32]

    def build(into: Path) -> None:
        stamp = f"-X github.com/hyperledger/fabric/common/metadata.Version=v{_BUILT_VERSION}"
        said = Step(
            "首次编译 Fabric(约一至五分钟,以后不再需要)",
            "building Fabric, this once (one to five minutes)",
        )
        command = ["install", "-v", "-trimpath", f"-ldflags=-s -w {stamp}", "tool"]
        run_go(toolchain, command, _MODULE, {"GOBIN": str(into)}, said, progress)

    build_once(target, build, progress)
    return Fabric(target / "peer", target / "orderer", _BUILT_VERSION)


def build_once(target: Path, build: Callable[[Path], None], progress: Progress) -> None:
    """Builds into a folder beside `target` and renames it: `target` is whole or not there. Whoever comes
    second waits for the first."""
    waiting = Step("另一个进程正在编译,等待", "another process is building; waiting")
    if target.is_dir():
        return
    with locked(target.with_name(target.name + ".lock"), 1800, lambda: progress(waiting)):
        if target.is_dir():
            return
        part = Path(tempfile.mkdtemp(prefix=f"{target.name}.", dir=target.parent))
        try:
            build(part)
            part.chmod(0o755)
            part.rename(target)
        finally:
            shutil.rmtree(part, ignore_errors=True)


def run_go(
    toolchain: Toolchain,
    arguments: list[str],
    folder: Path,
    environment: dict[str, str],
    said: Step,
    progress: Progress,
) -> None:
    """Runs go in `folder`, telling progress of its lines. A download that broke off is tried again: what
    was fetched before is kept by go. Raises NetworkError with the end of its output."""
    progress(said)
    unreached = False
    tail: deque[str] = deque(maxlen=12)
    for _ in range(3):
        tail.clear()
        with subprocess.Popen(
            [toolchain.command, *arguments],
            cwd=folder,
            env=toolchain.environment() | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            for count, line in enumerate(process.stdout or (), 1):
                tail.append(line.rstrip())
                progress(Step(said.zh, said.en, f"{count} {tail[-1]}"))
        if process.returncode == 0:
            return
        unreached = any(word in line for line in tail for word in ("proxy", "dial tcp", "timeout", "lookup"))
        if not unreached:
            break
    output = "\n".join(tail)
    hint_zh, hint_en = ("请检查上列源码。", "Look at the sources named above.")
    if unreached:
        hint_zh = f"需能访问 Go 模块代理(GOPROXY)。{_REMEDY_ZH}"
        hint_en = f"The Go module proxy (GOPROXY) must be reachable. {_REMEDY_EN}"
    raise NetworkError(f"{said.zh}:失败。{hint_zh}", f"{said.en}: failed. {hint_en}", output)


def _machine() -> tuple[str, bytes]:
    return f"{platform.system()}/{platform.machine()}", b""


def _digest(parts: list[tuple[str, bytes]]) -> str:
    """SHA-256 over names and contents, each with its length before it."""
    total = hashlib.sha256()
    for name, content in parts:
        for field in (name.encode(), content):
            total.update(len(field).to_bytes(8, "big") + field)
    return total.hexdigest()
