"""Use-cases of payments that talk to channels and vendors: short transactions around each call."""
