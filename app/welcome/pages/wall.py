"""Console: the live wall of 报到率."""

from typing import Any

from flask import Blueprint, render_template

from app.kit.db import unit_of_work
from app.kit.http import caller, permit
from app.welcome.queries.admissions import current_season
from app.welcome.queries.wall import wall

desk = Blueprint("welcome_wall_desk", __name__, url_prefix="/desk/welcome/wall")


@desk.get("")
@permit("welcome.read")
def index() -> Any:
    """The page asks for itself again every few seconds."""
    with unit_of_work() as session:
        found = wall(session, by=caller(), season_id=current_season(session).id)
    return render_template("welcome/desk/wall.html", wall=found)
