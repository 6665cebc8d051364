"""Sending, with its rules, through unmodified wechatpy."""

import json

import pytest
from wechatpy import WeChatClient
from wechatpy.exceptions import WeChatClientException

from sandbox.wechat.fields import complaint

LI, GUEST = "2023010101", "V0001"
FIELDS = "单号：{{character_string1.DATA}}\n状态：{{phrase2.DATA}}\n说明：{{thing3.DATA}}"
DATA = {
    "character_string1": {"value": "R-1001"},
    "phrase2": {"value": "已派单"},
    "thing3": {"value": "王师傅预计 14:30 前到"},
}


@pytest.fixture
def template(sandbox) -> str:
    given = {"repair": {"template_id": "TPL_repair", "title": "报修进度通知", "content": FIELDS}}
    (sandbox.config.samples_dir / "wechat-templates.json").write_text(json.dumps(given), encoding="utf-8")
    sandbox.post("/_sim/reset")
    sandbox.set(job_finish_delay=0)
    return "TPL_repair"


def send(client: WeChatClient, sandbox, template: str, data: dict, who: str = LI, **extra) -> dict:
    body = {"touser": sandbox.openid(who), "template_id": template, "data": data, **extra}
    return client.post("message/template/send", data=body)


def code_of(call, *args, **kwargs) -> int:
    with pytest.raises(WeChatClientException) as caught:
        call(*args, **kwargs)
    return caught.value.errcode


def test_a_template_message_becomes_a_card_and_its_end_is_told(
    client, sandbox, template, callback, crypto
) -> None:
    found = client.message.send_template(sandbox.openid(LI), template, DATA, url="http://127.0.0.1:8000/m/1")
    assert found["msgid"] > 2**53
    card = sandbox.chat(LI)[-1]["body"]
    assert card["title"] == "报修进度通知"
    assert card["rows"][1] == {"label": "状态", "value": "已派单"}
    request = callback.wait_for(1)[0]
    query = request["query"]
    event = crypto.decrypt_message(
        request["body"], query["msg_signature"], query["timestamp"], query["nonce"]
    )
    assert "TEMPLATESENDJOBFINISH" in event
    assert f"<MsgID>{found['msgid']}</MsgID>" in event
    assert "<![CDATA[success]]>" in event


def test_the_same_client_msg_id_is_sent_once_in_ten_minutes(client, sandbox, template) -> None:
    first = send(client, sandbox, template, DATA, client_msg_id="m1")
    assert send(client, sandbox, template, DATA, client_msg_id="m1")["msgid"] == first["msgid"]
    assert len(sandbox.get("/_sim/sent", client_msg_id="m1")) == 1
    sandbox.set(clock_offset=601)
    assert send(client, sandbox, template, DATA, client_msg_id="m1")["msgid"] != first["msgid"]


def test_refusals(client, sandbox, template) -> None:
    assert code_of(send, client, sandbox, "TPL_unknown", DATA) == 40037
    assert code_of(send, client, sandbox, template, DATA, GUEST) == 43004
    assert code_of(client.message.send_template, "nobody", template, DATA) == 40003
    assert code_of(send, client, sandbox, template, {**DATA, "thing9": {"value": "x"}}) == 47003


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("phrase2", "已派单了吗", ""),
        ("phrase2", "already", "data.phrase2.value invalid"),
        ("phrase2", "六个汉字太长", "data.phrase2.value invalid"),
        ("phrase2", "", "data.phrase2.value is empty"),
        ("thing3", "字" * 20, ""),
        ("thing3", "字" * 21, "data.thing3.value invalid"),
        ("thing3", "两\n行", "data.thing3.value invalid"),
        ("character_string1", "R-1001 #2", ""),
        ("character_string1", "单号1", "data.character_string1.value invalid"),
        ("character_string1", "1" * 33, "data.character_string1.value invalid"),
    ],
)
def test_fields_are_judged_by_type(client, sandbox, template, name: str, value: str, words: str) -> None:
    data = {**DATA, name: {"value": value}}
    if not words:
        assert send(client, sandbox, template, data)["errcode"] == 0
        return
    with pytest.raises(WeChatClientException) as caught:
        send(client, sandbox, template, data)
    assert caught.value.errcode == 47003
    assert words in caught.value.errmsg


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("time1", ["15:01", "2019年10月1日 15:01", "2019年10月1日 15:01~16:00"], ["下午三点", "2019年10月"]),
        ("date1", ["2019年10月1日", "2019-10-01"], ["明天"]),
        ("amount1", ["¥12.50", "12.50元", "100"], ["十元", "1,000.00元"]),
        ("phone_number1", ["010-62345678", "+86 13800000000"], ["电话"]),
        ("name1", ["王建国", "James Okoro", "阿依古丽·买买提"], ["王" * 11, "王A"]),
        ("number1", ["12", "12.5"], ["十二"]),
        ("letter1", ["abc"], ["a1"]),
        ("const1", ["已完成"], ["长" * 21]),
        ("nothing1", [], ["x"]),
    ],
)
def test_field_rules(name: str, good: list[str], bad: list[str]) -> None:
    assert [value for value in good if complaint(name, value)] == []
    assert [value for value in bad if not complaint(name, value)] == []


