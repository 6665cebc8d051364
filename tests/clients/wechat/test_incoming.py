"""Messages and events in one shape, and how repetitions are recognised."""

from datetime import timedelta

import pytest
from envelopes import NOW, OPENID, event_of, fields_of, seal_fields

from app.clients.wechat.callback import decode
from app.clients.wechat.incoming import Incoming
from app.clients.wechat.settings import WeChatSettings

SETTINGS = WeChatSettings("wx1", "s", "t", "A" * 43, "gh_1")


def incoming(fields) -> Incoming:
    return decode(SETTINGS, *seal_fields(SETTINGS, fields), now=NOW)


def message(kind: str, **changes) -> Incoming:
    return incoming(fields_of(SETTINGS, MsgType=kind, **changes))


def event(name: str, **changes) -> Incoming:
    return incoming(event_of(SETTINGS, name, **changes))


def test_it_works():
    found = message("text", Content="R2611-0042")
    assert (found.kind, found.text, found.msg_id) == ("text", "R2611-0042", "7250000000000000001")


def test_messages_of_every_kind():
    assert message("image", Content=None, MediaId="m1", PicUrl="http://x").media_id == "m1"
    assert message("voice", Content=None, MediaId="m2", Format="amr").media_id == "m2"
    place = message("location", Content=None, Location_X="23.1", Location_Y="113.2", Label="三号楼")
    assert (place.text, place.fields["Location_X"]) == ("三号楼", "23.1")
    assert message("link", Content=None, Title="t", Url="https://x").key == "https://x"
    assert message("text", bizmsgmenuid="101").key == "101"
    assert message("file", Content=None).kind == "unknown"


def test_following_with_and_without_a_scene():
    plain = event("subscribe", EventKey="")
    assert (plain.kind, plain.scene, plain.key) == ("event:subscribe", "", "")
    scanned = event("subscribe", EventKey="qrscene_rep_1", Ticket="T")
    assert (scanned.scene, scanned.ticket, scanned.key) == ("rep_1", "T", "")
    paid = event("subscribe", EventKey="last_trade_no_42")
    assert (paid.scene, paid.key) == ("", "last_trade_no_42")
    assert event("unsubscribe").kind == "event:unsubscribe"


def test_scanning_tapping_and_viewing():
    assert event("SCAN", EventKey="rep_1").scene == "rep_1"
    assert event("CLICK", EventKey="REPORT").key == "REPORT"
    assert event("VIEW", EventKey="https://x/m").key == "https://x/m"
    assert (
        event("scancode_waitmsg", EventKey="k", ScanCodeInfo={"ScanType": "qrcode"}).kind
        == "event:scancode_waitmsg"
    )


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        ("success", "success"),
        ("failed:user block", "failed:user block"),
        ("failed: system failed", "failed:system failed"),
    ],
)
def test_the_end_of_a_template_message(raw, status):
    found = event("TEMPLATESENDJOBFINISH", MsgID="3557254367693750277", Status=raw)
    assert (found.kind, found.msg_id, found.status) == ("event:template_sent", "3557254367693750277", status)


def test_one_subscription_or_several():
    one = {"TemplateId": "A", "SubscribeStatusString": "accept", "PopupScene": "1"}
    two = {"TemplateId": "B", "SubscribeStatusString": "reject", "PopupScene": "1"}
    single = event("subscribe_msg_popup_event", SubscribeMsgPopupEvent={"List": one})
    assert [(item.template_id, item.choice) for item in single.subscriptions] == [("A", "accept")]
    several = event("subscribe_msg_popup_event", SubscribeMsgPopupEvent={"List": [one, two]})
    assert [(item.template_id, item.choice) for item in several.subscriptions] == [
        ("A", "accept"),
        ("B", "reject"),
    ]
    assert several.kind == "event:subscribe_popup"


@pytest.mark.parametrize("wrapper", ["SubscribeMsgPopupEvent", "SubscribeMsgChangeEvent"])
def test_a_change_comes_under_either_wrapper(wrapper):
    found = event(
        "subscribe_msg_change_event",
        **{wrapper: {"List": {"TemplateId": "A", "SubscribeStatusString": "reject"}}},
    )
    assert (found.kind, found.subscriptions[0].choice) == ("event:subscribe_change", "reject")


def test_the_end_of_a_subscription_message():
    inner = {"TemplateId": "A", "MsgID": "9", "ErrorCode": "0", "ErrorStatus": "success"}
    found = event("subscribe_msg_sent_event", SubscribeMsgSentEvent={"List": inner})
    assert found.kind == "event:subscribe_sent"
    assert (found.subscriptions[0].msg_id, found.subscriptions[0].error_status) == ("9", "success")
    assert event("subscribe_msg_sent_event").subscriptions == ()


@pytest.mark.parametrize(
    "name", ["user_info_modified", "user_authorization_revoke", "user_authorization_cancellation"]
)
def test_the_person_of_an_authorisation_event_is_in_openid(name):
    found = event(name, FromUserName="platform", OpenID=OPENID, AppID="wx1", RevokeInfo="205")
    assert (found.openid, found.sender, found.status) == (OPENID, "platform", "205")


def test_an_openid_element_means_nothing_elsewhere():
    assert event("CLICK", OpenID="oForged", EventKey="k").openid == OPENID


def test_an_unheard_of_event_keeps_its_name_if_it_is_one():
    assert event("Some_New_Event").kind == "event:some_new_event"
    assert event("<b>").kind == "event:unknown"


def test_a_message_is_known_by_its_id():
    first = message("text")
    again = message("text", CreateTime=int(NOW.timestamp()) + 5)
    other = message("text", MsgId=2)
    assert first.dedupe_key == again.dedupe_key == "msg:7250000000000000001"
    assert other.dedupe_key != first.dedupe_key


def test_events_have_no_id_and_still_differ():
    later = int((NOW + timedelta(seconds=1)).timestamp())
    keys = {
        event("CLICK", EventKey="A").dedupe_key,
        event("CLICK", EventKey="B").dedupe_key,
        event("SCAN", EventKey="A").dedupe_key,
        event("CLICK", EventKey="A", CreateTime=later).dedupe_key,
        event("CLICK", EventKey="A", FromUserName="oSomebodyElse").dedupe_key,
        event("TEMPLATESENDJOBFINISH", MsgID="1", Status="success").dedupe_key,
        event("TEMPLATESENDJOBFINISH", MsgID="2", Status="success").dedupe_key,
        event("subscribe_msg_popup_event", SubscribeMsgPopupEvent={"List": {"TemplateId": "A"}}).dedupe_key,
        event("subscribe_msg_popup_event", SubscribeMsgPopupEvent={"List": {"TemplateId": "B"}}).dedupe_key,
    }
    assert len(keys) == 9
    assert event("CLICK", EventKey="A").dedupe_key == event("CLICK", EventKey="A").dedupe_key
    assert not any(OPENID in key for key in keys)
