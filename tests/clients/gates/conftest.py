"""A running sandbox for the adapters."""

from tests.vendors import _vendor_server, vendors  # noqa: F401 - fixtures
