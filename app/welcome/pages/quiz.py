"""The safety quiz: the freshman's papers and certificate, and the console's bank and heat map."""

import re
from datetime import date
from operator import itemgetter
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from app.kit import clock, export, http, limits, pdf
from app.kit.db import unit_of_work
from app.kit.errors import DomainError, NotFound
from app.kit.http import PUBLIC, SIGNED_IN, caller, permit, sentence
from app.kit.idempotency import Answer
from app.platform.directory import queries as directory
from app.welcome import queries as welcome
from app.welcome.errors import BankUnreadable
from app.welcome.queries import quiz as queries
from app.welcome.service import quiz as service
from app.welcome.service import quiz_bank
from app.welcome.service.quiz import QuizTerms

quiz_phone = Blueprint("welcome_quiz", __name__, url_prefix="/m/welcome/quiz")
quiz_desk = Blueprint("welcome_quiz_desk", __name__, url_prefix="/desk/welcome/quiz")
EDIT = "welcome.edit"
TEMPLATE = Path(__file__).parent.parent / "templates" / "welcome" / "quiz_certificate.typ"
ANSWER = re.compile(r"q-(\d{1,15})")
LOOK_UPS = 20
SAMPLE = (
    "AQ001",
    "消防安全",
    "宿舍里闻到焦味，先做什么",
    "断电并报告",
    "继续睡觉",
    "",
    "",
    "",
    "",
    "A",
    "先断电再报告宿管。",
)
NUMBERS = ("pass_mark", "minutes", "cool_down_minutes")


@quiz_phone.get("/")
@permit(SIGNED_IN)
def index() -> Any:
    with unit_of_work() as session:
        admission = welcome.admission_of(session, caller().person_id)
        quiz = queries.quiz_of(session, admission.season_id)
        tried = queries.attempts(session, quiz.id, caller().person_id)
        return render_template(
            "welcome/phone/quiz.html",
            quiz=quiz,
            tried=tried,
            passed=next((one for one in tried if one.is_passed), None),
            wait=queries.may_start_at(quiz, tried),
            now=clock.now(),
            today=clock.today(),
        )


@quiz_phone.post("/")
@permit(SIGNED_IN)
def start() -> Any:
    by = caller()

    def work() -> Answer:
        public_id = service.start_attempt(session, by=by)
        return Answer(303, "", {"Location": url_for("welcome_quiz.paper", attempt_id=public_id)})

    with unit_of_work() as session:
        return http.once(session, work)


