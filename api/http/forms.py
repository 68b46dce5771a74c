"""What bodies have in common: members are named, nothing unknown is taken."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from api.http.problem import refuse
from verifier.canonical import base64_bytes
from verifier.errors import EvidenceError

BASE64 = r"^[A-Za-z0-9+/]*={0,2}$"
BASE64URL = r"^[A-Za-z0-9_-]*$"
HEX32 = r"^[0-9a-f]{64}$"
UUID = r"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"


class Body(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, validate_by_name=True, validate_by_alias=True
    )


def base64_octets(text: str, at: str) -> bytes:
    """Raises ProblemError REQUEST_INVALID."""
    try:
        return base64_bytes(text, at)
    except EvidenceError as error:
        raise refuse("REQUEST_INVALID", error.at, error.expected, error.found) from error
