"""CAS 3.0: send the browser to sign in, then ask who came back with the ticket."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import requests
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from app.clients.outbound import TIMEOUT, OutboundSession
from app.clients.sso.errors import SsoError, SsoUnavailable, TicketRefused

NAMESPACE = "{http://www.yale.edu/tp/cas}"
LARGEST_ANSWER = 64 * 1024
NAMES = ("name", "cn", "displayName", "userName", "xm")
"""Attributes under which schools send a person's name, first found wins."""
KINDS = ("kind", "type", "userType", "eduPersonPrimaryAffiliation", "containerId", "sf")
"""Attributes under which schools send student or staff."""

_TICKET = re.compile(r"ST-[\x21-\x7e]{1,253}")
_CODE = re.compile(r"[A-Z_]{1,40}")


@dataclass(frozen=True)
class CasIdentity:
    """Who signed in. `subject` is the school's account name; `kind` is the school's own word, perhaps ""."""

    subject: str
    name: str = field(default="", repr=False)
    kind: str = ""
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)


class Cas:
    """One per process; threads share it."""

    def __init__(self, url: str, *, timeout: tuple[float, float] = TIMEOUT) -> None:
        self.url = url.rstrip("/")
        self.timeout = timeout
        self._connect()

    def login_url(self, service: str) -> str:
        """Where the browser signs in; it comes back to `service` with a ticket."""
        return f"{self.url}/login?{urlencode({'service': service})}"

    def logout_url(self, service: str) -> str:
        """Where the browser signs out of the school's single sign-on."""
        return f"{self.url}/logout?{urlencode({'service': service})}"

    def validate(self, ticket: str, service: str) -> CasIdentity:
        """Who the ticket belongs to; works once. `service` is the same address, to the letter, as at login.

        Raises TicketRefused or SsoUnavailable.
        """
        if not _TICKET.fullmatch(ticket):
            raise TicketRefused("INVALID_TICKET_SPEC")
        return _read(self._ask(ticket, service))

    def _connect(self) -> None:
        self._pid = os.getpid()
        self._http = OutboundSession(timeout=self.timeout, largest=LARGEST_ANSWER)

    def _ask(self, ticket: str, service: str) -> bytes:
        """The raise stands outside the `except`: the library's exception holds the ticket."""
        if self._pid != os.getpid():
            self._connect()
        try:
            params = {"service": service, "ticket": ticket}
            response = self._http.get(f"{self.url}/p3/serviceValidate", params=params)
            failure = "" if response.status_code == 200 else f"HTTP {response.status_code}"
        except requests.RequestException as error:
            failure = type(error).__name__
        if failure:
            raise SsoUnavailable(failure)
        return response.content


def _read(body: bytes) -> CasIdentity:
    try:
        root = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, RecursionError):
        root = None
    if root is None or root.tag != f"{NAMESPACE}serviceResponse":
        raise SsoUnavailable("unreadable answer")
    success = root.find(f"{NAMESPACE}authenticationSuccess")
    if success is None:
        raise _refusal(root.find(f"{NAMESPACE}authenticationFailure"))
    subject = (success.findtext(f"{NAMESPACE}user") or "").strip()
    if not subject:
        raise SsoUnavailable("answer without a user")
    attributes = _attributes(success.find(f"{NAMESPACE}attributes"))
    return CasIdentity(subject, _first(attributes, NAMES), _first(attributes, KINDS), attributes)


def _refusal(failure: Any) -> SsoError:
    """INTERNAL_ERROR is CAS in trouble, all else is a no."""
    if failure is None:
        return SsoUnavailable("unreadable answer")
    code = str(failure.get("code", "")).strip()
    if code == "INTERNAL_ERROR":
        return SsoUnavailable(code)
    return TicketRefused(code if _CODE.fullmatch(code) else "")


def _attributes(element: Any) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, text in _pairs(element):
        found[name] = (*found.get(name, ()), text)
    return found


def _pairs(element: Any) -> Iterator[tuple[str, str]]:
    for child in element if element is not None else ():
        yield str(child.tag).removeprefix(NAMESPACE), (child.text or "").strip()


def _first(attributes: Mapping[str, tuple[str, ...]], names: tuple[str, ...]) -> str:
    return next((attributes[name][0] for name in names if attributes.get(name)), "")