def test_without_a_file_ids_beginning_with_tpl_are_taken(client, sandbox) -> None:
    assert send(client, sandbox, "TPL_anything", DATA)["errcode"] == 0
    assert code_of(send, client, sandbox, "other", DATA) == 40037


def test_the_outcome_per_person_can_be_chosen(client, sandbox, template, callback, crypto) -> None:
    sandbox.set(send_results={LI: "failed:user block"})
    before = len(sandbox.chat(LI))
    send(client, sandbox, template, DATA)
    query = callback.wait_for(1)[0]["query"]
    body = callback.requests[0]["body"]
    event = crypto.decrypt_message(body, query["msg_signature"], query["timestamp"], query["nonce"])
    assert "failed:user block" in event
    assert len(sandbox.chat(LI)) == before


def test_customer_service_messages_need_an_open_window(client, sandbox) -> None:
    who = sandbox.openid(LI)
    assert code_of(client.message.send_text, who, "您好") == 45015
    sandbox.push(person=LI, type="text", content="报修")
    for _ in range(5):
        client.message.send_text(who, "您好")
    assert code_of(client.message.send_text, who, "您好") == 45047
    sandbox.set(clock_offset=48 * 3600 + 5)
    assert code_of(client.message.send_text, who, "您好") == 45015
    sandbox.push(person=LI, event="CLICK", fields={"EventKey": "HELP"})
    for _ in range(3):
        client.message.send_text(who, "您好")
    assert code_of(client.message.send_text, who, "您好") == 45047


def test_other_kinds_of_customer_service_message(client, sandbox) -> None:
    who = sandbox.openid(LI)
    sandbox.push(person=LI, type="text", content="报修")
    assert code_of(client.message.send_image, who, "unknown") == 40007
    client.message.send_articles(
        who, [{"title": "指南", "description": "说明", "url": "http://127.0.0.1:8000/", "image": ""}]
    )
    client.message.send_msg_menu(
        who, {"head_content": "满意吗", "list": [{"id": "1", "content": "满意"}], "tail_content": ""}
    )
    kinds = [line["kind"] for line in sandbox.chat(LI) if line["side"] == "account"]
    assert kinds == ["news", "msgmenu"]


def test_subscription_messages_cost_a_consent(client, sandbox, template) -> None:
    who = sandbox.openid(GUEST)
    assert code_of(client.message.send_subscribe_message, who, template, DATA) == 43101
    sandbox.post("/phone/api/consent", {"person": GUEST, "answers": {template: "accept"}})
    assert client.message.send_subscribe_message(who, template, DATA)["errcode"] == 0
    assert sandbox.chat(GUEST)[-1]["conversation"] == "service"
    assert code_of(client.message.send_subscribe_message, who, template, DATA) == 43101


def test_templates_are_listed_and_added(client, sandbox, template) -> None:
    added = client.post(
        "template/api_add_template", data={"template_id_short": "43216", "keyword_name_list": ["地点"]}
    )
    listed = client.template.get_all_private_template()["template_list"]
    assert [each["template_id"] for each in listed] == [template, added["template_id"]]
    client.template.del_private_template(added["template_id"])
    assert len(client.template.get_all_private_template()["template_list"]) == 1
