"""Fixtures of identity's tests."""

from tests.outside import _sandbox, outside

__all__ = ["_sandbox", "outside"]
