"""The one gateway call that tells whether the network can work: an endorsement by every organisation."""

import grpc

from network import protos
from network.calls import Caller, CallError, dialled, said
from network.layout import Kind
from network.signing import Signer, propose

# Every contract of the Go contract API answers this, whatever it is for.
_METADATA = b"org.hyperledger.fabric:GetMetadata"


def endorsed_by_all(
    caller: Caller, client: Signer, channel: str, chaincode: str, organisations: tuple[str, ...]
) -> None:
    """Has this organisation's gateway gather an endorsement by all `organisations`, submitting nothing.

    That needs discovery, every peer and every chaincode process. Raises CallError with the reasons.
    """
    proposal = propose(client, channel, chaincode, (_METADATA,))
    request = protos.gateway.EndorseRequest(
        transaction_id=proposal.transaction_id,
        channel_id=channel,
        proposed_transaction=proposal.signed,
        endorsing_organizations=organisations,
    )
    try:
        with dialled(caller, Kind.PEER) as connection:
            protos.gateway_grpc.GatewayStub(connection).Endorse(request, timeout=10)
    except grpc.RpcError as error:
        raise CallError(said(error)) from error
