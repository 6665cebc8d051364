"""The engine: how a case walks through its definition. In memory; loading and saving is for the service."""
