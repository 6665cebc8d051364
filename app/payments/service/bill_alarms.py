"""Tell finance which bills have not come, before it is too late to get them."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.i18n import N_
from app.payments.models import BillFetch
from app.payments.service.bill_fetches import KEPT_DAYS, WARN_DAYS
from app.payments.service.bills import Matter
from app.payments.service.card_flows import Place
from app.platform.identity import queries as identity
from app.platform.notifications import service as notifications

KIND = "payments.bills_missing"
PROBLEMS = {"gap": "中间缺号", "reset": "编号从头开始了", "changed": "已读过的记录变了"}
ENDING = N_("渠道只保留三个月，%(until)s 之后就取不到了。")
WITH_SALES = N_("其中 %(n)s 份渠道说没有交易，账上却有收款，请核实。")


def tell_missing(session: Session, missing: Sequence[Matter]) -> int:
    """One message a day to everybody who reconciles; how many bills it speaks of."""
    if not missing:
        return 0
    oldest = min(matter.day for matter in missing)
    params = {
        "count": len(missing),
        "day": oldest.isoformat(),
        "time": clock.local(clock.now()).strftime("%Y-%m-%d %H:%M"),
        "more": _more(session, missing),
    }
    for person_id in identity.people_with(session, "payments.reconcile"):
        notifications.tell(
            session,
            kind=KIND,
            person_id=person_id,
            params=params,
            key=f"bills_missing:{clock.today()}",
        )
    return len(missing)


def tell_broken_flow(session: Session, at: Place) -> None:
    """Once a day for as long as it is broken at this place."""
    for person_id in identity.people_with(session, "payments.reconcile"):
        notifications.tell(
            session,
            kind="payments.card_flow_broken",
            person_id=person_id,
            params={
                "account": at.account,
                "cursor": at.cursor,
                "problem": PROBLEMS[at.problem or ""],
                "time": clock.local(clock.now()).strftime("%Y-%m-%d %H:%M"),
            },
            key=f"card_flow_broken:{at.id}:{at.cursor}:{at.problem}:{clock.today()}",
        )


def _more(session: Session, missing: Sequence[Matter]) -> str:
    days = {matter.day for matter in missing}
    with_sales = session.execute(
        select(func.count())
        .select_from(BillFetch)
        .where(BillFetch.answer == "missing", BillFetch.day.in_(days))
    ).scalar_one()
    oldest = min(matter.day for matter in missing)
    sentences = []
    if with_sales:
        sentences.append(WITH_SALES % {"n": with_sales})
    if clock.today() - oldest >= timedelta(days=WARN_DAYS):
        sentences.append(ENDING % {"until": (oldest + timedelta(days=KEPT_DAYS)).isoformat()})
    return "".join(sentences)
