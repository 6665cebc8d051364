"""Numbers out of sentences: understood or refused, never zero and never a guess."""

from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clients.meters.synjones.sentence import read_sentence
from app.kit import clock

numbers = st.decimals(-99_999, 99_999, places=2)
words = st.text("房间剩余电量金额余额欠费单价为是元度:：，,. -0123456789", max_size=40)


@pytest.mark.parametrize(
    ("text", "kwh", "fen"),
    [
        ("房间剩余电量:88.80", "88.80", None),
        ("房间号：101,剩余金额：-5.70，单价：0.5400", None, -570),
        ("当前余额517.05元,当前剩余电量957.50度", "957.50", 51705),
        ("剩余金额:-545.70", None, -54570),
        ("剩余电量 ： １２．５ 度。", "12.50", None),
        ("账户余额为−3.2元", None, -320),
        ("剩余电量:0.00", "0.00", None),
        ("欠费金额:5.7元", None, -570),
        ("余额:12.00元,欠费金额:0.00元", None, 1200),
        ("欠费0元", None, 0),
        ("剩余电量：88.80，截至2026-11-22 01:00", "88.80", None),
        ("剩余电量:88.80,2026-11-22 01:00", "88.80", None),
        ("余额 88.8度", "88.80", None),
        ("剩余用电量:+5", "5.00", None),
        ("剩余电量:88.80.", "88.80", None),
    ],
)
def test_sentences_that_were_seen_or_are_like_them(text, kwh, fen):
    found = read_sentence(text)
    assert (found.kwh, found.fen) == (None if kwh is None else Decimal(kwh), fen)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "查询成功",
        "房间剩余电量:",
        "房间剩余电量:--",
        "房间号：101",
        "剩余电量:1,234.50",
        "剩余电量:12.3.4",
        "剩余电量:12345678901",
        "照明剩余电量:10.00,空调剩余电量:20.00",
        "剩余电量:88.80元",
        "欠费3度",
        "余额:5.00元,欠费金额:3.00元",
        "本月已用电量:30.00",
        "剩余电量:NaN",
        "剩余电量:1e5000000",
        "剩余电量:5,截至2026-13-45 01:00",
    ],
)
def test_what_is_not_plainly_a_balance_is_refused(text):
    with pytest.raises(ValueError):
        read_sentence(text)


@given(numbers, numbers)
def test_all_three_styles_come_back_as_they_were_sent(kwh, yuan):
    assert read_sentence(f"房间剩余电量:{kwh}").kwh == kwh
    second = read_sentence(f"房间号：101,剩余金额：{yuan}，单价：0.5400")
    assert (second.fen, second.price_fen_per_kwh) == (int(yuan * 100), Decimal(54))
    third = read_sentence(f"当前余额{yuan}元,当前剩余电量{kwh}度")
    assert (third.kwh, third.fen) == (kwh, int(yuan * 100))


@given(words)
def test_a_number_that_is_told_stands_in_the_sentence(text):
    """Above all zero: it is never made up."""
    try:
        found = read_sentence(text)
    except ValueError:
        return
    assert found.kwh is not None or found.fen is not None
    for value in (found.kwh, found.fen):
        if value == 0:
            assert "0" in text
        elif value is not None:
            assert any(digit in text for digit in str(abs(value)).strip("0."))


@given(st.text(max_size=60))
def test_without_a_digit_there_is_no_reading(text):
    if not any(character.isnumeric() for character in text):
        with pytest.raises(ValueError):
            read_sentence(text)


def test_the_age_of_a_reading_is_read():
    found = read_sentence("房间剩余电量:88.80 截至2026-11-22 01:00")
    assert found.as_of == datetime(2026, 11, 22, 1, 0, tzinfo=clock.SHANGHAI)
    assert read_sentence("房间剩余电量:88.80").as_of is None
