"""ISIMS on the wire, letter for letter."""

import hashlib

import pytest

from app.clients.line import Line, LineSettings
from app.clients.meters.isims.soap import Isims, sign

ARGUMENTS = {
    "orderid": "E26112200001A",
    "cztype": "M2A3171",
    "roomdm": "M2A317",
    "money": "50.00",
}
# printf 'M2A3171|50.00|E26112200001A|M2A317key' | md5sum
SIGNATURE = "F54C89880039302A3685EA72ADC64B43"


def envelope(arguments: dict[str, str]) -> bytes:
    isims = Isims("http://127.0.0.1:1/", "key", Line("isims", LineSettings()), {})
    body = isims._request("TopUp", arguments).body
    assert isinstance(body, bytes)
    return body


def test_the_key_goes_over_the_values_by_name():
    assert sign(ARGUMENTS, "key") == SIGNATURE
    assert sign(dict(reversed(ARGUMENTS.items())), "key") == SIGNATURE
    assert sign(ARGUMENTS, "kez") != SIGNATURE


def test_the_envelope_is_as_the_vendor_shows_it():
    assert envelope(ARGUMENTS).decode("gbk") == (
        '<?xml version="1.0" encoding="GBK"?>'
        '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
        f'<TopUp xmlns="www.cdgf.com"><signkey>{SIGNATURE}</signkey><orderid>E26112200001A</orderid>'
        "<cztype>M2A3171</cztype><roomdm>M2A317</roomdm><money>50.00</money></TopUp>"
        "</soap:Body></soap:Envelope>"
    )


@pytest.mark.parametrize("name", ["龘犇楼 & <1>", "䶮园", "𠮷祥楼"])
def test_every_character_gets_into_the_envelope(name):
    body = envelope({"roomdm": name}).decode("gbk")
    shown = "".join(c if c.encode("gbk", "ignore") else f"&#{ord(c)};" for c in name.replace("&", "&amp;"))
    assert f"<roomdm>{shown.replace('<', '&lt;').replace('>', '&gt;')}</roomdm>" in body


def test_chinese_values_are_signed_in_gb18030():
    joined = "𠮷祥楼key".encode("gb18030")
    assert sign({"roomdm": "𠮷祥楼"}, "key") == hashlib.md5(joined, usedforsecurity=False).hexdigest().upper()
