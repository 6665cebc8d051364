"""A dorm's lobby screen: set up by the manager, opened with a PIN, and then it looks after itself."""

from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for

from app.kit.db import unit_of_work
from app.kit.errors import DomainError
from app.kit.forms import told
from app.kit.http import PUBLIC, caller, permit, sentence
from app.miniapps.leave import service
from app.miniapps.leave.errors import PinWrong
from app.miniapps.leave.queries.lobby import is_opened, lobby, screen_for, screens_for
from app.miniapps.leave.service.screens import DORM, GOOD_FOR
from app.platform.directory import queries as directory

screens = Blueprint("leave_screens", __name__, url_prefix="/desk/leave")


@screens.get("/screens/")
@permit(DORM)
def index() -> Any:
    return _index(None)


def _index(problem: DomainError | None) -> str:
    with unit_of_work() as session:
        return render_template(
            "leave/desk/screens.html",
            dorms=screens_for(session, caller()),
            wrong=request.view_args.get("building_id") if problem and request.view_args else None,
            told=sentence(problem) if problem else "",
            errors=told(problem),
        )


@screens.post("/screens/<int:building_id>")
@permit(DORM)
def set_pin(building_id: int) -> Any:
    pin = request.form.get("pin", "").strip()
    try:
        with unit_of_work() as session:
            service.set_pin(session, by=caller(), building_id=building_id, pin=pin)
    except PinWrong as error:
        return _index(error), error.status
    return redirect(url_for("leave_screens.index"), 303)


@screens.get("/screens/<int:building_id>")
@permit(DORM)
def pin_set(building_id: int) -> Any:
    """A page that answered a form, loaded again."""
    del building_id
    return redirect(url_for("leave_screens.index"))


@screens.post("/screens/<int:building_id>/close")
@permit(DORM)
def close(building_id: int) -> Any:
    with unit_of_work() as session:
        service.close_screen(session, by=caller(), building_id=building_id)
    return redirect(url_for("leave_screens.index"), 303)


@screens.get("/lobby/<screen_id>")
@permit(PUBLIC)
def show(screen_id: str) -> Any:
    """The screen, or the question for its PIN. It asks for itself again."""
    return _show(screen_id, None)


@screens.post("/lobby/<screen_id>")
@permit(PUBLIC)
def open_(screen_id: str) -> Any:
    with unit_of_work() as session:
        key = service.try_pin(session, screen_id=screen_id, pin=request.form.get("pin", "").strip()[:20])
    if key is None:
        problem = PinWrong(details={"pin": [PinWrong.TRIED]})
        return _show(screen_id, problem), problem.status
    response = redirect(url_for("leave_screens.show", screen_id=screen_id), 303)
    response.set_cookie(
        _cookie(),
        key,
        max_age=int(GOOD_FOR.total_seconds()),
        httponly=True,
        samesite="Strict",
        secure=current_app.config["IS_SECURE"],
        path=url_for("leave_screens.show", screen_id=screen_id),
    )
    return response


def _show(screen_id: str, problem: DomainError | None) -> str:
    with unit_of_work() as session:
        screen = screen_for(session, screen_id)
        if is_opened(session, screen, request.cookies.get(_cookie(), "")):
            return render_template(
                "leave/desk/lobby.html", screen=screen, found=lobby(session, screen.building_id)
            )
        names = {one.id: one.name for one in directory.buildings(session)}
        return render_template(
            "leave/desk/lobby_pin.html",
            screen=screen,
            building=names.get(screen.building_id, ""),
            errors=told(problem),
        )


def _cookie() -> str:
    return f"wl_lobby_{current_app.config['COOKIE_SUFFIX']}"
