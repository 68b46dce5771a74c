"""Checks of the machine: Python, packages, disk, clock, permissions."""

from __future__ import annotations

import importlib.util
import shutil
import stat
import subprocess
import sys
from pathlib import Path

from api.doctor.finding import Check, Seen, could_not_check, ok, problem

LEAST_PYTHON = (3, 11)
# Module and the distribution that brings it; the extra `api` asks for all of them.
PACKAGES = {
    "sqlalchemy": "sqlalchemy",
    "alembic": "alembic",
    "grpc": "grpcio",
    "fabric_protos": "hyperledger-fabric-protos",
    "apscheduler": "apscheduler",
    "yaml": "pyyaml",
    "psutil": "psutil",
    "openpyxl": "openpyxl",
}
LEAST_FREE = 2 << 30
_EXTRA_REMEDY = ("安装:pip install 'archive-ledger[api]'", "Install: pip install 'archive-ledger[api]'")


def machine_checks(home: Path) -> list[Check]:
    return [
        Check("python", ("Python 版本", "Python version"), _python),
        Check("packages", ("程序包", "packages"), _packages),
        Check("disk", ("剩余空间", "free disk space"), lambda: _disk(home)),
        Check("clock", ("本机时钟", "clock"), _clock),
        Check("permissions", ("目录和密钥权限", "permissions"), lambda: _permissions(home)),
    ]


def _python() -> Seen:
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info >= LEAST_PYTHON:
        return ok(found, found)
    least = ".".join(map(str, LEAST_PYTHON))
    return problem(
        (f"{found},须 {least} 以上", f"{found}; {least} is needed"),
        (f"安装 Python {least}", f"Install Python {least}"),
    )


def _packages() -> Seen:
    missing = [name for module, name in PACKAGES.items() if importlib.util.find_spec(module) is None]
    if missing:
        names = ", ".join(missing)
        return problem((f"缺少 {names}", f"missing: {names}"), _EXTRA_REMEDY)
    return ok("齐全", "all there")


def _disk(home: Path) -> Seen:
    folder = next(path for path in (home.resolve(), *home.resolve().parents) if path.is_dir())
    free = shutil.disk_usage(folder).free
    words = (f"{folder} 还有 {free / (1 << 30):.1f} GiB", f"{free / (1 << 30):.1f} GiB free at {folder}")
    if free < LEAST_FREE:
        least = LEAST_FREE >> 30
        return problem(
            words,
            (
                f"至少留出 {least} GiB,或换数据目录(--home)",
                f"Keep {least} GiB free, or move the data folder (--home)",
            ),
        )
    return ok(*words)


def _clock() -> Seen:
    """Anchors are refused when this machine's clock is 5 minutes off the organisations'."""
    remedy = (
        "开启网络校时(如 timedatectl set-ntp true);与各机构时钟相差 5 分钟以上即不能上链",
        "Turn time synchronisation on (timedatectl set-ntp true); 5 minutes off, nothing can be anchored",
    )
    command = shutil.which("timedatectl")
    if command is None:
        return could_not_check("本机没有 timedatectl,不知是否校时", "no timedatectl here to ask", remedy)
    run = subprocess.run(
        [command, "show", "--property=NTPSynchronized", "--value"],
        capture_output=True,
        text=True,
        timeout=10,
        check=False,
    )
    answer = run.stdout.strip()
    if answer == "yes":
        return ok("已网络校时", "synchronised")
    if answer == "no":
        return problem(("没有网络校时", "not synchronised"), remedy)
    return could_not_check("timedatectl 没有回答", "timedatectl gave no answer", remedy)


def _permissions(home: Path) -> Seen:
    if not home.exists():
        return could_not_check(f"{home} 还不存在", f"{home} is not there yet")
    keys = [*home.glob("people/*/key.pem"), *home.glob("ledger/checkpoint.key")]
    keys += [p for p in home.glob("network/organisations/*/*/*.key")]
    keys += [p for p in home.glob("network/organisations/*/identities/*/key.pem")]
    loose = [path for path in keys if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)]
    if home.stat().st_mode & stat.S_IWOTH:
        loose.insert(0, home)
    if loose:
        names = ", ".join(str(path) for path in loose[:5])
        return problem(
            (f"别人可以读写:{names}", f"open to others: {names}"),
            (
                f"执行 chmod go-rwx {loose[0]}(及其余 {len(loose) - 1} 个)",
                f"chmod go-rwx {loose[0]} (and {len(loose) - 1} more)",
            ),
        )
    return ok(f"{len(keys)} 个密钥只有本用户可读", f"{len(keys)} keys are readable by this user alone")
