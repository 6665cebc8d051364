"""What the phone's page asks of the sandbox, over HTTP."""

import json
import threading
import time

import requests
from wechatpy import parse_message

LI, GUEST = "2023010101", "V0001"


def received(callback, crypto, count: int = 1):
    request = callback.wait_for(count)[count - 1]
    query = request["query"]
    text = crypto.decrypt_message(request["body"], query["msg_signature"], query["timestamp"], query["nonce"])
    return parse_message(text)


def test_the_page_and_its_files(sandbox) -> None:
    page = requests.get(f"{sandbox.url}/phone", timeout=5)
    assert page.status_code == 200
    assert "frame-ancestors" in page.headers["Content-Security-Policy"]
    for name in ("main.js", "chat.js", "web.js", "scan.js", "layout.css", "icon.svg"):
        assert requests.get(f"{sandbox.url}/phone/static/{name}", timeout=5).status_code == 200
    assert requests.get(f"{sandbox.url}/control", timeout=5).status_code == 200
    assert requests.get(f"{sandbox.url}/", timeout=5).url.endswith("/phone")
    script = requests.get(f"{sandbox.url}/open/js/jweixin-1.6.0.js", timeout=5)
    assert "chooseImage" in script.text
    assert requests.get(f"{sandbox.url}/phone/static/../views.py", timeout=5).status_code == 404


def test_words_go_out_and_the_chat_remembers(sandbox, callback, crypto) -> None:
    sandbox.post("/phone/api/say", {"person": LI, "text": "报修 <b>"})
    assert received(callback, crypto).content == "报修 <b>"
    chat = sandbox.get("/phone/api/chat", person=LI)
    assert chat["messages"][-1]["body"] == {"text": "报修 <b>"}
    assert "error" in sandbox.post("/phone/api/say", {"person": GUEST, "text": "你好"})
    assert "error" in sandbox.post("/phone/api/say", {"person": LI, "text": " \x00 "})


def test_a_picture_is_a_media_id(sandbox, callback, crypto) -> None:
    given = {"person": LI}, {"media": ("a.png", b"\x89PNG\r\n\x1a\nxx", "image/png")}
    requests.post(f"{sandbox.url}/phone/api/picture", data=given[0], files=given[1], timeout=5)
    message = received(callback, crypto)
    assert message.type == "image"
    assert sandbox.get("/_sim/media")[0]["media_id"] == message.media_id


def test_menu_taps_are_events(sandbox, client, callback, crypto) -> None:
    client.menu.create({"button": [{"type": "view", "name": "报修", "url": "http://127.0.0.1:8000/m/"}]})
    button = sandbox.get("/phone/api/chat", person=LI)["menu"][0]
    assert sandbox.post("/phone/api/menu", {"person": LI, **button})["open"] == button["url"]
    assert received(callback, crypto).url == button["url"]
    sandbox.post("/phone/api/menu", {"person": LI, "type": "click", "key": "HELP"})
    assert received(callback, crypto, 2).key == "HELP"
    scan = {"person": LI, "type": "scancode_waitmsg", "key": "S", "result": "http://x/q/ABC"}
    sandbox.post("/phone/api/menu", scan)
    assert received(callback, crypto, 3).scan_result == "http://x/q/ABC"


def test_scanning(sandbox, client, callback, crypto) -> None:
    def scan(person: str, text: str) -> dict:
        return sandbox.post("/phone/api/scan", {"person": person, "text": text})

    assert scan(LI, "a7k2m9qx") == {"action": "open", "url": "http://127.0.0.1:8000/q/A7K2M9QX"}
    assert scan(LI, "你好")["action"] == "text"
    assert sandbox.get("/phone/api/codes")["recent"][0]["label"] == "A7K2M9QX"
    scene = {
        "action_name": "QR_STR_SCENE",
        "action_info": {"scene": {"scene_str": "repair:7"}},
        "expire_seconds": 60,
    }
    code = client.qrcode.create(scene)["url"].rsplit("/", 1)[1]
    url = f"{sandbox.url}/q/{code}"
    assert scan(LI, url)["action"] == "scanned"
    assert received(callback, crypto).scene_id == "repair:7"
    assert scan(GUEST, url)["action"] == "offer"
    sandbox.post("/phone/api/follow", {"person": GUEST, "follow": True, "code": code})
    assert received(callback, crypto, 2).event == "subscribe_scan"
    sandbox.set(clock_offset=61)
    assert scan(LI, url)["action"] == "gone"


def test_news_wakes_the_phone_and_is_counted(sandbox, client) -> None:
    newest = sandbox.get("/phone/api/chat", person=LI)["newest"]
    found: list[dict] = []
    waiter = threading.Thread(
        target=lambda: found.append(sandbox.get("/phone/api/wait", person=LI, after=newest, seconds=8))
    )
    started = time.monotonic()
    waiter.start()
    time.sleep(0.2)
    body = {"touser": sandbox.openid(LI), "template_id": "TPL_x", "data": {"thing1": {"value": "灯修好了"}}}
    client.post("message/template/send", data=body)
    waiter.join(5)
    assert time.monotonic() - started < 4
    assert found[0]["messages"][0]["body"]["rows"][0]["value"] == "灯修好了"
    assert found[0]["unread"] == {LI: 1}
    assert sandbox.post("/phone/api/seen", {"person": LI})["unread"] == {}


def test_many_senders_and_waiters_do_not_stop_each_other(sandbox, client) -> None:
    token = client.access_token
    body = {"template_id": "TPL_x", "data": {"thing1": {"value": "x"}}, "touser": sandbox.openid(LI)}
    url = f"{sandbox.url}/cgi-bin/message/template/send?access_token={token}"
    ends = threading.Event()

    def wait() -> None:
        newest = 0
        while not ends.is_set():
            newest = sandbox.get("/phone/api/wait", person=LI, after=newest, seconds=1)["newest"]

    def send() -> None:
        for _ in range(25):
            assert requests.post(url, data=json.dumps(body), timeout=10).json()["errcode"] == 0

    waiters = [threading.Thread(target=wait) for _ in range(4)]
    senders = [threading.Thread(target=send) for _ in range(8)]
    for thread in waiters + senders:
        thread.start()
    for thread in senders:
        thread.join(30)
    ends.set()
    for thread in waiters:
        thread.join(5)
    assert not any(thread.is_alive() for thread in waiters + senders)
    assert len(sandbox.get("/_sim/sent", limit=1000)) == 200
