"""来款认领: a sum that the bank received finds its fee item, by one person's word and another's yes."""

from sqlalchemy import exists, insert, select, update
from sqlalchemy.orm import Session, aliased

from app.kit import clock, db
from app.kit.caller import Caller
from app.kit.db import AnyRow
from app.payments.errors import ClaimMovedOn, FeeItemUnknown, NoteMissing, ReceiptLineTaken, SamePerson
from app.payments.models import Bill, BillLine, BillStatus, Claim, FeeItem, LineSort, SettlementPart, Source
from app.payments.service import ledger
from app.platform.audit import service as audit


def unclaimed(session: Session, *, line_id: int | None = None) -> list[AnyRow]:
    """What the bank received that is no channel's settlement and that nobody has claimed, the oldest first.

    A line that came again in a new version of its file counts as claimed.
    """
    other, other_bill = aliased(BillLine), aliased(Bill)
    stmt = (
        select(BillLine.id, BillLine.at, BillLine.reference, BillLine.fen, BillLine.note, Bill.account)
        .join(Bill, Bill.id == BillLine.bill_id)
        .where(
            Bill.source == Source.BANK,
            Bill.status == BillStatus.CURRENT,
            BillLine.fen > 0,
            BillLine.sort != LineSort.SETTLEMENT,
            ~exists().where(SettlementPart.bank_line_id == BillLine.id),
            ~exists().where(
                Claim.line_id == other.id,
                Claim.status != "rejected",
                other.reference == BillLine.reference,
                other_bill.id == other.bill_id,
                other_bill.account == Bill.account,
            ),
        )
        .order_by(BillLine.at, BillLine.id)
        .limit(500)
    )
    return list(session.execute(stmt if line_id is None else stmt.where(BillLine.id == line_id)))


def claim_line(session: Session, *, by: Caller, line_id: int, fee_item: str, note: str) -> int:
    """经办: this receipt is of that fee item. Raises ReceiptLineTaken, FeeItemUnknown, NoteMissing."""
    if len(note.strip()) < 4:
        raise NoteMissing(details={"note": [NoteMissing.msgid]})
    item_id = session.scalar(select(FeeItem.id).where(FeeItem.code == fee_item))
    if item_id is None:
        raise FeeItemUnknown()
    session.execute(select(BillLine.id).where(BillLine.id == line_id).with_for_update())
    found = unclaimed(session, line_id=line_id)
    if not found:
        raise ReceiptLineTaken()
    claim_id = session.scalars(
        insert(Claim)
        .values(
            line_id=line_id,
            fee_item_id=item_id,
            fen=found[0].fen,
            note=note.strip()[:200],
            status="waiting",
            claimed_by_id=by.person_id,
            claimed_at=clock.now(),
        )
        .returning(Claim.id)
    ).one()
    audit.record(session, by=by, action="payments.claim_receipt", object_type="claim", object_id=claim_id)
    return claim_id


def agree_claim(session: Session, *, by: Caller, claim_id: int) -> None:
    """复核: another person agrees, and it is posted as of the day the bank had it."""
    claim = _waiting(session, by, claim_id)
    entry_id = ledger.post(
        session,
        kind="claim",
        reference=str(claim.id),
        debit=ledger.BANK,
        credit=ledger.delivered(claim.code),
        fen=claim.fen,
        happened_at=claim.at,
    )
    _decide(session, by, claim.id, "agreed", entry_id)


def reject_claim(session: Session, *, by: Caller, claim_id: int) -> None:
    """复核不通过: the receipt may be claimed anew."""
    _decide(session, by, _waiting(session, by, claim_id).id, "rejected", None)


def _waiting(session: Session, by: Caller, claim_id: int) -> AnyRow:
    row = session.execute(
        select(Claim.id, Claim.status, Claim.claimed_by_id, Claim.fen, BillLine.at, FeeItem.code)
        .join(BillLine, BillLine.id == Claim.line_id)
        .join(FeeItem, FeeItem.id == Claim.fee_item_id)
        .where(Claim.id == claim_id)
        .with_for_update(of=Claim)
    ).first()
    if row is None or row.status != "waiting":
        raise ClaimMovedOn()
    if row.claimed_by_id == by.person_id:
        raise SamePerson()
    return row


def _decide(session: Session, by: Caller, claim_id: int, status: str, entry_id: int | None) -> None:
    changed = db.rows_changed(
        session,
        update(Claim)
        .where(Claim.id == claim_id, Claim.status == "waiting")
        .values(status=status, entry_id=entry_id, decided_by_id=by.person_id, decided_at=clock.now())
        .execution_options(synchronize_session=False),
    )
    if changed != 1:
        raise ClaimMovedOn()
    audit.record(session, by=by, action=f"payments.claim_{status}", object_type="claim", object_id=claim_id)
