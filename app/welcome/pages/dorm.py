"""Phone: my room and bed, roommates, class, the card. Console: routes and counsellors."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from app.kit import http, limits
from app.kit.db import unit_of_work
from app.kit.errors import DomainError
from app.kit.http import SIGNED_IN, caller, permit, sentence
from app.kit.idempotency import Answer
from app.platform.directory import queries as directory
from app.welcome import queries
from app.welcome.errors import CardNotFound, RoommateNotFound
from app.welcome.models import CHANNEL_LABELS, REPORT_REASONS, Channel, ReportSubject
from app.welcome.queries import cards, classmates, consents, roommates
from app.welcome.queries.admissions import admission_of
from app.welcome.service import cards as card_service
from app.welcome.service import consents as consent_service
from app.welcome.service import roommates as service
from app.welcome.service import safety
from app.welcome.service.consents import PURPOSES

phone = Blueprint("welcome_dorm", __name__, url_prefix="/m/welcome/dorm")
desk = Blueprint("welcome_dorm_desk", __name__, url_prefix="/desk/welcome/dorm")
ASKS_PER_DAY, REPORTS_PER_DAY, RENEWALS_PER_DAY, DAY = 30, 10, 5, 86_400
Work = Callable[[Session], Any]


@phone.get("/")
@permit(SIGNED_IN)
def index() -> Any:
    with unit_of_work() as session:
        admission = admission_of(session, caller().person_id)
        season = roommates.season_of(session, admission)
        dorm = roommates.dorm_of(session, admission, season)
        route = cards.find_route(session, dorm.home.place.campus_id) if dorm else None
        return render_template(
            "welcome/phone/dorm.html",
            admission=admission,
            dorm=dorm,
            route=route,
            map_url=_map_url(dorm, route) if dorm else "",
            did=request.args.get("did", ""),
        )


def _map_url(dorm: roommates.Dorm, route: Any) -> str:
    """The school's own link, or a search on the map that opens inside WeChat."""
    if route is not None and route.map_url:
        return str(route.map_url)
    place = dorm.home.place
    words = quote(f"{current_app.config['SCHOOL_NAME']} {place.campus_name} {place.building_name}")
    return f"https://apis.map.qq.com/uri/v1/search?keyword={words}&referer=weilife"


@phone.post("/nickname")
@permit(SIGNED_IN)
def nickname() -> Any:
    given = request.form.get("nickname", "")
    return _done(
        "nickname",
        lambda session: service.set_nickname(session, by=caller(), nickname=given),
        "welcome_dorm.me",
    )


@phone.get("/me")
@permit(SIGNED_IN)
def me() -> Any:
    """What roommates may learn of me: nickname, contacts, and what I have allowed."""
    with unit_of_work() as session:
        return _me(session)


def _me(session: Session, problem: DomainError | None = None) -> str:
    admission = roommates.claimed_admission_of(session, caller().person_id)
    return render_template(
        "welcome/phone/dorm_me.html",
        admission=admission,
        contacts=roommates.own_contacts(session, admission.person_id),
        records=consents.consents_of(session, admission.person_id),
        channels=CHANNEL_LABELS,
        purposes=PURPOSES,
        did=request.args.get("did", ""),
        problem=problem,
        told=sentence(problem) if problem else "",
        values=request.form,
    )


@phone.post("/contacts/<channel>/<deed>")
@permit(SIGNED_IN)
def contact(channel: str, deed: str) -> Any:
    """save or remove one of my own."""
    known = _channel(channel)
    if deed == "remove":
        return _done(
            "removed",
            lambda session: service.remove_contact(session, by=caller(), channel=known),
            "welcome_dorm.me",
        )
    return _done(
        "saved",
        lambda session: service.save_contact(
            session,
            by=caller(),
            channel=known,
            value=request.form.get("value", ""),
            agrees=bool(request.form.get("agrees")),
        ),
        "welcome_dorm.me",
    )


