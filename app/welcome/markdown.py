"""Markdown of guides to HTML: no HTML of the writer's, links by http(s) only, pictures only of ours."""

from collections.abc import Sequence
from typing import Any

from markdown_it import MarkdownIt
from markupsafe import Markup

_md = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table").disable("image")


def _is_safe(url: str) -> bool:
    return url.lower().startswith(("https://", "http://"))


def _open_link(renderer: Any, tokens: Sequence[Any], place: int, options: Any, env: Any) -> str:
    tokens[place].attrSet("rel", "noopener noreferrer")
    tokens[place].attrSet("target", "_blank")
    return str(renderer.renderToken(tokens, place, options, env))


_md.validateLink = _is_safe  # type: ignore[method-assign]
_md.add_render_rule("link_open", _open_link)


def render(source: str) -> Markup:
    """Safe HTML: what is not Markdown of ours is shown as it was typed."""
    return Markup(_md.render(source))  # noqa: S704 - the renderer escapes; HTML is off
