"""The official Fabric messages, in one place.

The generated modules build their classes at import time and carry no type information, so each is
`Any` here; what leaves this package is parsed into our own types.
"""

import importlib
from typing import Any


def _load(name: str) -> Any:
    return importlib.import_module(f"fabric_protos.{name}")


common: Any = _load("common.common_pb2")
configtx: Any = _load("common.configtx_pb2")
channel_configuration: Any = _load("common.configuration_pb2")
ledger: Any = _load("common.ledger_pb2")
policies: Any = _load("common.policies_pb2")
identities: Any = _load("msp.identities_pb2")
msp_config: Any = _load("msp.msp_config_pb2")
principal: Any = _load("msp.msp_principal_pb2")
ab_grpc: Any = _load("orderer.ab_pb2_grpc")
orderer_configuration: Any = _load("orderer.configuration_pb2")
smartbft: Any = _load("orderer.smartbft.configuration_pb2")
peer_configuration: Any = _load("peer.configuration_pb2")
chaincode: Any = _load("peer.chaincode_pb2")
lifecycle: Any = _load("peer.lifecycle.lifecycle_pb2")
peer_grpc: Any = _load("peer.peer_pb2_grpc")
policy: Any = _load("peer.policy_pb2")
proposal: Any = _load("peer.proposal_pb2")
query: Any = _load("peer.query_pb2")
transaction: Any = _load("peer.transaction_pb2")
gateway: Any = _load("gateway.gateway_pb2")
gateway_grpc: Any = _load("gateway.gateway_pb2_grpc")
