"""What freshmen of the demo read, answer and arrange among themselves: guides, the quiz, companions."""

from datetime import timedelta
from io import BytesIO

import xlsxwriter
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller, Grant
from app.welcome.models import Admission
from app.welcome.queries import articles as known
from app.welcome.service import articles, companions, quiz, quiz_bank
from app.welcome.service.articles import Draft
from app.welcome.service.companions import Journey
from app.welcome.service.quiz import QuizTerms

GUIDES = (
    (
        "bed-sizes",
        "lodging",
        "床铺尺寸和带什么",
        "床长 **190** 厘米、宽 **90** 厘米，上床下桌。\n\n"
        "- 褥子和床单按 90 厘米买\n- 蚊帐要单开门的\n- 学校不统一卖床品，也不上门推销",
        "Bed sizes and what to bring",
        "Beds are **190 cm** by **90 cm**, above a desk. Nobody sells bedding door to door on our behalf.",
    ),
    (
        "canteens",
        "food",
        "食堂几点开门",
        "| 食堂 | 早 | 午 | 晚 |\n|---|---|---|---|\n"
        "| 第一食堂 | 6:30 | 11:00 | 17:00 |\n| 清真食堂 | 6:30 | 11:00 | 17:00 |",
        "When the canteens open",
        "Breakfast from 6:30, lunch from 11:00, supper from 17:00; the halal canteen keeps the same hours.",
    ),
    (
        "from-the-station",
        "travel",
        "从车站到学校",
        "出站后找举“迎新”牌子的同学，凭报到卡上车，不收费。没赶上的，乘地铁 2 号线到大学城站。",
        "From the station to the campus",
        "Look for the welcome signs at the exit; the bus is free with your card. Or take metro line 2.",
    ),
    (
        "fraud",
        "safety",
        "这几种电话直接挂掉",
        "1. 让您先交“学费保证金”的\n2. 让您扫码进“新生群”再交钱的\n3. 问验证码的\n\n拿不准就到“官方核验”里查号码。",
        "Hang up on these calls",
        "Anyone who asks for a deposit, for money after scanning a code, or for a code you were sent.",
    ),
)
# category, question, right answer, wrong answer, why
QUESTIONS = (
    (
        "消防安全",
        "宿舍里可以用“热得快”烧水。",
        "错",
        "对",
        "大功率电器会使线路过热，是宿舍火灾最常见的原因。",
    ),
    ("消防安全", "着火时应当乘电梯尽快下楼。", "错", "对", "断电会把人困在电梯里，要走楼梯。"),
    ("消防安全", "楼道里的安全出口平时也要保持畅通。", "对", "错", "堆放杂物会堵住逃生的路。"),
    ("消防安全", "穿过有烟的走廊时要弯腰，用湿毛巾捂住口鼻。", "对", "错", "烟往上走，低处的空气好一些。"),
    ("消防安全", "电动自行车的电池可以带进宿舍充电。", "错", "对", "锂电池在室内起火来不及逃。"),
    ("消防安全", "闻到燃气味应当先开窗，再到室外打电话。", "对", "错", "在室内打电话、开灯都可能点着燃气。"),
    (
        "反诈",
        "“客服”说多扣了款，让您共享屏幕退款，可以照做。",
        "错",
        "对",
        "共享屏幕会让对方看到验证码和密码。",
    ),
    ("反诈", "刷单返利是诈骗。", "对", "错", "先给小利，再骗大钱。"),
    ("反诈", "辅导员在群里发收款码，应当先打电话核实。", "对", "错", "头像和名字都可以冒充。"),
    ("反诈", "短信里的验证码可以告诉自称学校老师的人。", "错", "对", "学校不会向您要验证码。"),
    ("反诈", "把银行卡租给别人用，只要不知情就没有责任。", "错", "对", "出租银行卡本身就是违法的。"),
    ("反诈", "遇到诈骗应当保留记录并尽快报警。", "对", "错", "越早止付，越可能追回。"),
)
NOTE = "带两个箱子，想一起打车"
TRAVELLERS = 6


def prepare_pages(session: Session, *, season_id: int, editor: int, claimed: list[str]) -> None:
    """`claimed` are admissions (public ids) that may travel together; `editor` writes guides and questions."""
    by = Caller(editor, (Grant("welcome.edit"),), surface="desk")
    for key, category, *texts in GUIDES:
        _publish(session, by, key, category, *texts)
    _open_quiz(session, by, season_id)
    _travel(session, claimed)


def _publish(
    session: Session, by: Caller, key: str, category: str, title: str, body: str, title_en: str, body_en: str
) -> None:
    shows_on = clock.today() - timedelta(days=20)
    draft = Draft(title, body, title_en, body_en)
    articles.add_article(
        session, by=by, key=key, category=category, draft=draft, shows_on=shows_on, ends_on=None
    )
    article = known.article(session, key)
    articles.schedule_article(session, by=by, article=article, published=1, shows_on=shows_on, ends_on=None)


def _open_quiz(session: Session, by: Caller, season_id: int) -> None:
    today = clock.today()
    terms = QuizTerms(
        "新生安全知识",
        today - timedelta(days=10),
        today + timedelta(days=20),
        pass_mark=80,
        title_en="Safety for freshmen",
    )
    quiz_id = quiz.save_quiz(session, by=by, season_id=season_id, terms=terms)
    quiz_bank.import_bank(session, by=by, quiz_id=quiz_id, source=_bank())


def _bank() -> BytesIO:
    file = BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, quiz_bank.HEADS)
        for number, (category, text, right, wrong, why) in enumerate(QUESTIONS, start=1):
            options = ["对", "错", *[""] * (len(quiz_bank.LETTERS) - 2)]
            assert {right, wrong} == {"对", "错"}
            sheet.write_row(number, 0, [f"D{number:02}", category, text, *options, right, why])
    file.seek(0)
    return file


def _travel(session: Session, claimed: list[str]) -> None:
    """The first province that has a few of them gets a board; one note waits for the desk."""
    rows = session.execute(
        select(Admission.person_id, Admission.region)
        .where(Admission.public_id.in_(claimed), Admission.region.like("44%"))
        .order_by(Admission.id)
        .limit(TRAVELLERS)
    ).all()
    for number, row in enumerate(rows):
        journey = Journey(
            city=row.region,
            travels_on=clock.today() + timedelta(days=1 + number % 2),
            transport="train" if number % 3 else "coach",
            wanted=1 + number % 3,
            train_number="G1234" if number % 3 else "",
            note=NOTE if number == 1 else "",
        )
        companions.publish(session, by=Caller(row.person_id, surface="phone"), journey=journey, agrees=True)
