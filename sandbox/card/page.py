"""`Tsm.html`: reads without a signature, JSON in a form."""

import json
from typing import Any

from flask import Blueprint, Response, request

from sandbox.card.codes import CODES
from sandbox.card.methods import READS, call_of, worked
from sandbox.card.operations import bank
from sandbox.machine import Refusal, Trouble
from sandbox.wire import cut, serve, shaped

bp = Blueprint("card_page", __name__, url_prefix="/card")


@bp.route("/web/Common/Tsm.html", methods=["GET", "POST"])
def tsm_html() -> Response:
    made, name = bank(), request.values.get("funname", "")
    method = READS.get(name)
    if method is None:
        return Response("", 404)
    try:
        given: dict[str, Any] = dict(json.loads(request.values["jsondata"])[method.root])
    except (LookupError, ValueError, TypeError):
        return Response("", 400)

    def render(answer: dict[str, Any] | Refusal, trouble: Trouble) -> Response:
        charset = made.machine["charset"]
        if trouble.kind == "gbk_plain_error":
            return Response("系统异常，请联系管理员".encode("gbk"), 200, content_type="text/html")
        text = cut(json.dumps({method.root: told(answer)}, ensure_ascii=False), trouble)
        body = shaped(text, trouble, charset)
        return Response(body, 200, content_type=f"application/json; charset={charset}")

    call = call_of(name, method, given)
    return serve(made.machine, call, lambda trouble: worked(made, method, given, trouble), render)


def told(answer: dict[str, Any] | Refusal) -> dict[str, Any]:
    """With code and sentence in front."""
    if isinstance(answer, Refusal):
        code, words = CODES[answer.reason]
        return {"retcode": code, "errmsg": words}
    return {"retcode": "0", "errmsg": "", **answer}
