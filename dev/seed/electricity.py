"""Electricity of the demo: both systems and their rooms, the fee item, and the cast's rooms bound.

The rooms come from the list that the sandbox's machines were made of, as an import would find them: when the seed
runs, no machine is up yet.
"""

import json
from datetime import date
from decimal import Decimal

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.kit import clock, db
from app.kit.caller import Caller
from app.miniapps.electricity import service
from app.payments.models import FeeItem, Merchant
from app.payments.service import vouchers
from app.platform.directory import queries as directory
from app.platform.identity import service as identity
from dev.seed.setup import SAMPLES, Say, person_id, unit_id
from sandbox.meters.rooms import Room, campus_rooms
from sandbox.statement import MERCHANT as CARD_MERCHANT
from sandbox.unipay import keys as unipay
from sandbox.wxpay import keys as wxpay

PRICE = Decimal(54)
TITLES = {
    "isims": ("东校区电控", "East Campus Meters"),
    "synjones": ("西、南校区电费", "West and South Campus"),
}
POLICIES = {"isims": "roommate", "synjones": "manager"}
RESIDENTS = ("2023010101", "2023010103", "2024020201", "2024990001")
DORM_MANAGER, MANAGED, DEPARTMENT = "T0003", "E03", "WXZX"
MERCHANTS = {
    "wechat": next(iter(wxpay.MERCHANTS)),
    "card": CARD_MERCHANT,
    "platform": next(iter(unipay.MERCHANTS)),
}
LINKED = {
    "tuition": ("学费", "Tuition", "按专业，见录取通知书"),
    "dormitory": ("住宿费", "Dormitory fee", "按房型，每年 900–1500 元"),
}
PAYMENT_SITE = "https://pay.example.edu.cn/"


def load_voucher_rules(session: Session) -> None:
    """The sample accountant's rules and file formats."""
    given = json.loads((SAMPLES / "vouchers.json").read_text("utf-8"))
    vouchers.load_rules(session, given["rules"])
    vouchers.load_formats(session, given["formats"])


def prepare_electricity(say: Say) -> None:
    """May be run again."""
    with db.unit_of_work() as session:
        rooms = sum(serve(session, system, list(campus_rooms()[system].values())) for system in TITLES)
        add_fee_items(session)
        load_voucher_rules(session)
        building = directory.find_building(session, MANAGED)
        assert building is not None
        identity.grant_role(
            session,
            by=None,
            person_id=person_id(session, DORM_MANAGER),
            role="electricity.dorm_manager",
            scope_kind="building",
            scope_id=building.id,
        )
    with db.unit_of_work() as session:
        bound = _bind(session)
    say(f"{rooms} meters' rooms, {bound} bound")


def serve(session: Session, system: str, rooms: list[Room]) -> int:
    """A system, the buildings and these rooms of it; how many rooms."""
    rules = service.SystemRules(
        *TITLES[system],
        price_fen=PRICE,
        price_text="0.54 元/度",
        price_text_en="0.54 yuan per kWh",
    )
    system_id = service.save_system(session, key=system, rules=rules)
    known: dict[str, dict[str, int]] = {}
    found = []
    for room in rooms:
        if room.building_name not in known:
            known[room.building_name] = _rooms_of(session, system_id, room, POLICIES[system])
        found.append(_found(room, known[room.building_name].get(room.number)))
    service.note_rooms(session, system_id=system_id, found=found)
    return len(found)


def _rooms_of(session: Session, system_id: int, room: Room, policy: str) -> dict[str, int]:
    """Directory ids by door number, after saying that the building is served."""
    building = next(b for b in directory.buildings(session) if b.name == room.building_name)
    service.serve_building(session, system_id=system_id, building_id=building.id, policy=policy)
    return {each.number: each.id for each in directory.rooms(session, building.id)}


def _found(room: Room, room_id: int | None) -> service.FoundRoom:
    if room.system == "isims":
        path = (room.campus, room.building, f"{room.building}-{room.floor}", room.key)
        names = (room.campus_name, room.building_name, f"{room.floor}层", room.number)
    else:
        path = (room.campus, room.building, room.number)
        names = (room.campus_name, room.building_name, room.number)
    return service.FoundRoom(path, room.key, names, room_id)


def _bind(session: Session) -> int:
    """Those of the cast who live in a served room, and the roommates of 李."""
    people = {person_id(session, number) for number in RESIDENTS}
    people |= {mate.id for mate in directory.roommates_of(session, person_id(session, RESIDENTS[0]))[:2]}
    bound = 0
    for person in sorted(people):
        home = directory.room_of(session, person)
        if home is not None and home.is_dorm:
            service.bind_own_room(session, by=Caller(person, surface="phone"))
            bound += 1
    return bound


def add_fee_items(session: Session) -> None:
    """电费 is collected here; tuition and the dormitory fee are the school's own site's, and linked."""
    year = date(clock.today().year - 1, 1, 1)
    item = session.execute(
        insert(FeeItem)
        .values(
            code="electricity",
            title="学生宿舍电费",
            title_en="Dormitory electricity",
            service_key="electricity",
            filing_number="校财备〔2026〕1号",
            price_basis="政府定价",
            price_text="0.54 元/度",
            valid_from=year,
            channels=list(MERCHANTS),
            order_minutes=30,
            takes_late=True,
            refund_alone_fen=5_000,
            receipt_kind="fiscal",
            unit_id=unit_id(session, DEPARTMENT),
        )
        .returning(FeeItem.id)
    ).scalar_one()
    for channel, number in MERCHANTS.items():
        session.execute(insert(Merchant).values(fee_item_id=item, channel=channel, merchant_no=number))
    for at, (code, (title, title_en, price)) in enumerate(LINKED.items(), start=2):
        session.execute(
            insert(FeeItem).values(
                code=code,
                title=title,
                title_en=title_en,
                link_url=PAYMENT_SITE,
                filing_number=f"校财备〔2026〕{at}号",
                price_basis="政府定价",
                price_text=price,
                valid_from=year,
            )
        )
