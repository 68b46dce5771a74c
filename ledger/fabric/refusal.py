"""Why the network did not do what was asked: one refusal for each peer or orderer that was tried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import grpc
from fabric_protos.gateway import gateway_pb2
from google.rpc import status_pb2

from ledger.alarms import CHAIN_NO_QUORUM
from ledger.fabric.about_us import CLOCK, about_us, words_of_fabric
from ledger.fabric.connection import Peer
from verifier.canonical import parse
from verifier.errors import ChainError, EvidenceError, found_text
from verifier.fabric.quorum import quorum_of
from verifier.shape import members

_MARK = "archive-ledger refusal "
_DETAILS = "grpc-status-details-bin"
# The gateway's own words (fabric/internal/pkg/gateway/submit.go) when too few orderers took a transaction.
_NO_QUORUM = "to satisfy quorum requirement"
# An orderer's words (SmartBFT's request pool) for a transaction that it holds or has ordered.
_HAVE_IT = "request already"


@dataclass(frozen=True)
class Refusal:
    """`code` is the chaincode's refusal code, or empty when the chaincode did not give one. `orderer`: it
    was the organisation's orderer, not its peer."""

    msp: str
    address: str
    message: str
    code: str
    at: str
    expected: str
    found: str
    orderer: bool = False

    def __str__(self) -> str:
        return f"{self.msp or self.address}: {self.code} {self.found}".replace(":  ", ": ")


class RefusedError(ChainError):
    """A ChainError with each organisation's reason."""

    def __init__(self, code: str, refusals: Sequence[Refusal], at: str, expected: str, found: str) -> None:
        super().__init__(code, at, expected, found)
        self.refusals = tuple(refusals)


def read_refusal(error: grpc.RpcError, peer: Peer) -> list[Refusal]:
    """The reasons in a peer's answer, by organisation; its own when it names none."""
    text = f"{error.code().name}: {error.details()}" if isinstance(error, grpc.Call) else str(error)
    named = [_refusal(one.msp_id, one.address, one.message) for one in _details(error)]
    if _NO_QUORUM in text:
        return [replace(one, orderer=True) for one in named or [refusal_of(peer, text)]]
    return named or [refusal_of(peer, text)]


def refusal_of(peer: Peer, message: str) -> Refusal:
    """What this organisation's peer said, or what is said of it."""
    return _refusal(peer.msp, peer.address, message)


def silent(error: grpc.RpcError) -> bool:
    """Whether the peer itself did not answer: it is gone, or does not get on."""
    gone = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)
    return isinstance(error, grpc.Call) and error.code() in gone and not _details(error)


def chain_error(refusals: Sequence[Refusal], of: int, expected: str = "") -> RefusedError:
    """OWN_CLOCK or CLIENT_DENIED when most of the `of` organisations refused our time or certificate;
    CHAIN_REFUSED when one gave a reason, else CHAIN_UNREACHABLE. Names every organisation."""
    reasoned = [r for r in refusals if r.code]
    ours = about_us(((r.msp, r.code) for r in reasoned), of)
    if ours is not None:
        first = next(r for r in reasoned if r.code == ours)
        code = "OWN_CLOCK" if ours == CLOCK else ours
        return RefusedError(code, refusals, first.at, first.expected, first.found)
    if reasoned and len({r.code for r in refusals}) == 1:
        first = reasoned[0]
        who = ", ".join(sorted({r.msp for r in reasoned}))
        return RefusedError(
            "CHAIN_REFUSED",
            refusals,
            f"{who} {first.at}".strip(),
            first.expected,
            f"{first.code} {first.found}",
        )
    code = "CHAIN_REFUSED" if reasoned else "CHAIN_UNREACHABLE"
    return RefusedError(code, refusals, "", expected, named(refusals))


def too_few(refusals: Sequence[Refusal], needed: int, of: int) -> RefusedError:
    """Too few organisations endorsed."""
    return chain_error(refusals, of, f"≥ {needed} / {of}")


def too_few_orderers(refusals: Sequence[Refusal], of: int) -> RefusedError | None:
    """CHAIN_NO_QUORUM with every orderer that did not take the transaction; None if enough have it.

    Nothing can be ordered now, though later may be what the others hold.
    """
    needed = quorum_of(of)
    without = [one for one in refusals if one.orderer and _HAVE_IT not in one.message]
    if of - len({one.msp for one in without}) >= needed:
        return None
    return RefusedError(CHAIN_NO_QUORUM, refusals, "", f"≥ {needed} / {of}", named(without))


def named(refusals: Sequence[Refusal]) -> str:
    return found_text("; ".join(dict.fromkeys(str(r) for r in refusals)), 900)


def _details(error: grpc.RpcError) -> list[gateway_pb2.ErrorDetail]:
    metadata: dict[str, str | bytes] = (
        dict(error.trailing_metadata() or ()) if isinstance(error, grpc.Call) else {}
    )
    found = []
    details = metadata.get(_DETAILS)
    if isinstance(details, bytes):
        for packed in status_pb2.Status.FromString(details).details:
            detail = gateway_pb2.ErrorDetail()
            if packed.Unpack(detail):
                found.append(detail)
    return found


def _refusal(msp: str, address: str, message: str) -> Refusal:
    _, mark, reason = message.partition(_MARK)
    if mark:
        try:
            m = members(parse(reason.encode(), "refusal"), "refusal", ("at", "code", "expected", "found"))
            return Refusal(
                msp,
                address,
                message,
                m.text("code"),
                m.text("at"),
                m.text("expected"),
                m.text("found"),
            )
        except EvidenceError:
            return Refusal(msp, address, message, "REFUSAL_UNREADABLE", "", "", found_text(reason))
    said = words_of_fabric(message)
    if said is not None:
        code, at, expected, found = said
        return Refusal(msp, address, message, code, at, expected, found_text(found, 300))
    return Refusal(msp, address, message, "", "", "", found_text(message, 300))
