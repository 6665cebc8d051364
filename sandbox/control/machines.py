"""The switches that every vendor's machine has: set, fault, faults, knobs, calls, reset."""

from collections.abc import Callable

from flask import Blueprint, Response

from sandbox.control.api import body, reply
from sandbox.knobs import UnknownKnob
from sandbox.machine import KINDS, Machine


def add_switches(bp: Blueprint, machine: Callable[[], Machine]) -> None:
    """Routes below the blueprint's prefix."""

    def change() -> Response:
        try:
            return reply({"knobs": machine().change(body())})
        except UnknownKnob as error:
            return reply({"error": f"没有这个开关，或者值不对：{error}"}, 400)

    def fault() -> Response:
        try:
            machine().add_fault(body())
        except (UnknownKnob, ValueError, TypeError) as error:
            return reply({"error": f"没有这种故障：{error}", "faults": sorted(KINDS)}, 400)
        return reply({"faults": machine().faults()})

    def state() -> Response:
        return reply({"knobs": machine().all(), "faults": machine().faults(), "calls": machine().calls()})

    def reset() -> Response:
        """Faults off and counts at zero; knobs and books stay."""
        machine().clear_faults()
        machine().forget_calls()
        return reply({"ok": True})

    bp.add_url_rule("/set", "set", change, methods=["POST"])
    bp.add_url_rule("/fault", "fault", fault, methods=["POST"])
    bp.add_url_rule("/state", "state", state)
    bp.add_url_rule("/reset", "reset", reset, methods=["POST"])
