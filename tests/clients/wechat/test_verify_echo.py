"""The GET with which WeChat checks the callback."""

import hashlib

from app.clients.wechat.callback import verify_echo


def test_it_works():
    signature = "f464b24fc39322e44b38aa78f5edd27bd1441696"
    assert verify_echo("AAAAA", signature, "1714036504", "1514711492")


def test_the_vector_of_a_plain_message_holds_too():
    assert verify_echo("AAAAA", "899cf89e464efb63f54ddac96b0a0a235f53aa78", "1714037059", "486452656")


def test_another_token_time_or_nonce_is_refused():
    signature = "f464b24fc39322e44b38aa78f5edd27bd1441696"
    assert not verify_echo("AAAAB", signature, "1714036504", "1514711492")
    assert not verify_echo("AAAAA", signature, "1714036505", "1514711492")
    assert not verify_echo("AAAAA", signature, "1714036504", "1514711493")
    assert not verify_echo("AAAAA", "", "1714036504", "1514711492")
    assert not verify_echo("AAAAA", "签名", "时间", "随机\ud800")


def test_an_empty_token_never_agrees():
    signature = hashlib.sha1(b"11", usedforsecurity=False).hexdigest()
    assert not verify_echo("", signature, "1", "1")