@phone.get("/roommates/<mate_id>")
@permit(SIGNED_IN)
def roommate(mate_id: str) -> Any:
    with unit_of_work() as session:
        mate = roommates.mate_for(session, caller().person_id, mate_id)
        return render_template(
            "welcome/phone/roommate.html",
            mate=mate,
            swaps=roommates.swaps_with(session, caller().person_id, mate),
            channels=CHANNEL_LABELS,
            reasons=REPORT_REASONS,
            did=request.args.get("did", ""),
        )


@phone.post("/roommates/<mate_id>/<deed>")
@permit(SIGNED_IN)
def act(mate_id: str, deed: str) -> Any:
    """ask (for a channel), accept, end (an exchange), block, report."""
    by = caller()
    if deed == "ask":
        limits.hit("welcome.ask", str(by.person_id), limit=ASKS_PER_DAY, seconds=DAY)
    if deed == "report":
        limits.hit("welcome.report", str(by.person_id), limit=REPORTS_PER_DAY, seconds=DAY)

    def work() -> Answer:
        _act(session, mate_id, deed)
        here = url_for("welcome_dorm.roommate", mate_id=mate_id, did=deed)
        gone = url_for("welcome_dorm.index", did=deed)
        return Answer(303, "", {"Location": gone if deed == "block" else here})

    with unit_of_work() as session:
        return http.once(session, work)


def _act(session: Session, mate_id: str, deed: str) -> None:
    by, form = caller(), request.form
    mate = roommates.mate_for(session, by.person_id, mate_id)
    if deed == "ask":
        service.ask_exchange(session, by=by, mate_id=mate_id, channel=_channel(form.get("channel", "")))
    elif deed == "accept":
        service.accept_exchange(session, by=by, exchange_id=form.get("exchange_id", ""))
    elif deed == "end":
        service.end_exchange(session, by=by, exchange_id=form.get("exchange_id", ""))
    elif deed == "block":
        safety.block(session, by=by, person_id=mate.person_id)
    elif deed == "report":
        safety.report(
            session,
            by=by,
            reported_id=mate.person_id,
            subject=ReportSubject.ROOMMATE,
            subject_ref=mate_id,
            reason=form.get("reason", ""),
            note=form.get("note", ""),
        )
    else:
        raise RoommateNotFound()


@phone.post("/blocks/<block_id>/end")
@permit(SIGNED_IN)
def unblock(block_id: str) -> Any:
    return _done(
        "unblocked",
        lambda session: safety.unblock(session, by=caller(), block_id=block_id),
        "welcome_dorm.index",
    )


@phone.get("/class")
@permit(SIGNED_IN)
def class_page() -> Any:
    with unit_of_work() as session:
        admission = admission_of(session, caller().person_id)
        return render_template(
            "welcome/phone/class.html",
            admission=admission,
            view=classmates.class_of(session, admission),
            counsellors=classmates.counsellors_of(session, admission),
            purpose=PURPOSES["class_name"],
            few=classmates.FEW,
            did=request.args.get("did", ""),
        )


@phone.post("/class")
@permit(SIGNED_IN)
def show_name() -> Any:
    shows = bool(request.form.get("shows"))

    def work(session: Session) -> None:
        roommates.claimed_admission_of(session, caller().person_id)
        change = consent_service.give if shows else consent_service.withdraw
        change(session, by=caller(), purpose="class_name")

    return _done("shows" if shows else "hides", work, "welcome_dorm.class_page")


@phone.get("/card")
@permit(SIGNED_IN)
def card() -> Any:
    """The picture, or that it is being drawn. Asks for it when what stands on it has changed."""
    part = "_card" if request.headers.get("HX-Request") else "card"
    with unit_of_work() as session:
        admission = roommates.claimed_admission_of(session, caller().person_id)
        season = roommates.season_of(session, admission)
        roommates.check_shown(season)
        school = {"school": current_app.config["SCHOOL_NAME"], "hotline": current_app.config["HOTLINE"]}
        code = card_service.card_code(session, admission.id)
        text = cards.card_text(session, admission, season, code=code, **school)
        row = cards.find_card(session, admission.id)
        is_ready = row is not None and row.drawn_as == text.digest
        if not is_ready:
            card_service.want_card(session, admission_id=admission.id, digest=text.digest, **school)
        return render_template(
            f"welcome/phone/{part}.html",
            is_ready=is_ready,
            version=text.digest[:12],
            place=text.place,
            did=request.args.get("did", ""),
        )


