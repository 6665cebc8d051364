"""The sample templates: few, well formed, and sendable with whatever `fit` makes of anything."""

import json
import re
from pathlib import Path

import pytest

from app.clients.wechat.fields import RULES, fit

FILE = Path(__file__).parents[3] / "samples" / "wechat-templates.json"
TEMPLATES = json.loads(FILE.read_text(encoding="utf-8"))
FIELD = re.compile(r"[^：\n]{1,8}：\{\{(\w+)\.DATA\}\}")


def fields_of(template: dict[str, str]) -> list[str]:
    return [FIELD.fullmatch(line).group(1) for line in template["content"].splitlines()]


@pytest.mark.parametrize("key", TEMPLATES)
def test_it_works(wechat, world, key):
    openid, template = world.person("李")["openid"], TEMPLATES[key]
    for text in ("", "六号楼302\n灯坏了😀，" * 9, "2026-11-16 09:00"):
        data = {name: fit(name, text) for name in fields_of(template)}
        wechat.send_template(
            openid, template["template_id"], url="", data=data, client_msg_id=f"m{len(text)}"
        )
    assert len(world.get("sent", openid=openid)) == 3


def test_there_are_twelve_at_most_with_stable_names():
    assert len(TEMPLATES) <= 12
    assert all(re.fullmatch(r"[a-z]+_[a-z]+", key) for key in TEMPLATES)
    assert len({template["template_id"] for template in TEMPLATES.values()}) == len(TEMPLATES)


def test_fields_are_of_known_types_numbered_in_order():
    for template in TEMPLATES.values():
        names = fields_of(template)
        assert [int(re.sub(r"\D", "", name)) for name in names] == list(range(1, len(names) + 1))
        assert {name.rstrip("0123456789") for name in names} <= set(RULES)
        assert 3 <= len(names) <= 5
