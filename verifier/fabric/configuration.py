"""What a channel's configuration means to the checks, as values.

`config_reader` reads it from an envelope, `history` chains it from block to block.
"""

from __future__ import annotations

from dataclasses import dataclass

from cryptography import x509

from verifier.errors import EvidenceError, found_text
from verifier.fabric.organisation import Organisation


@dataclass(frozen=True)
class Consenter:
    """One voice in the ordering. `revoked`: its certificate is in its own organisation's CRL."""

    id: int
    msp: str
    certificate: x509.Certificate
    revoked: bool


@dataclass(frozen=True)
class Content:
    """What a CONFIG envelope says.

    `consenters` ascend by id. `organisations` are those of the Application group, by MSP id, sorted.
    """

    channel: str
    sequence: int
    consenters: tuple[Consenter, ...]
    organisations: dict[str, Organisation]


@dataclass(frozen=True)
class Configuration:
    """A configuration in its block. `previous` and `header_hash` are the block's."""

    number: int
    previous: bytes
    header_hash: bytes
    content: Content

    @property
    def channel(self) -> str:
        return self.content.channel

    @property
    def sequence(self) -> int:
        return self.content.sequence

    @property
    def consenters(self) -> tuple[Consenter, ...]:
        return self.content.consenters

    @property
    def organisations(self) -> dict[str, Organisation]:
        return self.content.organisations

    @property
    def majority(self) -> int:
        """More than half of the Application organisations."""
        return len(self.organisations) // 2 + 1

    def organisation(self, msp: str, at: str) -> Organisation:
        """Raises EvidenceError NODE_MSP_UNKNOWN."""
        found = self.organisations.get(msp)
        if found is None:
            raise EvidenceError("NODE_MSP_UNKNOWN", at, " ".join(self.organisations), found_text(msp))
        return found
