"""What `doctor` looks at: the machine, the network, the ledger. Every check says ok, problem or could not check."""
