"""`/_sim/card/*`: faults, knobs and accounts of the card platform, and the truth about its debits."""

from flask import Blueprint, Response, request

from sandbox.card.books import STATUSES, public
from sandbox.card.operations import bank
from sandbox.control.api import body, reply
from sandbox.control.machines import add_switches
from sandbox.machine import Refusal

bp = Blueprint("card_control", __name__, url_prefix="/_sim/card")
add_switches(bp, lambda: bank().machine)


@bp.get("/debits")
def debits() -> Response:
    """Movements as they are, oldest first: `order_no`, or all after id `after`, `limit` at once."""
    made = bank()
    if "order_no" in request.args:
        return reply(made.books.truth([request.args["order_no"]])[request.args["order_no"]])
    rows = made.store.all(
        "SELECT * FROM card_moves WHERE id > ? ORDER BY id LIMIT ?",
        (request.args.get("after", 0, type=int), request.args.get("limit", 20_000, type=int)),
    )
    return reply([public(row) for row in rows])


@bp.post("/debits")
def debits_of() -> Response:
    """`{"order_nos": [...]}`, ten thousand if need be: the movements under each number."""
    return reply(bank().books.truth([str(each) for each in body().get("order_nos", ())]))


@bp.post("/flow")
def flow() -> Response:
    """`{meals?: how many the canteens sell, restart?: true, forget?: journal number}`; the last number then."""
    given, made = body(), bank().books.flow()
    if given.get("restart"):
        made.restart()
    if "forget" in given:
        made.forget(str(given["forget"]))
    made.add_meals(int(given.get("meals", 0)))
    return reply({"last": made.last()})


@bp.post("/account")
def account() -> Response:
    """`{student, purse?, electronic?, status?, single_limit?, day_limit?}`; the account as it is then."""
    given = body()
    if given.get("status", "normal") not in STATUSES:
        return reply({"error": f"status 只能是 {', '.join(STATUSES)}"}, 400)
    try:
        return reply(bank().books.change(str(given.get("student")), given))
    except Refusal:
        return reply({"error": "没有这个人"}, 404)
