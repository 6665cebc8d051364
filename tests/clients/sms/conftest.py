"""A running sandbox for the adapter."""

from tests.vendors import _vendor_server, vendors  # noqa: F401 - fixtures
