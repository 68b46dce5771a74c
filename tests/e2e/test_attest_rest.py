"""An organisation that was away attests later; one that is back and still lags is asked again."""

from __future__ import annotations

import pytest

from ledger import attest as attesting
from ledger.anchor import anchor
from ledger.attest import attest, attest_rest
from ledger.chain_state import judge
from ledger.fabric.client import Proposal
from ledger.fabric.endorse import Judge, endorse
from ledger.fabric.gateway import Chain, Endorsed
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
