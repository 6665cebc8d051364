"""What the account answers: the words of all modules, 帮助, and greetings. Reads only."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from app.kit.module import Module, Registry
from app.platform.identity import queries as identity
from app.platform.official_account import queries

LONGEST = 100
"""Characters of a message that can still be a word."""
HELP = "帮助"
SORRY = "现在查不到，请过一会儿再试，或点菜单进入办理。"
TIED = "好的，这件事有进展会发到这里。"

_HELP = re.compile(r"^(帮助|help|菜单|\?)$", re.IGNORECASE)
_PATIENCE = sql("SET LOCAL statement_timeout = '800ms'")


class AnswerFailed(Exception):
    """A module's answer raised; `word` is the pattern it belongs to."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


@dataclass(frozen=True)
class _Word:
    pattern: re.Pattern[str]
    answer: Callable[..., str]


_registry: Registry | None = None
_words: tuple[_Word, ...] = ()
_help = ""
_school = ""


def configure(registry: Registry, *, school_name: str) -> None:
    """Take the words of every running module. Done by the factory."""
    global _registry, _words, _help, _school
    words = [word for module in registry.modules for word in module.chat_words]
    _registry, _school = registry, school_name
    _words = tuple(_Word(re.compile(word.pattern, re.IGNORECASE), word.answer) for word in words)
    _help = "\n".join(["发下面的词，马上有答复：", *(word.help for word in words if word.help)])


def modules() -> tuple[Module, ...]:
    """Raises RuntimeError before the factory ran."""
    if _registry is None:
        raise RuntimeError("the official account has no registry: the factory did not run")
    return _registry.modules


def reply_to(
    session: Session, *, appid: str, openid: str, kind: str, text: str = "", scene: str = "", base_url: str
) -> str:
    """What to answer to a message or event at once; "" for nothing. Raises AnswerFailed.

    `text` is what was typed, or the key of the menu that was tapped.
    """
    if kind in ("text", "event:click"):
        return _to_word(session, appid=appid, openid=openid, text=text, base_url=base_url)
    if kind == "event:subscribe":
        return _welcome(session, scene)
    if kind == "event:scan":
        return TIED if queries.find_scene(session, scene) else ""
    return "" if kind.startswith("event:") else f"目前只看得懂文字。\n{_help}"


def _to_word(session: Session, *, appid: str, openid: str, text: str, base_url: str) -> str:
    said = unicodedata.normalize("NFKC", text).strip()
    if _HELP.match(said):
        return _help
    if len(said) <= LONGEST:
        for word in _words:
            if word.pattern.search(said):
                session.execute(_PATIENCE)
                person_id = identity.person_of_openid(session, appid, openid) or 0
                return _answer(session, word, person_id=person_id, text=said, base_url=base_url)
    return f"没有看懂这句话，也可以点下面的菜单。\n{_help}"


def _answer(session: Session, word: _Word, *, person_id: int, text: str, base_url: str) -> str:
    try:
        return str(word.answer(session, person_id=person_id, text=text, base_url=base_url))
    except Exception as error:  # a module's bug or a slow query must not leave the person without an answer
        raise AnswerFailed(word.pattern.pattern) from error


def _welcome(session: Session, scene: str) -> str:
    lines = [f"欢迎关注{_school}微生活。"]
    if scene and queries.find_scene(session, scene):
        lines.append(TIED)
    return "\n".join([*lines, _help])
