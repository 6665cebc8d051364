"""What of electricity waits for a person: requests to answer, top-ups to pay or on their way."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit.caller import Caller
from app.kit.i18n import N_
from app.kit.module import Thing
from app.kit.money import yuan
from app.miniapps.electricity.models import TOP_UP_LABELS, Room, TopUp, TopUpStatus
from app.miniapps.electricity.queries import home
from app.platform.directory import queries as directory

WAITING = (TopUpStatus.UNPAID, TopUpStatus.PAID, TopUpStatus.ACCEPTED)
ANSWER = N_("等您同意")


def open_things(session: Session, caller: Caller) -> list[Thing]:
    """At most thirty."""
    asked = [
        Thing(
            title=f"{who} 申请绑定电费",
            line=place.text,
            url="/m/electricity/rooms",
            state=ANSWER,
            kind="ask",
            title_en=f"{who} asks to link your room",
            line_en=place.text_en,
        )
        for _, place, who in home.requests_to_decide(session, caller.person_id)
    ]
    rows = session.execute(
        select(TopUp.public_id, TopUp.fen, TopUp.status, Room.room_id)
        .join(Room, Room.id == TopUp.room_id)
        .where(TopUp.person_id == caller.person_id, TopUp.status.in_(WAITING))
        .order_by(TopUp.id.desc())
        .limit(10)
    ).all()
    places = directory.places(session, [row.room_id for row in rows])
    return asked + [
        Thing(
            title=f"电费 {yuan(row.fen)}",
            line=places[row.room_id].text,
            url=f"/m/electricity/top-ups/{row.public_id}",
            state=TOP_UP_LABELS[TopUpStatus(row.status)],
            kind="ask" if row.status == TopUpStatus.UNPAID else "go",
            title_en=f"Electricity {yuan(row.fen)}",
            line_en=places[row.room_id].text_en,
        )
        for row in rows
    ]
