"""Fills a house with an intake that arrives today, `python -m tests.browser.seed_welcome`; prints what it made."""

import json
import sys
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from app.factory import create_app
from app.kit import clock, db
from app.platform.directory import service as directory
from app.platform.identity import service as identity
from app.welcome.models import Admission, Season, Slot
from tests.chaos.seed import sign_in
from tests.welcome.conftest import make_intake
from tests.welcome.reception import make_reception

LONG_NAME = "阿依古丽·买买提艾力·阿卜杜热合曼"


def main() -> dict[str, Any]:
    app = create_app()
    intake = make_intake()
    reception = make_reception(app, intake)  # on the season's own days; then all of it is moved to now
    today = clock.today()
    with db.unit_of_work() as session:
        session.execute(
            update(Season).values(
                opens_on=today - timedelta(days=20),
                dorms_on=today - timedelta(days=10),
                arrives_on=today,
                arrival_ends_on=today + timedelta(days=2),
                closes_on=today + timedelta(days=30),
            )
        )
    tomorrow = clock.start_of_day(today + timedelta(days=1))
    with db.unit_of_work() as session:
        for hour, slot in ((9, reception.morning), (12, reception.noon)):
            starts = tomorrow + timedelta(hours=hour)
            session.execute(
                update(Slot)
                .where(Slot.public_id == slot)
                .values(starts_at=starts, ends_at=starts + timedelta(hours=1))
            )
        clerk, administrator = intake.campus.zhao, intake.campus.zheng
        identity.grant_role(session, by=None, person_id=clerk, role="welcome.administrator")
        identity.grant_role(session, by=None, person_id=administrator, role="welcome.administrator")
        directory.add_person(session, by=None, name=LONG_NAME)
        people = {
            "clerk": sign_in(app, session, clerk, "desk"),
            "other": sign_in(app, session, administrator, "desk"),
            "zhou": sign_in(app, session, intake.zhou, "phone"),
        }
        codes = {
            name: session.scalars(select(Admission.public_id).where(Admission.person_id == person_id)).one()
            for name, person_id in (("zhou", intake.zhou), ("lin", intake.lin), ("he", intake.he))
        }
    return {
        "people": people,
        "codes": codes,
        "persons": {"zhou": intake.zhou, "lin": intake.lin},
        "tomorrow": (today + timedelta(days=1)).isoformat(),
        "slots": [reception.morning, reception.noon],
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main()) + "\n")
