"""Which organisations do not attest: said when it changes, not every second."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.refusals import refusal_lines

if TYPE_CHECKING:
    from ledger.attest import AttestedBatch


@dataclass
class Absentees:
    """`say` is given Chinese and English."""

    say: Callable[[str, str], None]
    missing: tuple[str, ...] = ()

    def tell(self, found: AttestedBatch) -> None:
        if found.missing == self.missing:
            return
        self.missing = found.missing
        if not found.missing:
            self.say("各机构都已确认。", "Every organisation attests again.")
            return
        names = ", ".join(found.missing)
        self.say(
            f"{len(found.asked)} 家机构中没有确认的:{names}。存证照常进行。",
            f"Not attested by {names} of {len(found.asked)} organisations; anchoring goes on.",
        )
        for zh, en in refusal_lines(found.refusals):
            self.say(f"  {zh}", f"  {en}")
