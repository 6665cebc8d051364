"""The account's menu, made from what the modules put on the shelf."""

from typing import Any

from app.platform.official_account.service import words

WIDEST_TOP, WIDEST = 16, 60
"""Bytes of a name."""
MOST = 5


def account_menu(base_url: str) -> dict[str, Any]:
    """Services (one button when there is one), what is mine, and help: at most three buttons."""
    cards = sorted((m.card for m in words.modules() if m.card is not None), key=lambda card: card.order)
    services = [_view(card.title, base_url + card.url) for card in cards[:MOST]]
    mine = [
        _view("我的消息", f"{base_url}/m/messages"),
        _view("待办", f"{base_url}/m/todo"),
        _view("我的", f"{base_url}/m/me"),
    ]
    buttons: list[dict[str, Any]] = []
    if len(services) == 1:
        buttons.append(services[0] | {"name": _fit(cards[0].title, WIDEST_TOP)})
    elif services:
        buttons.append({"name": "服务", "sub_button": services})
    buttons.append({"name": "我的", "sub_button": mine})
    buttons.append({"type": "click", "name": words.HELP, "key": words.HELP})
    return {"button": buttons}


def _view(name: str, url: str) -> dict[str, Any]:
    return {"type": "view", "name": _fit(name, WIDEST), "url": url}


def _fit(name: str, most: int) -> str:
    return name.encode()[:most].decode(errors="ignore")
