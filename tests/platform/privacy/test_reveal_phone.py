"""Privacy: a full phone number has a reason, a record and a daily limit."""

from datetime import timedelta

import pytest

from app.kit import clock, db
from app.kit.caller import Caller
from app.platform.audit import queries as audit
from app.platform.directory.errors import PersonNotFound
from app.platform.privacy import service
from app.platform.privacy.errors import ReasonMissing, RevealLimitReached

REASON = "repairs.call_reporter:rep_1"


def reveal(campus, *, person_id=None, reason=REASON, limit=2):
    with db.unit_of_work() as session:
        return service.reveal_phone(
            session,
            by=Caller(campus.wang, surface="phone"),
            person_id=person_id or campus.li,
            reason=reason,
            limit=limit,
        )


def test_it_works(campus):
    assert reveal(campus) == "10000000001"
    with db.unit_of_work() as session:
        noted = audit.entries_about(session, "person", campus.li)[0]
    assert (noted.actor_person_id, noted.action) == (campus.wang, "privacy.phone_revealed")
    assert noted.fields == ["phone", REASON]


def test_the_limit_is_of_the_day(campus):
    reveal(campus)
    reveal(campus, person_id=campus.chen)
    with pytest.raises(RevealLimitReached):
        reveal(campus)
    clock.advance(timedelta(hours=15))  # past midnight in Shanghai
    assert reveal(campus) == "10000000001"


@pytest.mark.parametrize("reason", ["", " ", "因为李一鸣要修灯"])
def test_free_text_is_no_reason(campus, reason):
    with pytest.raises(ReasonMissing):
        reveal(campus, reason=reason)


def test_nobody_is_nobody(campus):
    with pytest.raises(PersonNotFound):
        reveal(campus, person_id=999_999)
