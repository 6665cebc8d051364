"""收费项目 and their merchant numbers, as the school keeps them."""

import re
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import db
from app.kit.caller import Caller
from app.kit.errors import Invalid
from app.kit.i18n import N_
from app.payments.errors import FeeItemTaken, FeeItemUnknown
from app.payments.models import Channel, FeeItem, Merchant
from app.platform.audit import service as audit

CODE = re.compile(r"[a-z][a-z0-9_]{1,30}")
MERCHANT_NO = re.compile(r"[A-Za-z0-9_-]{2,40}")
ONLY_LINKED = ("学费", "住宿费")
NEEDED = ("title", "filing_number", "price_basis", "price_text")


@dataclass(frozen=True)
class FeeTerms:
    """All of a fee item that may be changed. Collected through `service_key`, or linked by `link_url`."""

    title: str
    title_en: str | None
    service_key: str | None
    link_url: str | None
    filing_number: str
    price_basis: str
    price_text: str
    contact: str | None
    valid_from: date
    valid_until: date | None
    channels: tuple[str, ...]
    order_minutes: int
    takes_late: bool
    refund_alone_fen: int
    receipt_kind: str | None = None
    unit_id: int | None = None


def add_fee_item(session: Session, *, by: Caller, code: str, terms: FeeTerms) -> None:
    """A new item under a code that stays. Raises Invalid with a sentence for each field, or FeeItemTaken."""
    wrong = _faults(terms)
    if not CODE.fullmatch(code):
        wrong["code"] = [N_("编码用小写字母、数字和下划线，字母开头，2–31 位。")]
    if wrong:
        raise Invalid(details=wrong)
    item_id = session.execute(
        insert(FeeItem)
        .values(code=code, **_values(terms))
        .on_conflict_do_nothing(index_elements=["code"])
        .returning(FeeItem.id)
    ).scalar()
    if item_id is None:
        raise FeeItemTaken(details={"code": [FeeItemTaken.msgid]})
    audit.record(session, by=by, action="payments.add_fee_item", object_type="fee_item", object_id=item_id)


def save_fee_item(session: Session, *, by: Caller, code: str, terms: FeeTerms) -> None:
    """Change an item; orders made before keep their price and term. The audit names the changed fields."""
    wrong = _faults(terms)
    if wrong:
        raise Invalid(details=wrong)
    before = session.execute(select(FeeItem.__table__).where(FeeItem.code == code).with_for_update()).first()
    if before is None:
        raise FeeItemUnknown()
    values = _values(terms)
    changed = [name for name, value in values.items() if getattr(before, name) != value]
    if not changed:
        return
    session.execute(
        update(FeeItem)
        .where(FeeItem.id == before.id)
        .values({name: values[name] for name in changed})
        .execution_options(synchronize_session=False)
    )
    audit.record(
        session,
        by=by,
        action="payments.save_fee_item",
        object_type="fee_item",
        object_id=before.id,
        fields=changed,
    )


def _values(terms: FeeTerms) -> dict[str, object]:
    return asdict(terms) | {"channels": list(terms.channels)}


def _faults(terms: FeeTerms) -> dict[str, list[str]]:
    wrong = {name: [N_("请填写这一项。")] for name in NEEDED if not getattr(terms, name).strip()}
    if (terms.service_key is None) == (terms.link_url is None):
        wrong["link_url"] = [N_("在这里收的选业务，不在这里收的填链接，两者选一。")]
    elif terms.link_url is not None and not terms.link_url.startswith("https://"):
        wrong["link_url"] = [N_("链接要以 https:// 开头。")]
    if terms.service_key is not None and any(word in terms.title for word in ONLY_LINKED):
        wrong["service_key"] = [N_("学费和住宿费不在这里收，只能填学校缴费平台的链接。")]
    if terms.service_key is not None and not terms.channels:
        wrong["channels"] = [N_("至少选一种支付方式。")]
    if not set(terms.channels) <= {str(channel) for channel in Channel}:
        wrong["channels"] = [N_("请从列出的支付方式里选。")]
    if terms.valid_until is not None and terms.valid_until < terms.valid_from:
        wrong["valid_until"] = [N_("停收日期不能早于起收日期。")]
    if not 5 <= terms.order_minutes <= 1440:
        wrong["order_minutes"] = [N_("支付时限为 5–1440 分钟。")]
    if terms.refund_alone_fen < 0:
        wrong["refund_alone_fen"] = [N_("请填金额，例如 50.00。")]
    return wrong


def save_merchant(
    session: Session, *, by: Caller, code: str, channel: str, campus_id: int | None, merchant_no: str
) -> None:
    """The number that collects an item through a channel, on one campus or (None) on all others.

    An empty number takes the row away. Attempts under way keep the number they began with.
    """
    item_id = session.scalar(select(FeeItem.id).where(FeeItem.code == code, FeeItem.link_url.is_(None)))
    if item_id is None:
        raise FeeItemUnknown()
    number = merchant_no.strip()
    if channel not in {str(one) for one in Channel}:
        raise Invalid(details={"channel": [N_("请从列出的支付方式里选。")]})
    if not number:
        changed = db.rows_changed(session, delete(Merchant).where(*_place(item_id, channel, campus_id)))
    elif MERCHANT_NO.fullmatch(number):
        changed = _put(session, item_id, channel, campus_id, number)
    else:
        raise Invalid(details={"merchant_no": [N_("商户号只含字母、数字和短横线，2–40 位。")]})
    if changed:
        fields = [channel, *([f"campus:{campus_id}"] if campus_id else [])]
        audit.record(
            session,
            by=by,
            action="payments.save_merchant",
            object_type="fee_item",
            object_id=item_id,
            fields=fields,
        )


def _place(item_id: int, channel: str, campus_id: int | None) -> tuple:
    return (
        Merchant.fee_item_id == item_id,
        Merchant.channel == channel,
        Merchant.campus_id.is_not_distinct_from(campus_id),
    )


def _put(session: Session, item_id: int, channel: str, campus_id: int | None, number: str) -> int:
    return db.rows_changed(
        session,
        insert(Merchant)
        .values(fee_item_id=item_id, channel=channel, campus_id=campus_id, merchant_no=number)
        .on_conflict_do_update(
            constraint="uq_payments_merchants_where",
            set_={"merchant_no": number},
            where=Merchant.merchant_no != number,
        ),
    )
