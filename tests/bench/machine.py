"""On what, and of what, the figures were taken."""

from __future__ import annotations

import datetime
import os
import platform
import sqlite3
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

from network.binaries import chaincode_version

ROOT = Path(__file__).resolve().parents[2]


def about() -> dict[str, Any]:
    """Taken when a part begins: the load says whether the machine was otherwise idle."""
    return {
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "load_before": round(os.getloadavg()[0], 2),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "commit": _said("git", "-C", str(ROOT), "rev-parse", "--short=12", "HEAD"),
        "changed": bool(_said("git", "-C", str(ROOT), "status", "--porcelain", "--", "verifier", "ledger")),
        "versions": {
            "Python": platform.python_version(),
            "cryptography": version("cryptography"),
            "SQLAlchemy": version("SQLAlchemy"),
            "SQLite": sqlite3.sqlite_version,
            "grpcio": version("grpcio"),
            "Hyperledger Fabric": "3.1.4",
            "chaincode": chaincode_version(ROOT / "chaincode"),
            "OpenSSL": _said("openssl", "version"),
        },
    }


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown"


def _said(*command: str) -> str:
    """What a program says of itself; empty where it is not there."""
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    except OSError:
        return ""
    return run.stdout.strip() if run.returncode == 0 else ""
