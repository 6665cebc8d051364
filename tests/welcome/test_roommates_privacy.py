"""Nobody learns of another what both did not consent to: a matrix of every route, and a scan for planted values."""

import itertools
import re

import pytest
from flask.testing import FlaskClient

from app.kit import clock, db, outbox
from app.platform.directory import service as directory
from app.platform.identity import service as identity
from app.welcome import service as welcome
from app.welcome.models import Admission, Block, Channel, CompanionPost, CompanionThread, Exchange
from app.welcome.service import moderation, peers, safety
from app.welcome.service import roommates as service
from tests import visit
from tests.welcome.conftest import PEOPLE
from tests.welcome.test_companions import BOARD, join, publish, say
from tests.welcome.test_dorm import DORM, drain, post
from tests.welcome.test_roommates import ask, claim, public_id, save, swap

MINE = ("welcome_dorm", "welcome_companions", "welcome_moderation", "welcome_dorm_desk")
PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>")
VARIABLE = re.compile(r'(name="(?:csrf|_csrf|_key)"[^>]*|[0-9a-f]{16,}|\b[a-z]{3}_[0-9a-z]{20}\b)')
DEEDS = {
    "welcome_dorm.act": ("ask", "accept", "end", "block", "report"),
    "welcome_dorm.contact": ("remove",),
    "welcome_companions.act_on_post": ("join", "report", "block"),
    "welcome_companions.act_on_thread": ("accept", "end", "write", "report", "block"),
    "welcome_moderation.decide_note": ("approve", "refuse", "hide", "mute"),
}
PLANTED = {
    ("zhou", Channel.WECHAT): "planted_zhou_wx",
    ("zhou", Channel.PHONE): "10900000101",
    ("lin", Channel.WECHAT): "planted_lin_wx",
    ("lin", Channel.PHONE): "10900000102",
    ("he", Channel.WECHAT): "planted_he_wx",
    ("he", Channel.PHONE): "10900000103",
}


@pytest.fixture
def things(app, intake) -> dict[str, str]:
    """One of everything that has an address: 周 shares it with 林, none of it is 高's."""
    for who in ("he", "gao", "xu"):
        claim(getattr(intake, who))
    with db.unit_of_work() as session:
        west = directory.add_campus(session, by=None, code="WEST", name="西校区")
        building = directory.add_building(
            session, by=None, campus_id=west, code="W03", name="3号楼", kind="dorm"
        )
        room = directory.add_room(session, by=None, building_id=building, floor=5, number="512")
        bed = directory.add_bed(session, by=None, room_id=room, code="2")
        directory.assign_bed(session, by=None, person_id=intake.gao, bed_id=bed, starts_on=clock.today())
    for (who, channel), value in PLANTED.items():
        save(intake, who, channel, value)
    ask(intake, "lin", "zhou")
    post_id = publish(intake, "zhou", note="行李不多")
    thread_id = join(intake, "lin", post_id)
    zhou = intake.freshman(intake.zhou)
    with db.unit_of_work() as session:
        safety.block(session, by=zhou, person_id=intake.he)
        report_id = safety.report(
            session,
            by=zhou,
            reported_id=intake.lin,
            subject=safety.ReportSubject.THREAD,
            subject_ref=thread_id,
            reason="other",
            note="",
        )
        block_id = session.query(Block).one().public_id
    return {
        "mate_id": public_id(intake.lin),
        "block_id": block_id,
        "post_id": post_id,
        "thread_id": thread_id,
        "report_id": report_id,
        "exchange_id": swap(intake).exchange_id,
    }


def rules(app, surface):
    prefix = "/desk" if surface == "desk" else "/m"
    return [
        rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint.partition(".")[0] in MINE and rule.rule.startswith(prefix)
    ]


def addresses(app, surface, things):
    """(method, address with these things, address with missing ones, the rule)."""
    for rule in rules(app, surface):
        if not set(rule.arguments) & set(things):
            continue
        for deed, method in itertools.product(
            DEEDS.get(rule.endpoint, ("x",)), rule.methods & {"GET", "POST"}
        ):
            fixed = {"deed": deed, "channel": "wechat", "word_id": "1"}
            yield (
                method,
                *(
                    PARAMETER.sub(lambda found: (each | fixed)[found[2]], rule.rule)  # noqa: B023
                    for each in (things, {key: f"{value[:4]}{'0' * 20}" for key, value in things.items()})
                ),
                rule,
            )


def look(client: FlaskClient, method: str, url: str, headers: dict[str, str], form: dict[str, str]):
    answer = client.open(url, method=method, data=form, headers=headers | {"Idempotency-Key": url + method})
    return answer.status_code, VARIABLE.sub("", answer.text), len(VARIABLE.sub("", answer.text))


FORM = {"channel": "wechat", "reason": "other", "text": "你好", "outcome": "dismissed", "days": "3"}


