"""Named places where tests may make the process fail. Nothing is armed in production.

FAILPOINTS is `name=kill`, `name=raise`, `name=crash` or `name=sleep:0.5`, separated by commas; `name=kill@3`
strikes on the third hit. `crash` is a death within a living process: no handler of ours catches it.
"""

import os
import signal
import time
from dataclasses import dataclass, field


class FailpointHit(Exception):
    """Raised by an armed failpoint of the kind `raise`."""


class Crashed(BaseException):
    """Raised by an armed failpoint of the kind `crash`."""


@dataclass
class _Armed:
    action: str
    strike_at: int = 1
    hits: int = field(default=0)


_armed: dict[str, _Armed] = {}


def configure(text: str) -> None:
    """Arm what the text names; an empty text disarms all."""
    _armed.clear()
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        name, _, action = part.partition("=")
        action, _, count = action.partition("@")
        _armed[name] = _Armed(action, int(count or 1))


def hit(name: str) -> None:
    """Pass by, unless a test armed this place."""
    if _armed and name in _armed:
        _strike(_armed[name], name)


def _strike(armed: _Armed, name: str) -> None:
    armed.hits += 1
    if armed.hits != armed.strike_at:
        return
    if armed.action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif armed.action.startswith("sleep:"):
        time.sleep(float(armed.action.removeprefix("sleep:")))
    elif armed.action == "crash":
        raise Crashed(name)
    else:
        raise FailpointHit(name)
