"""The calls, signed as TC3-HMAC-SHA256 asks. Phone numbers stand in bodies alone, never in an address or an error."""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests

from app.clients.line import Line, Request
from app.clients.sms.protocol import Report, Sent
from app.clients.sms.tencent.codes import KINDS
from app.clients.sms.tencent.settings import TencentSettings
from app.clients.vendor import Refused
from app.clients.verdicts import refusal
from app.kit import clock

T = TypeVar("T")
VERSION = "2021-01-11"
JSON = "application/json; charset=utf-8"
MOST_REPORTS = 100


class Tencent:
    """Make one per process; threads share it; a fork makes its own connection."""

    def __init__(self, settings: TencentSettings) -> None:
        self._settings = settings
        self._line = Line("sms", settings.line)

    def knows(self, template: str) -> bool:
        return template in self._settings.templates

    def send(self, *, number: str, phone: str, template: str, params: Mapping[str, str]) -> Sent:
        made = self._settings.templates.get(template)
        if made is None or not set(made.params) <= set(params):
            raise Refused("no_template")
        body = {
            "PhoneNumberSet": [self._international(phone)],
            "SmsSdkAppId": self._settings.app_id,
            "SignName": self._settings.sign,
            "TemplateId": made.id,
            "TemplateParamSet": [params[name] for name in made.params],
            "SessionContext": number,
        }
        request = self._request("SendSms", body)
        return self._line.write("send", request, _reader("send", _sent, writes=True))

    def report(self, *, serial: str, phone: str, sent_at: datetime) -> Report:
        body = {
            "SmsSdkAppId": self._settings.app_id,
            "PhoneNumber": self._international(phone),
            "BeginTime": int(sent_at.timestamp()) - 60,
            "EndTime": int(clock.now().timestamp()) + 60,
            "Offset": 0,
            "Limit": MOST_REPORTS,
        }
        request = self._request("PullSmsSendStatusByPhoneNumber", body)
        return self._line.ask(
            "report", request, _reader("report", lambda told: _report(told, serial), writes=False)
        )

    def _international(self, phone: str) -> str:
        return phone if phone.startswith("+") else f"{self._settings.country}{phone}"

    def _request(self, action: str, given: Mapping[str, Any]) -> Request:
        body = json.dumps(given, ensure_ascii=False, separators=(",", ":")).encode()
        moment, host = clock.now().astimezone(UTC), urlsplit(self._settings.url).netloc
        headers = {
            "Content-Type": JSON,
            "Host": host,
            "X-TC-Action": action,
            "X-TC-Version": VERSION,
            "X-TC-Region": self._settings.region,
            "X-TC-Timestamp": str(int(moment.timestamp())),
            "Authorization": self._authorization(host, body, moment),
        }
        return Request("POST", f"{self._settings.url.rstrip('/')}/", body, headers)

    def _authorization(self, host: str, body: bytes, moment: datetime) -> str:
        scope = f"{moment:%Y-%m-%d}/sms/tc3_request"
        signature = sign(self._settings.secret_key, host, body, int(moment.timestamp()), scope)
        return (
            f"TC3-HMAC-SHA256 Credential={self._settings.secret_id}/{scope}, "
            f"SignedHeaders=content-type;host, Signature={signature}"
        )


def sign(secret_key: str, host: str, body: bytes, timestamp: int, scope: str) -> str:
    """The signature over one POST; `scope` is `<day>/sms/tc3_request`."""
    headers = f"content-type:{JSON}\nhost:{host}\n"
    whole = f"POST\n/\n\n{headers}\ncontent-type;host\n{hashlib.sha256(body).hexdigest()}"
    text = f"TC3-HMAC-SHA256\n{timestamp}\n{scope}\n{hashlib.sha256(whole.encode()).hexdigest()}"
    key = f"TC3{secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def _reader(
    call: str, then: Callable[[Mapping[str, Any]], T], *, writes: bool
) -> Callable[[requests.Response], T]:
    def read(response: requests.Response) -> T:
        told = json.loads(response.content)["Response"]
        if "Error" in told:
            raise refusal(KINDS, str(told["Error"]["Code"]), "", call, writes=writes)
        return then(told)

    return read


def _sent(told: Mapping[str, Any]) -> Sent:
    (one,) = told["SendStatusSet"]
    if one["Code"] != "Ok":
        raise refusal(KINDS, str(one["Code"]), "", "send", writes=True)
    if not one["SerialNo"]:
        raise ValueError("no serial number")
    return Sent(str(one["SerialNo"]))


def _report(told: Mapping[str, Any], serial: str) -> Report:
    mine = [one for one in told["PullSmsSendStatusSet"] if one["SerialNo"] == serial]
    if not mine:
        return Report("waiting")
    if mine[0]["ReportStatus"] == "SUCCESS":
        return Report("delivered")
    return Report("failed", str(mine[0].get("Description", ""))[:40])
