"""One measurement of benchmarks.claims, in the stage's environment; prints milliseconds as JSON."""

import json
import random
import statistics
import sys
import time
from datetime import timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from app.factory import create_app
from app.kit import clock, db
from app.platform.directory import service as directory
from app.platform.identity import queries as identity_queries
from app.platform.identity import service as identity
from app.welcome import service
from app.welcome.service import Admitted

WARM_UP = 40


def main(pairs: int) -> dict[str, float]:
    app = create_app()
    admit(pairs + WARM_UP)
    took: dict[str, list[float]] = {"there": [], "absent": []}
    for place in range(pairs + WARM_UP):
        for which in random.sample(["there", "absent"], 2):
            seconds = try_once(app, place, which)
            if place >= WARM_UP:
                took[which].append(seconds * 1000)
    return {name: statistics.median(values) for name, values in took.items()} | {
        "order": longer(took["there"], took["absent"])
    }


def admit(count: int) -> None:
    today = clock.today()
    days: dict[str, Any] = {
        "opens_on": today - timedelta(days=1),
        "dorms_on": today,
        "arrives_on": today,
        "arrival_ends_on": today,
        "closes_on": today + timedelta(days=9),
    }
    with db.unit_of_work() as session:
        season = service.open_season(session, by=None, code="bench", name="bench", **days)
        college = directory.add_org_unit(session, by=None, code="BENCH", name="学院", kind="college")
        for place in range(count):
            admitted = Admitted(
                profile="undergraduate",
                name=f"新生{place:05d}",
                number=f"there{place:09d}",
                document=f"4401002008010{place:05d}",
                college_id=college,
                major="数学",
                level="本科",
                letter=f"L{place}",
            )
            service.admit(session, by=None, season_id=season, admitted=admitted)


def try_once(app: Flask, place: int, which: str) -> float:
    """A wrong letter, from a phone of its own; only the answer is timed."""
    client = phone(app, f"{which}-{place}")
    token = client.get("/api/v1/me").get_json()["csrf_token"]
    form = {
        "profile": "undergraduate",
        "name": f"新生{place:05d}",
        "number": f"there{place:09d}" if which == "there" else f"absnt{place:09d}",
        "last_six": f"0{place:05d}",
        "way": "letter",
        "letter": "L-WRONG",
    }
    begun = time.perf_counter()
    answer = client.post("/m/welcome/claim/", data=form, headers={"X-CSRF-Token": token})
    took = time.perf_counter() - begun
    assert answer.status_code == 422, answer.status_code
    return took


def phone(app: Flask, openid: str) -> FlaskClient:
    appid = app.config["WECHAT_APPID"]
    with db.unit_of_work() as session:
        person_id = identity.person_for_openid(session, appid, openid)
        link_id = identity_queries.link_id_of_openid(session, appid, openid)
        new = identity.open_session(session, person_id=person_id, surface="phone", wechat_link_id=link_id)
    client = app.test_client()
    client.set_cookie(f"wl_m_{app.config['COOKIE_SUFFIX']}", new.token)
    return client


def longer(ours: list[float], theirs: list[float]) -> float:
    """How often one of ours is longer than one of theirs."""
    wins = sum((mine > other) + (mine == other) / 2 for mine in ours for other in theirs)
    return wins / (len(ours) * len(theirs))


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
