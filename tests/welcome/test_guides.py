"""Guides: versions, the publishing window, search, safe Markdown, and reads of nobody in particular."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.kit import clock, db
from app.kit.errors import DomainError
from app.platform.identity import service as identity
from app.welcome.markdown import render
from app.welcome.models import ArticleRead, ItemMark
from app.welcome.queries import articles as queries
from app.welcome.service import articles as service
from app.welcome.service import items
from app.welcome.service.articles import Draft
from app.welcome.service.items import ItemTerms
from tests import visit

LIST, DESK = "/m/welcome/guides/", "/desk/welcome/guides/"


@pytest.fixture
def editor(app, intake):
    with db.unit_of_work() as session:
        identity.grant_role(session, by=None, person_id=intake.campus.zheng, role="welcome.editor")
    return visit.desk(app, intake.campus.zheng)


def write(intake, key="beds", published=1, shows_on=date(2026, 11, 10), ends_on=None, **draft):
    given = {"title": "床铺尺寸", "body": "床长 **190** 厘米。"} | draft
    by = intake.staff(intake.campus.zheng)
    with db.unit_of_work() as session:
        service.add_article(
            session,
            by=by,
            key=key,
            category="lodging",
            draft=Draft(**given),
            shows_on=shows_on,
            ends_on=ends_on,
        )
        service.schedule_article(
            session,
            by=by,
            article=queries.article(session, key),
            published=published,
            shows_on=shows_on,
            ends_on=ends_on,
        )


def found(zhou, words):
    return zhou.get(LIST, query_string={"q": words}).text


def test_it_works(app, intake, zhou):
    write(intake)
    assert "床铺尺寸" in zhou.get(LIST).text
    page = zhou.get(f"{LIST}beds").text
    assert "<strong>190</strong>" in page
    zhou.get(f"{LIST}beds")
    with db.unit_of_work() as session:
        assert session.scalars(select(ArticleRead.reads)).all() == [2]


def test_only_what_is_published_and_in_its_window_is_shown(app, intake, zhou):
    write(intake, "draft", published=None, title="草稿")
    write(intake, "later", shows_on=date(2026, 11, 17), title="明天的")
    write(intake, "past", ends_on=date(2026, 11, 15), title="过去的")
    page = zhou.get(LIST).text
    assert not [title for title in ("草稿", "明天的", "过去的") if title in page]
    assert [zhou.get(f"{LIST}{key}").status_code for key in ("draft", "later", "past", "none")] == [404] * 4
    clock.advance(timedelta(days=1))
    assert visit.phone(app, intake.zhou).get(f"{LIST}later").status_code == 200


def test_search_takes_every_word_literally(app, intake, zhou):
    write(intake, "aa", title="一卡通 100% 到账", body="ＡＢＣ 充值")
    write(intake, "bb", title="褥子", body="买褥_子", body_en="Quilt sizes")
    assert "一卡通" in found(zhou, "abc 充值") and "褥子" not in found(zhou, "abc")
    assert "一卡通" in found(zhou, "100%") and "没有找到" in found(zhou, "0%到")
    assert "没有找到" in found(zhou, "一_通") and "褥子" in found(zhou, "褥_子")
    assert "褥子" in found(zhou, "QUILT")


def test_the_english_twin_is_shown_in_english(app, intake, zhou):
    write(intake, title_en="Beds", body_en="190 cm long")
    page = zhou.get(f"{LIST}beds").text
    assert "床长" in page and "190 cm long" not in page
    answer = zhou.post("/m/language", data={"language": "en"}, headers=visit.csrf(zhou))
    assert f"wl_lang_{app.config['COOKIE_SUFFIX']}=en" in answer.headers["Set-Cookie"]
    page = zhou.get(f"{LIST}beds").text
    assert "190 cm long" in page and "<title>Beds" in page and "床长" not in page


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "[点我](javascript:alert(1))",
        "[点我](data:text/html;base64,PHNjcmlwdD4=)",
        "<img src=x onerror=alert(1)>",
        "[点我](vbscript:x)",
        "[x](/desk/welcome)",
        "![x](https://evil.example/pixel.png)",
    ],
)
def test_nothing_of_the_writer_runs(source):
    html = render(source)
    assert "<script" not in html and "<img" not in html
    assert 'href="' not in html or 'href="https://' in html


def test_links_open_apart():
    assert render("[校历](https://school.example/)") == (
        '<p><a href="https://school.example/" rel="noopener noreferrer" target="_blank">校历</a></p>\n'
    )


def test_reading_closes_an_item_and_keeps_nothing_else(app, intake, zhou):
    write(intake)
    with db.unit_of_work() as session:
        terms = ItemTerms("看床铺", "look_up", date(2026, 11, 10), date(2026, 11, 30), "read:beds")
        items.save_item(session, by=None, season_id=intake.season, key="read", terms=terms)
    zhou.get(f"{LIST}beds")
    visit.phone(app, intake.campus.li).get(f"{LIST}beds")
    with db.unit_of_work() as session:
        assert session.scalars(select(ItemMark.person_id)).all() == [intake.zhou]
        assert {column.name for column in ArticleRead.__table__.columns} == {"article_id", "day", "reads"}


def test_the_editor_writes_publishes_and_compares(app, intake, zhou, editor):
    form = {"key": "cards", "category": "shopping", "title": "校园卡", "body": "第一版\n不变"}
    headers = visit.csrf(editor, "desk")
    assert editor.get(f"{DESK}new").status_code == 200
    first = {"Idempotency-Key": "a"} | headers
    assert [editor.post(DESK, data=form, headers=first).status_code for _ in range(2)] == [303, 303]
    other = headers | {"Idempotency-Key": "b"}
    assert editor.post(DESK, data=form, headers=other).status_code == 409
    bad = editor.post(DESK, data=form | {"key": "坏"}, headers=headers | {"Idempotency-Key": "c"})
    assert bad.status_code == 422 and "编码用小写字母" in bad.text
    second = form | {"seen": "1", "body": "第二版\n不变"}
    answer = editor.post(f"{DESK}cards", data=second, headers=headers | {"Idempotency-Key": "d"})
    assert answer.status_code == 303
    stale = editor.post(f"{DESK}cards", data=second, headers=headers | {"Idempotency-Key": "e"})
    assert stale.status_code == 409 and "第二版" in stale.text
    compared = editor.get(f"{DESK}cards/compare?a=1&b=2").text
    assert "<del>第一版</del>" in compared and "<ins>第二版</ins>" in compared
    assert zhou.get(f"{LIST}cards").status_code == 404
    terms = {"published": "2", "shows_on": "2026-11-16"}
    assert editor.post(f"{DESK}cards/schedule", data=terms, headers=headers).status_code == 303
    assert "第二版" in zhou.get(f"{LIST}cards").text
    assert (
        editor.post(f"{DESK}cards/schedule", data=terms | {"published": "9"}, headers=headers).status_code
        == 404
    )
    shown = editor.post(f"{DESK}preview", data={"title": "t", "body": "**粗**"}, headers=headers).text
    assert "<strong>粗</strong>" in shown
    assert "校园卡" in editor.get(DESK).text


def test_a_window_that_ends_before_it_begins_is_refused(intake):
    with pytest.raises(DomainError) as refused:
        write(intake, shows_on=date(2026, 11, 16), ends_on=date(2026, 11, 1))
    assert list(refused.value.details) == ["ends_on"]
