"""Each call, its answer and its refusals."""

import io
import json
from dataclasses import replace

import pytest

from app.clients.wechat import errors
from app.clients.wechat.client import WeChat

TEMPLATE = "TPL_repair_progress"
DATA = {
    "character_string1": "R2611-0042",
    "thing2": "灯不亮",
    "phrase3": "已派单",
    "time4": "2026年11月16日 09:00",
    "thing5": "王师傅会与您联系",
}


@pytest.fixture
def follower(world) -> str:
    return world.person("李")["openid"]


@pytest.fixture
def stranger(world) -> str:
    return world.person("欧阳")["openid"]


def send(
    wechat: WeChat, openid: str, template_id: str = TEMPLATE, *, name: str = "m1", **changes: str
) -> str:
    data = {**DATA, **changes}
    return wechat.send_template(
        openid, template_id, url="http://127.0.0.1:8000/m", data=data, client_msg_id=name
    )


def test_it_works(wechat, world, follower):
    msgid = send(wechat, follower)
    assert isinstance(msgid, str) and int(msgid) > 2**53
    sent = world.get("sent", openid=follower)[0]
    assert sent["payload"]["data"]["thing2"] == {"value": "灯不亮"}


def test_the_same_client_msg_id_is_sent_once(wechat, world, follower):
    first, second = send(wechat, follower), send(wechat, follower)
    assert first == second
    assert len(world.get("sent", openid=follower)) == 1
    assert send(wechat, follower, name="m2") != first


def test_refusals_of_a_template_message_are_named(wechat, stranger, follower):
    with pytest.raises(errors.NotFollowing) as caught:
        send(wechat, stranger)
    assert caught.value.permanent
    assert (caught.value.errcode, caught.value.path) == (43004, "message/template/send")
    assert len(caught.value.rid) == 26
    with pytest.raises(errors.BadTemplate):
        send(wechat, follower, "TPL_unheard_of")
    with pytest.raises(errors.BadOpenid):
        send(wechat, "oNobody")
    with pytest.raises(errors.BadField) as caught:
        send(wechat, follower, phrase3="not Chinese")
    assert caught.value.detail == "phrase3"


@pytest.mark.parametrize(
    ("errcode", "kind", "permanent"),
    [
        (-1, errors.WeChatUnavailable, False),
        (45009, errors.QuotaExceeded, False),
        (45011, errors.QuotaExceeded, False),
        (48001, errors.ConfigWrong, False),
        (43101, errors.NoCredit, True),
        (45015, errors.OutOfWindow, True),
        (45047, errors.OutOfWindow, True),
        (40165, errors.BadPage, True),
        (99999, errors.WeChatRefused, True),
    ],
)
def test_each_errcode_has_its_class(wechat, world, follower, errcode, kind, permanent):
    world.fault("/cgi-bin/message/template/send", errcode=errcode)
    with pytest.raises(errors.WeChatError) as caught:
        send(wechat, follower)
    assert type(caught.value) is kind
    assert (caught.value.permanent, caught.value.errcode) == (permanent, errcode)


def test_a_post_without_an_answer_is_unknown(settings, cache, world, follower):
    wechat = WeChat(replace(settings, timeout=(1.0, 0.5)), cache)
    wechat.user_info(follower)
    for fault in ({"hang": 2}, {"status": 502}, {"body": "<html>"}, {"body": "[1]"}, {"body": "{}"}):
        world.fault("/cgi-bin/message/template/send", **fault)
        with pytest.raises(errors.WeChatUnknown) as caught:
            send(wechat, follower)
        assert not caught.value.permanent


def test_a_get_without_an_answer_is_unavailable(settings, cache, world, follower):
    wechat = WeChat(replace(settings, timeout=(1.0, 0.5)), cache)
    wechat.callback_ips()
    for fault in ({"hang": 2}, {"status": 502}, {"status": 404}, {"body": "<html>"}, {"body": "{}"}):
        world.fault("/cgi-bin/user/info", **fault)
        with pytest.raises(errors.WeChatUnavailable):
            wechat.user_info(follower)


