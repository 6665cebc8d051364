"""What the gateway does with a message: who may send what to whom, and how often."""

import re
from collections.abc import Mapping
from typing import Any

from sandbox.machine import Machine, Refusal, Trouble
from sandbox.sms.keys import SIGN, TEMPLATES
from sandbox.store import Row, Store

DEFAULTS: dict[str, Any] = {
    "per_half_minute": 1,
    "per_hour": 5,
    "per_day": 10,
    "duplicates": "accept",
    "report_seconds": 0.0,
}
LIMITS = (("per_half_minute", 30, "half_minute"), ("per_hour", 3600, "hour"), ("per_day", 86400, "day"))
NUMBER = re.compile(r"\+\d{8,15}")


class Gateway:
    """Every message is one row, sent or not delivered."""

    def __init__(self, store: Store, machine: Machine) -> None:
        self.store, self.machine = store, machine

    def send(self, given: Mapping[str, Any], trouble: Trouble) -> Row:
        (phone,) = given["PhoneNumberSet"]
        text = self._text(given)
        with self.store.tx():
            self._check(phone, given)
            undelivered = trouble.kind == "sms_undelivered"
            number = self.store.insert(
                "INSERT INTO sms (serial, phone, context, template, text, status, description, created) "
                "VALUES (lower(hex(randomblob(12))), ?, ?, ?, ?, ?, ?, ?)",
                (
                    phone,
                    str(given.get("SessionContext", "")),
                    given["TemplateId"],
                    text,
                    "FAIL" if undelivered else "SUCCESS",
                    "UNDELIV" if undelivered else "DELIVRD",
                    self.store.now(),
                ),
            )
        found = self.store.one("SELECT * FROM sms WHERE id = ?", (number,))
        assert found is not None
        return found

    def _text(self, given: Mapping[str, Any]) -> str:
        template = TEMPLATES.get(str(given["TemplateId"]))
        if template is None:
            raise Refusal("sms_template")
        if given.get("SignName") != SIGN:
            raise Refusal("bad_sign")
        params = [str(each) for each in given.get("TemplateParamSet", ())]
        if len(params) != len(template.params):
            raise Refusal("bad_params")
        text = template.text
        for position, value in enumerate(params, start=1):
            text = text.replace(f"{{{position}}}", value)
        return f"【{SIGN}】{text}"

    def _check(self, phone: str, given: Mapping[str, Any]) -> None:
        if not NUMBER.fullmatch(str(phone)):
            raise Refusal("bad_number")
        if self.store.value("SELECT 1 FROM sms_blacklist WHERE phone = ?", (phone,)):
            raise Refusal("sms_blacklist")
        context = str(given.get("SessionContext", ""))
        known = self.store.value("SELECT 1 FROM sms WHERE context = ? AND context <> ''", (context,))
        if known and self.machine["duplicates"] == "refuse":
            raise Refusal("duplicate")
        for knob, seconds, name in LIMITS:
            since = self.store.now() - seconds
            count = "SELECT count(*) FROM sms WHERE phone = ? AND created > ?"
            if self.store.value(count, (phone, since)) >= self.machine[knob]:
                raise Refusal(name)

    def reports(self, phone: str) -> list[Row]:
        """What the carrier has told by now."""
        until = self.store.now() - float(self.machine["report_seconds"])
        return self.store.all(
            "SELECT * FROM sms WHERE phone = ? AND created <= ? ORDER BY id DESC LIMIT 100", (phone, until)
        )

    def inbox(self, phone: str) -> list[Row]:
        """What lies in the phone, newest first; any way of writing the number."""
        digits = "".join(char for char in phone if char.isdigit())[-11:]
        return self.store.all(
            "SELECT * FROM sms WHERE status = 'SUCCESS' AND (? = '' OR substr(phone, -11) = ?) "
            "ORDER BY id DESC LIMIT 100",
            (digits, digits),
        )
