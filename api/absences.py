"""Which organisations do not take part just now, since when and why: the others carry on, and it is said."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from api.refusals import refusal_lines

if TYPE_CHECKING:
    from ledger.fabric.refusal import Refusal

# Part of the work: what the organisation does not do, in both languages.
PARTS = {"anchor": ("签署上链", "endorse anchors"), "attest": ("确认", "attest")}


@dataclass(frozen=True)
class Absent:
    """`part` is a key of PARTS; `code` the reason given, empty for none, in words `zh` and `en`; `since` is
    UTC."""

    msp: str
    part: str
    code: str
    zh: str
    en: str
    since: str


@dataclass
class Absences:
    """Kept by the worker's jobs, which may run side by side. `say` is told of every change."""

    say: Callable[[str, str], None]
    _now: dict[tuple[str, str], Absent] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def now(self) -> tuple[Absent, ...]:
        with self._lock:
            return tuple(self._now[key] for key in sorted(self._now))

    def seen(self, part: str, refusals: Iterable[Refusal], asked: Iterable[str]) -> None:
        """What came of one call to `asked`: those without a refusal took part."""
        refused = {one.msp: one for one in refusals if one.msp}
        with self._lock:
            for msp in asked:
                self._set(part, msp, refused.get(msp))

    def _set(self, part: str, msp: str, refusal: Refusal | None) -> None:
        before = self._now.get((msp, part))
        if refusal is None:
            if before is not None:
                del self._now[msp, part]
                zh, en = PARTS[part]
                self.say(f"{msp} 已恢复{zh}。", f"{msp} does {en} again.")
            return
        since = before.since if before else datetime.datetime.now(datetime.UTC).isoformat("T", "seconds")
        did, does = PARTS[part]
        zh, en = refusal_lines([refusal])[0]
        absent = Absent(msp, part, refusal.code, f"没有{did}:{zh}", f"does not {does}: {en}", since)
        self._now[msp, part] = absent
        if before is None or before.code != absent.code:
            self.say(
                f"{msp} {absent.zh}。其余机构照常进行。",
                f"{msp} {absent.en}. The other organisations carry on.",
            )
