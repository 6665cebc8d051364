"""Drawing a freshman's card: read, draw without a transaction, keep."""

from typing import Any

from app.kit.db import unit_of_work
from app.welcome.events import CardWanted
from app.welcome.models import Admission, Season
from app.welcome.queries import cards
from app.welcome.service import cards as service


def on_card_wanted(event: CardWanted, *, clients: Any) -> None:
    """May run twice: the same picture is kept twice. A card revoked meanwhile stays without one."""
    from app.welcome import drawing  # noqa: PLC0415 - it brings Pillow, and only workers draw

    with unit_of_work() as session:
        admission = session.get(Admission, event.admission_id)
        card = cards.find_card(session, event.admission_id)
        if admission is None or card is None or card.revoked_at is not None:
            return
        season = session.get_one(Season, admission.season_id)
        text = cards.card_text(
            session, admission, season, code=card.code, school=event.school, hotline=event.hotline
        )
    image = drawing.card(text)
    with unit_of_work() as session:
        service.note_card_drawn(
            session, admission_id=event.admission_id, code=text.code, digest=text.digest, image=image
        )
