"""The codes that other parts act upon, each in one place by what it means for the ledger."""

from __future__ import annotations

CHAIN_AHEAD = "CHAIN_AHEAD"
CHAIN_BEHIND = "CHAIN_BEHIND"
CHAIN_COMMIT_WAITS = "CHAIN_COMMIT_WAITS"
CHAIN_NO_QUORUM = "CHAIN_NO_QUORUM"
CHAIN_OTHER_ANCHOR = "CHAIN_OTHER_ANCHOR"

# Store and chain are of different age, as after a restore: no sign that anything was changed.
OF_ANOTHER_AGE = frozenset([CHAIN_AHEAD, CHAIN_BEHIND])

# Another transaction at once would wait beside this one.
ORDERERS_WAIT = frozenset([CHAIN_COMMIT_WAITS, CHAIN_NO_QUORUM])

# What makes going on dangerous: store and chain disagree. Somebody must look before anything is written.
ALARMS = OF_ANOTHER_AGE | {
    "ANCHOR_DIFFERS",
    "ANCHOR_MISSING",
    "BATCH_ROOT",
    "BATCH_TILES",
    "CERTIFICATE_DIGEST",
    "CERTIFICATE_MISSING",
    CHAIN_OTHER_ANCHOR,
    "ITEM_DIGEST",
    "LIST_SIZE",
    "LOG_EDGE",
    "STATEMENT_DIGEST",
    "STORE_COLUMN",
}
