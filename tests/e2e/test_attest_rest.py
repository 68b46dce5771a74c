"""An organisation that was away attests later; those that lag behind the others are asked again."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import pytest

from ledger import attest as attesting
from ledger.anchor import anchor
from ledger.attest import attest, attest_rest
from ledger.chain_state import judge
from ledger.fabric import endorse as endorsing
from ledger.fabric.client import Proposal
from ledger.fabric.endorse import Judge, endorse, endorse_widely
from ledger.fabric.gateway import Chain, Endorsed, Gateway
from ledger.seal import seal
from tests.e2e.world import World


def test_one_that_lags_is_asked_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it signs before it has the block is really that: the anchor is absent."""
    ledger, chain = world.ledger, world.chain
    *three, last = chain.organisations
    world.receive("档案", {"a.txt": b"a"})
    sealed = seal(ledger)
    assert sealed is not None
    reading = attesting._reading(ledger, chain, sealed.number)
    lagging = endorse(chain, reading, [last], 1, judge(ledger))
    assert anchor(ledger, chain) is not None

    def without_the_last(chain: Chain, offer: Proposal, judged: Judge) -> Endorsed:
        return endorse(chain, offer, three, len(three), judged)

    with monkeypatch.context() as away:
        away.setattr(attesting, "endorse_widely", without_the_last)
        attested = attest(ledger, chain)
    assert attested is not None
    assert attested.missing == (last,)
    with monkeypatch.context() as back:
        back.setattr(attesting, "endorse", lambda *_: lagging)
        assert attest_rest(ledger, chain) is None
    completed = attest_rest(ledger, chain)
    assert completed is not None
    assert completed.missing == ()


def test_half_of_them_that_lag_are_asked_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What they really answered before they had the block: without a majority it is no refusal yet."""
    ledger, chain = world.ledger, world.chain
    world.receive("档案", {"a.txt": b"a"})
    sealed = seal(ledger)
    assert sealed is not None
    reading = attesting._reading(ledger, chain, sealed.number)
    early = {one.peer.msp: one.endorser.ProcessProposal(reading.message) for one in chain.gateways[:2]}
    assert anchor(ledger, chain) is not None
    start = endorsing._start

    def lagging_once(gateway: Gateway, offer: Proposal, seconds: float) -> Callable[[], Any]:
        answer = early.pop(gateway.peer.msp, None)
        if answer is None:
            return start(gateway, offer, seconds)
        given: Future[Any] = Future()
        given.set_result(answer)
        return lambda: given

    monkeypatch.setattr(endorsing, "_start", lagging_once)
    endorsed = endorse_widely(chain, reading, judge(ledger))
    assert early == {}
    assert endorsed.organisations == chain.organisations
    assert endorsed.refusals == ()
