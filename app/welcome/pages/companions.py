"""Phone: 同城结伴. The board, a post, requests, and messages."""

from datetime import date
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from app.kit import http, limits
from app.kit.db import unit_of_work
from app.kit.errors import DomainError
from app.kit.http import SIGNED_IN, caller, permit, sentence
from app.kit.idempotency import Answer
from app.platform.directory import queries as directory
from app.welcome import regions
from app.welcome.errors import BoardOff, PostNotFound, ThreadNotFound
from app.welcome.models import (
    REPORT_REASONS,
    TRANSPORT_LABELS,
    PostStatus,
    ReportSubject,
    ThreadStatus,
)
from app.welcome.queries import companions as queries
from app.welcome.queries.roommates import season_of
from app.welcome.service import companions as service
from app.welcome.service import safety
from app.welcome.service.companions import LONGEST_MESSAGE, LONGEST_NOTE, Journey
from app.welcome.service.consents import PURPOSES

phone = Blueprint("welcome_companions", __name__, url_prefix="/m/welcome/companions")
TRIES_PER_DAY, JOINS_PER_DAY, MESSAGES_PER_HOUR, REPORTS_PER_DAY, DAY = 20, 20, 60, 10, 86_400


@phone.get("/")
@permit(SIGNED_IN)
def index() -> Any:
    with unit_of_work() as session:
        try:
            who = queries.traveller(session, caller().person_id)
        except BoardOff as error:
            return render_template("welcome/phone/companions_off.html", told=sentence(error))
        return render_template(
            "welcome/phone/companions.html",
            who=who,
            way=who.province is not None and who.campus_id is not None,
            hidden=None if who.post else queries.hidden_post(session, who.admission),
            page=queries.board(session, who, request.args.get("cursor")),
            count=queries.count_text(queries.travellers_of_way(session, who)),
            few=queries.FEW,
            threads=queries.threads_of(session, who),
            muted=queries.muted_until(session, who.person_id),
            did=request.args.get("did", ""),
            **_words(session),
        )


def _words(session: Session) -> dict[str, Any]:
    return {
        "regions": regions,
        "transports": TRANSPORT_LABELS,
        "campuses": {campus.id: campus for campus in directory.campuses(session)},
        "note_of": queries.note_of,
        "statuses": ThreadStatus,
        "post_statuses": PostStatus,
    }


@phone.get("/new")
@permit(SIGNED_IN)
def new() -> Any:
    with unit_of_work() as session:
        return _form(session)


def _form(session: Session, problem: DomainError | None = None) -> str:
    who = queries.traveller(session, caller().person_id)
    season = season_of(session, who.admission)
    return render_template(
        "welcome/phone/companion_new.html",
        who=who,
        season=season,
        settled_campus=queries.home_campus(session, who.admission, season),
        values=request.form,
        purpose=PURPOSES["companion"],
        longest=LONGEST_NOTE,
        problem=problem,
        told=sentence(problem) if problem else "",
        errors=(problem.details or {}) if problem else {},
        **_words(session),
    )


@phone.post("/")
@permit(SIGNED_IN)
def publish() -> Any:
    by = caller()
    limits.hit("welcome.post", str(by.person_id), limit=TRIES_PER_DAY, seconds=DAY)

    def work() -> Answer:
        service.publish(session, by=by, journey=_journey(), agrees=bool(request.form.get("agrees")))
        return Answer(303, "", {"Location": url_for("welcome_companions.index", did="published")})

    try:
        with unit_of_work() as session:
            return http.once(session, work)
    except DomainError as error:
        if error.status not in (409, 422) or isinstance(error, BoardOff):
            raise
        with unit_of_work() as session:
            return _form(session, error), error.status


