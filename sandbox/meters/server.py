"""Puts the electricity control into the sandbox."""

from flask import Flask

from sandbox.machine import Machine
from sandbox.meters import control, isims, keys
from sandbox.meters.orders import Orders
from sandbox.meters.plant import DEFAULTS, Plant
from sandbox.meters.rooms import Rooms
from sandbox.meters.state import Meters


def install(app: Flask) -> None:
    world = app.extensions["sandbox"]
    machine = Machine("meters", DEFAULTS, world.store, world.knobs)
    rooms = Rooms(world.store)
    app.extensions["meters"] = Plant(
        store=world.store,
        machine=machine,
        rooms=rooms,
        meters=Meters(world.store, machine),
        orders=Orders(world.store, rooms),
        signkey=keys.load_or_make(world.config.data_dir),
    )
    app.register_blueprint(isims.bp)
    app.register_blueprint(control.bp)
