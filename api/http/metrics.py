"""Figures for Prometheus. Nothing in them names a person, an address or a record."""

from __future__ import annotations

from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


@dataclass(frozen=True)
class Metrics:
    """One set for each service, so that several may run in one process."""

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    requests: Counter = field(init=False)
    seconds: Histogram = field(init=False)
    accepted: Counter = field(init=False)
    sessions: Counter = field(init=False)
    refused: Counter = field(init=False)
    anchor_age: Gauge = field(init=False)
    pending: Gauge = field(init=False)

    def __post_init__(self) -> None:
        def keep(name: str, made: object) -> None:
            object.__setattr__(self, name, made)

        of = self.registry
        keep("requests", Counter("archive_requests", "requests", ["operation", "status"], registry=of))
        keep("seconds", Histogram("archive_request_seconds", "time to answer", ["operation"], registry=of))
        keep("accepted", Counter("archive_statements_accepted", "statements accepted here", registry=of))
        keep("sessions", Counter("archive_sessions", "sign-ins", ["outcome"], registry=of))
        keep("refused", Counter("archive_refused", "requests refused", ["code"], registry=of))
        keep("anchor_age", Gauge("archive_anchor_age_seconds", "age of the newest anchor", registry=of))
        keep("pending", Gauge("archive_pending_statements", "accepted, not sealed", registry=of))
