"""docs/write-an-adapter.md, followed: its files are written as it says, and its tests run."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

import app.clients.meters

ROOT = Path(__file__).parents[3]
BLOCK = re.compile(r"^`(?P<path>[\w/]+\.py)`\n```python\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def files() -> dict[str, str]:
    text = (ROOT / "docs/write-an-adapter.md").read_text("utf-8")
    return {found["path"]: found["code"] for found in BLOCK.finditer(text)}


@pytest.fixture
def followed(files, tmp_path, monkeypatch) -> Path:
    """A folder with the page's files, whose adapter can be imported as if it stood with the others."""
    for path, code in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(code, "utf-8")
    folder = str(tmp_path / "app/clients/meters")
    monkeypatch.setattr(app.clients.meters, "__path__", [*app.clients.meters.__path__, folder])
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("app.clients.meters.general")]:
        del sys.modules[name]


def test_it_works(followed):
    spec = importlib.util.spec_from_file_location(
        "test_general", followed / "tests/clients/meters/test_general.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    tests = {name: test for name, test in vars(module).items() if name.startswith("test_")}
    assert len(tests) == 5
    for test in tests.values():
        test()


def test_its_code_is_as_tidy_as_ours(files, tmp_path):
    for path, code in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(code, "utf-8")
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--ignore=I001",
        "--config",
        str(ROOT / "pyproject.toml"),
        str(tmp_path),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_it_names_what_exists():
    text = (ROOT / "docs/write-an-adapter.md").read_text("utf-8")
    named = set(re.findall(r"`((?:app|sandbox|tests)/[\w/.]+)`", text))
    missing = {path for path in named if not (ROOT / path).exists() and "general" not in path}
    assert missing == set() and len(named) > 8
