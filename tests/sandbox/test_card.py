"""The card platform of the sandbox: its door, its accounts, its book and its keys."""

import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import parse_qs

import pytest
import requests

from app.clients.card.synjones.crypto import Envelope
from app.clients.card.synjones.gateway import NO_TOKEN
from app.clients.vendor import Refused
from sandbox.card import keys as card_keys
from sandbox.cast import CAST
from sandbox.keyfile import load_or_write
from tests.vendors import (
    STUDENT,
    _vendor_server,  # noqa: F401 - fixture
    vendors,  # noqa: F401 - fixture
)

ROOT = Path(__file__).parents[2]


def ask(vendors, request='{"authorize_access_token": {}}', **changes) -> bytes:  # noqa: F811
    """A call for a token, some of its fields changed; `sign` too, or else it is right."""
    keys = card_keys.load_or_make(vendors.data_dir)
    envelope = Envelope(keys.des_key, keys.app_private, keys.vendor_public)
    fields = {
        "access_token": NO_TOKEN,
        "app_key": keys.app_key,
        "format": "json",
        "method": "synjones.authorize.access_token",
        "request": envelope.seal(request),
        "sign_method": "rsa",
        "timestamp": "2026-11-22 10:00:00",
        "v": "2.0",
    }
    fields |= {name: value for name, value in changes.items() if name != "sign"}
    sign = changes.get("sign") or envelope.sign(fields)
    return requests.post(f"{vendors.base}/card/tsm", data={**fields, "sign": sign}).content


def test_a_token_is_a_signed_form(vendors):  # noqa: F811
    fields = parse_qs(ask(vendors).decode("ascii"))
    assert fields["errcode"] == ["0"] and set(fields) == {"errcode", "request", "sign"}


@pytest.mark.parametrize(
    "changes",
    [
        {"sign": "AAAA"},
        {"app_key": "somebody"},
        {"v": "1.0"},
        {"timestamp": "yesterday"},
        {"method": "synjones.make.me.rich"},
        {"access_token": "1" * 128},
        {"request": "AAAA"},
        {"extra": "field"},
    ],
)
def test_what_the_gateway_objects_to_is_a_bare_sentence_in_gbk(vendors, changes):  # noqa: F811
    answer = ask(vendors, **changes)
    assert b"&" not in answer
    assert any("\u4e00" <= character <= "\u9fff" for character in answer.decode("gbk"))


def test_everybody_of_the_cast_has_a_card(vendors):  # noqa: F811
    card = vendors.card()
    accounts = [card.account(person.number).account_no for person in CAST]
    assert len(set(accounts)) == len(CAST)
    assert card.account(STUDENT).account_no in accounts


def test_any_well_formed_number_has_one(vendors):  # noqa: F811
    card = vendors.card()
    assert card.account("2026990123") == card.account("2026990123")


def test_ten_thousand_orders_are_told_apart_by_the_truth(vendors):  # noqa: F811
    card = vendors.card()
    account = card.account(STUDENT).account_no
    for number in range(10):
        card.debit(f"P{number:06d}", account, 100, "")
    asked = [f"P{number:06d}" for number in range(10_000)]
    truth = vendors.post("/_sim/card/debits", {"order_nos": asked})
    assert [number for number, moves in truth.items() if moves] == asked[:10]
    assert len(vendors.get("/_sim/card/debits")) == 10
    assert len(vendors.get("/_sim/card/debits", after=vendors.debits(asked[4])[0]["id"])) == 5


def test_money_is_neither_made_nor_lost(vendors):  # noqa: F811
    card = vendors.card()
    before = card.account(STUDENT)
    threads = [
        threading.Thread(target=card.debit, args=(f"P{number:06d}", before.account_no, 100, ""))
        for number in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert card.account(STUDENT).balances["purse"] == before.balances["purse"] - 1_600
    assert card.account(STUDENT).day_spent_fen == 1_600


def test_a_purse_is_never_overdrawn_at_the_same_instant(vendors):  # noqa: F811
    vendors.post("/_sim/card/account", {"student": STUDENT, "purse": 350})
    card = vendors.card()
    account, won, refused = card.account(STUDENT).account_no, [], []

    def pay(number: int) -> None:
        try:
            won.append(card.debit(f"P{number:06d}", account, 100, ""))
        except Refused as error:
            refused.append(error.code)

    threads = [threading.Thread(target=pay, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(won) == 3 and refused == ["60010"] * 5
    assert card.account(STUDENT).balances["purse"] == 50


def test_an_account_is_changed_for_a_test(vendors):  # noqa: F811
    answer = requests.post(f"{vendors.base}/_sim/card/account", json={"student": STUDENT, "status": "rich"})
    assert answer.status_code == 400
    assert vendors.post("/_sim/card/account", {"student": STUDENT, "purse": 7})["purse"] == 7
    assert requests.post(f"{vendors.base}/_sim/card/account", json={"student": "?"}).status_code == 404


def test_keys_are_made_once_whoever_comes_first(tmp_path):
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(card_keys.load_or_make(tmp_path))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(set(found)) == 1 and len(found) == 4
    assert [path.name for path in tmp_path.iterdir()] == ["card-keys.json"]
    assert (tmp_path / "card-keys.json").stat().st_mode & 0o777 == 0o600
    assert load_or_write(tmp_path / "card-keys.json", dict)["app_key"] == found[0].app_key
    assert "PRIVATE" not in repr(found[0]) and found[0].app_private not in repr(found[0])


def test_the_settings_for_the_application_need_no_flask(tmp_path):
    code = (
        "import sys, pathlib, json; from sandbox import vendors; p = pathlib.Path(sys.argv[1]);"
        "print(json.dumps([vendors.card(p, 'http://x'), *vendors.meters(p, 'http://x')]));"
        "assert 'flask' not in sys.modules"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    assert '"dialect": "isims"' in done.stdout