def test_a_post_that_never_went_out_is_unavailable(settings, cache, follower):
    cache.set(f"wechat:{settings.appid}:token", "10_" + "a" * 80)
    away = WeChat(replace(settings, api_base="http://127.0.0.1:1"), cache)
    with pytest.raises(errors.WeChatUnavailable):
        send(away, follower)


def test_an_answer_that_never_ends_is_not_read(wechat, world, follower):
    world.fault("/cgi-bin/user/info", body=json.dumps({"subscribe": 1, "x": "y" * (2 << 20)}))
    with pytest.raises(errors.WeChatUnavailable):
        wechat.user_info(follower)


def test_a_subscription_message_needs_credit(wechat, follower):
    with pytest.raises(errors.NoCredit):
        wechat.send_subscription(follower, TEMPLATE, page="http://127.0.0.1:8000/m", data=DATA)


def test_a_text_needs_the_window(wechat, world, follower):
    with pytest.raises(errors.OutOfWindow):
        wechat.send_text(follower, "您好")


def test_the_menu(wechat):
    assert wechat.get_menu() is None
    menu = {"button": [{"type": "view", "name": "报修", "url": "http://127.0.0.1:8000/m/repairs/new"}]}
    wechat.create_menu(menu)
    found = wechat.get_menu()
    assert found and found["menu"]["button"][0]["name"] == "报修"


def test_a_scene_qr(wechat):
    found = wechat.create_scene_qr("rep_1", 600)
    assert found.ticket and found.url.startswith("http")
    with pytest.raises(ValueError):
        wechat.create_scene_qr("x" * 65, 600)


def test_who_follows(wechat, follower, stranger):
    assert wechat.user_info(follower).follows
    assert not wechat.user_info(stranger).follows


def test_where_callbacks_come_from(wechat):
    assert wechat.callback_ips() == ["127.0.0.1"]


def test_a_picture_goes_up_and_comes_down(wechat):
    media_id = wechat.upload_image(io.BytesIO(b"\xff\xd8picture"), "p.jpg")
    found = wechat.download_media(media_id, 1000)
    assert (found.content, found.content_type) == (b"\xff\xd8picture", "image/jpeg")


def test_an_upload_is_rewound_before_it_is_repeated(wechat, world):
    world.fault("/cgi-bin/media/upload", errcode=40001)
    media_id = wechat.upload_image(io.BytesIO(b"\xff\xd8picture"), "p.jpg")
    assert wechat.download_media(media_id, 1000).content == b"\xff\xd8picture"


def test_a_download_is_capped(wechat):
    media_id = wechat.upload_image(io.BytesIO(b"\xff\xd8" + b"x" * 5000), "p.jpg")
    with pytest.raises(errors.MediaRefused) as caught:
        wechat.download_media(media_id, 5001)
    assert caught.value.detail == "too large"
    assert len(wechat.download_media(media_id, 5002).content) == 5002


def test_a_download_of_another_type_is_refused(wechat):
    media_id = wechat.upload_image(io.BytesIO(b"%PDF"), "p.pdf")
    with pytest.raises(errors.MediaRefused):
        wechat.download_media(media_id, 1000)


def test_media_that_is_gone(wechat, world):
    with pytest.raises(errors.MediaGone):
        wechat.download_media("unheard-of", 1000)
    world.fault("/cgi-bin/media/get", errcode=-1)
    with pytest.raises(errors.WeChatUnavailable):
        wechat.download_media("unheard-of", 1000)


def test_a_download_survives_a_refused_token(wechat, world):
    media_id = wechat.upload_image(io.BytesIO(b"\xff\xd8picture"), "p.jpg")
    world.set(revoke_tokens=True)
    assert wechat.download_media(media_id, 1000).content == b"\xff\xd8picture"


def test_a_download_that_hangs_times_out(settings, cache, world):
    wechat = WeChat(replace(settings, timeout=(1.0, 0.5)), cache)
    wechat.callback_ips()
    world.fault("/cgi-bin/media/get", hang=2)
    with pytest.raises(errors.WeChatUnavailable):
        wechat.download_media("m", 1000)
