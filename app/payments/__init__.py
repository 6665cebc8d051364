"""Orders, channels, ledger, refunds and fulfilments: the one place where money is."""
