"""Chinese in bytes: GBK, GB18030 and UTF-8, labelled rightly, wrongly and not at all."""

import pytest

from app.clients.charset import text_of

NAMES = ("3号楼", "龘犇堃喆园", "一", "联通", "国际学生公寓", "阿依古丽·买买提", "房间剩余电量:88.80")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("label", ["", "text/xml; charset=GBK", "text/html"])
def test_gbk_is_read_under_any_label_but_utf_8(name, label):
    assert text_of(name.encode("gbk"), label) == name


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("label", ["", "text/xml; charset=GBK", "application/json; charset=utf-8"])
def test_utf_8_is_read_under_any_label(name, label):
    assert text_of(name.encode(), label) == name
    assert text_of(b"\xef\xbb\xbf" + name.encode(), label) == name


@pytest.mark.parametrize("name", ["䶮㙟园", "𠮷祥楼", "王龘"])
def test_what_gbk_lacks_is_read_from_gb18030(name):
    assert text_of(name.encode("gb18030")) == name


def test_letters_with_accents_follow_the_label():
    assert text_of("é".encode(), "text/plain; charset=UTF-8") == "é"
    assert text_of("一".encode("gbk"), "text/plain; charset=GBK") == "一"


def test_the_declaration_of_xml_is_a_label():
    xml = '<?xml version="1.0" encoding="utf-8"?><a>é</a>'
    assert text_of(xml.encode()) == xml


def test_rubbish_is_an_error():
    with pytest.raises(ValueError):
        text_of(b"\xff\xff\xff")
