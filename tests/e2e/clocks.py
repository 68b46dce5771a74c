"""A network whose organisations' clocks a test sets, each by itself, while everything runs."""

from __future__ import annotations

import shutil
from pathlib import Path

from network import binaries
from network.layout import layout

SOURCE = Path(binaries.__file__).resolve().parents[1] / "chaincode"


def skewed_source(folder: Path) -> Path:
    """The chaincode's source but for the one function that reads the clock."""
    changed = folder / "chaincode"
    shutil.copytree(SOURCE, changed)
    (changed / "testdata" / "skewed_clock.go").replace(changed / "system_clock.go")
    return changed


def set_clock(home: Path, msp: str, minutes: float) -> None:
    """From its next look on, this organisation's chaincode sees another time; 0 sets it right."""
    path = layout(home).organisation(msp) / "clock"
    new = path.with_suffix(".new")
    new.write_text(f"{minutes * 60:.3f}s", encoding="utf-8")
    new.replace(path)
