"""Switches for faults and limits, kept in the store so that a restart changes nothing."""

import threading
import time
from fnmatch import fnmatch
from typing import Any

from sandbox.store import Store

DEFAULTS: dict[str, Any] = {
    "token_ttl": 7200,
    "grace": 300,
    "clock_offset": 0,
    "quota": {},
    "latency": {},
    "faults": [],
    "send_results": {},
    "job_finish": True,
    "job_finish_delay": 0.3,
    "push_mode": "safe",
    "push_timeout": 5.0,
    "push_copies": 1,
    "push_delay": 0.0,
    "strict_templates": True,
    "cas_sso": False,
    "callback_url": "",
    "redirect_hosts": [],
    "wxpay_mode": "public_key",
    "wxpay_mixed_percent": 50.0,
    "wxpay_signtest_percent": 0.0,
    "wxpay_time_scale": 1.0,
    "wxpay_notify_timeout": 5.0,
    "wxpay_refund_delay": 0.0,
    "wxpay_refund_spacing": 60.0,
    "wxpay_clock_skew": 0.0,
    "card": {},
    "meters": {},
    "unipay": {},
    "finance": {},
    "receipts": {},
    "sms": {},
    "gates": {},
}

DAILY = {
    "/cgi-bin/token": 2000,
    "/cgi-bin/stable_token": 500_000,
    "/cgi-bin/message/template/send": 100_000,
    "/cgi-bin/menu/create": 1000,
    "/cgi-bin/menu/get": 10_000,
    "/cgi-bin/menu/delete": 1000,
    "/cgi-bin/menu/addconditional": 2000,
}


class UnknownKnob(ValueError):
    """A switch that does not exist was named."""


class Knobs:
    """Reads are from memory; every change is written through."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.RLock()
        self._values = {**DEFAULTS, **store.setting("knobs", {})}
        store.clock_offset = float(self._values["clock_offset"])

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def all(self) -> dict[str, Any]:
        with self._lock:
            return dict(self._values)

    def change(self, given: dict[str, Any]) -> dict[str, Any]:
        """Set switches; `fault` adds one to the list, dictionaries are merged, null puts the default back."""
        with self._lock:
            fresh = {**self._values}
            for name, value in given.items():
                if name == "fault":
                    fresh["faults"] = [*fresh["faults"], checked_fault(value)]
                elif name not in DEFAULTS:
                    raise UnknownKnob(name)
                elif value is None:
                    fresh[name] = DEFAULTS[name]
                elif name == "faults":
                    fresh[name] = [checked_fault(each) for each in value]
                else:
                    fresh[name] = converted(name, value, fresh[name])
            self._values = fresh
            self._save()
            return dict(fresh)

    def reset(self) -> None:
        with self._lock:
            self._values = dict(DEFAULTS)
            self._save()

    def take_fault(self, path: str) -> dict[str, Any] | None:
        """The first fault that fits, using up one of its times."""
        if not self._values["faults"]:
            return None
        with self._lock:
            for fault in self._values["faults"]:
                if not fnmatch(path, fault["path"]):
                    continue
                if fault["times"] is not None:
                    left = [each for each in self._values["faults"] if each is not fault]
                    if fault["times"] > 1:
                        left.insert(
                            self._values["faults"].index(fault), {**fault, "times": fault["times"] - 1}
                        )
                    self._values = {**self._values, "faults": left}
                    self._save()
                return dict(fault)
        return None

    def latency_of(self, path: str) -> float:
        return max(
            (float(s) for pattern, s in self._values["latency"].items() if fnmatch(path, pattern)),
            default=0.0,
        )

    def daily_limit(self, path: str) -> int | None:
        return self._values["quota"].get(path, DAILY.get(path))

    def _save(self) -> None:
        self._store.clock_offset = float(self._values["clock_offset"])
        self._store.keep("knobs", self._values)


def checked_fault(given: dict[str, Any]) -> dict[str, Any]:
    """`path` (a pattern), `times` (null: for ever) and one of errcode, status, hang, body; "
    "`delay` goes with any."""
    extra = set(given) - {"path", "times", "errcode", "status", "hang", "body", "delay"}
    if extra or not str(given.get("path", "")).startswith(("/", "*")):
        raise UnknownKnob(", ".join(sorted(extra)) or "path")
    times = given.get("times", 1)
    return {**given, "times": None if times is None else int(times)}


def converted(name: str, value: Any, current: Any) -> Any:
    default = DEFAULTS[name]
    if isinstance(default, dict):
        if not isinstance(value, dict):
            raise UnknownKnob(f"{name}: not an object")
        return {key: each for key, each in {**current, **value}.items() if each is not None}
    if isinstance(default, bool):
        return value if isinstance(value, bool) else str(value).lower() in {"1", "true", "on", "yes"}
    if isinstance(default, (int, float)):
        return float(value)
    if isinstance(default, list):
        return list(value)
    return str(value)


def sleep_at_most(seconds: float) -> None:
    time.sleep(max(0.0, min(seconds, 120.0)))
