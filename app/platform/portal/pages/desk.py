"""The console's portal: where it begins, and the page that opens and suspends micro-apps."""

from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from app.kit.db import unit_of_work
from app.kit.errors import DomainError, Forbidden
from app.kit.http import SIGNED_IN, caller, permit, sentence
from app.kit.i18n import N_
from app.platform.portal import queries, service
from app.platform.portal.errors import NoSuchModule
from app.platform.portal.models import ModuleState
from app.platform.portal.pages.frame import menu_of, registry

desk = Blueprint("portal_desk", __name__, url_prefix="/desk")

STATES = {
    ModuleState.DRAFT: (N_("草稿"), "off", N_("只有管理员看得见")),
    ModuleState.TRIAL: (N_("试用"), "go", N_("只给选中的人，标明试用")),
    ModuleState.OPEN: (N_("开放"), "done", N_("适用的人都看得见")),
    ModuleState.SUSPENDED: (N_("暂停"), "bad", N_("手机页面关闭，首页写明原因；控制台照常")),
}
AUDIENCES = {
    "visitor": N_("访客"),
    "freshman": N_("新生"),
    "student": N_("学生"),
    "staff": N_("教职工"),
    "contractor": N_("外聘人员"),
}


@desk.get("/")
@permit(SIGNED_IN)
def home() -> AnyResponse:
    """The first section of his own work; without any, the first that is everybody's."""
    menu = menu_of(caller())
    if not menu:
        raise Forbidden()
    own = [item for item in menu if item.permission != SIGNED_IN]
    return redirect((own or menu)[0].url)


@desk.get("/modules")
@permit("portal.manage")
def modules() -> str:
    with unit_of_work() as session:
        placed = queries.placed_modules(session, registry())
        visits = queries.visits_by_module(session)
    return render_template(
        "portal/modules.html",
        placed=placed,
        visits=visits,
        states=STATES,
        audiences=AUDIENCES,
        broken=registry().suspended,
    )


@desk.get("/modules/<key>")
@permit("portal.manage")
def module(key: str) -> str:
    return _panel(key, values=None, errors={})


@desk.post("/modules/<key>")
@permit("portal.manage")
def place(key: str) -> Any:
    form = request.form
    try:
        with unit_of_work() as session:
            service.place_module(
                session,
                by=caller(),
                registry=registry(),
                key=key,
                state=form.get("state", ""),
                position=form.get("position", type=int),
                audiences=form.getlist("audiences"),
                note=form.get("note", ""),
                expected_version=form.get("version", 0, type=int),
            )
    except DomainError as error:
        if not error.details:
            raise
        told = {name: [gettext(text) for text in texts] for name, texts in error.details.items()}
        return _panel(key, values=form, errors=told, problem=sentence(error)), error.status
    return redirect("/desk/modules", 303)


def _panel(key: str, *, values: Any, errors: dict[str, list[str]], problem: str = "") -> str:
    with unit_of_work() as session:
        placed = {one.key: one for one in queries.placed_modules(session, registry())}
    if key not in placed:
        raise NoSuchModule()
    part = "module" if request.headers.get("HX-Request") else "module_page"
    return render_template(
        f"portal/{part}.html",
        one=placed[key],
        values=values,
        errors=errors,
        problem=problem,
        states=STATES,
        audiences=AUDIENCES,
    )
