"""WeChat's errcodes and what each means to us. A number not listed is a plain WeChatRefused."""

import re

from app.clients.wechat import errors
from app.clients.wechat.errors import WeChatError, WeChatRefused

ERRCODES: dict[int, type[WeChatError]] = {
    -1: errors.WeChatUnavailable,  # system busy
    40001: errors.TokenRefused,  # not the latest token
    40014: errors.TokenRefused,  # malformed token
    42001: errors.TokenRefused,  # expired token
    40003: errors.BadOpenid,
    49003: errors.BadOpenid,  # openid of another account
    43004: errors.NotFollowing,
    43019: errors.NotFollowing,  # blacklisted
    40037: errors.BadTemplate,
    43116: errors.BadTemplate,  # template banned
    47003: errors.BadField,
    43101: errors.NoCredit,
    45015: errors.OutOfWindow,  # 48 hours passed
    45047: errors.OutOfWindow,  # too many after one action
    40036: errors.BadPage,
    40165: errors.BadPage,
    41030: errors.BadPage,
    40007: errors.MediaGone,
    46003: errors.NoMenu,
    40029: errors.CodeInvalid,
    41008: errors.CodeInvalid,  # no code
    42003: errors.CodeInvalid,  # expired
    40163: errors.CodeUsed,
    45009: errors.QuotaExceeded,  # of the day
    45011: errors.QuotaExceeded,  # of the minute
    48006: errors.QuotaExceeded,  # of clear_quota
    40013: errors.ConfigWrong,  # appid
    40125: errors.ConfigWrong,  # secret
    40164: errors.ConfigWrong,  # our address is not in the account's list
    40243: errors.ConfigWrong,  # secret frozen
    41002: errors.ConfigWrong,  # appid missing
    41004: errors.ConfigWrong,  # secret missing
    48001: errors.ConfigWrong,  # the account may not use this call
    48004: errors.ConfigWrong,  # call banned
    50002: errors.ConfigWrong,  # account limited
    50004: errors.ConfigWrong,
    50007: errors.ConfigWrong,  # account closed
    89501: errors.ConfigWrong,  # address waits for the administrator's consent
    89503: errors.ConfigWrong,
    89506: errors.ConfigWrong,
    89507: errors.ConfigWrong,
}

_RID = re.compile(r"\brid: ?([0-9a-f]{8}(?:-[0-9a-f]{8}){2})\b")
_FIELD = re.compile(r"\bdata\.(\w{1,40})\.value\b")
_ADDRESS = re.compile(r"\binvalid ip ((?:\d{1,3}\.){3}\d{1,3}|[0-9a-f:]{3,45})\b")


def error_for(errcode: int, errmsg: object, path: str) -> WeChatError:
    """The error for an answer. Of its text only the id, the field's name and our own address are kept."""
    text = str(errmsg)
    rid, found = _RID.search(text), _FIELD.search(text) or _ADDRESS.search(text)
    kind = ERRCODES.get(errcode, WeChatRefused)
    return kind(errcode, path, rid.group(1) if rid else "", found.group(1) if found else "")
