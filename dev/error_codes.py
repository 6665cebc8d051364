"""Writes docs/error-codes.md from the error classes: `python -m dev.error_codes`."""

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import app
from app.kit.errors import DomainError

PAGE = Path(__file__).parents[1] / "docs" / "error-codes.md"
HEAD = """# Error codes

Every refusal has a code that programs can rely on and a sentence for people. JSON answers carry both:
`{"error": {"code", "message", "details?", "request_id"}}`. A test keeps this
page complete; `python -m dev.error_codes` writes it.

| code | status | sentence |
|---|---|---|
"""


def errors(kind: type[DomainError] = DomainError) -> Iterator[type[DomainError]]:
    for child in kind.__subclasses__():
        yield child
        yield from errors(child)


def load_everything() -> None:
    """Import every module, so that every error class exists. Not the worker: it starts the application."""
    for module in pkgutil.walk_packages(app.__path__, "app."):
        if module.name != "app.worker":
            importlib.import_module(module.name)


def main() -> None:
    load_everything()
    known = {error.code: error for error in errors() if "code" in vars(error)}
    rows = [f"| `{code}` | {known[code].status} | {known[code].msgid} |" for code in sorted(known)]
    PAGE.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
