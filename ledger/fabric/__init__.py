"""The Fabric Gateway client: the only part of the ledger that speaks to the network."""
