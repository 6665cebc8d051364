"""What every part of the sandbox works with: settings, state, fault switches and the pusher."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from flask import current_app

from sandbox.cast import CAST
from sandbox.config import Config
from sandbox.store import Row, Store

if TYPE_CHECKING:
    from sandbox.knobs import Knobs
    from sandbox.wechat.push import Pusher


@dataclass
class World:
    config: Config
    store: Store
    knobs: Knobs
    pusher: Pusher

    def user(self, openid: str) -> Row | None:
        return self.store.one("SELECT * FROM users WHERE openid = ?", (openid,))

    def user_by_number(self, number: str) -> Row | None:
        return self.store.one("SELECT * FROM users WHERE number = ?", (number,))


def world() -> World:
    """The world of the current application."""
    return cast("World", current_app.extensions["sandbox"])


def fill(store: Store) -> None:
    """Put the cast into an empty world; leave those alone who are there."""
    with store.tx():
        for position, person in enumerate(CAST):
            store.run(
                "INSERT INTO users (openid, number, name, position, follows, subscribe_time) VALUES "
                "(?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (openid) DO NOTHING",
                (
                    person.openid,
                    person.number,
                    person.name,
                    position,
                    int(person.follows),
                    int(store.now()) if person.follows else 0,
                ),
            )


def say(
    store: Store, openid: str, side: str, kind: str, body: dict[str, Any], conversation: str = "account"
) -> int:
    """Put one line into a chat. Lines of the person's own and system lines count as seen."""
    number = store.insert(
        "INSERT INTO messages (openid, conversation, side, kind, body, created, seen) VALUES "
        "(?, ?, ?, ?, ?, ?, ?)",
        (
            openid,
            conversation,
            side,
            kind,
            json.dumps(body, ensure_ascii=False),
            store.now(),
            int(side != "account"),
        ),
    )
    store.announce()
    return number
