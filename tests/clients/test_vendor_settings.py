"""Adapters from a piece of JSON: what is missing or impossible is named, and no secret is ever shown."""

import io
import json
import logging
import traceback
from datetime import UTC, datetime

import pytest

from app.clients.card import open_card
from app.clients.meters import open_meters
from app.clients.service_hours import ServiceHours
from app.clients.vendor import OutcomeUnknown, VendorError
from tests.vendors import (
    STUDENT,
    _vendor_server,  # noqa: F401 - fixture
    order,
    vendors,  # noqa: F401 - fixture
)


@pytest.fixture
def given(vendors):  # noqa: F811
    return {
        "card": vendors.card_settings(),
        "isims": vendors.meter_settings("isims"),
        "synjones": vendors.meter_settings("synjones"),
    }


def opened(name: str, settings):
    return open_card(settings) if name == "card" else open_meters(settings)


NAMES = pytest.mark.parametrize("name", ["card", "isims", "synjones"])


@NAMES
def test_settings_that_went_through_json(given, name):
    assert opened(name, json.loads(json.dumps(given[name]))).system == name


@NAMES
@pytest.mark.parametrize("dialect", ["", "sql", None])
def test_a_dialect_that_nobody_speaks(given, name, dialect):
    with pytest.raises(ValueError, match="synjones"):
        opened(name, {**given[name], "dialect": dialect})


@NAMES
def test_every_member_is_checked(given, name):
    settings = given[name]
    with pytest.raises(ValueError, match="there is no signkeys"):
        opened(name, {**settings, "signkeys": "very secret"})
    for member in ("system", "merchant"):
        with pytest.raises(ValueError, match=f"{member} missing"):
            opened(name, {key: value for key, value in settings.items() if key != member})
        with pytest.raises(ValueError, match=member):
            opened(name, {**settings, member: 5})
    with pytest.raises(ValueError, match="line"):
        opened(name, {**settings, "line": {"burst": 0}})
    with pytest.raises(ValueError, match="line.burst"):
        opened(name, {**settings, "line": {"burst": "many"}})
    with pytest.raises(ValueError, match="codes"):
        opened(name, {**settings, "codes": {"60045": "ok"}})


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("synjones", {"patterns": ["("]}),
        ("synjones", {"patterns": ["剩余(\\d+)"]}),
        ("synjones", {"patterns": ["(?P<tons>\\d+)"]}),
        ("synjones", {"patterns": "(?P<kwh>\\d+)"}),
        ("synjones", {"order_class": "Z"}),
        ("isims", {"delivery": "by horse"}),
        ("isims", {"codes": {"1": 1}}),
        ("isims", {"rules": {"presets_fen": ["ten"]}}),
        ("isims", {"can_query_order": "no"}),
    ],
)
def test_every_member_fits_its_type(given, name, wrong):
    with pytest.raises(ValueError):
        open_meters({**given[name], **wrong})


@pytest.mark.parametrize(
    "wrong", [{"pay": ["a", "b"]}, {"debit": ["a"]}, {"debit": ["a", ""]}, {"debit": "ab"}]
)
def test_operations_are_named_in_full(given, wrong):
    with pytest.raises(ValueError, match="operations"):
        open_card({**given["card"], "gateway": {**given["card"]["gateway"], "operations": wrong}})


def test_a_contract_may_name_an_operation_otherwise(vendors, given):  # noqa: F811
    renamed = {"debit": ["sim.elec.query.order", "elec_query_order"]}
    card = open_card({**given["card"], "gateway": {**given["card"]["gateway"], "operations": renamed}})
    with pytest.raises(OutcomeUnknown):
        card.debit("P1", "100000", 100, "")
    assert vendors.calls("card") == {"token": 1, "query_top_up": 1}


@pytest.mark.parametrize(
    "rules", [{"min_fen": 0}, {"min_fen": 300, "max_fen": 200}, {"service_hours": "dawn"}]
)
def test_impossible_rules(given, rules):
    for name in ("isims", "synjones"):
        with pytest.raises(ValueError):
            open_meters({**given[name], "rules": rules})


def test_an_error_in_the_keys_does_not_show_them(given):
    gateway = {**given["card"]["gateway"], "private_key": "bm90LWEta2V5"}
    with pytest.raises(ValueError) as caught:
        open_card({**given["card"], "gateway": gateway})
    assert "bm90" not in "".join(traceback.format_exception(caught.value))


@NAMES
def test_no_secret_in_repr_errors_or_logs(vendors, given, name, capsys):  # noqa: F811
    secrets = [
        value
        for value in (*given[name].values(), *given[name].get("gateway", {}).values())
        if isinstance(value, str) and len(value) >= 32 and not value.startswith("http")
    ]
    assert secrets
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(logging.DEBUG)
    seen = []
    try:
        system = opened(name, given[name])
        seen.append(repr(vars(system)))
        for fault in ("http500_after", "truncated_json_after", "gbk_plain_error", "flap"):
            vendors.fault("card", fault, times=2, p=1.0)
            vendors.fault("meters", fault, times=2, p=1.0)
            for ask in asks(name, system):
                try:
                    ask()
                except VendorError as error:
                    seen.append("".join(traceback.format_exception(error)) + repr(vars(error)))
            vendors.post("/_sim/card/reset")
            vendors.post("/_sim/meters/reset")
    finally:
        logging.getLogger().removeHandler(handler)
        logging.getLogger().setLevel(logging.WARNING)
    told = "".join(seen) + log.getvalue() + capsys.readouterr().err
    assert len(seen) > 5
    assert [secret[:6] for secret in secrets if secret in told] == []


def asks(name: str, system):
    if name == "card":
        return [lambda: system.account(STUDENT), lambda: system.debit("P1", "100000", 100, "")]
    request = order(name)
    return [lambda: system.reading(request.room), lambda: system.top_up(request)]


@pytest.mark.parametrize(
    ("hours", "moment", "open_then"),
    [
        ("", "03:00", True),
        ("00:00-23:30", "23:29", True),
        ("00:00-23:30", "23:30", False),
        ("06:00-23:00", "05:59", False),
        ("22:00-06:00", "23:00", True),
        ("22:00-06:00", "05:59", True),
        ("22:00-06:00", "12:00", False),
    ],
)
def test_service_hours_are_on_shanghais_clock(hours, moment, open_then):
    hour, minute = map(int, moment.split(":"))
    utc = datetime(2026, 11, 22, (hour - 8) % 24, minute, tzinfo=UTC)
    assert ServiceHours.read(hours).cover(utc) is open_then
