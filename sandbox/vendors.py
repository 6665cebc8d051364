"""What an application needs in its settings to use this sandbox's vendors. Needs no Flask."""

from pathlib import Path
from typing import Any

from sandbox.card import keys as card_keys
from sandbox.finance import keys as finance_keys
from sandbox.gates import keys as gate_keys
from sandbox.meters import keys as meter_keys
from sandbox.receipts import keys as receipt_keys
from sandbox.sms import keys as sms_keys
from sandbox.statement import MERCHANT
from sandbox.unipay import keys as unipay_keys


def gateway(data_dir: Path, base: str) -> dict[str, Any]:
    keys = card_keys.load_or_make(data_dir)
    return {
        "url": f"{base}/card/tsm",
        "app_key": keys.app_key,
        "des_key": keys.des_key,
        "private_key": keys.app_private,
        "vendor_public_key": keys.vendor_public,
    }


def card(data_dir: Path, base: str) -> dict[str, Any]:
    """The campus card of everybody."""
    return {
        "dialect": "synjones",
        "system": "card",
        "merchant": MERCHANT,
        "gateway": gateway(data_dir, base),
        "pin_url": f"{base}/card/cashier",
    }


def meters(data_dir: Path, base: str) -> list[dict[str, Any]]:
    """Electricity: the east campus over ISIMS, the west and the south through the card platform."""
    return [
        {
            "dialect": "isims",
            "system": "isims",
            "merchant": MERCHANT,
            "url": f"{base}/meters/IAppService.svc",
            "signkey": meter_keys.load_or_make(data_dir),
            "statement_url": f"{base}/meters/statements",
        },
        {
            "dialect": "synjones",
            "system": "synjones",
            "merchant": MERCHANT,
            "page_url": f"{base}/card",
            "gateway": gateway(data_dir, base),
        },
    ]


def unipay(data_dir: Path, base: str) -> dict[str, dict[str, Any]]:
    """The payment platform, by merchant number."""
    made = unipay_keys.load_or_make(data_dir)
    return {number: {"key": key, "url": f"{base}/unipay"} for number, key in made.items()}


def finance(data_dir: Path, base: str) -> dict[str, Any]:
    return {"url": f"{base}/finance", "token": finance_keys.load_or_make(data_dir)}


def gates(data_dir: Path, base: str) -> dict[str, Any]:
    return {"url": f"{base}/gates", "token": gate_keys.load_or_make(data_dir)}


def receipts(data_dir: Path, base: str) -> dict[str, Any]:
    app_id, key = receipt_keys.load_or_make(data_dir)
    return {"url": f"{base}/receipts", "app_id": app_id, "key": key}


def sms(data_dir: Path, base: str) -> dict[str, Any]:
    """The gateway of text messages, with the templates that it has approved."""
    made = sms_keys.load_or_make(data_dir)
    return {
        "dialect": "tencent",
        "url": f"{base}/sms/api",
        "app_id": made["app_id"],
        "secret_id": made["secret_id"],
        "secret_key": made["secret_key"],
        "sign": sms_keys.SIGN,
        "templates": {
            template.key: {"id": number, "params": list(template.params)}
            for number, template in sms_keys.TEMPLATES.items()
        },
    }
