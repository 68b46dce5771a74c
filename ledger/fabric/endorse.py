"""Endorsement: every organisation's own peer is asked, all at once, and their signatures put together here.

Not by a gateway, which could gather them for us: one answers with an error as soon as one of the
organisations asked has no peer alive; it lets whoever answers first decide what the others should have
said; and the transaction would be one that somebody else wrote and we sign.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import grpc

from ledger.fabric.answers import NO_ANSWER, OTHER_ANSWER
from ledger.fabric.asking import Asking
from ledger.fabric.client import Proposal, assemble
from ledger.fabric.gateway import Chain, Endorsed, Gateway
from ledger.fabric.refusal import Refusal, RefusedError, read_refusal, refusal_of, too_few
from verifier.errors import EvidenceError

ENDORSE_SECONDS = 60.0
# Peers write the same block at different moments, and until the last has it they read different states.
LAG_SECONDS = 10.0
_SUCCESS = range(200, 400)

# The organisations that signed a payload. Raises EvidenceError when a signature does not hold.
Judge: TypeAlias = Callable[[bytes], tuple[str, ...]]


def endorse_widely(chain: Chain, offer: Proposal, judge: Judge) -> Endorsed:
    """Endorsement by every organisation that answers, a majority at least, all with the same answer.

    One that is down, slow, of another opinion or signs wrongly is left out and named; where that leaves no
    majority, those who differ are asked again for a while.
    Raises ChainError CHAIN_REFUSED or CHAIN_UNREACHABLE with every organisation's reason.
    """
    deadline = time.monotonic() + LAG_SECONDS
    while True:
        try:
            return endorse(chain, offer, chain.organisations, len(chain.organisations) // 2 + 1, judge)
        except RefusedError as error:
            differ = any(one.message == OTHER_ANSWER for one in error.refusals)
            if not differ or time.monotonic() > deadline:
                raise
        time.sleep(0.1)


def endorse(
    chain: Chain,
    offer: Proposal,
    organisations: Sequence[str],
    needed: int,
    judge: Judge,
    seconds: float = ENDORSE_SECONDS,
) -> Endorsed:
    """Asks these organisations; `needed` of them must answer the same within `seconds`.
    Raises as `endorse_widely`."""
    gateways = {one.peer.msp: one for one in chain.gateways if one.peer.msp in organisations}
    answers: dict[bytes, dict[str, Any]] = {}
    refusals: list[Refusal] = []
    asking = Asking({msp: _start(one, offer, seconds) for msp, one in gateways.items()}, chain.doubt)

    def decided() -> bool:
        most = max((len(same) for same in answers.values()), default=0)
        return most >= needed or most + len(asking.outstanding) < needed

    while (done := asking.next(enough=decided())) is not None:
        msp, future = done
        try:
            answer = _answer(future, gateways[msp], offer, judge)
        except _NotEndorsedError as error:
            refusals += error.refusals
        else:
            answers.setdefault(answer.payload, {})[msp] = answer.endorsement
    refusals += [refusal_of(gateways[msp].peer, NO_ANSWER) for msp in asking.give_up()]
    payload, given = max(answers.items(), key=lambda one: len(one[1]), default=(b"", {}))
    refusals += [
        refusal_of(gateways[msp].peer, OTHER_ANSWER)
        for other, same in answers.items()
        if other != payload
        for msp in same
    ]
    if len(given) < needed:
        raise too_few(refusals, needed, len(chain.organisations))
    by = tuple(sorted(given))
    whole = assemble(offer, payload, [given[msp] for msp in by])
    return Endorsed(offer.txid, whole, by, tuple(sorted(refusals, key=lambda one: one.msp)))


class _NotEndorsedError(Exception):
    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__()
        self.refusals = refusals


def _start(gateway: Gateway, offer: Proposal, seconds: float) -> Callable[[], Any]:
    return lambda: gateway.endorser.ProcessProposal.future(offer.message, timeout=seconds)


def _answer(future: Any, gateway: Gateway, offer: Proposal, judge: Judge) -> Any:
    """peer.ProposalResponse. Raises _NotEndorsedError."""
    try:
        answer = future.result()
    except grpc.RpcError as error:
        raise _NotEndorsedError(read_refusal(error, gateway.peer)) from None
    if answer.response.status not in _SUCCESS:
        raise _NotEndorsedError([refusal_of(gateway.peer, answer.response.message)])
    try:
        signed_by = judge(assemble(offer, answer.payload, [answer.endorsement]))
        if signed_by != (gateway.peer.msp,):
            raise EvidenceError("NODE_CERTIFICATE_ISSUER", "endorser", gateway.peer.msp, " ".join(signed_by))
    except EvidenceError as error:
        raise _NotEndorsedError([refusal_of(gateway.peer, str(error))]) from None
    return answer
