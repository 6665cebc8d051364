"""Phone: claiming an admission, by oneself or from a parent's phone.

Every answer that is no success has one status and one sentence. What differs (a field left empty, a limit, a form
sent too fast from a busy network) depends on what was typed and from where, never on whether there is such a claim.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, render_template, request
from sqlalchemy.orm import Session

from app.kit import clock, crypto
from app.kit.db import unit_of_work
from app.kit.errors import DomainError
from app.kit.http import SIGNED_IN, caller, permit, sentence
from app.kit.id_numbers import normal_code
from app.welcome import queries, service
from app.welcome.errors import ClaimClosed, ClaimFailed, ClaimIncomplete, ClaimLimit, ClaimTooFast
from app.welcome.models import RELATIONS, Profile
from app.welcome.queries import claims as claim_queries
from app.welcome.service import Attempt, Gate, Given, proofs

claim_phone = Blueprint("welcome_claim", __name__, url_prefix="/m/welcome/claim")
FIELDS = ("profile", "name", "number", "last_six", "way", "letter", "code", "relation")
LONGEST = 60
OPENED = "welcome.claim_opened"
OPEN_AT_MOST = timedelta(hours=2)


@dataclass(frozen=True)
class Form:
    """What was typed, cut to a sane length; `as_guardian` from a parent's phone, `wants_code` the other button."""

    texts: dict[str, str]
    as_guardian: bool
    wants_code: bool

    def given(self) -> Given:
        return Given(**{name: self.texts[name] for name in FIELDS if name != "relation"})


@claim_phone.get("/")
@permit(SIGNED_IN)
def form() -> Any:
    """The form of one profile; `as=guardian` is the parent's."""
    with unit_of_work() as session:
        _check_open(session)
        if request.args.get("as") != "guardian":
            service.check_may_claim(session, caller())
        return _page(session, _form(request.args))


@claim_phone.post("/")
@permit(SIGNED_IN)
def claim() -> Any:
    """A try: counted and committed first, looked at in a transaction of its own."""
    by, given = caller(), _form(request.form)
    if problem := _incomplete(given):
        return _refuse(given, problem)
    try:
        gate = _reserve(given)
    except DomainError as error:
        return _refuse(given, error)
    if gate is Gate.LIMIT:
        return _refuse(given, ClaimLimit(seconds=3600))
    if gate is Gate.TOO_FAST:
        return _refuse(given, ClaimTooFast())
    with unit_of_work() as session:
        if given.wants_code:
            service.ask_code(session, by=by, given=given.given(), network=_network())
            return _page(session, given, said="code")
        if given.as_guardian:
            done: int | str | None = service.claim_as_guardian(
                session,
                by=by,
                given=given.given(),
                relation=given.texts["relation"],
                network=_network(),
            )
        else:
            done = service.claim(session, by=by, given=given.given(), network=_network())
    if done is None:
        return _refuse(given, ClaimFailed())
    return render_template("welcome/phone/claim_done.html", as_guardian=given.as_guardian)


def _reserve(form: Form) -> int | Gate:
    by = caller()
    kind = "code" if form.wants_code else "guardian" if form.as_guardian else "claim"
    with unit_of_work() as session:
        _check_open(session)
        if not form.as_guardian:
            service.check_may_claim(session, by)
        attempt = Attempt(kind, form.given().number_index, _network(), _opened_at())
        return service.reserve_try(session, by=by, attempt=attempt)


def _check_open(session: Session) -> None:
    season = queries.current_season(session)
    if season.opens_on > clock.today():
        raise ClaimClosed()


def _form(values: Any) -> Form:
    texts = {name: values.get(name, "").strip()[:LONGEST] for name in FIELDS}
    if texts["way"] not in ("letter", "phone"):
        texts["way"] = "letter"
    return Form(texts, values.get("as") == "guardian", values.get("step") == "code")


def _incomplete(form: Form) -> ClaimIncomplete | None:
    wanted = ["profile", "name", "number", "last_six"]
    if not form.wants_code:
        wanted.append("letter" if form.texts["way"] == "letter" else "code")
    if form.as_guardian and form.texts["relation"] not in RELATIONS:
        form.texts["relation"] = ""
        wanted.append("relation")
    wrong = {name: [ClaimIncomplete.MISSING] for name in wanted if not form.texts[name]}
    six = normal_code(form.texts["last_six"])
    if "last_six" not in wrong and len(six) != proofs.LAST:
        wrong["last_six"] = [ClaimIncomplete.SIX]
    return ClaimIncomplete(details=wrong) if wrong else None


def _refuse(form: Form, error: DomainError) -> Any:
    with unit_of_work() as session:
        return _page(session, form, error=error), error.status


def _page(session: Session, form: Form, *, error: DomainError | None = None, said: str = "") -> str:
    found = claim_queries.profiles(session)
    return render_template(
        "welcome/phone/claim.html",
        profiles=found,
        profile=_chosen(found, form.texts["profile"]),
        given=form.texts,
        as_guardian=form.as_guardian,
        relations=RELATIONS,
        opened=_sign(clock.now()),
        error=error,
        errors=error.details or {} if error else {},
        told=sentence(error) if error else "",
        said=said,
    )


def _chosen(profiles: list[Profile], key: str) -> Profile | None:
    return next((one for one in profiles if one.key == key), profiles[0] if profiles else None)


def _network() -> str:
    """A hash of the caller's address."""
    return crypto.blind_index(request.remote_addr or "", "network")


def _sign(moment: datetime) -> str:
    """When this person's form was opened, so that it can't be made up."""
    stamp = str(int(moment.timestamp()))
    return f"{stamp}.{crypto.blind_index(f'{caller().person_id}:{stamp}', OPENED)}"


def _opened_at() -> datetime:
    """Of a form that is not ours, or older than two hours: now."""
    stamp, _, _mac = request.form.get("opened", "").partition(".")
    if stamp.isdecimal() and len(stamp) < 12:
        moment = datetime.fromtimestamp(int(stamp), UTC)
        is_ours = _sign(moment) == request.form.get("opened", "")
        if is_ours and clock.now() - moment < OPEN_AT_MOST:
            return moment
    return clock.now()
