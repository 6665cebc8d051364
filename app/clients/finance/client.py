"""What the project asks of the finance system, as typed calls. Raises VendorError and nothing else."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import requests

from app.clients.finance.errors import KINDS
from app.clients.finance.settings import FinanceSettings
from app.clients.line import Line, Request
from app.clients.vendor import Refused
from app.clients.verdicts import refusal

_NUMBER = re.compile(r"[0-9A-Z]{1,30}")


@dataclass(frozen=True)
class Booked:
    """A voucher that the finance system has. `debit_fen` is what it understood the financial side to be."""

    number: str
    finance_no: str
    debit_fen: int


class Finance:
    """Make one per process; threads share it; a fork makes its own connection."""

    def __init__(self, settings: FinanceSettings) -> None:
        self._settings = settings
        self._url = settings.url.rstrip("/")
        self._line = Line("finance", settings.line)

    def push(self, voucher: Mapping[str, Any]) -> Booked:
        """Hand in a voucher, `number` and all. May be repeated under the same number.

        Raises Refused (its period is closed, an account is unknown…), DuplicateOrder, OutcomeUnknown: then ask.
        """
        number = _checked(voucher["number"])
        body = json.dumps(voucher, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": number}
        request = Request("POST", f"{self._url}/vouchers", body, {**headers, **self._token()})
        return self._line.write("push", request, _reader("push", number, writes=True))

    def query(self, number: str) -> Booked:
        """What became of a voucher. Raises NoSuchOrder when it was never booked, Unavailable, BadReply."""
        request = Request("GET", f"{self._url}/vouchers/{_checked(number)}", None, self._token())
        return self._line.ask("query", request, _reader("query", number, writes=False))

    def _token(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._settings.token}"}


def _checked(number: str) -> str:
    """Raises Refused before anything is sent."""
    if not _NUMBER.fullmatch(number):
        raise Refused("bad_number")
    return number


def _reader(call: str, number: str, *, writes: bool) -> Callable[[requests.Response], Booked]:
    """Reads one answer; one about another voucher is unreadable."""

    def read(response: requests.Response) -> Booked:
        answer = json.loads(response.content)
        code = str(answer["code"])
        if code != "OK":
            raise refusal(KINDS, code, str(answer.get("message", "")), call, writes=writes)
        booked = Booked(str(answer["number"]), str(answer["finance_no"]), int(answer["debit_fen"]))
        if booked.number != number or not booked.finance_no:
            raise ValueError("another voucher")
        return booked

    return read