def _journey() -> Journey:
    form = request.form
    return Journey(
        city=form.get("city", ""),
        travels_on=_day(form.get("travels_on", "")),
        transport=form.get("transport", ""),
        wanted=form.get("wanted", 0, type=int),
        train_number=form.get("train_number", ""),
        is_same_sex=bool(form.get("is_same_sex")),
        note=form.get("note", ""),
        campus_id=form.get("campus_id", type=int),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@phone.post("/close")
@permit(SIGNED_IN)
def close() -> Any:
    with unit_of_work() as session:
        service.close_post(session, by=caller())
    return redirect(url_for("welcome_companions.index", did="closed"), 303)


@phone.get("/posts/<post_id>")
@permit(SIGNED_IN)
def post(post_id: str) -> Any:
    with unit_of_work() as session:
        who = queries.traveller(session, caller().person_id)
        return render_template(
            "welcome/phone/companion_post.html",
            who=who,
            post=queries.post_for(session, who, post_id),
            thread=next((t for t in queries.threads_of(session, who) if t.post_id == post_id), None),
            reasons=REPORT_REASONS,
            did=request.args.get("did", ""),
            **_words(session),
        )


@phone.post("/posts/<post_id>/<deed>")
@permit(SIGNED_IN)
def act_on_post(post_id: str, deed: str) -> Any:
    """join, report, block."""
    by = caller()
    _limit(deed, by.person_id)

    def work() -> Answer:
        to = _act_on_post(session, post_id, deed)
        return Answer(303, "", {"Location": to})

    with unit_of_work() as session:
        return http.once(session, work)


def _act_on_post(session: Session, post_id: str, deed: str) -> str:
    by = caller()
    who = queries.traveller(session, by.person_id)
    found = queries.post_for(session, who, post_id)
    if deed == "join":
        thread_id = service.ask_to_join(session, by=by, post_id=post_id)
        return url_for("welcome_companions.thread", thread_id=thread_id, did="asked")
    if deed == "report":
        _report(session, found.person_id, ReportSubject.POST, post_id)
        return url_for("welcome_companions.post", post_id=post_id, did="reported")
    if deed == "block":
        safety.block(session, by=by, person_id=found.person_id)
        return url_for("welcome_companions.index", did="blocked")
    raise PostNotFound()


@phone.get("/threads/<thread_id>")
@permit(SIGNED_IN)
def thread(thread_id: str) -> Any:
    with unit_of_work() as session:
        return _thread(session, thread_id)


def _thread(session: Session, thread_id: str, problem: DomainError | None = None) -> str:
    who = queries.traveller(session, caller().person_id)
    row = queries.thread_for(session, who, thread_id)
    other = row.joiner_id if row.author_id == who.person_id else row.author_id
    agreed = row.status == ThreadStatus.ACCEPTED
    season_id = who.admission.season_id
    return render_template(
        "welcome/phone/companion_thread.html",
        who=who,
        thread=row,
        is_author=row.author_id == who.person_id,
        is_live=queries.is_live(row) and who.mode == "on",
        nickname=queries.nickname_of(session, season_id, other) if agreed else "",
        messages=queries.messages_of(session, row.id),
        reasons=REPORT_REASONS,
        longest=LONGEST_MESSAGE,
        did=request.args.get("did", ""),
        problem=problem,
        told=sentence(problem) if problem else "",
        text=request.form.get("text", "") if problem else "",
        **_words(session),
    )


@phone.post("/threads/<thread_id>/<deed>")
@permit(SIGNED_IN)
def act_on_thread(thread_id: str, deed: str) -> Any:
    """accept, end, write, report, block."""
    by = caller()
    _limit(deed, by.person_id)

    def work() -> Answer:
        to = _act_on_thread(session, thread_id, deed)
        return Answer(303, "", {"Location": to})

    try:
        with unit_of_work() as session:
            return http.once(session, work)
    except DomainError as error:
        if deed != "write" or error.status not in (409, 422) or isinstance(error, BoardOff):
            raise
        with unit_of_work() as session:
            return _thread(session, thread_id, error), error.status


def _act_on_thread(session: Session, thread_id: str, deed: str) -> str:
    by = caller()
    row = queries.thread_for(session, queries.traveller(session, by.person_id), thread_id)
    other = row.joiner_id if row.author_id == by.person_id else row.author_id
    here = url_for("welcome_companions.thread", thread_id=thread_id)
    if deed == "accept":
        service.accept_join(session, by=by, thread_id=thread_id)
        return here
    if deed == "end":
        service.end_thread(session, by=by, thread_id=thread_id)
        return url_for("welcome_companions.index", did="ended")
    if deed == "write":
        service.write(session, by=by, thread_id=thread_id, text=request.form.get("text", ""))
        return here
    if deed == "report":
        _report(session, other, ReportSubject.THREAD, thread_id)
        return url_for("welcome_companions.thread", thread_id=thread_id, did="reported")
    if deed == "block":
        safety.block(session, by=by, person_id=other)
        return url_for("welcome_companions.index", did="blocked")
    raise ThreadNotFound()


def _report(session: Session, reported_id: int, subject: ReportSubject, ref: str) -> None:
    safety.report(
        session,
        by=caller(),
        reported_id=reported_id,
        subject=subject,
        subject_ref=ref,
        reason=request.form.get("reason", ""),
        note=request.form.get("note", ""),
    )


def _limit(deed: str, person_id: int) -> None:
    rules = {
        "join": (JOINS_PER_DAY, DAY),
        "report": (REPORTS_PER_DAY, DAY),
        "write": (MESSAGES_PER_HOUR, 3600),
    }
    if deed in rules:
        most, seconds = rules[deed]
        limits.hit(f"welcome.{deed}", str(person_id), limit=most, seconds=seconds)
