"""Fixtures of the tests of attacks."""

from tests.outside import _sandbox, outside

__all__ = ["_sandbox", "outside"]
