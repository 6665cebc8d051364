"""Tokens, the check on every call, quotas and the forced faults, through unmodified wechatpy."""

import pytest
import requests
from wechatpy import WeChatClient
from wechatpy.exceptions import APILimitedException, WeChatClientException

from sandbox.app import create_app
from sandbox.config import Config
from sandbox.wechat.jssdk import signature


def stable(sandbox, **extra) -> dict:
    body = {
        "grant_type": "client_credential",
        "appid": sandbox.config.appid,
        "secret": sandbox.config.secret,
        **extra,
    }
    return sandbox.post("/cgi-bin/stable_token", body)


def ask(sandbox, token: str | None) -> int:
    params = {} if token is None else {"access_token": token}
    return sandbox.get("/cgi-bin/getcallbackip", **params).get("errcode", 0)


def test_wechatpy_gets_a_token_and_uses_it(client: WeChatClient) -> None:
    assert client.misc.get_wechat_ips() == ["127.0.0.1"]
    assert client.access_token


def test_wrong_credentials_are_told_apart(sandbox) -> None:
    ask_token = {
        "grant_type": "client_credential",
        "appid": sandbox.config.appid,
        "secret": sandbox.config.secret,
    }
    assert sandbox.get("/cgi-bin/token", **{**ask_token, "secret": "x"})["errcode"] == 40125
    assert sandbox.get("/cgi-bin/token", **{**ask_token, "appid": "x"})["errcode"] == 40013
    assert stable(sandbox, secret="x")["errcode"] == 40125
    assert sandbox.get("/cgi-bin/stable_token")["errcode"] == 43002


def test_a_bad_token_has_its_own_code_and_a_request_id(sandbox) -> None:
    assert ask(sandbox, None) == 41001
    assert ask(sandbox, "rubbish") == 40014
    unknown = sandbox.get("/cgi-bin/getcallbackip", access_token="12_" + "x" * 100)
    assert unknown["errcode"] == 40001
    assert ", rid: " in unknown["errmsg"]


def test_plain_tokens_replace_each_other_after_a_grace(sandbox) -> None:
    given = {
        "grant_type": "client_credential",
        "appid": sandbox.config.appid,
        "secret": sandbox.config.secret,
    }
    first, second, third = (sandbox.get("/cgi-bin/token", **given)["access_token"] for _ in range(3))
    assert len({first, second, third}) == 3
    assert ask(sandbox, third) == 0
    assert ask(sandbox, second) == 0
    assert ask(sandbox, first) == 40001
    sandbox.set(clock_offset=301)
    assert ask(sandbox, second) == 42001
    assert ask(sandbox, third) == 0


def test_the_stable_token_stays_until_five_minutes_before_its_end(sandbox) -> None:
    first = stable(sandbox)
    again = stable(sandbox)
    assert again["access_token"] == first["access_token"]
    assert 7100 < again["expires_in"] <= 7200
    sandbox.set(clock_offset=6950)
    fresh = stable(sandbox)
    assert fresh["access_token"] != first["access_token"]
    assert ask(sandbox, first["access_token"]) == 0
    sandbox.set(clock_offset=7300)
    assert ask(sandbox, first["access_token"]) == 42001


def test_forcing_kills_the_old_token_and_is_rationed(sandbox) -> None:
    first = stable(sandbox)["access_token"]
    second = stable(sandbox, force_refresh=True)["access_token"]
    assert first != second
    assert ask(sandbox, first) == 40001
    assert stable(sandbox, force_refresh=True)["errcode"] == 45011
    sandbox.set(clock_offset=31)
    assert "access_token" in stable(sandbox, force_refresh=True)


def test_both_kinds_are_isolated(sandbox, client: WeChatClient) -> None:
    token = stable(sandbox)["access_token"]
    client.fetch_access_token()
    client.fetch_access_token()
    client.fetch_access_token()
    assert ask(sandbox, token) == 0


def test_revoking_all_is_seen_at_once(sandbox) -> None:
    token = stable(sandbox)["access_token"]
    assert sandbox.set(revoke_tokens=True)["revoked"] == 1
    assert ask(sandbox, token) == 40001
    assert stable(sandbox)["access_token"] != token


