"""网页授权 from the browser's link to the openid."""

from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from wechatpy.exceptions import WeChatOAuthException
from wechatpy.oauth import WeChatOAuth

LI = "2023010101"


def visit(url: str, **extra: str) -> requests.Response:
    return requests.get(url.split("#")[0], params=extra, allow_redirects=False, timeout=5)


def code_for(oauth: WeChatOAuth, who: str = LI) -> str:
    found = visit(oauth.authorize_url, sim_openid=who)
    assert found.status_code == 302
    query = parse_qs(urlsplit(found.headers["Location"]).query)
    assert query["state"] == ["abc123"]
    assert query["x"] == ["1"]
    return query["code"][0]


def test_the_whole_round(oauth: WeChatOAuth, sandbox) -> None:
    found = oauth.fetch_access_token(code_for(oauth))
    assert found["openid"] == sandbox.openid(LI)
    assert found["scope"] == "snsapi_base"
    assert "unionid" not in found
    assert "is_snapshotuser" not in found
    assert oauth.check_access_token()
    oauth.refresh_access_token(found["refresh_token"])
    assert oauth.open_id == sandbox.openid(LI)
    with pytest.raises(WeChatOAuthException) as caught:
        oauth.get_user_info()
    assert caught.value.errcode == 48001


def test_userinfo_scope_gives_a_nameless_profile(oauth: WeChatOAuth) -> None:
    oauth.scope = "snsapi_userinfo"
    oauth.fetch_access_token(code_for(oauth))
    assert oauth.get_user_info()["nickname"] == "微信用户"


def test_a_code_works_once_and_for_five_minutes(oauth: WeChatOAuth, sandbox) -> None:
    code = code_for(oauth)
    oauth.fetch_access_token(code)
    late = code_for(oauth)
    for given, expected in ((code, 40163), ("rubbish", 40029)):
        with pytest.raises(WeChatOAuthException) as caught:
            oauth.fetch_access_token(given)
        assert caught.value.errcode == expected
    sandbox.set(clock_offset=301)
    with pytest.raises(WeChatOAuthException) as caught:
        oauth.fetch_access_token(late)
    assert caught.value.errcode == 42003
    assert "rid: " in caught.value.errmsg


def test_denial_comes_back_with_state_only(oauth: WeChatOAuth) -> None:
    found = visit(oauth.authorize_url, sim_openid="deny")
    assert parse_qs(urlsplit(found.headers["Location"]).query) == {"x": ["1"], "state": ["abc123"]}


def test_snapshot_visitors_are_strangers(oauth: WeChatOAuth, sandbox) -> None:
    found = oauth.fetch_access_token(code_for(oauth, LI + "#snapshot"))
    assert found["is_snapshotuser"] == 1
    assert found["openid"] != sandbox.openid(LI)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("127.0.0.1%3A8000", "evil.example", "redirect_uri"),
        ("response_type=code", "response_type=token", "response_type"),
        ("snsapi_base", "snsapi_all", "scope"),
        ("state=abc123", "state=a%20b", "state"),
        ("appid=wx", "appid=xx", "appid"),
    ],
)
def test_bad_links_are_refused_in_words(oauth: WeChatOAuth, old: str, new: str, words: str) -> None:
    found = visit(oauth.authorize_url.replace(old, new), sim_openid=LI)
    assert found.status_code == 200
    assert words in found.text


def test_the_order_of_parameters_matters(oauth: WeChatOAuth) -> None:
    base, query = oauth.authorize_url.split("#")[0].split("?")
    found = visit(base + "?" + "&".join(reversed(query.split("&"))), sim_openid=LI)
    assert "参数顺序错误" in found.text


def test_the_picker_names_everybody(oauth: WeChatOAuth) -> None:
    page = visit(oauth.authorize_url).text
    for words in ("李一鸣", "阿依古丽·买买提", "拒绝授权"):
        assert words in page
