"""wechatpayv3 as it comes must work with the sandbox: sync and async, public key and certificate."""

import asyncio
import gzip
import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from wechatpayv3 import WeChatPay, WeChatPayType
from wechatpayv3.async_ import AsyncWeChatPay
from wechatpayv3.async_ import WeChatPayType as AsyncType

from app.kit import clock
from tests.wxpay import LI, MCHID

NO = "E26112200001AA"
AMOUNT = {"total": 100, "currency": "CNY"}


def arguments(bank, folder: Path, mode: str) -> dict:
    told = bank.told[MCHID]
    given = {
        "mchid": MCHID,
        "private_key": told["private_key"],
        "cert_serial_no": told["serial_no"],
        "appid": bank.appid,
        "apiv3_key": told["api_v3_key"],
        "notify_url": bank.notify_url,
        "timeout": (2, 5),
    }
    if mode == "public_key":
        ident, pem = next((i, p) for i, p in told["public_keys"].items() if i.startswith("PUB_KEY"))
        return {**given, "public_key": pem, "public_key_id": ident}
    serial, pem = next((i, p) for i, p in told["public_keys"].items() if not i.startswith("PUB_KEY"))
    (folder / f"{serial}.pem").write_text(pem)
    return {**given, "cert_dir": str(folder)}


@pytest.fixture(params=["public_key", "certificate"])
def given(request, bank, tmp_path) -> dict:
    bank.set(wxpay_mode=request.param)
    return arguments(bank, tmp_path, request.param)


@pytest.fixture
def library(bank, given) -> WeChatPay:
    made = WeChatPay(WeChatPayType.JSAPI, **given)
    made._core._gate_way = bank.url
    return made


def test_it_works(bank, library, receiver):
    code, text = library.pay("电费", NO, AMOUNT, payer={"openid": LI}, attach="中文")
    assert (code, list(json.loads(text))) == (200, ["prepay_id"])
    bank.pay(NO)
    code, text = library.query(out_trade_no=NO)
    assert (code, json.loads(text)["trade_state"]) == (200, "SUCCESS")
    told = library.callback(*receiver.got[0])
    assert told["event_type"] == "TRANSACTION.SUCCESS"
    assert told["resource"]["attach"] == "中文"
    by_id = library.query(transaction_id=told["resource"]["transaction_id"])
    assert json.loads(by_id[1])["out_trade_no"] == NO
    code, text = library.close(NO)
    assert (code, json.loads(text)["code"]) == (400, "ORDERPAID")


def test_native_and_close(library):
    code, text = library.pay("补卡", NO, AMOUNT, pay_type=WeChatPayType.NATIVE)
    assert (code, json.loads(text)["code_url"][:28]) == (200, "weixin://wxpay/bizpayurl?pr=")
    assert library.close(NO)[0] == 204
    assert json.loads(library.query(out_trade_no=NO)[1])["trade_state"] == "CLOSED"


def test_refund_and_its_notice(bank, library, receiver):
    library.pay("电费", NO, AMOUNT, payer={"openid": LI})
    bank.pay(NO)
    code, text = library.refund(
        "R1", {"refund": 30, "total": 100, "currency": "CNY"}, out_trade_no=NO, reason="多充了"
    )
    assert (code, json.loads(text)["status"]) == (200, "PROCESSING")
    told = library.callback(*receiver.wait_for(2)[1])
    assert (told["event_type"], told["resource"]["refund_status"]) == ("REFUND.SUCCESS", "SUCCESS")
    code, text = library.query_refund("R1")
    assert json.loads(text)["amount"]["refund"] == 30


