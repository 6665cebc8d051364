"""XML of messages and events: made with CDATA, read without entities."""

from typing import Any

import xmltodict


def cdata(text: str) -> str:
    return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"


def element(name: str, value: Any) -> str:
    if isinstance(value, dict):
        inside = "".join(element(key, each) for key, each in value.items())
    elif isinstance(value, list):
        return "".join(element(name, each) for each in value)
    elif isinstance(value, bool) or value is None:
        inside = ""
    elif isinstance(value, int):
        inside = str(value)
    else:
        inside = cdata(str(value))
    return f"<{name}>{inside}</{name}>"


def build(fields: dict[str, Any]) -> str:
    return element("xml", fields)


def read(text: str) -> dict[str, Any]:
    """The members of <xml>; ValueError for anything else."""
    try:
        found = xmltodict.parse(text)
    except Exception as error:  # expat and xmltodict raise many kinds
        raise ValueError(str(error)) from error
    root = found.get("xml") if isinstance(found, dict) else None
    if not isinstance(root, dict):
        raise ValueError("no <xml> root")
    return root
