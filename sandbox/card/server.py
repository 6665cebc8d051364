"""Puts the card platform into the sandbox."""

from flask import Flask

from sandbox.card import cashier, control, gateway, keys, page
from sandbox.card.books import Books
from sandbox.card.crypto import Sealer
from sandbox.card.operations import DEFAULTS, Bank
from sandbox.machine import Machine


def install(app: Flask) -> None:
    world = app.extensions["sandbox"]
    machine = Machine("card", DEFAULTS, world.store, world.knobs)
    made = keys.load_or_make(world.config.data_dir)
    app.extensions["card"] = Bank(
        store=world.store,
        machine=machine,
        books=Books(world.store, machine),
        keys=made,
        sealer=Sealer(made),
    )
    for part in (page, gateway, cashier, control):
        app.register_blueprint(part.bp)
