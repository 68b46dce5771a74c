"""Runs a program that may mount disks of its own, which nobody else sees and which end with it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.fire.killing import ROOT

_REMEDY = (
    "could not run: nobody may mount a small disk here; run the tests as root, or allow user namespaces "
    "(sysctl kernel.unprivileged_userns_clone=1 and kernel.apparmor_restrict_unprivileged_userns=0) · "
    "未能运行:本系统不许挂载测试用的小磁盘,请以 root 运行测试,或允许用户命名空间"
)


def in_own_mounts(module: str, *arguments: Path | str) -> str:
    """What `python -m module` printed. It fails, and says what to do, where nothing may be mounted."""
    program = [sys.executable, "-m", module, *map(str, arguments)]
    run = subprocess.run(
        [*_unsharing(), *program], cwd=ROOT, capture_output=True, text=True, timeout=600, check=False
    )
    assert run.returncode == 0, f"{run.stdout[-2000:]}\n{run.stderr[-6000:]}"
    return run.stdout


def _unsharing() -> list[str]:
    for command in (["unshare", "-rm"], ["unshare", "-m"]):
        tried = [*command, "mount", "-t", "tmpfs", "none", "/mnt"]
        if subprocess.run(tried, capture_output=True, check=False).returncode == 0:
            return command
    pytest.fail(_REMEDY)


def mount_disk(folder: Path, size: str) -> None:
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", folder], check=True)


def mount_readonly(folder: Path) -> None:
    """The folder over itself, so that nobody writes there, the superuser neither."""
    subprocess.run(["mount", "--bind", folder, folder], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)


def mount_writable(folder: Path) -> None:
    subprocess.run(["mount", "-o", "remount,bind,rw", folder], check=True)
