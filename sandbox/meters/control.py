"""`/_sim/meters/*`: faults, knobs and rooms of the electricity control, and the truth about its credits."""

from flask import Blueprint, Response, request

from sandbox.control.api import body, reply
from sandbox.control.machines import add_switches
from sandbox.meters.orders import kind_of
from sandbox.meters.plant import plant
from sandbox.meters.rooms import KINDS, SYSTEMS, Room

bp = Blueprint("meters_control", __name__, url_prefix="/_sim/meters")
add_switches(bp, lambda: plant().machine)


@bp.get("/credits")
def credits() -> Response:
    """Credits as they are, oldest first: `order_no`, or all of a `system` after id `after`, `limit` at once."""
    made = plant()
    if "order_no" in request.args:
        return reply(made.orders.truth([request.args["order_no"]])[request.args["order_no"]])
    rows = made.store.all(
        "SELECT * FROM meter_credits WHERE kind = 'order' AND id > ? AND system LIKE ? ORDER BY id LIMIT ?",
        (
            request.args.get("after", 0, type=int),
            request.args.get("system", "%"),
            request.args.get("limit", 20_000, type=int),
        ),
    )
    return reply([made.orders.public(row) for row in rows])


@bp.post("/credits")
def credits_of() -> Response:
    """`{"order_nos": [...]}`, ten thousand if need be: the credits under each number."""
    return reply(plant().orders.truth([str(each) for each in body().get("order_nos", ())]))


@bp.get("/rooms")
def rooms() -> Response:
    """All rooms of a `system`."""
    system = request.args.get("system", "isims")
    if system not in SYSTEMS:
        return reply({"error": f"system 只能是 {', '.join(SYSTEMS)}"}, 400)
    return reply([room.__dict__ for room in plant().rooms.all(system)])


@bp.post("/room")
def room() -> Response:
    """`{system, key, closed?, fen?, meter?}`, or the members of a new room with `add: true`."""
    made, given = plant(), body()
    system = str(given.get("system") or "isims")
    if given.get("add"):
        names = Room.__dataclass_fields__
        made.rooms.add(Room(**{name: str(given[name]) for name in names}))
    found = made.rooms.find(system, str(given.get("key")))
    if found is None:
        return reply({"error": "没有这个房间"}, 404)
    if "closed" in given:
        made.rooms.close(found, closed=bool(given["closed"]))
    kind = kind_of(found, str(given.get("meter") or KINDS[system][0].code))
    if "fen" in given:
        made.meters.set_balance(found, kind, int(given["fen"]))
    state = made.meters.settle(found, kind)
    return reply({**found.__dict__, "fen": state.millifen / 1000, "powered": state.powered})
