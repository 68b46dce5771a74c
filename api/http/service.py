"""What every request is served from."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from api.http.jobs import Jobs
from api.http.limits import Limits
from api.http.metrics import Metrics
from api.http.rate import Rates
from ledger.accept import Accepted, accept
from ledger.handle import Ledger
from ledger.keys import SigningKey
from ledger.membership import Membership, person_cas
from ledger.submission import Submission


@dataclass(frozen=True)
class Service:
    """`url`: under which people reach the service, scheme, host and port. `key`: the service's own, with
    which it states sign-ins, refusals and uses. `heartbeat`: seconds within which a checkpoint is due.
    """

    ledger: Ledger
    key: SigningKey
    url: str
    home: Path
    membership: Membership = person_cas
    limits: Limits = field(default_factory=Limits)
    heartbeat: float = 3600.0
    metrics: Metrics = field(default_factory=Metrics)
    rates: Rates = field(default_factory=Rates)
    # Threads of one process queue here, in turn; between processes the store's own lock does it.
    writing: threading.Lock = field(default_factory=threading.Lock)
    uploading: threading.Semaphore = field(init=False)
    jobs: Jobs = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "uploading", threading.Semaphore(self.limits.uploads))
        object.__setattr__(self, "jobs", Jobs(self.home, self.limits.jobs, self.limits.jobs_kept))

    @property
    def secure(self) -> bool:
        return urlsplit(self.url).scheme == "https"


def take(service: Service, submissions: list[Submission]) -> list[Accepted]:
    """Raises what `accept` raises."""
    with service.writing:
        accepted = accept(service.ledger, submissions, service.membership)
    fresh = sum(1 for one in accepted if not one.duplicate)
    service.metrics.accepted.inc(fresh)
    return accepted
