"""What is left of files erased as received by mistake, or destroyed: taken out of the store and of intake's
memory; and which back-ups still hold them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from ledger.backup_manifest import MANIFEST, read_manifest
from ledger.destroy_files import destroyed_contents, finish_destructions
from ledger.erase_files import Erased, erased_contents, finish_erasures
from ledger.query import statement_by_digest
from ledger.store.engine import reading
from ledger.store.tables import statement
from verifier.custody_keeping import WITNESS
from verifier.errors import CallerError
from verifier.verify_files import ERASE_FILES

if TYPE_CHECKING:
    from ledger.handle import Ledger


# After these there is something to forget.
ENDING = frozenset([ERASE_FILES, WITNESS])


@dataclass(frozen=True)
class BackupMade:
    """A back-up as its statement tells it; `holds` says how many erased files its manifest still names, None
    where the folder cannot be read from here."""

    accepted_at: str
    medium: str
    detail: str
    holds: int | None


def sweep(ledger: Ledger, home: Path) -> Erased:
    """May be repeated, and is at every start."""
    erased = finish_erasures(ledger)
    finish_destructions(ledger)
    forget(ledger, home)
    return erased


def forget(ledger: Ledger, home: Path) -> None:
    """Intake remembers nothing of what was erased or destroyed; acceptance has taken it out of the store."""
    from api.intake.journal import open_journal

    if (home / "intake" / "journal.sqlite").is_file():
        with open_journal(home) as journal:
            journal.forget_contents(kept_no_more(ledger))


def kept_no_more(ledger: Ledger) -> frozenset[bytes]:
    """SHA-256 of what was received by mistake and erased, or destroyed before a witness."""
    return erased_contents(ledger) | destroyed_contents(ledger)


def backups_made(ledger: Ledger) -> tuple[BackupMade, ...]:
    """Every back-up that was stated to be done, the newest first. Each one made before an erasure holds what
    was erased, and must be destroyed or made anew."""
    with reading(ledger.engine) as connection:
        query = select(statement.c.sha256).where(statement.c.event == "backup")
        digests = connection.execute(query.order_by(statement.c.id.desc())).scalars().all()
    contents = {one.hex() for one in kept_no_more(ledger)}
    found = []
    for digest in digests:
        step = statement_by_digest(ledger, digest).step
        if step.outcome == "done":
            shown = dict(step.shown)
            medium = shown.get("medium", "")
            found.append(
                BackupMade(step.accepted_at, medium, shown.get("detail", ""), _holds(Path(medium), contents))
            )
    return tuple(found)


def _holds(folder: Path, contents: set[str]) -> int | None:
    try:
        manifest = read_manifest((folder / MANIFEST).read_bytes())
    except (OSError, CallerError):
        return None
    names: Sequence[str] = [one.path.rpartition("/")[2] for one in manifest.files]
    return len(contents.intersection(names))
