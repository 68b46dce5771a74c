"""A crowd of clients that take records in, whatever breaks under them: each signs an act once, and hands in
the same octets until it has a receipt."""

from __future__ import annotations

import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from api.client import Client, RefusedError
from ledger.keys import SigningKey
from tests.api.http.house import receive

PATIENCE = 600.0
# Too slow, too many, not possible now: send it again. A challenge is as old as the machine is slow.
_AGAIN = frozenset([408, 429, 503])


class _OverError(Exception):
    """The crowd was told to stop before there was an answer."""


@dataclass
class Crowd:
    """`acknowledged`: statement → record, of everything for which somebody got a receipt. `refused`: why
    somebody had to ask again, by code, and how often.
    """

    url: str
    over: threading.Event = field(default_factory=threading.Event)
    acknowledged: dict[str, str] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def work(self, key: SigningKey) -> None:
        with Client(self.url, key) as client:
            while not self.over.is_set():
                try:
                    self._one(client, str(uuid.uuid4()))
                except _OverError:
                    return

    def _one(self, client: Client, record: str) -> None:
        act = receive(record)
        signed = client.sign(act, self._until_answered(lambda: client.draft(act)))
        done = self._until_answered(lambda: client.submit(signed))
        with self.lock:
            assert done["statement"] not in self.acknowledged
            self.acknowledged[done["statement"]] = record

    def _until_answered(self, ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """What a client does that is told to wait, or is told nothing. Any other refusal is a fault."""
        while True:
            try:
                return ask()
            except httpx.TransportError as error:
                self._seen(type(error).__name__)
            except RefusedError as error:
                if error.status not in _AGAIN and error.code != "CHALLENGE_EXPIRED":
                    raise
                self._seen(error.code)
            if self.over.wait(0.2):
                raise _OverError

    def _seen(self, code: str) -> None:
        with self.lock:
            self.refused[code] += 1

    @property
    def again_asked(self) -> int:
        return self.refused.total()

    def more(self, count: int) -> None:
        """Returns when so many more are acknowledged: the service works."""
        wanted, deadline = len(self.acknowledged) + count, time.monotonic() + PATIENCE
        while len(self.acknowledged) < wanted:
            assert time.monotonic() < deadline, (len(self.acknowledged), wanted, self.refused)
            time.sleep(0.1)


@contextmanager
def crowding(crowd: Crowd, keys: list[SigningKey]) -> Iterator[None]:
    """They work while the block runs; what one of them could not bear is raised when it is left."""
    with ThreadPoolExecutor(len(keys)) as pool:
        working = [pool.submit(crowd.work, key) for key in keys]
        try:
            yield
        finally:
            crowd.over.set()
        for one in working:
            one.result()
