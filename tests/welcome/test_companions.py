"""同城结伴: posts, who sees them, joining, messages, and what no text may hold."""

from datetime import date, timedelta

import pytest

from app.kit import clock, db
from app.kit.errors import TooMany
from app.platform.directory import service as directory
from app.welcome.errors import (
    CompanionMuted,
    PostAlreadyOpen,
    PostIncomplete,
    PostNotFound,
    TextRefused,
    ThreadMoved,
    ThreadNotFound,
)
from app.welcome.models import (
    Admission,
    CompanionMessage,
    CompanionMute,
    CompanionPost,
    CompanionThread,
    Mode,
)
from app.welcome.queries import companions as queries
from app.welcome.service import companions as service
from app.welcome.service import moderation, peers, safety, screening
from app.welcome.service.companions import Journey
from tests import visit
from tests.welcome.test_dorm import drain, post
from tests.welcome.test_roommates import claim

BOARD = "/m/welcome/companions/"
GUANGZHOU, SHENZHEN, CHANGSHA = "440100", "440300", "430100"
FORM = {"city": GUANGZHOU, "travels_on": "2026-11-20", "transport": "train", "wanted": "2", "agrees": "1"}


def journey(**more):
    return Journey(
        **({"city": GUANGZHOU, "travels_on": date(2026, 11, 20), "transport": "train", "wanted": 2} | more)
    )


def publish(intake, who="zhou", **more):
    with db.unit_of_work() as session:
        by = intake.freshman(getattr(intake, who))
        return service.publish(session, by=by, journey=journey(**more), agrees=True)


def seen(intake, who):
    with db.unit_of_work() as session:
        traveller = queries.traveller(session, getattr(intake, who))
        return [row.public_id for row in queries.board(session, traveller).items]


def join(intake, who, post_id):
    with db.unit_of_work() as session:
        return service.ask_to_join(session, by=intake.freshman(getattr(intake, who)), post_id=post_id)


def say(intake, who, thread_id, text):
    with db.unit_of_work() as session:
        service.write(session, by=intake.freshman(getattr(intake, who)), thread_id=thread_id, text=text)


def set_mode(intake, mode):
    with db.unit_of_work() as session:
        moderation.set_mode(session, by=intake.staff(intake.campus.zheng), mode=mode)


@pytest.fixture
def together(intake):
    """周 has published, 林 has joined, 周 said yes. The thread's id."""
    thread_id = join(intake, "lin", publish(intake))
    with db.unit_of_work() as session:
        service.accept_join(session, by=intake.freshman(intake.zhou), thread_id=thread_id)
    return thread_id


def test_it_works(intake, together):
    say(intake, "lin", together, "上午十点在出站口见？")
    say(intake, "zhou", together, "好的，我穿红色外套")
    with db.unit_of_work() as session:
        who = queries.traveller(session, intake.zhou)
        row = queries.thread_for(session, who, together)
        assert [m.text for m in queries.messages_of(session, row.id)] == [
            "上午十点在出站口见？",
            "好的，我穿红色外套",
        ]


def test_the_pages_lead_from_a_post_to_messages(app, intake, zhou):
    lin = visit.phone(app, intake.lin)
    assert "发布我的行程" in zhou.get(BOARD).text
    assert "广州" in zhou.get(f"{BOARD}new").text
    assert post(zhou, BOARD, **FORM, train_number="g1234").status_code == 303
    page = lin.get(BOARD).text
    assert "2026-11-20 从广州出发" in page and "G1234" in page and "想找 2 人" in page
    assert "周雨桐" not in page
    with db.unit_of_work() as session:
        (post_id,) = session.query(CompanionPost.public_id).one()
    assert "想一起走" in lin.get(f"{BOARD}posts/{post_id}").text
    thread = post(lin, f"{BOARD}posts/{post_id}/join").headers["Location"].partition("?")[0]
    drain(app)
    assert "不同意" in zhou.get(thread).text and "等对方答复" in lin.get(thread).text
    assert post(zhou, f"{thread}/accept").status_code == 303
    assert post(lin, f"{thread}/write", text="几点的车？").status_code == 303
    assert "几点的车？" in zhou.get(thread).text
    answer = post(lin, f"{thread}/write", text="我微信 lin_zhixia")
    assert answer.status_code == 422 and "联系账号" in answer.text and "lin_zhixia" in answer.text
    drain(app)
    page = zhou.get("/m/messages").text
    assert "有同学想加入您" in page and "有新消息" in page and "林知夏" not in page and "几点的车" not in page


