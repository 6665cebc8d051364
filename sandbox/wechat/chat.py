"""Turning what the account sends into lines of a chat."""

from typing import Any

from sandbox.store import Row, Store
from sandbox.world import say

MESSAGE_WINDOW = (48 * 3600, 5)
ACTION_WINDOW = (60, 3)


def open_window(store: Store, openid: str, kind: str) -> None:
    """A person did something: customer service messages are allowed for a while ('message' or 'action')."""
    amount = MESSAGE_WINDOW[1] if kind == "message" else ACTION_WINDOW[1]
    store.run(
        "INSERT INTO windows (openid, kind, opened, left_over) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (openid, kind) DO UPDATE SET opened = excluded.opened, left_over = excluded.left_over",
        (openid, kind, store.now(), amount),
    )


def use_window(store: Store, openid: str) -> int:
    """Take one message of an open window: 0, or the error code."""
    with store.tx():
        rows = store.all("SELECT * FROM windows WHERE openid = ?", (openid,))
        now = store.now()
        spans = {"message": MESSAGE_WINDOW[0], "action": ACTION_WINDOW[0]}
        valid = [row for row in rows if now - row["opened"] <= spans[row["kind"]]]
        if not valid:
            return 45015
        for row in valid:
            if row["left_over"] > 0:
                store.run(
                    "UPDATE windows SET left_over = left_over - 1 WHERE openid = ? AND kind = ?",
                    (openid, row["kind"]),
                )
                return 0
        return 45047


def show_reply(store: Store, openid: str, reply: dict[str, Any]) -> None:
    """A passive reply appears in the chat; ValueError when WeChat would not take it."""
    kind = str(reply.get("MsgType") or "")
    if kind == "text":
        content = str(reply.get("Content") or "")
        if not content:
            raise ValueError("empty Content")
        if len(content.encode()) > 2048:
            raise ValueError("Content over 2048 bytes")
        say(store, openid, "account", "text", {"text": content})
    elif kind == "news":
        articles = (reply.get("Articles") or {}).get("item") or []
        articles = articles if isinstance(articles, list) else [articles]
        if len(articles) != 1:
            raise ValueError("news must have one article")
        first = articles[0]
        card = {
            "title": first.get("Title"),
            "text": first.get("Description"),
            "url": first.get("Url"),
            "picture": first.get("PicUrl"),
        }
        say(store, openid, "account", "news", card)
    elif kind in {"image", "voice", "video", "music"}:
        media = (reply.get(kind.capitalize()) or {}).get("MediaId")
        if kind != "music" and not has_media(store, media):
            raise ValueError("unknown MediaId")
        say(store, openid, "account", kind, {"media_id": media})
    elif kind == "transfer_customer_service":
        say(store, openid, "system", "notice", {"text": "已转接人工客服"})
    else:
        raise ValueError(f"unknown MsgType {kind}")


def has_media(store: Store, media_id: Any) -> Row | None:
    return store.one(
        "SELECT media_id, type, filename, mime, created FROM media WHERE media_id = ? AND "
        "(permanent = 1 OR created > ?)",
        (media_id, store.now() - 3 * 86400),
    )