@phone.get("/card.png")
@permit(SIGNED_IN)
def card_image() -> Any:
    """One's own only: there is no address of anybody else's."""
    with unit_of_work() as session:
        admission = roommates.claimed_admission_of(session, caller().person_id)
        roommates.check_shown(roommates.season_of(session, admission))
        image = cards.card_image(session, admission.id)
    if image is None:
        raise CardNotFound()
    response = Response(image, mimetype="image/png")
    response.headers["Cache-Control"] = "private, max-age=3600"
    response.headers["Content-Disposition"] = 'inline; filename="card.png"'
    return response


@phone.post("/card/renew")
@permit(SIGNED_IN)
def renew_card() -> Any:
    """Somebody else has seen the code: the old one opens nothing from now on."""
    limits.hit("welcome.renew", str(caller().person_id), limit=RENEWALS_PER_DAY, seconds=DAY)

    def work(session: Session) -> None:
        admission = roommates.claimed_admission_of(session, caller().person_id)
        card_service.revoke_card(session, by=caller(), admission_id=admission.id)

    return _done("renewed", work, "welcome_dorm.card")


def _channel(text: str) -> Channel:
    try:
        return Channel(text)
    except ValueError:
        raise RoommateNotFound() from None


def _done(deed: str, work: Work, to: str) -> Any:
    """Do it and go back; what is wrong with my own details is shown on their page."""
    try:
        with unit_of_work() as session:
            work(session)
    except DomainError as error:
        if to != "welcome_dorm.me" or error.status not in (409, 422):
            raise
        with unit_of_work() as session:
            return _me(session, error), error.status
    return redirect(url_for(to, did=deed), 303)


# --- console


@desk.get("/")
@permit("welcome.edit")
def settings() -> Any:
    with unit_of_work() as session:
        campuses = directory.campuses(session)
        season = queries.find_season(session)
        counsellors = _counsellors(session, season.id) if season else []
        return render_template(
            "welcome/desk/dorm.html",
            campuses=[(campus, cards.find_route(session, campus.id)) for campus in campuses],
            counsellors=counsellors,
            contacts=classmates.counsellor_contacts(session, [one.id for one, _units in counsellors]),
        )


def _counsellors(session: Session, season_id: int) -> list[tuple[directory.PersonBrief, str]]:
    """Whoever is counsellor of a college or class of the season, with where."""
    found: dict[int, tuple[directory.PersonBrief, list[str]]] = {}
    for unit in classmates.units_of(session, season_id):
        for person in directory.holders_of(session, unit.id, classmates.COUNSELLOR):
            found.setdefault(person.id, (person, []))[1].append(unit.name)
    return [(person, "、".join(units)) for person, units in found.values()]


@desk.post("/routes/<int:campus_id>")
@permit("welcome.edit")
def set_route(campus_id: int) -> Any:
    return _set(card_service.set_route, ("map_url", "route", "route_en"), campus_id=campus_id)


@desk.post("/counsellors/<int:person_id>")
@permit("welcome.edit")
def set_counsellor(person_id: int) -> Any:
    return _set(card_service.set_counsellor, ("office", "office_en", "phone"), person_id=person_id)


def _set(change: Callable[..., None], fields: tuple[str, ...], **of: int) -> Any:
    """What the form says of one campus or one person."""
    texts = {name: request.form.get(name, "") for name in fields}
    with unit_of_work() as session:
        change(session, by=caller(), **of, **texts)
    return redirect(url_for("welcome_dorm_desk.settings"), 303)