def test_a_form_sent_twice_is_one_post(intake, zhou):
    for _ in range(2):
        assert post(zhou, BOARD, **FORM).status_code == 303
    with db.unit_of_work() as session:
        assert session.query(CompanionPost).count() == 1


def test_a_wrong_form_says_what_is_wrong_and_keeps_the_rest(zhou):
    answer = post(zhou, BOARD, **(FORM | {"city": "440106", "wanted": "9", "travels_on": "2026-11-01"}))
    assert answer.status_code == 422
    for text in ("请从列表里选出发城市", "人数请填 1 到 6", "请选今天起到迎新结束之间的日期"):
        assert text in answer.text


@pytest.mark.parametrize(
    "more",
    [
        {"city": "440106"},
        {"city": ""},
        {"wanted": 0},
        {"wanted": 7},
        {"transport": "rocket"},
        {"train_number": "13800138000"},
        {"travels_on": date(2026, 11, 15)},
        {"travels_on": date(2027, 1, 1)},
        {"travels_on": None},
    ],
)
def test_what_is_not_structured_is_refused(intake, more):
    with pytest.raises(PostIncomplete):
        publish(intake, **more)


def test_one_open_post_each_and_few_a_day(intake):
    publish(intake)
    with pytest.raises(PostAlreadyOpen):
        publish(intake, city=SHENZHEN)
    for _ in range(2):
        with db.unit_of_work() as session:
            service.close_post(session, by=intake.freshman(intake.zhou))
        publish(intake, city=SHENZHEN)
    with db.unit_of_work() as session:
        service.close_post(session, by=intake.freshman(intake.zhou))
    with pytest.raises(TooMany):  # the board of every province one after the other
        publish(intake, city=CHANGSHA)


def test_consent_is_asked_for_and_recorded(app, zhou):
    answer = post(zhou, BOARD, **{key: value for key, value in FORM.items() if key != "agrees"})
    assert answer.status_code == 422 and "勾选同意" in answer.text
    post(zhou, BOARD, **FORM)
    assert "发布同城结伴信息" in zhou.get("/m/welcome/dorm/me").text


def test_only_the_same_direction_sees_a_post(intake):
    claim(intake.he)  # from 湖南
    post_id = publish(intake, city=SHENZHEN)
    assert seen(intake, "lin") == [post_id]  # 广州, the same province
    assert seen(intake, "he") == []
    with db.unit_of_work() as session, pytest.raises(PostNotFound):
        queries.post_for(session, queries.traveller(session, intake.he), post_id)
    publish(intake, "he")  # travels from 广州 after all
    assert seen(intake, "he") == [post_id]


def test_only_the_same_campus_sees_a_post(intake):
    with db.unit_of_work() as session:
        west = directory.add_campus(session, by=None, code="WEST", name="西校区")
        building = directory.add_building(
            session, by=None, campus_id=west, code="W03", name="3号楼", kind="dorm"
        )
        room = directory.add_room(session, by=None, building_id=building, floor=5, number="512")
        bed = directory.add_bed(session, by=None, room_id=room, code="1")
        directory.leave(session, by=None, person_id=intake.lin)
        directory.assign_bed(session, by=None, person_id=intake.lin, bed_id=bed, starts_on=clock.today())
    post_id = publish(intake, campus_id=west)  # her bed decides, not what she sends
    assert seen(intake, "lin") == []
    with db.unit_of_work() as session:
        assert session.query(CompanionPost).one().campus_id == intake.campus.campus
        with pytest.raises(PostNotFound):
            queries.post_for(session, queries.traveller(session, intake.lin), post_id)


