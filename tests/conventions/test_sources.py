"""Rules that would otherwise be repeated in every review: sizes, open doors, words to avoid."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = ("app", "sandbox", "dev", "benchmarks")
SOURCES = sorted(
    path for folder in OURS for path in (ROOT / folder).rglob("*.py") if "vendor" not in path.parts
)
MAX_LINES, MAX_FUNCTION = 400, 40
OPEN_DOORS = {"service", "queries", "events", "errors"}
BAD_NAMES = re.compile(r"\b(utils?|helpers?|common|managers?|base_\w+)\b")
PACKAGES = re.compile(r"^app\.(platform\.\w+|miniapps\.\w+|repairs|welcome|payments)\b")


@pytest.fixture(scope="module")
def trees():
    return {path: ast.parse(path.read_text("utf-8")) for path in SOURCES}


def test_files_are_short():
    long = {
        str(path.relative_to(ROOT)): lines
        for path in SOURCES
        if (lines := path.read_text("utf-8").count("\n")) > MAX_LINES
    }
    assert not long


def test_functions_are_short(trees):
    long = [
        f"{path.relative_to(ROOT)}:{node.name} {length}"
        for path, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and (length := body_lines(node)) > MAX_FUNCTION
    ]
    # Statements that list every column of a wide table are long and simple.
    assert [name for name in long if "submit.py:submit_ticket" not in name] == []


def body_lines(node: ast.FunctionDef) -> int:
    """Lines after the signature and the docstring."""
    body = node.body
    if isinstance(body[0], ast.Expr) and isinstance(getattr(body[0], "value", None), ast.Constant):
        body = body[1:] or body
    return (node.end_lineno or 0) - body[0].lineno + 1


def test_every_module_says_what_is_here(trees):
    silent = [str(path.relative_to(ROOT)) for path, tree in trees.items() if not ast.get_docstring(tree)]
    assert silent == []


def test_other_packages_are_entered_by_their_open_doors(trees):
    strays = []
    for path, tree in trees.items():
        mine = package_of(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for module, names in imports(tree):
            theirs = package_of(module)
            if not mine or not theirs or mine == theirs or path.name == "factory.py":
                continue
            rest = module.removeprefix(theirs).strip(".")
            entered = {rest.split(".")[0]} if rest else set(names)
            if not entered <= OPEN_DOORS:
                strays.append(f"{path.relative_to(ROOT)} enters {theirs} by {sorted(entered)}")
    assert strays == []


def package_of(module: str) -> str | None:
    found = PACKAGES.match(module)
    return found.group() if found else None


def imports(tree: ast.Module):
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, [alias.name for alias in node.names]
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, []


def test_names_say_something():
    vague = [
        str(path.relative_to(ROOT)) for path in SOURCES if BAD_NAMES.search(path.stem) or path.stem == "info"
    ]
    assert vague == []


def test_only_the_clock_knows_the_time(trees):
    """kit.clock is the only now; a database's now() would ignore the tests' clock."""
    strays = []
    for path, tree in trees.items():
        if path.is_relative_to(ROOT / "app") and path.name not in ("clock.py",):
            for node in ast.walk(tree):
                if isinstance(node, ast.Attribute) and node.attr in ("now", "utcnow", "today"):
                    owner = ast.unparse(node.value)
                    if owner in ("datetime", "date", "datetime.datetime", "func"):
                        strays.append(f"{path.relative_to(ROOT)}:{node.lineno} {owner}.{node.attr}")
    assert strays == []


def test_no_bare_except_and_no_import_inside_functions(trees):
    strays = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler) and node.type is None
    ]
    assert strays == []