@quiz_phone.get("/<attempt_id>")
@permit(SIGNED_IN)
def paper(attempt_id: str) -> Any:
    """The questions, or after handing in what was right and why."""
    with unit_of_work() as session:
        attempt = queries.attempt_of(session, caller().person_id, attempt_id)
        page = "quiz_paper" if attempt.submitted_at is None else "quiz_result"
        return render_template(
            f"welcome/phone/{page}.html",
            attempt=attempt,
            asked=queries.paper(session, attempt),
            minutes_left=max(0, int((attempt.due_at - clock.now()).total_seconds()) // 60),
        )


@quiz_phone.post("/<attempt_id>")
@permit(SIGNED_IN)
def hand_in(attempt_id: str) -> Any:
    by, given = caller(), _given()

    def work() -> Answer:
        service.hand_in(session, by=by, public_id=attempt_id, given=given)
        return Answer(303, "", {"Location": url_for("welcome_quiz.paper", attempt_id=attempt_id)})

    with unit_of_work() as session:
        return http.once(session, work)


def _given() -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for name, places in request.form.lists():
        match = ANSWER.fullmatch(name)
        if match:
            found[int(match[1])] = [int(one) for one in places if one.isdecimal() and len(one) < 3]
    return found


@quiz_phone.get("/<attempt_id>/certificate.pdf")
@permit(SIGNED_IN)
def certificate(attempt_id: str) -> Any:
    with unit_of_work() as session:
        attempt = queries.attempt_of(session, caller().person_id, attempt_id)
        if attempt.certificate is None:
            raise NotFound()
        _attempt, quiz = queries.certificate(session, attempt.certificate)
        assert attempt.submitted_at is not None
        values = {
            "title": quiz.title,
            "name": directory.person(session, attempt.person_id).name,
            "score": attempt.score,
            "day": f"{clock.local(attempt.submitted_at):%Y-%m-%d}",
            "number": attempt.certificate,
            "address": url_for("welcome_quiz.check", _external=True),
        }
    response = Response(pdf.typeset(TEMPLATE, values), mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{values["number"]}.pdf"'
    return response


@quiz_phone.get("/certificates")
@permit(PUBLIC)
def check() -> Any:
    """Whether a certificate's number is one of ours: a surname, a day, nothing else."""
    number = request.args.get("number", "").strip().upper()[:20]
    found, told = None, ""
    if number:
        try:
            limits.hit("welcome.certificate", request.remote_addr or "", limit=LOOK_UPS, seconds=60)
            with unit_of_work() as session:
                attempt, quiz = queries.certificate(session, number)
                who = directory.person(session, attempt.person_id)
                found = {"quiz": quiz.title, "surname": who.surname, "at": attempt.submitted_at}
        except DomainError as error:
            told = sentence(error)
    return render_template("welcome/phone/quiz_check.html", number=number, found=found, told=told)


# --- Console


@quiz_desk.get("/")
@permit(EDIT)
def bank() -> Any:
    with unit_of_work() as session:
        return _bank(session)


def _bank(session: Session, given: Any = None, error: DomainError | None = None, done: str = "") -> str:
    season = welcome.current_season(session)
    quiz = queries.find_quiz(session, season.id)
    return render_template(
        "welcome/desk/quiz.html",
        quiz=quiz,
        given=given or quiz or {"opens_on": season.opens_on, "closes_on": season.closes_on},
        categories=queries.categories(session, quiz.id) if quiz else [],
        heat=queries.heat(session, quiz.id) if quiz else {},
        totals=queries.totals(session, quiz.id) if quiz else None,
        errors=error.details or {} if error else {},
        told=sentence(error) if error else "",
        done=done or request.args.get("done", ""),
    )


@quiz_desk.post("/")
@permit(EDIT)
def save() -> Any:
    """The rules of this season: twice is once."""
    form = request.form
    terms = QuizTerms(
        title=form.get("title", "").strip(),
        title_en=form.get("title_en", "").strip() or None,
        opens_on=_day(form.get("opens_on", ""), date.max),
        closes_on=_day(form.get("closes_on", ""), date.min),
        **{name: _whole(form.get(name, "")) for name in NUMBERS},
    )
    try:
        with unit_of_work() as session:
            season = welcome.current_season(session)
            service.save_quiz(session, by=caller(), season_id=season.id, terms=terms)
    except DomainError as error:
        with unit_of_work() as session:
            return _bank(session, form, error), error.status
    return redirect(url_for("welcome_quiz_desk.bank", done="saved"), 303)


@quiz_desk.post("/draws")
@permit(EDIT)
def draws() -> Any:
    wanted = {
        int(name[6:]): _whole(value)
        for name, value in request.form.items()
        if name.startswith("draws-") and name[6:].isdecimal() and len(name) < 20
    }
    with unit_of_work() as session:
        quiz = queries.quiz_of(session, welcome.current_season(session).id)
        service.set_draws(session, by=caller(), quiz_id=quiz.id, draws=wanted)
    return redirect(url_for("welcome_quiz_desk.bank", done="saved"), 303)


@quiz_desk.post("/questions")
@permit(EDIT)
def upload() -> Any:
    """The same workbook twice changes nothing the second time."""
    file = request.files.get("file")
    try:
        if file is None or not file.filename:
            raise BankUnreadable()
        with unit_of_work() as session:
            quiz = queries.quiz_of(session, welcome.current_season(session).id)
            quiz_bank.import_bank(session, by=caller(), quiz_id=quiz.id, source=file.stream)
    except DomainError as error:
        with unit_of_work() as session:
            return _bank(session, None, error), error.status
    return redirect(url_for("welcome_quiz_desk.bank", done="imported"), 303)


@quiz_desk.get("/questions.xlsx")
@permit(EDIT)
def template() -> Any:
    """The empty bank with one line as an example."""
    columns = [export.Column(head, itemgetter(place), 14) for place, head in enumerate(quiz_bank.HEADS)]
    return export.xlsx_response("题库模板", columns, [SAMPLE])


def _day(text: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return otherwise


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 9 else -1
