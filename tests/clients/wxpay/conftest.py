"""WeChat Pay's fixtures."""

from tests.wxpay import _bank, bank, receiver, wx

__all__ = ["_bank", "bank", "receiver", "wx"]
