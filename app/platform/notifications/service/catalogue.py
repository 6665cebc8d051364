"""The kinds of messages of all modules, and the shared templates: handed down at start."""

import re
from collections.abc import Mapping

from app.kit.module import MessageKind, Module, Registry

_GAP = re.compile(r"%\((\w+)\)")

_registry: Registry | None = None
_templates: Mapping[str, str] = {}


def configure(registry: Registry, *, templates: Mapping[str, str] | None = None) -> None:
    """Say which modules run and which WeChat template serves which of our keys. Done by the factory."""
    global _registry, _templates
    _registry, _templates = registry, dict(templates or {})


def registry() -> Registry:
    """Raises RuntimeError before the factory ran."""
    if _registry is None:
        raise RuntimeError("notifications have no registry: the factory did not run")
    return _registry


def kind_of(key: str) -> MessageKind:
    """Raises KeyError for a kind that no running module declares."""
    return registry().message_kind(key)


def module_of(kind: str) -> Module | None:
    """The module that declares a kind; None when it is suspended."""
    return next((m for m in registry().modules if any(k.key == kind for k in m.message_kinds)), None)


def speaking_modules() -> list[Module]:
    """Modules that tell people something they may do without, in order."""
    return [
        module for module in registry().modules if any(kind.can_be_muted for kind in module.message_kinds)
    ]


def is_text(key: str) -> bool:
    """Whether a running module declares this text message without a message of the centre."""
    return any(key in module.texts for module in registry().modules)


def template_id(kind: MessageKind) -> str:
    """The template message's id; "" when the account has none."""
    return _templates.get(kind.template, "")


def subscription_template_id(kind: MessageKind) -> str:
    """Subscription messages may have a template of their own, under `<key>.subscription`."""
    return _templates.get(f"{kind.template}.subscription", template_id(kind))


def templates() -> Mapping[str, str]:
    return _templates


def gaps(kind: MessageKind) -> set[str]:
    """The params that a kind shows somewhere; no other is kept."""
    texts = (kind.text, kind.link, *kind.fields.values())
    return {name for text in texts for name in _GAP.findall(text)}
