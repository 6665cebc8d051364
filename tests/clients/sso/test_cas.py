"""The school's single sign-on: in, back with a ticket, and who it was."""

import re
import traceback

import pytest
import requests

from app.clients.sso.cas import LARGEST_ANSWER, Cas, _read
from app.clients.sso.errors import SsoError, SsoUnavailable, TicketRefused

SERVICE = "http://127.0.0.1:8000/callbacks/sso?x=1&y=统一"
NS = "http://www.yale.edu/tp/cas"


@pytest.fixture
def cas(world) -> Cas:
    return Cas(f"{world.base}/cas/", timeout=(1.0, 0.5))


def sign_in(cas: Cas, world, name: str = "赵") -> str:
    """Fill in the form as a person does; the ticket the browser comes back with."""
    person = world.person(name)
    browser = requests.Session()
    page = browser.get(cas.login_url(SERVICE)).text
    hidden = dict(re.findall(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page))
    form = {**hidden, "username": person["number"], "password": person["cas_password"]}
    back = browser.post(cas.login_url(SERVICE), data=form, allow_redirects=False)
    assert back.status_code in (302, 303), back.text
    return re.search(r"ticket=(ST-[^&#]+)", back.headers["Location"]).group(1)


def test_it_works(cas, world):
    found = cas.validate(sign_in(cas, world), SERVICE)
    assert (found.subject, found.name, found.kind) == ("T0001", "赵敏华", "staff")
    assert found.attributes["number"] == ("T0001",)
    assert "赵敏华" not in repr(found)


def test_a_ticket_works_once(cas, world):
    ticket = sign_in(cas, world)
    cas.validate(ticket, SERVICE)
    with pytest.raises(TicketRefused) as caught:
        cas.validate(ticket, SERVICE)
    assert (caught.value.code, caught.value.permanent) == ("INVALID_TICKET", True)


def test_a_ticket_of_another_service_is_refused(cas, world):
    with pytest.raises(TicketRefused) as caught:
        cas.validate(sign_in(cas, world), "http://127.0.0.1:8000/elsewhere")
    assert caught.value.code == "INVALID_SERVICE"


@pytest.mark.parametrize("ticket", ["", "x", "ST-", "ST-a b", "ST-a\n", "PT-abc", "ST-" + "x" * 300, "ST-票"])
def test_what_is_no_ticket_is_not_asked_about(ticket):
    with pytest.raises(TicketRefused):
        Cas("http://127.0.0.1:1/cas").validate(ticket, SERVICE)


@pytest.mark.parametrize(
    "fault", [{"hang": 2}, {"status": 502}, {"status": 404}, {"body": "<html>"}, {"body": ""}]
)
def test_no_answer_is_unavailable(cas, world, fault):
    world.fault("/cas/*", **fault)
    with pytest.raises(SsoUnavailable) as caught:
        cas.validate("ST-secret-ticket", SERVICE)
    assert not caught.value.permanent


def test_a_host_that_is_away_is_unavailable():
    with pytest.raises(SsoUnavailable):
        Cas("http://127.0.0.1:1/cas").validate("ST-1", SERVICE)


def test_no_error_holds_the_ticket(cas, world):
    for fault in ({"hang": 2}, {"status": 502}, {"body": "<html>"}, {"status": 302}):
        world.fault("/cas/*", **fault)
        with pytest.raises(SsoError) as caught:
            cas.validate("ST-secret-" + "ticket", SERVICE)
        error: BaseException = caught.value
        texts = (
            "".join(traceback.format_exception(error))
            + repr(error)
            + repr(error.__context__)
            + repr(vars(error))
        )
        assert "ST-secret-ticket" not in texts


def response(inside: str) -> bytes:
    return f'<cas:serviceResponse xmlns:cas="{NS}">{inside}</cas:serviceResponse>'.encode()


def test_several_values_and_other_schools_names():
    inside = (
        "<cas:authenticationSuccess><cas:user> 2023 </cas:user><cas:attributes>"
        "<cas:xm>李一鸣</cas:xm><cas:role>a</cas:role><cas:role>b</cas:role><cas:userType/>"
        "</cas:attributes></cas:authenticationSuccess>"
    )
    found = _read(response(inside))
    assert (found.subject, found.name, found.kind) == ("2023", "李一鸣", "")
    assert found.attributes["role"] == ("a", "b")


def test_an_answer_without_attributes_is_enough():
    found = _read(response("<cas:authenticationSuccess><cas:user>1</cas:user></cas:authenticationSuccess>"))
    assert (found.subject, found.name) == ("1", "")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"yes\n1\n",
        b"<html/>",
        response(""),
        response("<cas:authenticationSuccess/>"),
        response("<cas:authenticationSuccess><cas:user> </cas:user></cas:authenticationSuccess>"),
        response('<cas:authenticationFailure code="INTERNAL_ERROR">x</cas:authenticationFailure>'),
        b"<!DOCTYPE a [<!ENTITY e 'x'>]>" + response("<cas:user>&e;</cas:user>"),
        b"<!DOCTYPE a SYSTEM 'file:///etc/hostname'>" + response(""),
        b"<a>" * 20000,
    ],
)
def test_an_answer_that_says_nothing_is_unavailable(body):
    with pytest.raises(SsoUnavailable):
        _read(body)


def test_a_refusals_text_is_not_kept():
    body = response(
        '<cas:authenticationFailure code="&lt;b&gt;">Ticket ST-secret</cas:authenticationFailure>'
    )
    with pytest.raises(TicketRefused) as caught:
        _read(body)
    assert (caught.value.code, str(caught.value)) == ("", "")


def test_an_endless_answer_is_not_read(dripping):
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\n\r\n"
    with dripping(head, b" " * LARGEST_ANSWER, 0.001) as base, pytest.raises(SsoUnavailable):
        Cas(f"{base}/cas").validate("ST-1", SERVICE)
