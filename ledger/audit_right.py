"""Who may look into uses, and who handles alerts: by the duty held at the place of the act itself."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Connection

from ledger.handle import Ledger
from ledger.people_now import duties_now
from ledger.people_trails import AFTER_ALL, acts_about
from verifier.duties import DutyAct, Held, duties_at
from verifier.errors import CallerError
from verifier.people import DUTIES

AUDITOR, AUDIT_ADMIN, SECURITY_ADMIN = "auditor", "audit_admin", "security_admin"
INQUIRERS = frozenset([AUDITOR, AUDIT_ADMIN])


def held_at(connection: Connection, agent: str, iss: str | None, place: int, time: str) -> frozenset[str]:
    """The duties that somebody had in the organisation, in any where it is None, when the statement with this
    id was accepted."""
    return frozenset(one.duty for one in terms_at(connection, agent, place, time) if iss in (None, one.iss))


def terms_at(connection: Connection, agent: str, place: int, time: str) -> frozenset[Held]:
    """The same, with the organisation and the unit of each."""
    acts = acts_about(connection, DUTIES, [agent], place)[agent]
    return duties_at((act for act in acts if isinstance(act, DutyAct)), place, time)


@dataclass
class DutyBook:
    """Duties of many at many places: each person's trail is read once. For a short look, not to be kept."""

    connection: Connection
    _acts: dict[str, list[DutyAct]] = field(default_factory=dict)

    def held(self, agent: str, place: int, time: str) -> frozenset[str]:
        """In any organisation."""
        if agent not in self._acts:
            acts = acts_about(self.connection, DUTIES, [agent], AFTER_ALL)[agent]
            self._acts[agent] = [act for act in acts if isinstance(act, DutyAct)]
        return frozenset(one.duty for one in duties_at(self._acts[agent], place, time))


def check_duty(ledger: Ledger, agent: str, iss: str, duties: frozenset[str]) -> None:
    """That one of these duties is held now. Raises CallerError AUDIT_RIGHT."""
    held = duties_now(ledger, agent, iss)
    if held.isdisjoint(duties):
        raise CallerError("AUDIT_RIGHT", agent, " ".join(sorted(duties)), " ".join(sorted(held)) or "-")
