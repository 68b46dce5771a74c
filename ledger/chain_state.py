"""What the chain holds of one ledger, asked of the chaincode. docs/formats.md section 8.

What one organisation says may be wrong, or old: its peer may have been started again a moment ago. Where
something rests on the answer, it counts once more organisations say so than may misbehave.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from ledger.configurations import history, sync_configurations
from ledger.fabric.endorse import Judge, endorse_widely
from ledger.fabric.gateway import VALID, Chain, commit_status, evaluate, evaluate_all, proposal, submit
from ledger.fabric.refusal import Refusal, RefusedError, too_few
from ledger.handle import Ledger
from verifier.anchor import Anchor, absent, anchor_key, head_key, parse_anchor
from verifier.errors import ChainError, EvidenceError
from verifier.fabric.anchoring import Place
from verifier.fabric.endorsement import check_endorsements
from verifier.fabric.transaction import read_transaction

# How long an organisation is waited for that has not read the block in which the ledger was opened.
OPEN_SECONDS = 10.0


def place(ledger: Ledger) -> Place:
    """Where the ledger's anchors stand."""
    return Place(ledger.settings.channel, ledger.settings.chaincode, ledger.id)


def judge(ledger: Ledger) -> Judge:
    """Who signed an answer, under the newest configuration kept; nothing that does not hold is passed on."""
    newest = history(ledger).newest
    return lambda payload: check_endorsements(read_transaction(payload, "answer"), newest, "answer")


def open_on_chain(ledger: Ledger, chain: Chain) -> bool:
    """Registers the ledger, and returns when all that answer know it; False if it was there.
    Raises ChainError, and as `sync_configurations`.
    """
    sync_configurations(ledger, chain)
    arguments = ["Open", ledger.origin, ledger.public_key.hex(), ledger.settings.role]
    try:
        endorsed = endorse_widely(chain, proposal(chain, arguments), judge(ledger))
    except RefusedError as error:
        if any(one.code == "LEDGER_EXISTS" for one in error.refusals):
            return False
        raise
    submit(chain, endorsed)
    commit = commit_status(chain, endorsed.txid)
    if commit.code != VALID:
        raise ChainError("TRANSACTION_INVALID", f"block {commit.block}", "VALID", str(commit.code))
    _wait_for_all(chain, [word.encode() for word in arguments])
    return True


def _wait_for_all(chain: Chain, opening: Sequence[bytes]) -> None:
    """Peers have a block one after the other. Whoever would still open the ledger has not read that it is
    open, and would refuse its first batch."""
    deadline = time.monotonic() + OPEN_SECONDS
    while evaluate_all(chain, opening)[0] and time.monotonic() < deadline:
        time.sleep(0.05)


def head(ledger: Ledger, chain: Chain) -> Anchor | None:
    """The newest anchor, by one organisation's word. Raises ChainError."""
    value = evaluate(chain, chain.connection.chaincode, [b"Head", ledger.id.hex().encode()])
    return None if value == absent(head_key(ledger.id)) else parse_anchor(value, "chain")


def states(ledger: Ledger, chain: Chain) -> tuple[dict[str, int], tuple[Refusal, ...]]:
    """The number of the newest anchor by each organisation that answers, −1 for none; why others did not."""
    answers, refusals = evaluate_all(chain, [b"Head", ledger.id.hex().encode()])
    numbers = {msp: _number(ledger, value) for msp, value in answers.items()}
    return {msp: number for msp, number in numbers.items() if number is not None}, refusals


def heads(ledger: Ledger, chain: Chain) -> tuple[int, ...]:
    """The same, highest first. Raises ChainError when so few answer that none of them need be honest."""
    found, refusals = states(ledger, chain)
    if len(found) < credible(chain):
        raise too_few(refusals, credible(chain), len(chain.organisations))
    return tuple(sorted(found.values(), reverse=True))


def agreed_head(ledger: Ledger, chain: Chain) -> int:
    """The number of the newest anchor, −1 for none, by the word of so many that one of them is honest.
    Raises ChainError."""
    return heads(ledger, chain)[credible(chain) - 1]


def credible(chain: Chain) -> int:
    """How many must say a thing so that one at least is honest: one more than may misbehave, (n − 1) // 3."""
    return (len(chain.organisations) - 1) // 3 + 1


def anchor_bytes(ledger: Ledger, chain: Chain, batch: int) -> bytes | None:
    """The exact bytes of one anchor, by one organisation's word. Raises ChainError."""
    value = evaluate(chain, chain.connection.chaincode, _get(ledger, batch))
    return None if value == absent(anchor_key(ledger.id, batch)) else value


def agreed_anchor_bytes(ledger: Ledger, chain: Chain, batch: int) -> bytes | None:
    """The same, by the word of so many that one of them is honest; None if no so many have it yet.
    Raises ChainError."""
    answers, refusals = evaluate_all(chain, _get(ledger, batch))
    if len(answers) < credible(chain):
        raise too_few(refusals, credible(chain), len(chain.organisations))
    said = [value for value in answers.values() if value != absent(anchor_key(ledger.id, batch))]
    most = max(said, key=said.count, default=b"")
    return most if said.count(most) >= credible(chain) else None


def _get(ledger: Ledger, batch: int) -> Sequence[bytes]:
    return [b"Get", ledger.id.hex().encode(), str(batch).encode()]


def _number(ledger: Ledger, value: bytes) -> int | None:
    """None for an answer that is not one."""
    if value == absent(head_key(ledger.id)):
        return -1
    try:
        return parse_anchor(value, "chain").batch
    except EvidenceError:
        return None
