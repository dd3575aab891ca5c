"""What the house agreed on and no linter knows."""

import ast
import re
from pathlib import Path

import pytest

from schemas import TOPICS
from tests.repository.tree import text_of, tracked

OURS = tracked("services/*.py", "schemas/*.py")
NO_NAMES = {"common", "utils", "util", "core", "helpers", "shared", "lib", "platform", "misc"}
# SQL lives in stores; delivery has its own tables, contacts' are described beside the store.
SQL_MODULES = re.compile(
    r"services/(\w+/(\w*store(_\w+)?|tables)\.py|\w+/store/\w+\.py|delivery/\w+\.py|embedded/\w+\.py)"
)
SQL_NAMES = {"select", "insert", "update", "delete", "text", "func", "sql", "SQL"}
SQL_PACKAGES = {"sqlalchemy", "sqlmodel", "psycopg"}


def test_there_is_something_to_look_at() -> None:
    assert len(OURS) > 50


@pytest.mark.parametrize("path", tracked("services/*", "bench/*", "deploy/*.py"), ids=str)
def test_a_topic_is_spelt_in_schemas_alone(path: Path) -> None:
    assert [topic for topic in TOPICS if topic in text_of(path)] == []


@pytest.mark.parametrize("path", [p for p in OURS if p.name == "__init__.py"], ids=str)
def test_a_package_is_entered_by_its_modules(path: Path) -> None:
    """`__init__.py` is empty, save the catalogue of events."""
    assert (text_of(path) == "") is (path != Path("schemas/__init__.py"))


def test_a_module_has_one_idea() -> None:
    long = {
        str(path): lines
        for path in tracked("services/*.py", "schemas/*.py", "bench/*.py", "tests/*.py")
        if (lines := text_of(path).count("\n")) > (300 if path.parts[0] == "tests" else 250)
    }
    assert long == {}


def test_no_drawer_for_the_rest() -> None:
    drawers = [str(p) for p in OURS if NO_NAMES & {p.stem, *p.parts[:-1]}]
    assert drawers == []


@pytest.mark.parametrize("path", tracked("services/*.py"), ids=str)
def test_sql_lives_in_stores(path: Path) -> None:
    used = {
        name.name
        for node in ast.walk(ast.parse(text_of(path)))
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in SQL_PACKAGES
        for name in node.names
    }
    assert SQL_MODULES.fullmatch(path.as_posix()) or not used & SQL_NAMES


@pytest.mark.parametrize("path", tracked("services/*/handlers.py"), ids=str)
def test_a_handler_is_short(path: Path) -> None:
    """Load, call a pure function, save, post: ten lines do."""
    handlers = [
        node
        for node in ast.walk(ast.parse(text_of(path)))
        if isinstance(node, ast.AsyncFunctionDef) and node.name.startswith("on_")
    ]
    assert handlers
    too_long = {
        handler.name: lines
        for handler in handlers
        if (lines := (handler.end_lineno or 0) - _body(handler)[0].lineno + 1) > 10
    }
    assert too_long == {}


def _body(handler: ast.AsyncFunctionDef) -> list[ast.stmt]:
    """The statements of *handler*, without its docstring."""
    return handler.body[1:] if ast.get_docstring(handler) else handler.body
