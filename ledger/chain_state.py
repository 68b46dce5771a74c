"""What the chain holds of one ledger, asked of the chaincode. docs/formats.md section 8."""

from __future__ import annotations

from ledger.fabric.gateway import Chain, commit_status, endorse_widely, evaluate, proposal, submit
from ledger.handle import Ledger
from verifier.anchor import Anchor, absent, anchor_key, head_key, parse_anchor
from verifier.errors import ChainError

_VALID = 0


def open_on_chain(ledger: Ledger, chain: Chain) -> bool:
    """Registers the ledger; False if it was there. Raises ChainError."""
    arguments = ["Open", ledger.origin, ledger.public_key.hex(), ledger.settings.role]
    try:
        endorsed = endorse_widely(chain, lambda: proposal(chain, arguments))
    except ChainError as error:
        if error.found.startswith("LEDGER_EXISTS"):
            return False
        raise
    submit(chain, endorsed)
    commit = commit_status(chain, endorsed.txid)
    if commit.code != _VALID:
        raise ChainError("TRANSACTION_INVALID", f"block {commit.block}", "VALID", str(commit.code))
    return True


def head(ledger: Ledger, chain: Chain) -> Anchor | None:
    """The newest anchor, by one organisation's word. Raises ChainError."""
    return _answer(chain, ["Head", ledger.id.hex()], head_key(ledger.id))


def anchor_bytes(ledger: Ledger, chain: Chain, batch: int) -> bytes | None:
    """The exact bytes of one anchor, by one organisation's word. Raises ChainError."""
    arguments = [b"Get", ledger.id.hex().encode(), str(batch).encode()]
    value = evaluate(chain, chain.connection.chaincode, arguments)
    return None if value == absent(anchor_key(ledger.id, batch)) else value


def _answer(chain: Chain, arguments: list[str], key: str) -> Anchor | None:
    value = evaluate(chain, chain.connection.chaincode, [a.encode() for a in arguments])
    return None if value == absent(key) else parse_anchor(value, "chain")
