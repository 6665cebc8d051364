"""What the account answers to 电费. Reads only, within a second: no vendor is asked."""

from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.money import yuan
from app.miniapps.electricity.models import BindingStatus
from app.miniapps.electricity.queries import home
from app.miniapps.electricity.queries.home import MeterView


def answer_balance(session: Session, *, person_id: int, text: str, base_url: str) -> str:
    """The last known balance of each bound room, with its age."""
    lines = []
    for row, place in home.bindings_of(session, person_id):
        if row.status != BindingStatus.LIVE:
            continue
        view = home.room_view(session, home.binding_for(session, person_id, row.public_id))
        lines.append(f"{place.building_name}{place.room_number}")
        lines += [_line(meter) for meter in view.meters if meter.is_known]
    if not lines:
        return f'<a href="{base_url}/m/electricity/">点这里绑定房间</a>，绑定后可以查余额和充值。'
    return "\n".join([*lines, f'<a href="{base_url}/m/electricity/">查看最新余额和充值</a>'])


def _line(meter: MeterView) -> str:
    amount = f"{meter.kwh} 度" if meter.kwh is not None else yuan(meter.fen or 0)
    return f"{meter.name} {amount}（{clock.local(meter.known_at or clock.now()):%-m月%-d日 %H:%M}）"