def test_it_works(app, intake, things):
    """Whatever is not one's own is answered as what is not there, by every route of the phone."""
    told, count = [], 0
    for who in ("gao", "xu"):
        client = visit.phone(app, getattr(intake, who))
        headers = visit.csrf(client)
        for method, theirs, missing, rule in addresses(app, "phone", things):
            form = FORM | {"exchange_id": things["exchange_id"]}
            count += 1
            found, absent = (look(client, method, url, headers, form) for url in (theirs, missing))
            if found != absent or found[0] != 404:
                told.append((who, method, rule.rule, found[0], absent[0]))
    assert told == [] and count > 25
    with db.unit_of_work() as session:
        assert session.query(Exchange).one().status == "asked"
        assert session.query(CompanionThread).one().status == "asked"
        assert session.query(Block).count() == 1


def test_the_owner_is_answered(app, intake, things):
    """Without this the matrix would compare nothing with nothing."""
    zhou, lin = visit.phone(app, intake.zhou), visit.phone(app, intake.lin)
    assert zhou.get(f"{DORM}roommates/{things['mate_id']}").status_code == 200
    assert zhou.get(f"{BOARD}threads/{things['thread_id']}").status_code == 200
    assert lin.get(f"{BOARD}posts/{things['post_id']}").status_code == 200
    desk = _desk(app, intake, intake.college)
    for path in (f"notes/{things['post_id']}", f"reports/{things['report_id']}"):
        assert desk.get(f"/desk/welcome/moderation/{path}").status_code == 200


def _desk(app, intake, college):
    """Somebody who moderates; the roles hold everywhere, so the place is narrowed here by hand."""
    with db.unit_of_work() as session:
        identity.grant_role(session, by=None, person_id=intake.campus.zheng, role="welcome.administrator")
    return visit.desk(app, intake.campus.zheng)


def test_a_roommate_of_the_same_room_cannot_touch_what_two_others_share(app, intake, things):
    """何 lives in the room, has claimed, and is blocked by 周 only: the swap of 周 and 林 is none of hers."""
    he = visit.phone(app, intake.he)
    headers = visit.csrf(he)
    form = FORM | {"exchange_id": things["exchange_id"]}
    for deed in ("accept", "end"):
        path = f"{DORM}roommates/{things['mate_id']}/{deed}"
        theirs = look(he, "POST", path, headers, form)
        missing = look(he, "POST", path + "?", headers, form | {"exchange_id": "exc_" + "0" * 20})
        assert theirs == missing and theirs[0] == 404
    assert swap(intake).state == "wants"


def test_a_phone_that_is_not_signed_in_learns_nothing(app, things):
    client = app.test_client()
    for method, theirs, _missing, rule in addresses(app, "phone", things):
        answer = client.open(theirs, method=method)
        assert answer.status_code in (302, 403), rule.rule


def everything(app, client, surface, things):
    """All that somebody can look at: every page of ours, and the message centre."""
    pages = [rule.rule for rule in rules(app, surface) if "GET" in rule.methods and not rule.arguments]
    pages += [url for method, url, _missing, _rule in addresses(app, surface, things) if method == "GET"]
    pages += ["/m/messages", "/m/", "/m/welcome/"] if surface == "phone" else ["/desk/"]
    pages += [f"{DORM}roommates/{mate}" for mate in things.get("mates", "").split()]
    return "\n".join(
        client.get(page, headers={"Accept-Language": language}).get_data(as_text=False).decode("latin-1")
        for page in pages
        for language in ("zh", "en")
    )


def planted_in(said: str, besides: tuple[str, ...] = ()) -> list[str]:
    values = [*PLANTED.values()]
    for person in PEOPLE.values():
        values += [person[key] for key in ("phone", "number", "document", "letter") if key in person]
    return [value for value in values if value not in besides and value in said]


def own(who):
    return tuple(value for (name, _channel), value in PLANTED.items() if name == who)


def test_planted_contacts_and_documents_appear_nowhere_before_both_agree(app, intake, things):
    drain(app)
    things["mates"] = " ".join(public_id(getattr(intake, who)) for who in ("zhou", "lin", "he"))
    for who in ("zhou", "lin", "he", "xu", "gao"):
        said = everything(app, visit.phone(app, getattr(intake, who)), "phone", things)
        assert len(said) > 20_000
        assert planted_in(said, besides=own(who)) == [], who
    said = everything(app, _desk(app, intake, None), "desk", things)
    assert planted_in(said) == [] and "周雨桐" not in said.encode("latin-1").decode()


def test_after_both_agree_one_value_of_one_channel_is_seen_by_one_person(app, intake, things):
    with db.unit_of_work() as session:
        service.accept_exchange(session, by=intake.freshman(intake.zhou), exchange_id=things["exchange_id"])
    drain(app)
    things["mates"] = " ".join(public_id(getattr(intake, who)) for who in ("zhou", "lin", "he"))
    agreed = {"zhou": ("planted_lin_wx",), "lin": ("planted_zhou_wx",)}
    for who in ("zhou", "lin", "he", "xu", "gao"):
        said = everything(app, visit.phone(app, getattr(intake, who)), "phone", things)
        assert planted_in(said, besides=own(who) + agreed.get(who, ())) == [], who
        assert all(value in said for value in agreed.get(who, ())), who


