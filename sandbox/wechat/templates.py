"""Message templates: read from samples/wechat-templates.json, or added through the API."""

import json
import secrets
from typing import Any

from flask import Blueprint, Response

from sandbox.store import Row
from sandbox.wechat.fields import PLACEHOLDER
from sandbox.wechat.reply import ApiError, answer, body_json, need, ok
from sandbox.world import World, world

bp = Blueprint("wechat_templates", __name__)


def load(w: World) -> int:
    """Take over the file; how many templates there are."""
    path = w.config.samples_dir / "wechat-templates.json"
    if path.exists():
        for given in json.loads(path.read_text(encoding="utf-8")).values():
            w.store.run(
                "INSERT INTO templates (template_id, title, content) VALUES (?, ?, ?) ON CONFLICT "
                "(template_id) "
                "DO UPDATE SET title = excluded.title, content = excluded.content",
                (given["template_id"], given["title"], given["content"]),
            )
    return int(w.store.value("SELECT count(*) FROM templates"))


def find(w: World, template_id: str) -> Row | None:
    row = w.store.one("SELECT * FROM templates WHERE template_id = ?", (template_id,))
    if row:
        return row
    if template_id.startswith("TPL_") and w.store.value("SELECT count(*) FROM templates") == 0:
        return {"template_id": template_id, "title": "通知", "content": ""}
    return None


def names(template: Row) -> list[str]:
    return PLACEHOLDER.findall(template["content"])


def lines(template: Row, data: dict[str, Any]) -> list[dict[str, str]]:
    """Label and value for each line of the card."""
    if not template["content"]:
        return [{"label": name, "value": str(member.get("value", ""))} for name, member in data.items()]
    found = []
    for line in template["content"].splitlines():
        if not line.strip():
            continue
        label, _, rest = line.partition("：") if "：" in line else line.partition(":")
        value = PLACEHOLDER.sub(
            lambda hit: str((data.get(hit.group(1)) or {}).get("value", "")), rest or label
        )
        found.append({"label": label if rest else "", "value": value.strip()})
    return found


@bp.route("/cgi-bin/template/get_all_private_template", methods=["GET", "POST"])
def listing() -> Response:
    rows = world().store.all("SELECT * FROM templates ORDER BY rowid")
    blank = {"primary_industry": "", "deputy_industry": "", "example": ""}
    return answer({"template_list": [{**row, **blank} for row in rows]})


@bp.route("/cgi-bin/template/api_add_template", methods=["GET", "POST"])
def add() -> Response:
    body = body_json()
    short = need(body, "template_id_short")
    words = [str(word) for word in body.get("keyword_name_list") or []]
    w = world()
    if w.store.value("SELECT count(*) FROM templates") >= 25:
        raise ApiError(45026, "template num exceeds limit")
    template_id = secrets.token_urlsafe(32)
    content = "\n".join(f"{word}：{{{{thing{n}.DATA}}}}" for n, word in enumerate(words, 1))
    w.store.run("INSERT INTO templates VALUES (?, ?, ?)", (template_id, f"模板 {short}", content))
    return ok(template_id=template_id)


@bp.route("/cgi-bin/template/del_private_template", methods=["GET", "POST"])
def delete() -> Response:
    template_id = need(body_json(), "template_id")
    if not world().store.run("DELETE FROM templates WHERE template_id = ?", (template_id,)):
        raise ApiError(40037)
    return ok()


@bp.route("/cgi-bin/template/get_industry", methods=["GET", "POST"])
def industry() -> Response:
    return answer(
        {
            "primary_industry": {"first_class": "教育", "second_class": "院校"},
            "secondary_industry": {"first_class": "政府与公共事业", "second_class": "公共事业"},
        }
    )
