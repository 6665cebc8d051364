"""Console: free texts and reports of freshmen, the word list, the switch."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from app.kit.db import unit_of_work
from app.kit.http import caller, permit
from app.platform.audit import service as audit
from app.welcome import regions
from app.welcome.errors import MatterNotFound
from app.welcome.models import (
    MODE_LABELS,
    REPORT_REASONS,
    TRANSPORT_LABELS,
    Mode,
    ReportSubject,
)
from app.welcome.queries import companions
from app.welcome.queries import moderation as queries
from app.welcome.service import moderation as service

desk = Blueprint("welcome_moderation", __name__, url_prefix="/desk/welcome/moderation")
VIEWS = ("notes", "reports", "settled")


@desk.get("/")
@permit("welcome.moderate")
def queue() -> Any:
    view = request.args.get("view", "notes")
    view = view if view in VIEWS else "notes"
    with unit_of_work() as session:
        return render_template(
            "welcome/desk/moderation.html",
            view=view,
            page=_rows(session, view),
            mode=companions.mode_now(session),
            modes=MODE_LABELS,
            subjects=SUBJECTS,
            **_words(),
        )


def _rows(session: Session, view: str) -> Any:
    cursor = request.args.get("cursor")
    if view == "notes":
        return queries.notes(session, caller(), cursor)
    return queries.reports(session, caller(), settled=view == "settled", cursor=cursor)


def _words() -> dict[str, Any]:
    return {"regions": regions, "transports": TRANSPORT_LABELS, "reasons": REPORT_REASONS}


SUBJECTS = {ReportSubject.ROOMMATE: "室友", ReportSubject.POST: "结伴信息", ReportSubject.THREAD: "对话"}


@desk.get("/notes/<post_id>")
@permit("welcome.moderate")
def note(post_id: str) -> Any:
    with unit_of_work() as session:
        post = queries.note_for(session, caller(), post_id)
        return render_template(
            _template("note"),
            post=post,
            muted=queries.mutes_of(session, [post.person_id]).get(post.person_id),
            **_words(),
        )


@desk.post("/notes/<post_id>/<deed>")
@permit("welcome.moderate")
def decide_note(post_id: str, deed: str) -> Any:
    """approve, refuse, hide (the whole post), mute (its author)."""
    by, form = caller(), request.form
    reason = form.get("reason", "")
    deeds: dict[str, Callable[[Session], None]] = {
        "approve": lambda session: service.approve_note(session, by=by, post_id=post_id),
        "refuse": lambda session: service.refuse_note(session, by=by, post_id=post_id, reason=reason),
        "hide": lambda session: service.hide_post(session, by=by, post_id=post_id, reason=reason),
        "mute": lambda session: service.mute_author(
            session, by=by, post_id=post_id, days=form.get("days", 0, type=int), reason=reason
        ),
    }
    if deed not in deeds:
        raise MatterNotFound()
    with unit_of_work() as session:
        deeds[deed](session)
    return redirect(url_for("welcome_moderation.queue"), 303)


@desk.get("/reports/<report_id>")
@permit("welcome.moderate")
def report(report_id: str) -> Any:
    """What was reported; that somebody of the desk read it is noted."""
    by = caller()
    with unit_of_work() as session:
        found = queries.report_for(session, by, report_id)
        post, said = queries.subject_of(session, found)
        audit.record(
            session, by=by, action="welcome.report_read", object_type="welcome_report", object_id=report_id
        )
        return render_template(
            _template("report"),
            report=found,
            post=post,
            said=said,
            names=queries.masked_names(session, [found.reported_id]),
            nickname=queries.nickname_of(session, found.reported_id),
            muted=queries.mutes_of(session, [found.reported_id]).get(found.reported_id),
            subjects=SUBJECTS,
            **_words(),
        )


@desk.post("/reports/<report_id>")
@permit("welcome.moderate")
def settle(report_id: str) -> Any:
    form = request.form
    with unit_of_work() as session:
        service.settle_report(
            session,
            by=caller(),
            report_id=report_id,
            outcome=form.get("outcome", ""),
            answer=form.get("reason", ""),
            days=form.get("days", 0, type=int),
        )
    return redirect(url_for("welcome_moderation.queue", view="reports"), 303)


def _template(name: str) -> str:
    part = f"_{name}" if request.headers.get("HX-Request") else name
    return f"welcome/desk/moderation_{part}.html".replace("moderation__", "_moderation_")


@desk.get("/words")
@permit("welcome.moderate")
def words() -> Any:
    with unit_of_work() as session:
        return render_template("welcome/desk/moderation_words.html", words=queries.word_rows(session))


@desk.post("/words")
@permit("welcome.moderate")
def add_word() -> Any:
    with unit_of_work() as session:
        service.add_word(session, by=caller(), word=request.form.get("word", ""))
    return redirect(url_for("welcome_moderation.words"), 303)


@desk.post("/words/<int:word_id>/remove")
@permit("welcome.moderate")
def remove_word(word_id: int) -> Any:
    with unit_of_work() as session:
        service.remove_word(session, by=caller(), word_id=word_id)
    return redirect(url_for("welcome_moderation.words"), 303)


@desk.post("/switch")
@permit("welcome.moderate")
def switch() -> Any:
    mode = request.form.get("mode", "")
    if mode not in set(Mode):
        raise MatterNotFound()
    with unit_of_work() as session:
        service.set_mode(session, by=caller(), mode=Mode(mode))
    return redirect(url_for("welcome_moderation.queue"), 303)
