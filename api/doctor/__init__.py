"""What `doctor` looks at: machine, network, ledger. A check says ok, problem, or could not check."""
