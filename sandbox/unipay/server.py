"""Puts the payment platform into the sandbox."""

from flask import Flask

from sandbox.machine import Machine
from sandbox.unipay import cashier, control, gateway, keys
from sandbox.unipay.books import DEFAULTS, Books, Platform
from sandbox.unipay.notices import Notifier


def install(app: Flask) -> None:
    world = app.extensions["sandbox"]
    machine = Machine("unipay", DEFAULTS, world.store, world.knobs)
    books, made = Books(world.store, machine), keys.load_or_make(world.config.data_dir)
    notifier = Notifier(books, made)
    notifier.resume()
    app.extensions["unipay"] = Platform(books, machine, made, notifier)
    app.extensions["closing"].append(notifier.close)
    for part in (gateway, cashier, control):
        app.register_blueprint(part.bp)
