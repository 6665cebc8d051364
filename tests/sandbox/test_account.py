"""Menu, tags, users, QR codes and media through unmodified wechatpy."""

import io

import pytest
import requests
from wechatpy.exceptions import WeChatClientException

LI, GUEST = "2023010101", "V0001"
MENU = {
    "button": [
        {"type": "view", "name": "报修", "url": "http://127.0.0.1:8000/m/repairs/new"},
        {"name": "更多", "sub_button": [{"type": "click", "name": "帮助", "key": "HELP"}]},
    ]
}


def code_of(call, *args, **kwargs) -> int:
    with pytest.raises(WeChatClientException) as caught:
        call(*args, **kwargs)
    return caught.value.errcode


def test_menu(client, sandbox) -> None:
    assert client.menu.get() is None
    client.menu.create(MENU)
    assert [each["name"] for each in client.menu.get()["menu"]["button"]] == ["报修", "更多"]
    assert client.menu.get_menu_info()["is_menu_open"] == 1
    client.menu.delete()
    assert client.menu.get() is None


@pytest.mark.parametrize(
    ("button", "errcode"),
    [
        ([], 47001),
        ([{"type": "click", "name": "一", "key": "k"}] * 4, 40016),
        ([{"type": "click", "name": "六个汉字太长", "key": "k"}], 40018),
        ([{"type": "click", "name": "一"}], 40019),
        ([{"type": "view", "name": "一", "url": "ftp://x"}], 40055),
        ([{"type": "dance", "name": "一"}], 40017),
        ([{"name": "一", "sub_button": [{"type": "click", "name": "二", "key": "k"}] * 6}], 40023),
    ],
)
def test_bad_menus(client, button: list, errcode: int) -> None:
    assert code_of(client.menu.create, {"button": button}) in {errcode, 40016}


def test_menus_by_tag(client, sandbox) -> None:
    special = {"button": [{"type": "click", "name": "接单", "key": "TAKE"}]}
    worker = client.tag.create("维修人员")["id"] if "id" in client.tag.create("学生") else None
    tags = {tag["name"]: tag["id"] for tag in client.tag.get()}
    worker = worker or tags["维修人员"]
    rule = {**special, "matchrule": {"tag_id": str(worker)}}
    assert code_of(client.menu.add_conditional, rule) == 65303
    client.menu.create(MENU)
    menuid = client.menu.add_conditional(rule)["menuid"]
    assert code_of(client.menu.add_conditional, {**special, "matchrule": {"sex": "1"}}) == 65320
    wang = sandbox.openid("W0001")
    assert client.menu.try_match(wang)["button"][0]["name"] == "报修"
    client.tag.tag_user(worker, [wang])
    assert client.menu.try_match(wang)["button"][0]["name"] == "接单"
    client.menu.del_conditional(menuid)
    assert client.menu.try_match(wang)["button"][0]["name"] == "报修"


def test_tags(client, sandbox) -> None:
    client.tag.create("新生")
    assert code_of(client.tag.create, "新生") == 45157
    number = next(tag["id"] for tag in client.tag.get() if tag["name"] == "新生")
    assert number >= 100
    who = sandbox.openid(LI)
    client.tag.tag_user(number, [who])
    assert client.tag.get_user_tag(who) == [number]
    assert client.user.get(who)["tagid_list"] == [number]
    assert client.tag.get_tag_users(number)["data"]["openid"] == [who]
    assert code_of(client.tag.tag_user, number, [sandbox.openid(GUEST)]) == 49003
    client.tag.untag_user(number, [who])
    client.tag.update(number, "2026 级")
    client.tag.delete(number)
    assert code_of(client.tag.delete, 2) == 45058


def test_users(client, sandbox) -> None:
    known = client.user.get(sandbox.openid(LI))
    assert known["subscribe"] == 1
    assert "nickname" not in known
    assert client.user.get(sandbox.openid(GUEST)) == {"subscribe": 0, "openid": sandbox.openid(GUEST)}
    assert code_of(client.user.get, "nobody") == 40003
    page = client.user.get_followers()
    assert page["total"] == page["count"] == len(page["data"]["openid"])
    batch = client.user.get_batch([sandbox.openid(LI), sandbox.openid(GUEST)])
    assert [each["subscribe"] for each in batch] == [1, 0]


def test_a_scene_code_is_shown_and_followed(client, sandbox, callback, crypto) -> None:
    made = client.qrcode.create(
        {
            "expire_seconds": 600,
            "action_name": "QR_STR_SCENE",
            "action_info": {"scene": {"scene_str": "repair:1001"}},
        }
    )
    picture = requests.get(f"{sandbox.url}/cgi-bin/showqrcode", params={"ticket": made["ticket"]}, timeout=5)
    assert picture.content[:2] == b"\xff\xd8"
    sandbox.post("/_sim/follow", {"person": GUEST, "url": made["url"]})
    request = callback.wait_for(1)[0]
    query = request["query"]
    event = crypto.decrypt_message(
        request["body"], query["msg_signature"], query["timestamp"], query["nonce"]
    )
    assert "qrscene_repair:1001" in event
    assert made["ticket"] in event
    found = client.user.get(sandbox.openid(GUEST))
    assert found["qr_scene_str"] == "repair:1001"
    assert found["subscribe_scene"] == "ADD_SCENE_QR_CODE"
    sandbox.post("/_sim/follow", {"person": GUEST, "follow": False})
    assert client.user.get(sandbox.openid(GUEST))["subscribe"] == 0


def test_scene_codes_are_judged(client) -> None:
    limit = {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": "x"}}}
    assert "expire_seconds" not in client.qrcode.create(limit)
    long = {"action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": "x" * 65}}}
    assert code_of(client.qrcode.create, long) == 40053
    late = {"expire_seconds": 2_592_001, "action_name": "QR_SCENE", "action_info": {"scene": {"scene_id": 1}}}
    assert code_of(client.qrcode.create, late) == 40035


def test_media_there_and_back(client, sandbox) -> None:
    content = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
    made = client.media.upload("image", ("lamp.png", io.BytesIO(content), "image/png"))
    back = requests.get(
        f"{sandbox.url}/cgi-bin/media/get",
        params={"access_token": client.access_token, "media_id": made["media_id"]},
        timeout=5,
    )
    assert back.content == content
    assert "attachment" in back.headers["Content-disposition"]
    assert client.media.download(made["media_id"]).content == content
    assert code_of(client.media.upload, "image", ("x.png", io.BytesIO(b""), "image/png")) == 44001
    assert code_of(client.media.upload, "dance", ("x.png", io.BytesIO(b"x"), "image/png")) == 40004
    assert code_of(client.media.download, "unknown") == 40007
    sandbox.set(clock_offset=3 * 86400 + 5)
    client.fetch_access_token()
    assert code_of(client.media.download, made["media_id"]) == 40007
