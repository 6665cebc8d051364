"""Phone: where a freshman stands."""

from typing import Any

from flask import Blueprint, render_template

from app.kit.db import unit_of_work
from app.kit.http import SIGNED_IN, caller, permit
from app.welcome import queries

phone = Blueprint("welcome", __name__, url_prefix="/m/welcome")


@phone.get("/")
@permit(SIGNED_IN)
def index() -> Any:
    """Whoever has not claimed yet is shown how."""
    with unit_of_work() as session:
        return render_template(
            "welcome/phone/home.html",
            season=queries.find_season(session),
            admission=queries.find_admission(session, caller().person_id),
        )
