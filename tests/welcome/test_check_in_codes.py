"""The code on a freshman's card opens their card at the desk, until it is revoked."""

import hashlib

from app.kit import db
from app.welcome.queries.check_in import minimal_list
from app.welcome.queries.codes import find_by_code
from app.welcome.service import cards
from tests.welcome.reception import make_reception


def test_it_works(app, intake):
    reception = make_reception(app, intake)
    admission = reception.admission(intake.zhou)
    with db.unit_of_work() as session:
        code = cards.card_code(session, admission.id)
        for written in (code, code.lower(), f"https://x.example/q/{code}"):
            assert find_by_code(session, written).id == admission.id
        listed = minimal_list(session, intake.staff(intake.campus.zhao))["people"]
        hashes = {one["id"]: one["code"] for one in listed}
        assert hashes[admission.public_id] == hashlib.sha256(code.encode()).hexdigest()[:24]
        cards.revoke_card(session, by=None, admission_id=admission.id)
        assert find_by_code(session, code) is None
