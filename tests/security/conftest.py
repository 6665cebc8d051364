"""Fixtures of the tests of attacks."""

from tests.miniapps.electricity.conftest import _vendor_server, dorm, vendors
from tests.outside import _sandbox, outside

__all__ = ["_sandbox", "_vendor_server", "dorm", "outside", "vendors"]
