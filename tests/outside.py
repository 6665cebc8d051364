"""The application joined to a running sandbox, and browsers that make the round trips over real HTTP.

Import the fixture `outside` into a conftest.
"""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis

from app.config import Settings
from app.factory import build_clients
from sandbox.app import create_app
from sandbox.cast import BY_NUMBER
from sandbox.config import Config
from sandbox.server import Server

APP_URL = "http://127.0.0.1:8000"


@dataclass
class Outside:
    """A running sandbox."""

    url: str

    def set(self, **knobs: object) -> None:
        requests.post(f"{self.url}/_sim/set", json=knobs, timeout=10).raise_for_status()

    def authorize(self, location: str, who: str) -> str:
        """WeChat's leg: `who` is a number of the cast, an openid, `deny` or `<number>#snapshot`."""
        answer = requests.get(
            location.replace("#wechat_redirect", ""),
            params={"sim_openid": who},
            allow_redirects=False,
            timeout=10,
        )
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"].removeprefix(APP_URL)

    def cas_sign_in(self, location: str, number: str) -> str:
        """The single sign-on's leg: where it sends the browser back to."""
        given = {"username": number, "password": BY_NUMBER[number].cas_password}
        answer = requests.post(location, data=given, allow_redirects=False, timeout=10)
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"].removeprefix(APP_URL)


@pytest.fixture(scope="session")
def _sandbox(tmp_path_factory, settings: Settings) -> Iterator[Server]:
    folder: Path = tmp_path_factory.mktemp("outside")
    config = Config(
        data_dir=folder,
        port=0,
        app_url=APP_URL,
        appid=settings.wechat_appid,
        secret=settings.wechat_secret,
        token=settings.wechat_token,
        aes_key=settings.wechat_aes_key,
        account_id=settings.wechat_account_id,
        samples_dir=folder,
    )
    server = Server(create_app(config), "127.0.0.1", 0).start()
    yield server
    server.stop()


@pytest.fixture
def outside(app: Flask, settings: Settings, _sandbox: Server) -> Iterator[Outside]:
    """The application's clients point to the sandbox during this test."""
    url = f"http://127.0.0.1:{_sandbox.port}"
    joined = dataclasses.replace(settings, wechat_api_base=url, wechat_open_base=url, cas_url=f"{url}/cas")
    before = app.extensions["clients"]
    app.extensions["clients"] = build_clients(joined, Redis.from_url(settings.redis_url))
    yield Outside(url)
    app.extensions["clients"] = before


def sign_in_phone(outside: Outside, client: FlaskClient, who: str, next_path: str = "/m/") -> str:
    """The whole round trip; returns where the person lands."""
    left = client.get("/m/login", query_string={"next": next_path, "fresh": "1"})
    back = client.get(outside.authorize(left.headers["Location"], who))
    assert back.status_code == 302, back.text
    return back.headers["Location"]


def path_of(location: str) -> str:
    return urlsplit(location).path
