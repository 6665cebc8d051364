"""The CAS round trip over HTTP."""

from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from sandbox.cast import BY_NUMBER

ZHAO = BY_NUMBER["T0001"]
SERVICE = "http://127.0.0.1:8000/desk/login/cas?next=/desk"


def sign_in(sandbox, service: str = SERVICE, **form: str) -> requests.Response:
    given = {"username": ZHAO.number, "password": ZHAO.cas_password, "service": service, **form}
    return requests.post(f"{sandbox.url}/cas/login", data=given, allow_redirects=False, timeout=5)


def ticket_of(found: requests.Response) -> str:
    assert found.status_code == 302
    location = urlsplit(found.headers["Location"])
    assert parse_qs(location.query)["next"] == ["/desk"]
    return parse_qs(location.query)["ticket"][0]


def validated(sandbox, ticket: str, service: str = SERVICE, path: str = "p3/serviceValidate") -> str:
    return requests.get(
        f"{sandbox.url}/cas/{path}", params={"service": service, "ticket": ticket}, timeout=5
    ).text


def test_round_trip_with_attributes(sandbox) -> None:
    text = validated(sandbox, ticket_of(sign_in(sandbox)))
    assert "<cas:user>T0001</cas:user>" in text
    assert "<cas:name>赵敏华</cas:name>" in text
    assert 'xmlns:cas="http://www.yale.edu/tp/cas"' in text


def test_cas_2_and_1(sandbox) -> None:
    assert "cas:attributes" not in validated(sandbox, ticket_of(sign_in(sandbox)), path="serviceValidate")
    assert validated(sandbox, ticket_of(sign_in(sandbox)), path="validate") == "yes\nT0001\n"


def test_a_ticket_is_for_one_use(sandbox) -> None:
    ticket = ticket_of(sign_in(sandbox))
    validated(sandbox, ticket)
    assert "INVALID_TICKET" in validated(sandbox, ticket)


def test_a_ticket_lives_sixty_seconds(sandbox) -> None:
    ticket = ticket_of(sign_in(sandbox))
    sandbox.set(clock_offset=61)
    assert "INVALID_TICKET" in validated(sandbox, ticket)


def test_another_service_spoils_the_ticket(sandbox) -> None:
    ticket = ticket_of(sign_in(sandbox))
    assert "INVALID_SERVICE" in validated(sandbox, ticket, SERVICE + "2")
    assert "INVALID_TICKET" in validated(sandbox, ticket)
    assert "INVALID_REQUEST" in validated(sandbox, "")


def test_wrong_passwords_and_foreign_services(sandbox) -> None:
    wrong = sign_in(sandbox, password="x")
    assert wrong.status_code == 401
    assert "账号或密码不对" in wrong.text
    assert sign_in(sandbox, username="W0001", password="").status_code == 401
    assert sign_in(sandbox, "https://evil.example/").status_code == 403


def test_the_page_offers_every_account(sandbox) -> None:
    page = requests.get(f"{sandbox.url}/cas/login", params={"service": SERVICE}, timeout=5).text
    assert "赵敏华" in page
    assert "王建国" not in page


@pytest.mark.parametrize("path", ["/cas/login", "/cas/p3/serviceValidate"])
def test_down_and_slow(sandbox, path: str) -> None:
    sandbox.set(fault={"path": "/cas/*", "status": 503, "times": None})
    assert requests.get(f"{sandbox.url}{path}", timeout=5).status_code == 503
    sandbox.set(faults=[], latency={"/cas/*": 0.5})
    with pytest.raises(requests.Timeout):
        requests.get(f"{sandbox.url}{path}", timeout=0.2)


def test_single_sign_on_can_be_switched_on(sandbox) -> None:
    with requests.Session() as browser:
        given = {"username": ZHAO.number, "password": ZHAO.cas_password}
        browser.post(f"{sandbox.url}/cas/login", data=given, timeout=5)
        ask = f"{sandbox.url}/cas/login"
        assert (
            browser.get(ask, params={"service": SERVICE}, allow_redirects=False, timeout=5).status_code == 200
        )
        sandbox.set(cas_sso=True)
        assert ticket_of(browser.get(ask, params={"service": SERVICE}, allow_redirects=False, timeout=5))
        browser.get(f"{sandbox.url}/cas/logout", timeout=5)
        assert (
            browser.get(ask, params={"service": SERVICE}, allow_redirects=False, timeout=5).status_code == 200
        )
