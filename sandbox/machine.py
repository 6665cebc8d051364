"""A vendor's machine: its knobs, its faults on demand, and the count of its calls.

A fault is scoped: `{"match": {"op", "room", "order_no", "account"}, "fault": "…", "times": 1, "delay": 20}`. Some come
before the work, some after, some change what the work does, some how the answer looks.
"""

import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from typing import Any

from sandbox.knobs import Knobs, UnknownKnob
from sandbox.store import Store

BEFORE = {"timeout_before", "http500_before", "http502_html", "http200_html", "flap"}
AFTER = {"timeout_after", "reset_after", "http500_after", "empty_body_after", "slow"}
SHAPE = {"truncated_json_after", "wrong_charset", "bom", "gbk_plain_error", "forged_reply"}
REFUSE = {"auth_expired", "rate_limited", "service_closed", "query_unavailable"}
WORK = {
    "stale_balance",
    "balance_text_variant",
    "duplicate_refused",
    "duplicate_accepted",
    "late_apply",
    "amount_rounding",
    "wrong_room",
}
STATEMENT = {f"statement_{what}" for what in ("missing", "truncated", "total_mismatch", "extra_row")} | {
    "statement_missing_row",
    "statement_span_day",
}
FLOW = {f"flow_{what}" for what in ("repeat", "reorder", "skip", "truncated", "changed")}
NOTIFY = {f"notify_{what}" for what in ("lost", "dup", "late", "wrong_amount", "bad_sig")}
REFUND = {"refund_abnormal", "refund_closed", "refund_stuck"}
SMS = {"sms_limit", "sms_template", "sms_blacklist"}
"""No from the gateway; `sms_undelivered` is a yes that the carrier takes back."""
LIST = {"list_ignored", "list_partial"}
"""A yes of the gates to a list that they do not keep, or half of it."""
KINDS = (
    BEFORE
    | AFTER
    | SHAPE
    | REFUSE
    | WORK
    | STATEMENT
    | FLOW
    | NOTIFY
    | REFUND
    | SMS
    | LIST
    | {"sms_undelivered"}
)
SCOPE = ("op", "room", "order_no", "account")
OPTIONS = {
    "delay": 20.0,  # seconds that a hang or `slow` takes
    "seconds": 90.0,  # until `late_apply` applies, or `notify_late` comes
    "hours": 6.0,  # age of a `stale_balance`
    "p": 0.5,  # part of the calls that `flap` drops
    "text": "",  # the sentence of `balance_text_variant`
}


class Refusal(Exception):
    """The machine says no; each dialect has its own code and words for `reason`."""

    @property
    def reason(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True)
class Call:
    """What a request is about; `op` is ours, `wire` the vendor's name for it."""

    op: str
    wire: str = ""
    room: str = ""
    order_no: str = ""
    account: str = ""


@dataclass(frozen=True)
class Trouble:
    """The fault that one call meets; an empty `kind` is none."""

    kind: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)

    def option(self, name: str) -> Any:
        return self.options.get(name, OPTIONS[name])


class Machine:
    """One vendor's switches, kept in the sandbox's knobs under its name."""

    def __init__(self, name: str, defaults: Mapping[str, Any], store: Store, knobs: Knobs) -> None:
        self.name, self.store, self._defaults, self._knobs = name, store, defaults, knobs
        self._lock = threading.Lock()
        self._calls: Counter[str] = Counter()

    def __getitem__(self, name: str) -> Any:
        return self._knobs[self.name].get(name, self._defaults[name])

    def all(self) -> dict[str, Any]:
        return {**self._defaults, **self._knobs[self.name]}

    def change(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Set knobs; null puts a default back."""
        for name, value in given.items():
            kind = type(self._defaults[name]) if name in self._defaults else None
            if kind is None or (
                value is not None and not isinstance(value, (int, float) if kind is float else kind)
            ):
                raise UnknownKnob(name)
        with self._lock:
            self._knobs.change({self.name: dict(given)})
        return self.all()

    def faults(self) -> list[dict[str, Any]]:
        return list(self._knobs[self.name].get("faults", ()))

    def add_fault(self, given: Mapping[str, Any]) -> None:
        """Raises UnknownKnob for what is not on the menu."""
        fault = checked(given)
        with self._lock:
            self._knobs.change({self.name: {"faults": [*self.faults(), fault]}})

    def clear_faults(self) -> None:
        with self._lock:
            self._knobs.change({self.name: {"faults": None}})

    def calls(self) -> dict[str, int]:
        return dict(self._calls)

    def forget_calls(self) -> None:
        self._calls.clear()

    def meet(self, call: Call) -> Trouble:
        """Count the call; the first fault that fits it, using up one of its times."""
        with self._lock:
            self._calls[call.op] += 1
            faults = self.faults()
            fault = next((each for each in faults if fits(each["match"], call)), None)
            if fault is None:
                return Trouble()
            if fault["times"] is not None or fault["fault"] == "flap":
                self._knobs.change({self.name: {"faults": used_up(faults, fault)}})
        if fault["fault"] == "flap" and not drops(fault):
            return Trouble()
        return Trouble(fault["fault"], {name: fault[name] for name in OPTIONS if name in fault})


def checked(given: Mapping[str, Any]) -> dict[str, Any]:
    kind, match = given.get("fault"), dict(given.get("match") or {})
    extra = set(given) - {"match", "fault", "times"} - set(OPTIONS) | set(match) - set(SCOPE)
    if kind not in KINDS or extra:
        raise UnknownKnob(", ".join(sorted(extra)) or f"fault {kind}")
    if kind == "query_unavailable":
        match.setdefault("op", "query*")
    if kind in STATEMENT:
        match.setdefault("op", "statement")
    if kind in FLOW:
        match.setdefault("op", "flow")
    if kind in LIST:
        match.setdefault("op", "give")
    if kind in NOTIFY:
        match.setdefault("op", "notify")
    if kind in REFUND:
        match.setdefault("op", "refund")
    times = given.get("times", 1)
    return {**given, "match": match, "times": None if times is None else int(times), "met": 0}


def fits(match: Mapping[str, str], call: Call) -> bool:
    """`op` may be a pattern, and may name the call in the vendor's words."""
    op = match.get("op", "*")
    if not (fnmatch(call.op, op) or fnmatch(call.wire, op)):
        return False
    return all(match[name] == getattr(call, name) for name in SCOPE[1:] if name in match)


def used_up(faults: list[dict[str, Any]], fault: dict[str, Any]) -> list[dict[str, Any]]:
    """The list after one more use."""
    left = {**fault, "met": fault["met"] + 1}
    if left["times"] is not None:
        left["times"] -= 1
    return [left if each is fault else each for each in faults if each is not fault or left["times"] != 0]


def drops(fault: Mapping[str, Any]) -> bool:
    """Evenly spread: every second call for p = 0.5."""
    part = float(fault.get("p", OPTIONS["p"]))
    return int((fault["met"] + 1) * part) > int(fault["met"] * part)


def pause(trouble: Trouble) -> None:
    """Slow and silent answers are the only ones that take time."""
    time.sleep(max(0.0, min(float(trouble.option("delay")), 120.0)))
