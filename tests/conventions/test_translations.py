"""The English catalogue says all that people meet on the phone, and no text stands outside gettext."""

import re
from pathlib import Path

import pytest
from babel.messages import Message

from dev import messages

ROOT = Path(__file__).parents[2]
CHINESE = re.compile("[\u3001-\u303f\u4e00-\u9fff\uff00-\uffef]")
IDEOGRAPH = re.compile("[\u4e00-\u9fff]")
GAP = re.compile(r"%\(\w+\)\w|\{\w+\}")
# The console speaks Chinese alone.
DESK = re.compile(
    r"/desk[_/.]|/console/|/style/|/pages/style\.py|/operations/|/directory/imports/|/portal/module\w*\.html"
    r"|/notifications/pages\.py|/(roles|invitations)\.py$"
)
TEMPLATES = sorted((ROOT / "app").glob("**/templates/**/*.html"))
COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
CODE = re.compile(r"\{\{(.*?)\}\}|\{%(.*?)%\}", re.DOTALL)
TRANSLATED = re.compile(
    r"""\bp?gettext\(\s*("[^"]*"|'[^']*')(\s*,\s*("[^"]*"|'[^']*'))?|\b_\(\s*("[^"]*"|'[^']*')"""
)
TRANS = re.compile(r"\{%-?\s*trans\b.*?endtrans\s*-?%\}", re.DOTALL)
NATIVE = {"简体中文"}  # a language is called by its own name
WORKER = {"师傅"}  # the ending of a title made by the rules, taken off before it is said


def key(message: Message) -> tuple[str | None, str]:
    return message.context, str(message.id)


@pytest.fixture(scope="module")
def texts() -> dict[tuple[str | None, str], Message]:
    return {key(message): message for message in messages.extracted() if message.id}


@pytest.fixture(scope="module")
def english() -> dict[tuple[str | None, str], Message]:
    return {key(message): message for message in messages.read("en") if message.id}


def is_met_on_the_phone(message: Message) -> bool:
    return any(not DESK.search(file) for file, _line in message.locations)


def test_the_catalogue_holds_the_texts_of_the_sources_and_no_other(texts, english):
    """After a change of texts: `make messages`, then translate."""
    assert sorted(map(str, texts.keys() - english.keys())) == []
    assert sorted(map(str, english.keys() - texts.keys())) == []


def test_nothing_obsolete_or_doubtful_is_kept():
    catalogue = messages.read("en")
    assert list(catalogue.obsolete) == []
    assert [message.id for message in catalogue if message.fuzzy and message.id] == []


def test_every_text_of_the_phone_has_its_english(texts, english):
    silent = [
        (*where, [file for file, _line in message.locations])
        for where, message in texts.items()
        if is_met_on_the_phone(message) and not (where in english and english[where].string)
    ]
    assert silent == []


def test_the_english_has_the_same_gaps_and_no_chinese(english):
    said = {where: str(message.string) for where, message in english.items() if message.string}
    assert [
        where for where, text in said.items() if set(GAP.findall(text)) != set(GAP.findall(where[1]))
    ] == []
    chinese = [where for where, text in said.items() if CHINESE.search(text)]
    assert [where for where in chinese if "使用完整服务" not in where[1]] == []  # WeChat's own button


def test_templates_speak_through_gettext_alone():
    strays = {
        str(path.relative_to(ROOT)): found
        for path in TEMPLATES
        if "/style/" not in str(path) and (found := stray_texts(path.read_text("utf-8"), marks_of(path)))
    }
    assert strays == {}


def marks_of(path: Path) -> re.Pattern[str]:
    """On the console, which is Chinese, a mark between two texts may stand by itself."""
    return IDEOGRAPH if DESK.search(str(path)) else CHINESE


def stray_texts(template: str, chinese: re.Pattern[str] = CHINESE) -> list[str]:
    """Chinese that is neither in a comment nor given to gettext."""
    rest = TRANS.sub("", COMMENT.sub("", template))
    rest = CODE.sub(lambda part: TRANSLATED.sub("", part.group()), rest)
    return [line.strip() for line in rest.splitlines() if chinese.search(without_known(line))]


def without_known(line: str) -> str:
    for known in NATIVE:
        line = line.replace(f">{known}<", "")
    for known in WORKER:
        line = line.replace(f'endswith("{known}")', "")
    return line


@pytest.mark.parametrize(
    "template",
    [
        "<p>您好</p>",
        '{{ m.cell("单号", number) }}',
        '<input placeholder="选填">',
        '{{ _("单号") ~ "：" }}',
        '{{ pgettext("do", "挂起") }}、',
    ],
)
def test_a_stray_text_is_found(template):
    assert stray_texts(template)


@pytest.mark.parametrize(
    "template",
    [
        "{# 王师傅 #}",
        '<p>{{ _("您好，%(name)s", name=name) }}</p>',
        "<img alt=\"{{ _('照片') }}\">",
        '{{ pgettext("do", "挂起") }}',
        "{% trans %}您好{% endtrans %}",
    ],
)
def test_a_translated_text_is_left_alone(template):
    assert stray_texts(template) == []