def test_an_abnormal_refund_with_encrypted_fields(bank, library):
    library.pay("电费", NO, AMOUNT, payer={"openid": LI})
    bank.pay(NO)
    bank.fault("refund.abnormal", order="R1")
    refund_id = json.loads(library.refund("R1", {"refund": 30, **AMOUNT}, out_trade_no=NO)[1])["refund_id"]
    bank.ask("refunds/finish", refund_no="R1", status="ABNORMAL")
    card = ("ICBC_DEBIT", "6222000000000000000", "李一鸣")
    code, text = library.abnormal_refund(refund_id, "R1", "USER_BANK_CARD", *card)
    assert (code, json.loads(text)["status"]) == (200, "PROCESSING"), text


def test_today_has_no_bill_yet(library):
    for ask in (library.trade_bill, library.fundflow_bill):
        code, text = ask(clock.today().isoformat())
        assert (code, json.loads(text)["code"]) == (400, "INVALID_REQUEST")


def test_downloads(bank, library):
    """The library signs with the machine's clock, so the sandbox goes back two days to be paid."""
    library.pay("电费", NO, AMOUNT, payer={"openid": LI})
    bank.set(clock_offset=-2 * 86400)
    bank.pay(NO, force=True)
    bank.set(clock_offset=0)
    day = (clock.today() - timedelta(days=2)).isoformat()
    for ask in (library.trade_bill, library.fundflow_bill):
        told = json.loads(ask(day)[1])
        code, packed = library.download_bill(told["download_url"])
        content = gzip.decompress(packed)
        assert code == 200
        assert hashlib.sha1(content, usedforsecurity=False).hexdigest() == told["hash_value"]
        assert content.count(b"\r\n") == 4


def test_certificates_are_listed_in_their_mode_alone(bank, tmp_path):
    library = WeChatPay(WeChatPayType.JSAPI, **arguments(bank, tmp_path, "public_key"))
    library._core._gate_way = bank.url
    code, text = library._core.request("/v3/certificates", skip_verify=True)
    assert (code, json.loads(text)["code"]) == (404, "RESOURCE_NOT_EXISTS")
    bank.set(wxpay_mode="certificate")
    library = WeChatPay(WeChatPayType.JSAPI, **arguments(bank, tmp_path, "certificate"))
    library._core._gate_way = bank.url
    library._core._update_certificates()
    assert len(library._core._certificates) >= 1


def test_a_new_certificate_is_fetched_and_an_expired_one_is_not(bank, tmp_path, receiver):
    bank.set(wxpay_mode="certificate")
    library = WeChatPay(WeChatPayType.JSAPI, **arguments(bank, tmp_path, "certificate"))
    library._core._gate_way = bank.url
    known = len(library._core._certificates)
    bank.ask("keys", add="expired_certificate")
    bank.ask("keys", add="certificate")
    library.pay("电费", NO, AMOUNT, payer={"openid": LI})
    bank.pay(NO)
    assert library.callback(*receiver.got[0])["resource"]["out_trade_no"] == NO
    listed = bank.get("keys")[MCHID]["public_keys"]
    certificates = [name for name in listed if not name.startswith("PUB_KEY")]
    assert known + 1 <= len(library._core._certificates) < len(certificates)


def test_asynchronously(bank, given, receiver):
    async def run() -> list:
        library = AsyncWeChatPay(AsyncType.JSAPI, **given)
        library._core._gate_way = bank.url
        async with library:
            made = [await library.pay("电费", NO, AMOUNT, payer={"openid": LI}, pay_type=AsyncType.JSAPI)]
            await asyncio.to_thread(bank.pay, NO)
            made.append(await library.query(out_trade_no=NO))
            made.append(await library.refund("R1", {"refund": 30, **AMOUNT}, out_trade_no=NO))
            made.append(await library.query_refund("R1"))
            made.append((200, json.dumps(library.callback(*receiver.got[0]))))
            return made

    with ThreadPoolExecutor(1) as thread:  # the main thread's loop may be Playwright's
        answers = thread.submit(lambda: asyncio.run(run())).result()
    assert [code for code, _ in answers] == [200] * 5
    assert json.loads(answers[1][1])["trade_state"] == "SUCCESS"
    assert json.loads(answers[4][1])["resource"]["out_trade_no"] == NO
