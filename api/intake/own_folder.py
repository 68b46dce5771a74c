"""Which sub-folder is a row's own: the one it names, else the one that begins with its 档号 or its number."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from api.intake.fault import Fault
from api.intake.table import Row


class OwnFolders:
    """The sub-folders of an intake folder, by what their names begin with."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._names = {p.name for p in root.iterdir() if p.is_dir() and not p.is_symlink()}
        self._by_number: dict[str, list[str]] = defaultdict(list)
        self._by_count: dict[int, list[str]] = defaultdict(list)
        for name in sorted(self._names):
            first = re.split(r"[_ ]", name, maxsplit=1)[0]
            self._by_number[first].append(name)
            if first.isascii() and first.isdecimal():
                self._by_count[int(first)].append(name)

    def of(self, row: Row, place: str, faults: list[Fault]) -> Path | None:
        """None when it has none: its files then lie beside the table."""
        named = row.cells.get("folder")
        if named:
            if named in self._names:
                return self._root / named
            faults.append(Fault("FOLDER_MISSING", place, detail=named))
            return None
        fitting = self._fitting(row)
        if len(fitting) > 1:
            faults.append(Fault("FOLDER_AMBIGUOUS", place, detail=" ".join(sorted(fitting)[:5])))
        return self._root / fitting.pop() if len(fitting) == 1 else None

    def _fitting(self, row: Row) -> set[str]:
        number, count = row.cells.get("number", ""), row.cells.get("no", "")
        # A solidus in an archival number cannot be in a folder's name.
        found = {
            name for form in {number, number.replace("/", "-")} for name in self._by_number.get(form, ())
        }
        if count.isascii() and count.isdecimal():
            found.update(self._by_count.get(int(count), ()))
        return found
