"""The application as processes, with the deliverer of these tests: `served:application`, `… work`, `… sweep`."""

import sys

from app import worker
from app.kit.module import Module, Registry
from app.payments.flows import fulfilling
from tests.chaos.money.world import fulfiller

application = worker.app
fulfilling.configure(
    Registry((*application.extensions["registry"].modules, Module("chaos", "试", fulfiller=fulfiller())))
)

if __name__ == "__main__":
    worker.sweep() if sys.argv[1:] == ["sweep"] else worker.work()
