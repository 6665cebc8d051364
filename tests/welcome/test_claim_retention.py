"""What claims keep, for how long, and what a person may take along or have forgotten."""

from datetime import timedelta

from sqlalchemy import func, select

from app.kit import clock, db
from app.platform.directory import service as directory
from app.platform.privacy import service as privacy
from app.welcome import service
from app.welcome.models import ClaimAlarm, ClaimCode, ClaimTry, Dispute, Guardian
from tests.welcome.claiming import handset
from tests.welcome.test_claim_disputes import dispute
from tests.welcome.test_claim_guardians import PARENT

TABLES = (ClaimTry, ClaimCode, Dispute, Guardian)


def counts() -> list[int]:
    with db.unit_of_work() as session:
        return [session.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES]


def retain(days: int) -> None:
    clock.advance(timedelta(days=days))
    with db.unit_of_work() as session:
        service.retain(session)


def make(app):
    """One of each, all of one WeChat."""
    phone = handset(app)
    phone.claim("xu", letter="L0")
    phone.claim("xu", way="phone", step="code")
    phone.claim("zhou", **PARENT)
    dispute(phone)
    return phone


def test_it_works(app, intake):
    make(app)
    assert counts() == [3, 1, 1, 1]
    retain(2)
    assert counts() == [3, 0, 1, 1]
    retain(28)
    assert counts() == [3, 0, 1, 1]
    retain(1)
    assert counts() == [0, 0, 1, 1]


def test_disputes_and_guardians_go_sixty_days_after_the_season(app, intake):
    make(app)
    season_over = (clock.start_of_day(clock.today().replace(month=12, day=31)) - clock.now()).days
    retain(season_over + 60)
    assert counts()[2:] == [1, 1]
    retain(2)
    assert counts() == [0, 0, 0, 0]


def test_alarms_are_kept_half_a_year_after_they_are_closed(app, intake):
    moment = clock.now()
    with db.unit_of_work() as session:
        for closed in (None, moment):
            session.add(
                ClaimAlarm(
                    kind="all", subject="", tries=150, opened_at=moment, last_at=moment, closed_at=closed
                )
            )
    retain(181)
    with db.unit_of_work() as session:
        assert session.scalars(select(ClaimAlarm.closed_at)).all() == [None]


def test_a_copy_of_ones_data_holds_them(app, intake):
    phone = make(app)
    with db.unit_of_work() as session:
        registry = app.extensions["registry"]
        copy = privacy.export_person(session, by=None, person_id=phone.caller.person_id, registry=registry)[
            "welcome"
        ]
        of_zhou = service.export_person(session, person_id=intake.zhou)
    assert [len(copy[key]) for key in ("claim_tries", "disputes", "guardian_of")] == [3, 1, 1]
    assert copy["disputes"][0]["name"] == "何思源"
    assert [one["relation"] for one in of_zhou["guardians"]] == ["mother"]


def test_erasing_forgets_them(app, intake):
    phone = make(app)
    with db.unit_of_work() as session:
        registry = app.extensions["registry"]
        privacy.erase_person(session, by=None, person_id=phone.caller.person_id, registry=registry)
    assert counts() == [0, 0, 0, 0]


def test_they_follow_a_visitor_who_turns_out_to_be_somebody(app, intake):
    phone = make(app)
    with db.unit_of_work() as session:
        directory.merge_people(session, by=None, visitor_id=phone.caller.person_id, into_id=intake.gao)
        service.merge_person(session, from_id=phone.caller.person_id, into_id=intake.gao)
        for table in TABLES:
            assert set(session.scalars(select(table.person_id))) == {intake.gao}, table
