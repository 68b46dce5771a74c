"""The worker's rounds: what a round seals does not wait for the next to be anchored and attested."""

from __future__ import annotations

import threading
from typing import cast

from api.absences import Absences
from api.jobs import Jobs
from ledger.fabric.gateway import Chain
from ledger.handle import Ledger
from ledger.keys import SigningKey


def test_a_round_brings_a_statement_all_the_way() -> None:
    absences = Absences(lambda zh, en: None)
    ledger, chain, key = cast(Ledger, None), cast(Chain, None), cast(SigningKey, None)
    jobs = Jobs(ledger, chain, absences, threading.Event(), 3600.0, lambda: key).every(1.0, 30)
    in_the_log = [job for job in jobs if job.thread == "log" and job.seconds == 1.0]
    # One thread takes those that are due at the same time in the order in which they were added.
    assert [job.name for job in in_the_log] == ["seal", "anchor", "attest"]
