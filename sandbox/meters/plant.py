"""The electricity control as a whole: rooms, meters, orders, switches and its key."""

from dataclasses import dataclass
from typing import cast

from flask import current_app

from sandbox.machine import Machine
from sandbox.meters.orders import Orders
from sandbox.meters.rooms import Rooms
from sandbox.meters.state import Meters
from sandbox.store import Store

DEFAULTS = {
    "duplicates": "accept",  # accept, refuse or replay: what a repeated order number does
    "delivery": "instant",  # or batch: at the odd hours
    "query_order": True,
    "room_list": True,
    "service_hours": "",  # such as 00:00-23:30
    "overdraft_fen": 1000,  # owed at most, then the meter switches off
    "night_cut": False,  # no power from 23:00 to 06:00
    "readout": "live",  # or daily: what is shown is of 01:00
}


@dataclass(frozen=True)
class Plant:
    store: Store
    machine: Machine
    rooms: Rooms
    meters: Meters
    orders: Orders
    signkey: str


def plant() -> Plant:
    """The plant of the current application."""
    return cast("Plant", current_app.extensions["meters"])