def test_quota_answers_45009(sandbox, client: WeChatClient) -> None:
    sandbox.set(quota={"/cgi-bin/getcallbackip": 2})
    client.misc.get_wechat_ips()
    client.misc.get_wechat_ips()
    with pytest.raises(APILimitedException):
        client.misc.get_wechat_ips()
    used = client.post("openapi/quota/get", data={"cgi_path": "/cgi-bin/getcallbackip"})["quota"]
    assert used == {"daily_limit": 2, "used": 3, "remain": 0}
    client.post("clear_quota", data={"appid": sandbox.config.appid})
    assert client.misc.get_wechat_ips()


def test_forced_faults_run_out(sandbox, client: WeChatClient) -> None:
    sandbox.set(fault={"path": "/cgi-bin/getcallbackip", "errcode": -1, "times": 2})
    for _ in range(2):
        with pytest.raises(WeChatClientException) as caught:
            client.misc.get_wechat_ips()
        assert caught.value.errcode == -1
    assert client.misc.get_wechat_ips()


def test_bad_gateway_hang_and_latency(sandbox, client: WeChatClient) -> None:
    client.fetch_access_token()
    sandbox.set(fault={"path": "/cgi-bin/*", "status": 502})
    with pytest.raises(WeChatClientException) as caught:
        client.misc.get_wechat_ips()
    assert caught.value.errcode is None
    sandbox.set(fault={"path": "/cgi-bin/*", "hang": 1.5})
    with pytest.raises(requests.Timeout):
        client.get("getcallbackip", timeout=0.3)
    sandbox.set(latency={"/cgi-bin/getcallbackip": 0.5})
    with pytest.raises(requests.Timeout):
        client.get("getcallbackip", timeout=0.2)
    sandbox.post("/_sim/reset", {"only": "faults"})
    assert client.get("getcallbackip", timeout=2)


def test_an_unknown_switch_is_refused(sandbox) -> None:
    found = requests.post(f"{sandbox.url}/_sim/set", json={"nonsense": 1}, timeout=5)
    assert found.status_code == 400
    assert "nonsense" in found.json()["error"]


def test_jsapi_ticket_and_the_known_signature(sandbox, client: WeChatClient) -> None:
    first = client.jsapi.get_ticket()
    assert first["errcode"] == 0
    assert first["ticket"].startswith("kgt8")
    assert client.jsapi.get_ticket()["ticket"] == first["ticket"]
    ticket = "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg"
    url = "http://mp.weixin.qq.com?params=value#part"
    assert (
        signature(ticket, "Wm3WZYTPz0wzccnW", "1414587457", url) == "0f9de62fce790f9a083d5c99e95740ceb90c27ed"
    )


def test_wx_config_is_verified(sandbox, client: WeChatClient) -> None:
    ticket = client.jsapi.get_ticket()["ticket"]
    page = "http://127.0.0.1:8000/m/repairs/new?a=1"
    good = client.jsapi.get_jsapi_signature("nonce", ticket, "1700000000", page)
    given = {
        "appId": sandbox.config.appid,
        "timestamp": 1700000000,
        "nonceStr": "nonce",
        "signature": good,
        "url": page,
    }
    assert sandbox.post("/_sim/verify_jssdk", given)["errMsg"] == "config:ok"
    assert (
        sandbox.post("/_sim/verify_jssdk", {**given, "url": page + "2"})["errMsg"]
        == "config:invalid signature"
    )
    elsewhere = {**given, "url": "http://example.org/"}
    assert sandbox.post("/_sim/verify_jssdk", elsewhere)["errMsg"] == "config:invalid url domain"


def test_state_survives_a_restart(tmp_path) -> None:
    config = Config(data_dir=tmp_path, samples_dir=tmp_path)
    body = {"grant_type": "client_credential", "appid": config.appid, "secret": config.secret}
    tokens = []
    for _ in range(2):
        app = create_app(config)
        tokens.append(app.test_client().post("/cgi-bin/stable_token", json=body).json["access_token"])
        app.extensions["sandbox"].pusher.close()
        app.extensions["sandbox"].store.close()
    assert tokens[0] == tokens[1]