def test_same_sex_posts_are_seen_by_the_same_sex_alone(intake):
    claim(intake.xu)
    with db.unit_of_work() as session:
        session.query(Admission).filter_by(person_id=intake.xu).update({"region": "440100"})
    post_id = publish(intake, is_same_sex=True)
    assert seen(intake, "lin") == [post_id] and seen(intake, "xu") == []
    with db.unit_of_work() as session:
        directory.update_person(session, by=None, person_id=intake.lin, gender="")
    assert seen(intake, "lin") == []


def test_who_has_not_claimed_sees_no_board(app, intake):
    publish(intake)
    answer = visit.phone(app, intake.he).get(BOARD)
    assert answer.status_code == 403 and "广州" not in answer.text


def test_few_people_are_not_counted(app, intake, zhou):
    publish(intake, "lin")
    assert "少于5人" in zhou.get(BOARD).text
    assert [queries.count_text(n) for n in (0, 1, 4, 5, 12)] == [None, None, None, 5, 12]


def test_a_post_goes_by_itself_the_day_after(intake):
    post_id = publish(intake)
    clock.advance(timedelta(days=5))  # the 21st
    assert seen(intake, "lin") == [post_id]
    clock.advance(timedelta(days=1))
    assert seen(intake, "lin") == []


def test_a_thread_falls_silent_with_its_post(intake, together):
    clock.advance(timedelta(days=6))
    with pytest.raises(ThreadMoved):
        say(intake, "lin", together, "在吗")


def test_a_week_after_nothing_is_left(intake, together):
    say(intake, "lin", together, "到时见")
    clock.advance(timedelta(days=5 + 7))
    with db.unit_of_work() as session:
        peers.retain(session)
        assert session.query(CompanionPost).count() == 1
    clock.advance(timedelta(days=2))
    with db.unit_of_work() as session:
        assert peers.retain(session) >= 1
        for table in (CompanionPost, CompanionThread, CompanionMessage):
            assert session.query(table).count() == 0, table


def test_nobody_writes_before_the_yes_and_only_the_author_says_it(intake):
    thread_id = join(intake, "lin", publish(intake))
    for who in ("zhou", "lin"):
        with pytest.raises(ThreadMoved):
            say(intake, who, thread_id, "在吗")
    with db.unit_of_work() as session, pytest.raises(ThreadNotFound):
        service.accept_join(session, by=intake.freshman(intake.lin), thread_id=thread_id)


def test_a_refused_wish_is_not_repeated(intake):
    post_id = publish(intake)
    thread_id = join(intake, "lin", post_id)
    with db.unit_of_work() as session:
        service.end_thread(session, by=intake.freshman(intake.zhou), thread_id=thread_id)
    with pytest.raises(ThreadMoved):
        join(intake, "lin", post_id)


def test_one_who_is_not_of_the_thread_finds_none(intake, together):
    claim(intake.he)
    with db.unit_of_work() as session, pytest.raises(ThreadNotFound):
        queries.thread_for(session, queries.traveller(session, intake.he), together)
    with pytest.raises(ThreadNotFound):
        say(intake, "he", together, "你们好")


def test_a_block_hides_posts_and_threads_both_ways(intake, together):
    publish(intake, "lin")
    with db.unit_of_work() as session:
        safety.block(session, by=intake.freshman(intake.lin), person_id=intake.zhou)
    assert seen(intake, "lin") == [] == seen(intake, "zhou")
    for who in ("zhou", "lin"):
        with pytest.raises(ThreadNotFound):
            say(intake, who, together, "在吗")


def test_a_mute_holds_until_its_end(intake, together):
    with db.unit_of_work() as session:
        session.add(
            CompanionMute(
                person_id=intake.lin,
                until=clock.now() + timedelta(days=1),
                reason="推销",
                created_at=clock.now(),
            )
        )
    for act in (lambda: say(intake, "lin", together, "在吗"), lambda: publish(intake, "lin")):
        with pytest.raises(CompanionMuted):
            act()
    clock.advance(timedelta(days=1, seconds=1))
    say(intake, "lin", together, "在吗")


