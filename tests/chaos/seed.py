"""Seeds a stage, `python -m tests.chaos.seed STUDENTS [DISPATCHERS]`: prints ids and sessions as JSON.

Runs in a process of its own with the stage's environment. Students are many, because one person may report
ten times in ten minutes; the first of them has a WeChat account of the sandbox's cast, as the dispatcher has.
"""

import hmac
import json
import sys
from typing import Any

from flask import Flask
from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.factory import create_app
from app.kit import clock, db
from app.platform.identity import service as identity
from app.platform.identity.models import WeChatLink
from app.repairs import service as repairs
from tests.chaos.stage import ROOT
from tests.make import add_member, make_campus

CAST = json.loads((ROOT / "samples" / "cast.json").read_text("utf-8"))
OPENIDS = {person["number"]: person["openid"] for person in CAST}


def main(students: int, dispatchers: int) -> dict[str, Any]:
    app = create_app()
    ids = make_campus()
    catalogue = json.loads((ROOT / "samples" / "repairs-catalogue.json").read_text("utf-8"))
    with db.unit_of_work() as session:
        repairs.load_catalogue(session, categories=catalogue["categories"], reasons=catalogue["reasons"])
        repairs.add_route(session, unit_id=ids.unit, team_id=ids.team_east)
        at_desk = [ids.zhao]
        at_desk += [
            add_member(session, f"调度员{n}", f"T9{n:03}", "staff", ids.unit) for n in range(1, dispatchers)
        ]
        for person_id in at_desk:
            identity.grant_role(
                session,
                by=None,
                person_id=person_id,
                role="repairs.dispatcher",
                scope_kind="unit",
                scope_id=ids.unit,
            )
        for number, person_id in (("2023010101", ids.li), ("T0001", ids.zhao), ("W0001", ids.wang)):
            link(session, app.config["WECHAT_APPID"], number, person_id)
        people = [ids.li, *add_students(session, students - 1)]
        return {
            "room": ids.room_512,
            "building": ids.building_3,
            "worker": ids.wang,
            "other_worker": ids.liu,
            "students": [sign_in(app, session, person_id, "phone") for person_id in people],
            "dispatchers": [sign_in(app, session, person_id, "desk") for person_id in at_desk],
        }


def link(session: Session, appid: str, number: str, person_id: int) -> None:
    """The cast's WeChat account becomes this person's, and follows."""
    now = clock.now()
    session.execute(
        insert(WeChatLink).values(
            appid=appid,
            openid=OPENIDS[number],
            person_id=person_id,
            is_following=True,
            linked_at=now,
            bound_at=now,
            followed_at=now,
        )
    )


def add_students(session: Session, count: int) -> list[int]:
    return [add_member(session, f"学生{n}", f"20239{n:05}", "student", None) for n in range(count)]


def sign_in(app: Flask, session: Session, person_id: int, surface: str) -> dict[str, Any]:
    """A session as a browser holds it: cookie, and the token of its forms."""
    new = identity.open_session(session, person_id=person_id, surface=surface, is_proved=True)
    letter = "d" if surface == "desk" else "m"
    key = hmac.digest(app.config["SECRET_KEY"].encode(), b"csrf", "sha256")
    return {
        "person_id": person_id,
        "token": new.token,
        "cookie": f"wl_{letter}_{app.config['COOKIE_SUFFIX']}",
        "csrf": hmac.digest(key, new.token.encode(), "sha256").hex(),
    }


if __name__ == "__main__":
    counts = [int(word) for word in sys.argv[1:]] + [1]
    print(json.dumps(main(counts[0], counts[1])))  # noqa: T201
