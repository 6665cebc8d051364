"""What runs by the clock."""

from typing import Any

from app.kit.db import unit_of_work
from app.kit.log import log
from app.platform.identity import service


def forget_old_sign_ins(*, clients: Any) -> None:
    """Once a night; any number of times is as good."""
    with unit_of_work() as session:
        forgotten = service.forget_old(session)
    log.info("sign_ins_forgotten", rows=forgotten)
