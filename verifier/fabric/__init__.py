"""What Fabric signed, read strictly and judged offline. docs/formats.md sections 13 and 14.

Octets in, values out: no socket, no file, no other reader of protobuf. The order of trust is

    trust root -> history (configurations) -> quorum (one block) -> anchoring (one transaction in it)
               -> endorsement (who simulated it) -> attestation (who says that it is committed)
"""
