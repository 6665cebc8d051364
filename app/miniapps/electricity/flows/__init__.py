"""Use-cases of electricity that talk to the vendors."""