def test_the_switch_turns_texts_off_at_once(app, intake, together):
    set_mode(intake, Mode.NO_TEXT)
    lin = visit.phone(app, intake.lin)
    answer = post(lin, f"{BOARD}threads/{together}/write", text="在吗")
    assert answer.status_code == 409 and "暂停填写文字" in answer.text
    assert lin.get(BOARD).status_code == 200
    assert 'name="note"' not in lin.get(f"{BOARD}new").text


def test_an_approved_note_is_not_shown_while_texts_are_off(app, intake):
    post_id = publish(intake, note="行李不多")
    with db.unit_of_work() as session:
        moderation.approve_note(session, by=intake.staff(intake.campus.zheng), post_id=post_id)
    lin = visit.phone(app, intake.lin)
    assert "行李不多" in lin.get(BOARD).text
    set_mode(intake, Mode.NO_TEXT)
    assert "行李不多" not in lin.get(BOARD).text + lin.get(f"{BOARD}posts/{post_id}").text


def test_the_switch_turns_the_whole_board_off_at_once(app, intake, together):
    set_mode(intake, Mode.OFF)
    lin = visit.phone(app, intake.lin)
    page = lin.get(BOARD)
    assert page.status_code == 200 and "暂时停用" in page.text and "广州" not in page.text
    assert lin.get(f"{BOARD}threads/{together}").status_code == 409
    assert post(lin, BOARD, **FORM).status_code == 409
    set_mode(intake, Mode.ON)
    assert "广州" in lin.get(BOARD).text


# --- what no text may hold

REFUSED = {
    screening.NUMBERS: (
        "13800138000",
        "一三八零零一三八零零零",
        "１３８００１３８０００",
        "138-0013-8000",
        "①③⑧⓪⓪①③⑧⓪⓪⓪",
        "1️⃣3️⃣8️⃣0️⃣0️⃣",
        "138 o013 8ooo",
        "幺三八洞洞幺三八洞洞洞",
        "壹叁捌零零",
        "one three eight zero zero one",
        "1的3的8的0的0的1的3的8",
        "12​345",
    ),
    screening.ADDRESS: ("https://a.example", "www。a", "看 example.com", "example 点 com", "a@b.example"),
    screening.ACCOUNT: (
        "加我微信",
        "微 信 见",
        "vx 我",
        "v❤x",
        "wxid_7a8b",
        "zhou2026",
        "Q.Q 聊",
        "zhou_yutong",
        "私我电话",
        "扫二维码",
    ),
}
FINE = (
    "9月20日 G1234 次，广州南站 14:30 出发",
    "一个人，两件行李，想找两位同行",
    "We can share a taxi from the station to campus",
    "十一点半到，一起吃饭",
    "坐 K528 次",
    "有三个箱子一个背包",
)


@pytest.mark.parametrize(("kind", "text"), [(k, t) for k, texts in REFUSED.items() for t in texts])
def test_numbers_accounts_and_addresses_are_refused_in_any_writing(kind, text):
    assert screening.refused(text) == kind


@pytest.mark.parametrize("text", FINE)
def test_what_people_say_of_a_journey_is_fine(text):
    assert screening.refused(text) is None


def test_a_number_in_pieces_is_a_number(intake, together):
    for piece in ("138", "0013"):
        say(intake, "lin", together, piece)
    with pytest.raises(TextRefused):
        say(intake, "lin", together, "8000")


def test_words_of_the_list_are_refused_however_spaced(intake, together):
    with db.unit_of_work() as session:
        moderation.add_word(session, by=intake.staff(intake.campus.zheng), word="代购")
    with pytest.raises(TextRefused):
        say(intake, "lin", together, "要不要代 · 购")
    with pytest.raises(TextRefused):
        publish(intake, "lin", note="顺便代购")


def test_a_note_with_a_number_is_refused_before_any_desk_sees_it(intake):
    with pytest.raises(TextRefused):
        publish(intake, note="电话一三八零零一三八零零零")
    with db.unit_of_work() as session:
        assert session.query(CompanionPost).count() == 0
