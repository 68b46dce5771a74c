"""How much the service takes at once. Every limit is named in the refusal of what goes beyond it."""

from __future__ import annotations

from dataclasses import dataclass

KIB, MIB, GIB = 1024, 1024**2, 1024**3


@dataclass(frozen=True)
class Limits:
    """Sizes in octets, times in seconds.

    `json`: an ordinary request; `statement`: one submission, a list of thousands of items included;
    `bulk`, `bulk_line`, `bulk_lines`: an NDJSON request; `upload`: one file.
    `silence`: the longest pause while a request comes in, and what its headers may take; `least_rate`: octets
    a second that its body must keep once `silence` has passed. `uploads`: how many come in side by side.
    `attempts`: sign-ins a minute from one address, however they end. Of refusals so many are stated in five
    minutes (`api.http.refused`): `denials` of one person who is signed in, `refusals` from one address of
    whoever is not, `knocks` from one address of whoever shows nothing at all, and `strangers` of all together
    who are not signed in.
    """

    headers: int = 64
    header_octets: int = 16 * KIB
    json: int = MIB
    statement: int = 16 * MIB
    bulk: int = 256 * MIB
    bulk_line: int = 16 * MIB
    bulk_lines: int = 10_000
    upload: int = 4 * GIB
    uploads: int = 8
    silence: float = 30.0
    least_rate: int = 4 * KIB
    attempts: int = 120
    denials: int = 60
    refusals: int = 20
    knocks: int = 1
    strangers: int = 120
    session_seconds: int = 1800
    challenge_seconds: int = 120
    page: int = 200
    jobs: int = 2
    jobs_kept: int = 100
    evidence_records: int = 1000

    @property
    def head_octets(self) -> int:
        """Of request line and headers: beyond it nothing is parsed any more."""
        return 2 * self.header_octets
