"""Makes the clients of all vendors (payments, card, meters, finance, receipts, SMS, gates) from VENDORS_FILE."""

from collections.abc import Mapping
from typing import Any

from app.clients.bank import BankMapping
from app.clients.card import open_card
from app.clients.card.protocol import CardSystem
from app.clients.finance import Finance, FinanceSettings
from app.clients.gates import Gates, GateSettings
from app.clients.given import settings_from
from app.clients.meters import open_meters
from app.clients.meters.protocol import ElectricityMeters
from app.clients.receipts import Receipts, ReceiptSettings
from app.clients.sms import TextMessages, open_sms
from app.clients.unipay.client import UniPay
from app.clients.unipay.settings import UniPaySettings
from app.clients.wxpay.client import WxPay
from app.clients.wxpay.settings import WxPaySettings


def open_wxpay(vendors: Mapping[str, Any], appid: str) -> dict[str, WxPay]:
    """By merchant number. Raises ValueError or TypeError for settings that can't be."""
    merchants: Mapping[str, Mapping[str, Any]] = vendors.get("wxpay", {})
    return {mchid: WxPay(WxPaySettings(**{"appid": appid, **given})) for mchid, given in merchants.items()}


def open_unipay(vendors: Mapping[str, Any]) -> dict[str, UniPay]:
    """By merchant number. Raises ValueError that names what can't be."""
    merchants: Mapping[str, Mapping[str, Any]] = vendors.get("unipay", {})
    return {
        number: UniPay(settings_from(UniPaySettings, {"merchant_no": number, **given}, f"unipay.{number}"))
        for number, given in merchants.items()
    }


def open_meter_systems(vendors: Mapping[str, Any]) -> dict[str, ElectricityMeters]:
    """By the system's name. Raises ValueError that names what can't be."""
    systems: Mapping[str, Mapping[str, Any]] = vendors.get("meters", {})
    return {name: open_meters({"system": name, **given}) for name, given in systems.items()}


def open_bank_mappings(vendors: Mapping[str, Any]) -> dict[str, BankMapping]:
    """By the account's name. Raises ValueError that names what can't be."""
    accounts: Mapping[str, Mapping[str, Any]] = vendors.get("bank", {})
    return {name: settings_from(BankMapping, given, f"bank.{name}") for name, given in accounts.items()}


def open_card_system(vendors: Mapping[str, Any]) -> CardSystem | None:
    """None for a school without one."""
    return open_card(vendors["card"]) if "card" in vendors else None


def open_finance(vendors: Mapping[str, Any]) -> Finance | None:
    """None for a school that takes vouchers as files. Raises ValueError that names what can't be."""
    given = vendors.get("finance")
    return Finance(settings_from(FinanceSettings, given, "finance")) if given else None


def open_receipts(vendors: Mapping[str, Any]) -> Receipts | None:
    """None for a school without electronic receipts. Raises ValueError that names what can't be."""
    given = vendors.get("receipts")
    return Receipts(settings_from(ReceiptSettings, given, "receipts")) if given else None


def open_text_messages(vendors: Mapping[str, Any]) -> TextMessages | None:
    """None for a school without a gateway. Raises ValueError that names what can't be."""
    given = vendors.get("sms")
    return open_sms(given) if given else None


def open_gates(vendors: Mapping[str, Any]) -> Gates | None:
    """None for a school without gates that take a list. Raises ValueError that names what can't be."""
    given = vendors.get("gates")
    return Gates(settings_from(GateSettings, given, "gates")) if given else None
