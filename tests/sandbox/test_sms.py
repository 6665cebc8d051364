"""The gateway of text messages: only what is signed, and everybody's inbox."""

import requests

from app.clients.sms import open_sms
from sandbox import vendors

PHONE = "10000000101"


def client(sandbox, **changes):
    return open_sms({**vendors.sms(sandbox.config.data_dir, sandbox.url), **changes})


def send(sandbox, code="123456"):
    params = {"code": code, "minutes": "10"}
    return client(sandbox).send(number="T1", phone=PHONE, template="welcome.claim_code", params=params)


def test_it_works(sandbox):
    send(sandbox)
    page = requests.get(f"{sandbox.url}/sms", params={"phone": PHONE}, timeout=10)
    assert "123456" in page.text and "【微生活】" in page.text
    assert "123456" not in requests.get(f"{sandbox.url}/sms?phone=10000000999", timeout=10).text


def test_what_is_not_signed_is_refused(sandbox):
    answer = requests.post(
        f"{sandbox.url}/sms/api/",
        json={"PhoneNumberSet": [f"+86{PHONE}"]},
        headers={"X-TC-Action": "SendSms", "Authorization": "TC3-HMAC-SHA256 Credential=x/y/sms/tc3_request"},
        timeout=10,
    )
    assert answer.json()["Response"]["Error"]["Code"] == "AuthFailure.SignatureFailure"
    assert sandbox.get("/_sim/sms/sent") == []


def test_a_reset_empties_the_inboxes(sandbox):
    send(sandbox)
    sandbox.post("/_sim/reset")
    assert sandbox.get("/_sim/sms/messages") == []
