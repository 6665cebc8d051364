"""WeChat Pay v3 as a merchant meets it: calls, notices, bills, and what a phone shows."""

from flask import Flask

from sandbox.world import World
from sandbox.wxpay import api, control, phone, tables
from sandbox.wxpay.acquirer import FAULTS, Acquirer
from sandbox.wxpay.faults import Faults
from sandbox.wxpay.keys import Lazy
from sandbox.wxpay.notices import Notifier


def install(app: Flask) -> None:
    world: World = app.extensions["sandbox"]
    tables.create(world.store)
    made = Acquirer(
        world.config,
        world.store,
        world.knobs,
        Lazy(world.config.data_dir),
        Faults(world.store, "wxpay", FAULTS),
    )
    made.notifier = Notifier(made)
    made.notifier.resume()
    app.extensions["wxpay"] = made
    app.extensions["closing"].append(made.notifier.close)
    for part in (api, control, phone):
        app.register_blueprint(part.bp)


def reset(app: Flask) -> None:
    """As on the first day; keys stay, for the application holds them too."""
    made: Acquirer = app.extensions["wxpay"]
    made.faults.clear()
    tables.wipe(made.store)


def calm(app: Flask) -> None:
    """No fault any more."""
    app.extensions["wxpay"].faults.clear()
