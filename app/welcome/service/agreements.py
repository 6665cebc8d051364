"""What a freshman allows, as the pages of personal information list and end it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit.caller import Caller
from app.kit.i18n import N_
from app.kit.module import Agreement
from app.platform.privacy.errors import AgreementNotFound
from app.welcome.models import Admission, Channel, Guardian, GuardianStatus
from app.welcome.queries.consents import consents_of
from app.welcome.service import companions, consents, guardians, roommates
from app.welcome.service.consents import PURPOSES

GUARDIAN = "guardian:"
LOOKS_ON = N_("让家长查看")
WHAT_PARENTS_SEE = N_(
    "家长只能看到宿舍楼、路线、报到日期和要办的事，看不到电话、证件和室友。随时可以收回，报到 30 天后自动结束。"
)
CONTACTS = {f"contact_{channel}": channel for channel in Channel}


def agreements(session: Session, *, person_id: int) -> list[Agreement]:
    """Newest first; ended ones too."""
    given = [
        Agreement(
            row.purpose,
            PURPOSES[row.purpose].title,
            PURPOSES[row.purpose].text,
            row.given_at,
            row.withdrawn_at,
        )
        for row in consents_of(session, person_id)
        if row.purpose in PURPOSES
    ]
    given += [
        Agreement(GUARDIAN + row.public_id, LOOKS_ON, WHAT_PARENTS_SEE, row.decided_at, row.ended_at)
        for row in session.execute(
            select(Guardian.public_id, Guardian.decided_at, Guardian.ended_at)
            .join(Admission, Admission.id == Guardian.admission_id)
            .where(Admission.person_id == person_id, Guardian.decided_at.is_not(None))
            .where((Guardian.status == GuardianStatus.GRANTED) | (Guardian.ended_at > Guardian.decided_at))
        )
    ]
    return sorted(given, key=lambda one: one.given_at, reverse=True)


def withdraw(session: Session, *, by: Caller, key: str) -> None:
    """End it as its own page would: swaps end, a post goes down, a parent looks on no more."""
    if key.startswith(GUARDIAN):
        guardians.end_guardian(session, by=by, public_id=key.removeprefix(GUARDIAN))
    elif key in CONTACTS:
        roommates.remove_contact(session, by=by, channel=CONTACTS[key])
    elif key == "companion":
        companions.withdraw_consent(session, by=by)
    elif key in PURPOSES:
        consents.withdraw(session, by=by, purpose=key)
    else:
        raise AgreementNotFound()
