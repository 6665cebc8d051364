"""Whom somebody let into their room's electricity, as the pages of personal information list and end it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit.caller import Caller
from app.kit.i18n import N_
from app.kit.module import Agreement
from app.miniapps.electricity.models import Binding, BindingStatus, Proof
from app.miniapps.electricity.service import bindings
from app.platform.audit import service as audit
from app.platform.directory import queries as directory
from app.platform.privacy.errors import AgreementNotFound

LET_IN = N_("让室友查看本房电费")
WHAT_THEY_SEE = N_("对方可以看到这间房的余额和用电，也可以充值。撤回后对方马上不能再看。")
MOST = 50


def agreements(session: Session, *, person_id: int) -> list[Agreement]:
    """Newest first; ended ones too."""
    rows = session.execute(
        select(Binding.public_id, Binding.person_id, Binding.started_at, Binding.ended_at)
        .where(
            Binding.decided_by_id == person_id,
            Binding.proof == Proof.ROOMMATE,
            Binding.started_at.is_not(None),
        )
        .order_by(Binding.started_at.desc())
        .limit(MOST)
    ).all()
    people = directory.people(session, [row.person_id for row in rows])
    return [
        Agreement(
            row.public_id,
            LET_IN,
            WHAT_THEY_SEE,
            row.started_at,
            row.ended_at,
            about=directory.mask_name(people[row.person_id].name),
        )
        for row in rows
        if row.person_id in people
    ]


def withdraw(session: Session, *, by: Caller, key: str) -> None:
    """Who was let in sees nothing from now on. Raises AgreementNotFound, also for what another allowed."""
    ended = bindings.end(
        session,
        Binding.public_id == key,
        Binding.decided_by_id == by.person_id,
        Binding.proof == Proof.ROOMMATE,
        Binding.status == BindingStatus.LIVE,
        reason="consent_ended",
    )
    if not ended:
        raise AgreementNotFound()
    audit.record(
        session,
        by=by,
        action="electricity.consent_withdrawn",
        object_type="electricity_binding",
        object_id=key,
    )
