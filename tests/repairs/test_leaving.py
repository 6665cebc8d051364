"""What repairs holds of a person: a copy for them, and no number once they are forgotten."""

from app.kit import db
from app.platform.directory import service as directory
from app.platform.privacy import service as privacy


def test_it_works(app, house):
    public_id = house.submit(detail="一直闪", phone="10000000009").public_id
    registry = app.extensions["registry"]
    with db.unit_of_work() as session:
        copy = privacy.export_person(session, by=None, person_id=house.ids.li, registry=registry)
        (mine,) = copy["repairs"]["tickets"]
        assert (mine["detail"], mine["contact_phone"]) == ("一直闪", "10000000009")
        directory.leave(session, by=None, person_id=house.ids.li)
        privacy.erase_person(session, by=None, person_id=house.ids.li, registry=registry)
    left = house.ticket(public_id)
    assert (left.detail, left.contact_phone, left.contact_phone_index) == ("一直闪", None, None)
