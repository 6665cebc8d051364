"""The older page of reads, `Tsm.html`: JSON in a form, no signature, so whoever reaches it may ask."""

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import requests

from app.clients.card.synjones.gateway import Operation
from app.clients.charset import text_of
from app.clients.line import Line, Request
from app.clients.verdicts import Verdicts, error_of

T = TypeVar("T")


class TsmPage:
    """One per process; threads share it."""

    def __init__(self, root_url: str, line: Line, known: Verdicts) -> None:
        self._url, self._line, self._known = f"{root_url.rstrip('/')}/web/Common/Tsm.html", line, known

    def ask(
        self,
        operation: Operation,
        body: Mapping[str, Any],
        understand: Callable[[Mapping[str, Any]], T],
        overrides: Verdicts | None = None,
    ) -> T:
        """As the gateway's, over this page."""
        known = {**self._known, **(overrides or {})}
        form = {
            "jsondata": json.dumps({operation.root: body}),
            "funname": operation.method,
            "json": "true",
        }

        def read(response: requests.Response) -> T:
            text = text_of(response.content, response.headers.get("Content-Type", ""))
            answer = json.loads(text)[operation.root]
            if str(answer["retcode"]) != "0":
                said = str(answer.get("errmsg", ""))
                raise error_of(known, str(answer["retcode"]), said, call=operation.method, writes=False)
            return understand(answer)

        return self._line.ask(operation.method, Request("POST", self._url, form), read)
