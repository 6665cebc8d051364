"""Counting the statements of the application's steps, and dying before the n-th of them."""

from typing import Any

import psycopg

from app.kit.failpoint import Crashed

_execute = psycopg.Cursor.execute


class Watch:
    """A context for one step after the other. With `nth` the n-th statement of them all is never sent."""

    def __init__(self, nth: int = 0) -> None:
        self.nth, self.count, self.has_struck = nth, 0, False

    def __enter__(self) -> "Watch":
        def execute(cursor: Any, *args: Any, **kwargs: Any) -> Any:
            self.count += 1
            if self.count == self.nth:
                self.has_struck = True
                raise Crashed("statement")
            return _execute(cursor, *args, **kwargs)

        psycopg.Cursor.execute = execute  # type: ignore[method-assign]
        return self

    def __exit__(self, *_: object) -> None:
        psycopg.Cursor.execute = _execute  # type: ignore[method-assign]
