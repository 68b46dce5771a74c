"""The text of a sign-in challenge: what a person's key signs, and what a client looks at before it does.

archive-ledger sign-in v1
<address of the service>
<the ledger's origin>
<the ledger's id, hex>
<32 random octets, base64url>
<the instant it ends>
<the service's own mark, base64url>
"""

from __future__ import annotations

FIRST_LINE = "archive-ledger sign-in v1"


def challenge_text(url: str, origin: str, ledger: str, nonce: str, ends: str, mark: str) -> str:
    return "\n".join((FIRST_LINE, url, origin, ledger, nonce, ends, mark, ""))


def is_challenge_of(text: str, url: str) -> bool:
    """Whether it is a challenge of the service at `url`, and so nothing else that a signature could serve."""
    lines = text.split("\n")
    return len(lines) == 8 and lines[:2] == [FIRST_LINE, url] and lines[7] == ""


def origin_of(challenge: str) -> str:
    """The origin of the ledger that a challenge is for."""
    return challenge.split("\n")[2]
