"""Names of organisations as pages show them; the MSP id where no name is known."""

from __future__ import annotations

from pathlib import Path

from api.language import text
from verifier.errors import CallerError


def organisation_names(connection: Path) -> dict[str, tuple[str, str]]:
    """MSP id → (Chinese, English), of connection.json. Raises CallerError CONNECTION_MISSING or …_FORM."""
    from ledger.fabric.connection import read_connection

    return {peer.msp: (peer.name_zh, peer.name_en) for peer in read_connection(connection).peers}


def known_organisations(connection: Path) -> dict[str, tuple[str, str]]:
    """As `organisation_names`. Without the network's file there are none; ids then stand for themselves."""
    try:
        return organisation_names(connection)
    except CallerError:
        return {}


def organisation(msp: str, names: dict[str, tuple[str, str]]) -> str:
    return text(*names[msp]) if msp in names else msp
