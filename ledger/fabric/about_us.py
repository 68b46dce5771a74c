"""Refusals that say something of ourselves: our clock is wrong, or our certificate does not count."""

from __future__ import annotations

import re
from collections.abc import Iterable

# CLOCK is the chaincode's own code (docs/formats.md section 15); peers and orderers only have words.
CLOCK, CLIENT_DENIED = "CLOCK", "CLIENT_DENIED"
# fabric/core/handlers/auth/filter/timewindow.go
_WINDOW = re.compile(
    r"request unauthorized due to incorrect timestamp (\S+), peer time (\S+), "
    r"peer\.authentication\.timewindow (\S+)"
)
# fabric/core/endorser/endorser.go, core/handlers/auth/filter/expiration.go; an orderer's channel writers.
_DENIED = re.compile(r"access denied: channel|client identity expired|'Writers' sub-policies")


def words_of_fabric(message: str) -> tuple[str, str, str, str] | None:
    """Code, place, expected and found of a refusal that Fabric itself gives; None for another one."""
    window = _WINDOW.search(message)
    if window is not None:
        return CLOCK, "transaction time", f"{window[2]} ± {window[3]}", window[1]
    if _DENIED.search(message):
        return CLIENT_DENIED, "client certificate", "a member of the channel", message
    return None


def about_us(codes: Iterable[tuple[str, str]], of: int) -> str | None:
    """CLOCK or CLIENT_DENIED if most organisations say so. `codes`: (MSP id, code); `of`: organisations.

    Either so many of them are wrong, or we are.
    """
    said = list(codes)
    for code in (CLOCK, CLIENT_DENIED):
        if len({msp for msp, one in said if msp and one == code}) > of // 2:
            return code
    return None