def test_the_scan_finds_what_is_there():
    assert planted_in("…planted_lin_wx…") == ["planted_lin_wx"]
    assert "10000000101" in planted_in("tel 10000000101")


def test_a_copy_of_ones_data_holds_nothing_of_the_others(app, intake, things):
    say_yes = intake.freshman(intake.zhou)
    with db.unit_of_work() as session:
        service.accept_exchange(session, by=say_yes, exchange_id=things["exchange_id"])
        copy = repr(peers.export_person(session, person_id=intake.zhou))
    assert "planted_zhou_wx" in copy and "行李不多" in copy
    assert planted_in(copy, besides=own("zhou")) == [] and "林知夏" not in copy


def test_erasing_forgets_all_of_a_person_and_may_run_again(app, intake, things):
    visit.phone(app, intake.zhou).get(f"{DORM}card")
    post(visit.phone(app, intake.zhou), f"{BOARD}threads/{things['thread_id']}/accept")
    say(intake, "lin", things["thread_id"], "到时见")
    with db.unit_of_work() as session:
        for _ in range(2):
            peers.erase_person(session, by=None, person_id=intake.zhou)
    with db.unit_of_work() as session:
        copy = peers.export_person(session, person_id=intake.zhou)
        reports = copy.pop("reports")
        assert all(rows == [] for rows in copy.values()) and reports[0]["note"] == ""
        assert session.query(CompanionThread).count() == 0 == session.query(Block).count()
        assert session.query(Exchange).count() == 0
    page = visit.phone(app, intake.lin).get(f"{DORM}me").text
    assert "planted_lin_wx" in page  # hers stay


def test_a_freed_claim_takes_along_what_was_said_in_its_name(app, intake, things):
    zhou = visit.phone(app, intake.zhou)
    post(zhou, f"{DORM}nickname", nickname="冒名")
    with db.unit_of_work() as session:
        service.accept_exchange(session, by=intake.freshman(intake.zhou), exchange_id=things["exchange_id"])
        admission = session.query(Admission).filter_by(person_id=intake.zhou).one()
        stolen = welcome.card_code(session, admission.id)
        peers.start_afresh(session, person_id=intake.zhou)
    drain(app)
    assert "planted_zhou_wx" not in zhou.get(f"{DORM}me").text
    assert (swap(intake, "lin", "zhou").contact, swap(intake, "lin", "zhou").state) == ("", "")
    with db.unit_of_work() as session:
        assert session.query(CompanionPost).count() == 0
        assert welcome.card_code(session, admission.id) != stolen
        assert session.get(Admission, admission.id).nickname is None


def test_when_the_season_is_over_the_round_of_retention_deletes(app, intake, things):
    visit.phone(app, intake.zhou).get(f"{DORM}card")
    outbox.drain(clients=app.extensions["clients"], seconds=20)
    post(visit.phone(app, intake.zhou), f"{DORM}nickname", nickname="小雨")
    clock.travel(clock.now().replace(year=2027, month=1, day=9))
    with db.unit_of_work() as session:
        peers.retain(session)
    with db.engine().connect() as connection:
        for table in ("contacts", "exchanges", "blocks", "cards", "companion_posts", "companion_threads"):
            left = connection.exec_driver_sql(f"SELECT count(*) FROM welcome_{table}").scalar()
            assert left == 0, table
        open_consents = connection.exec_driver_sql(
            "SELECT count(*) FROM welcome_consents WHERE withdrawn_at IS NULL"
        ).scalar()
        assert open_consents == 0
    with db.unit_of_work() as session:
        assert session.query(Admission).filter(Admission.nickname.is_not(None)).count() == 0


def test_retention_in_season_deletes_nothing_that_is_needed(intake, things):
    with db.unit_of_work() as session:
        assert peers.retain(session) == 0
        assert session.query(CompanionPost).count() == 1 and session.query(Exchange).count() == 1


def test_two_who_become_one_keep_what_they_said(app, intake, things):
    """A visitor's rows follow; what would name one person twice goes."""
    with db.unit_of_work() as session:
        visitor = directory.create_visitor(session)
        by = intake.staff(intake.campus.zheng)
        moderation.mute_author(session, by=by, post_id=things["post_id"], days=1, reason="试试")
        for _ in range(2):
            peers.merge_person(session, from_id=intake.zhou, into_id=visitor)
        copy = peers.export_person(session, person_id=visitor)
        assert copy["contacts"] and copy["companion_posts"] and copy["reports"] and copy["blocks"]
        assert session.query(Exchange).count() == 0
        assert session.query(CompanionThread).one().author_id == visitor
