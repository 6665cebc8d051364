"""Money, ids, encrypted fields, clock, breaker, failpoints, redaction: small promises kept."""

import io
import time
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from app.config import BadSettings, read_settings
from app.kit import clock, crypto, export, failpoint, ids, log, money
from app.kit.breaker import Breaker, CircuitOpen


@given(st.integers(-(10**12), 10**12))
def test_money_is_written_with_two_decimals(fen):
    text = money.yuan(fen)
    assert text.endswith(f".{abs(fen) % 100:02d}")
    if fen >= 0:
        assert money.fen_of(text) == fen


@pytest.mark.parametrize("text", ["", "1.234", "-1", "1e3", "一元", "1.x", "٣"])
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(ValueError):
        money.fen_of(text)


def test_ids_tell_their_kind_and_never_repeat():
    made = {ids.public_id("rep") for _ in range(1000)}
    assert len(made) == 1000
    assert all(len(one) == 24 and one.startswith("rep_") for one in made)


def test_a_code_read_aloud_finds_its_door():
    code = ids.door_code()
    assert ids.normal_code(f" {code.lower()[:4]} {code.lower()[4:]} ") == code
    assert ids.normal_code("o0il1") == "00111"


def test_personal_fields_can_be_read_back_and_not_guessed(app):
    sealed = crypto.encrypt("10000000001")
    assert b"10000000001" not in sealed
    assert crypto.decrypt(sealed) == "10000000001"
    assert crypto.encrypt("10000000001") != sealed
    with pytest.raises(InvalidTag):
        crypto.decrypt(sealed[:-1] + bytes([sealed[-1] ^ 1]))


def test_old_keys_still_read_and_the_newest_writes(app, settings):
    old = crypto.encrypt("secret")
    key = settings.field_keys.partition(":")[2]
    other = "b" * 43 + "="
    crypto.configure(crypto.parse_keys(f"1:{key},2:{other}", settings.blind_index_key))
    try:
        assert crypto.decrypt(old) == "secret"
        assert crypto.encrypt("new")[0] == 2
    finally:
        crypto.configure(crypto.parse_keys(settings.field_keys, settings.blind_index_key))


def test_a_blind_index_depends_on_its_purpose(app):
    assert crypto.blind_index("abc1", "phone") == crypto.blind_index(" ABC1 ", "phone")
    assert crypto.blind_index("abc1", "phone") != crypto.blind_index("abc1", "id_number")


def test_the_clock_of_all_processes_can_be_moved_by_a_file(tmp_path):
    path = str(tmp_path / "clock")
    clock.travel(None)
    clock.configure(path)
    try:
        clock.write_offset(path, timedelta(days=3))
        time.sleep(0.25)
        assert clock.now() - datetime.now(UTC) > timedelta(days=2, hours=23)
    finally:
        clock.configure(None)


class Away(Exception):
    pass


def fails(error):
    def work():
        raise error

    return work


def test_a_breaker_opens_lets_one_try_and_closes():
    breaker = Breaker("card", counts=(Away,), threshold=3, cool_down=0.05)
    for _ in range(3):
        with pytest.raises(Away):
            breaker.call(fails(Away()))
    with pytest.raises(CircuitOpen):
        breaker.call(lambda: "never run")
    time.sleep(0.06)
    assert breaker.call(lambda: "back") == "back"
    assert not breaker.is_open


def test_a_refusal_is_an_answer_and_closes_the_breaker():
    breaker = Breaker("card", counts=(Away,), threshold=1, cool_down=0.0)
    with pytest.raises(Away):
        breaker.call(fails(Away()))
    with pytest.raises(KeyError):
        breaker.call(fails(KeyError()))
    assert not breaker.is_open


def test_a_failpoint_strikes_where_it_is_armed():
    failpoint.configure("here=raise@2")
    failpoint.hit("elsewhere")
    failpoint.hit("here")
    with pytest.raises(failpoint.FailpointHit):
        failpoint.hit("here")


def test_logs_blank_what_is_secret():
    event = {
        "event": "GET https://api/x?access_token=abc123&secret=shh&x=1",
        "openid": "oABC",
        "contact_phone": "100",
        "ticket_id": "rep_1",
    }
    clean = log.redact(None, "info", event)
    assert "abc123" not in str(clean)
    assert "shh" not in str(clean)
    assert "x=1" in clean["event"]
    assert (clean["openid"], clean["contact_phone"]) == ("[redacted]", "[redacted]")
    assert clean["ticket_id"] == "rep_1"


def test_an_export_writes_texts_as_texts(app):
    columns = [
        export.Column("名", lambda row: row[0]),
        export.Column("数", lambda row: row[1]),
        export.Column("时", lambda row: row[2]),
    ]
    rows = [("=1+1", 3, datetime(2026, 11, 20, 1, 0, tzinfo=UTC)), ("𠮷\x00", None, None)]
    with app.test_request_context():
        response = export.xlsx_response("清单", columns, rows)
        response.direct_passthrough = False
        content = response.get_data()
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "2026-11-20 09:00" in sheet


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("SECRET_KEY", "short", "SECRET_KEY"),
        ("DATABASE_URL", "", "DATABASE_URL"),
        ("BASE_URL", "ftp://x", "BASE_URL"),
        ("FIELD_KEYS", "1:abc", "FIELD_KEYS"),
        ("WECHAT_AES_KEY", "A" * 42, "WECHAT_AES_KEY"),
        ("WECHAT_TEMPLATES", "[1]", "WECHAT_TEMPLATES"),
        ("ENVIRONMENT", "staging", "ENVIRONMENT"),
        ("MICRO_APPS", "repairs,laundry", "laundry"),
    ],
)
def test_an_impossible_setting_is_named(environment, name, value, word):
    with pytest.raises(BadSettings, match=word):
        read_settings(environment | {name: value})


def test_micro_apps_come_in_our_order_and_all_of_them_unless_some_are_named(environment):
    assert read_settings(environment | {"MICRO_APPS": " leave, repairs"}).micro_apps == (
        "app.repairs",
        "app.miniapps.leave",
    )
    assert len(read_settings(environment | {"MICRO_APPS": ""}).micro_apps) == 4


@pytest.mark.parametrize("name", ["CLOCK_OFFSET_FILE", "FAILPOINTS", "WECHAT_API_BASE"])
def test_production_refuses_what_belongs_to_tests(environment, name):
    safe = {
        "ENVIRONMENT": "production",
        "BASE_URL": "https://life.example.edu.cn",
        "CLOCK_OFFSET_FILE": "",
        "FAILPOINTS": "",
        "WECHAT_API_BASE": "https://api.weixin.qq.com",
        "WECHAT_OPEN_BASE": "https://open.weixin.qq.com",
    }
    assert read_settings(environment | safe).is_production
    with pytest.raises(BadSettings, match=name):
        read_settings(environment | safe | {name: "http://127.0.0.1:1"})
