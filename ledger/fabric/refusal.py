"""Why the network did not do what was asked: one refusal for each peer or orderer that was tried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import grpc
from fabric_protos.gateway import gateway_pb2
from google.rpc import status_pb2

from ledger.fabric.connection import Peer
from verifier.canonical import parse
from verifier.errors import ChainError, EvidenceError, found_text
from verifier.shape import members

_MARK = "archive-ledger refusal "
_DETAILS = "grpc-status-details-bin"


@dataclass(frozen=True)
class Refusal:
    """`code` is the chaincode's refusal code, or empty when the chaincode did not give one."""

    msp: str
    address: str
    message: str
    code: str
    at: str
    expected: str
    found: str


class RefusedError(ChainError):
    """A ChainError with each organisation's reason."""

    def __init__(self, code: str, refusals: Sequence[Refusal], at: str, expected: str, found: str) -> None:
        super().__init__(code, at, expected, found)
        self.refusals = tuple(refusals)


def read_refusal(error: grpc.RpcError, gateway: Peer) -> list[Refusal]:
    """The reasons in a gateway's answer, by organisation; the gateway's own when it names none."""
    metadata: dict[str, str | bytes] = (
        dict(error.trailing_metadata() or ()) if isinstance(error, grpc.Call) else {}
    )
    details = metadata.get(_DETAILS)
    refusals = []
    if isinstance(details, bytes):
        for packed in status_pb2.Status.FromString(details).details:
            detail = gateway_pb2.ErrorDetail()
            if packed.Unpack(detail):
                refusals.append(_refusal(detail.msp_id, detail.address, detail.message))
    if refusals:
        return refusals
    text = f"{error.code().name}: {error.details()}" if isinstance(error, grpc.Call) else str(error)
    return [_refusal("", gateway.address, text)]


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
    return Refusal(msp, address, message, "", "", "", found_text(message, 300))


def chain_error(refusals: Sequence[Refusal]) -> RefusedError:
    """CHAIN_REFUSED when a chaincode gave a reason, else CHAIN_UNREACHABLE."""
    reasoned = [r for r in refusals if r.code]
    if reasoned:
        first = reasoned[0]
        who = ", ".join(sorted({r.msp for r in reasoned}))
        return RefusedError(
            "CHAIN_REFUSED",
            refusals,
            f"{who} {first.at}".strip(),
            first.expected,
            f"{first.code} {first.found}",
        )
    named = "; ".join(dict.fromkeys(f"{r.msp or r.address}: {r.found}" for r in refusals))
    return RefusedError("CHAIN_UNREACHABLE", refusals, "", "", found_text(named, 600))
