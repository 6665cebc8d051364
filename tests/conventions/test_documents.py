"""What is documented exists, and what exists is documented."""

import dataclasses
import re
from pathlib import Path

import pytest

from app.config import Settings
from app.kit.errors import DomainError
from dev.error_codes import load_everything

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(autouse=True)
def _all_errors_exist(app):
    load_everything()


def every_error(kind: type = DomainError):
    for error in kind.__subclasses__():
        if error.__module__.startswith("app."):
            yield error
            yield from every_error(error)


def test_every_error_code_is_documented(app):
    text = (DOCS / "error-codes.md").read_text("utf-8")
    documented = set(re.findall(r"`([a-z_]+\.[a-z_]+)`", text))
    codes = {error.code for error in every_error()}
    assert codes - documented == set()
    assert documented - codes == set()


def test_every_error_has_a_code_of_its_own_and_a_chinese_sentence(app):
    seen: dict[str, type] = {}
    for error in every_error():
        if "code" in vars(error):
            assert seen.setdefault(error.code, error) is error, error.code
        assert re.search(r"[一-鿿]", error.msgid), error
        assert error.msgid.endswith(("。", "？", ")s")), error.msgid


def test_every_setting_is_documented():
    text = (DOCS / "operate.md").read_text("utf-8")
    known = {"log_as_json": "LOG_FORMAT", "vendors": "VENDORS_FILE"}
    names = {known.get(f.name, f.name.upper()) for f in dataclasses.fields(Settings)}
    assert {name for name in names if f"`{name}`" not in text} == set()
