"""Console: which steps the check-in desk does."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from app.kit.db import unit_of_work
from app.kit.http import caller, permit
from app.welcome.models import STEP_KINDS
from app.welcome.queries.check_in import every_step
from app.welcome.service.check_in import set_step

desk = Blueprint("welcome_steps_desk", __name__, url_prefix="/desk/welcome/steps")
EDIT = "welcome.edit"


@desk.get("")
@permit(EDIT)
def index() -> Any:
    with unit_of_work() as session:
        return render_template("welcome/desk/steps.html", steps=every_step(session), kinds=STEP_KINDS)


@desk.post("")
@permit(EDIT)
def save() -> Any:
    """The key names the step: sent twice it is one step."""
    form = request.form
    with unit_of_work() as session:
        set_step(
            session,
            by=caller(),
            key=form.get("key", "").strip(),
            title=form.get("title", ""),
            kind=form.get("kind", ""),
            position=form.get("position", 10, type=int),
            is_required=bool(form.get("is_required")),
            is_final=bool(form.get("is_final")),
            audience=form.get("audience", "").strip() or None,
            is_active=bool(form.get("is_active")),
        )
    return redirect(url_for("welcome_steps_desk.index"), 303)
