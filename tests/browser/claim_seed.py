"""An intake for the browser: a season around today, and 周小满 admitted to it. `python -m tests.browser.claim_seed`."""

import json
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.factory import create_app
from app.kit import clock, db
from app.platform.directory import queries as lookup
from app.platform.directory import service as directory
from app.welcome import service
from app.welcome.models import Season
from app.welcome.service import Admitted

CODE = "browser"
PHONE, NUMBER = "10000000201", "26440100000021"


def season_around_today(session: Session) -> int:
    """The one season of the house: every story that lives in it may ask for it, in any order."""
    known = session.scalar(select(Season.id).where(Season.code == CODE))
    if known is not None:
        return known
    today = clock.today()
    return service.open_season(
        session,
        by=None,
        code=CODE,
        name="秋季迎新",
        name_en="Autumn",
        opens_on=today - timedelta(days=5),
        dorms_on=today - timedelta(days=1),
        arrives_on=today + timedelta(days=2),
        arrival_ends_on=today + timedelta(days=4),
        closes_on=today + timedelta(days=40),
    )


def main() -> dict[str, str]:
    create_app()
    with db.unit_of_work() as session:
        season = season_around_today(session)
        college = directory.add_org_unit(session, by=None, code="XX", name="信息学院", kind="college")
        public_id = service.admit(
            session,
            by=None,
            season_id=season,
            admitted=Admitted(
                profile="undergraduate",
                name="周小满",
                number=NUMBER,
                document="440100200801010067",
                college_id=college,
                major="计算机科学与技术",
                level="本科",
                letter="L2026021",
                gender="female",
                phone=PHONE,
            ),
        )
        assert lookup.find_people_by_phone(session, PHONE)
    return {"admission": public_id, "phone": PHONE, "number": NUMBER}


if __name__ == "__main__":
    print(json.dumps(main()))  # noqa: T201 - the answer of this process
