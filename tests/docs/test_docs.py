"""What the documents name is there, and what has to be in them is in them."""

import ast
import re
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from chalicelib.config import Settings
from chalicelib.handlers.edge import OPERATIONS
from chalicelib.rules.payment_status import MOVES
from chalicelib.services.payment_events import HANDLED
from infra import policies
from local.world import World

ROOT: Final = Path(__file__).resolve().parents[2]
DOCS: Final = ROOT / "docs"
PAGES: Final = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted(DOCS.rglob("*.md")),
]
ROOMS: Final = ("chalicelib", "docs", "infra", "local", "tests", "requirements", ".chalice", ".ci")
INSIDE: Final = ("handlers", "services", "rules", "models", "clients", "shapes", "locales")
STATES: Final = {"done", "API only", "not yet"}

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))


def architecture() -> str:
    return (DOCS / "architecture.md").read_text()


def section(title: str) -> str:
    """One section of the architecture."""
    return architecture().split(f"\n## {title}\n")[1].split("\n## ")[0]


def table(text: str) -> list[list[str]]:
    """The cells of the tables in `text`, without their heads."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("|")
    ]
    return [row for number, row in enumerate(rows) if not _is_head(rows, number)]


def _is_head(rows: list[list[str]], number: int) -> bool:
    def rule(at: int) -> bool:
        return at < len(rows) and all(set(cell) == {"-"} for cell in rows[at])

    return rule(number) or rule(number + 1)


def words(text: str) -> set[str]:
    """What stands in backticks, outside of blocks of code."""
    return set(re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL)))


@cache
def functions_of(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text())
    return frozenset(n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef))


# --- every page


@each_page
def test_relative_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text())
    links += re.findall(r'<img src="([^"]+)"', page.read_text())
    inside = [link for link in links if not re.match(r"[a-z]+:", link)]

    assert [link for link in inside if not (page.parent / link).exists()] == []


@each_page
def test_paths_that_are_named_exist(page: Path) -> None:
    named = {
        word.rstrip("/").split("::")[0]
        for word in words(page.read_text())
        if re.fullmatch(r"[\w./{},\-]+(::\w+)?", word) and "<" not in word
    }
    paths = {
        name
        for name in named
        if "{" not in name and name.split("/")[0] in (*ROOMS, *INSIDE) and "/" in name
    }

    missing = {
        name for name in paths if not (ROOT / name).exists() and not (_inside(name)).exists()
    }

    assert missing == set()


def _inside(name: str) -> Path:
    """`rules/windows.py` stands in the application's rooms."""
    return ROOT / "chalicelib" / name


@each_page
def test_tests_that_are_named_exist(page: Path) -> None:
    named = re.findall(r"(tests/[\w/]+\.py)::(\w+)", page.read_text())

    assert [
        f"{path}::{name}" for path, name in named if name not in functions_of(ROOT / path)
    ] == []


@each_page
def test_make_knows_what_it_is_asked_for(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    code = "\n".join(
        re.findall(r"`make [^`]*`|^\s*make [a-z-]+.*$", page.read_text(), re.MULTILINE)
    )

    assert set(re.findall(r"make ([a-z-]+)", code)) <= targets


# --- architecture


def test_every_setting_is_in_the_table() -> None:
    listed = {name for row in table(section("Settings")) for name in re.findall(r"`(\w+)`", row[0])}

    assert listed == set(Settings.model_fields)


def test_every_function_is_listed_and_no_other() -> None:
    listed = {
        name for row in table(section("Functions")) for name in re.findall(r"`(\w+)`", row[0])
    }

    assert listed == set(policies.grants())


def test_every_event_type_that_is_handled_is_listed() -> None:
    listed = words(section("Event types the provider's endpoint has to send"))

    assert listed == HANDLED


def test_every_metric_is_listed_with_its_dimensions() -> None:
    listed = {
        name: set(re.findall(r"`(\w+)`", row[1]))
        for row in table(section("Observability"))
        for name in re.findall(r"`(\w+)`", row[0])
    }

    emitted = _emitted()
    for name in ("rows", "applied", "unchanged", "refused"):  # of a file: the name is made of it
        emitted[f"import_{name}"] = {"kind"}
    assert listed == emitted


def _emitted() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for path in (ROOT / "chalicelib").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ("count", "milliseconds")
                and node.args
                and isinstance(node.args[0], ast.Constant)
            ):
                dimensions = {word.arg for word in node.keywords if word.arg}
                found.setdefault(str(node.args[0].value), set()).update(dimensions)
    return found


def test_the_moves_of_a_payment_are_those_of_the_rules() -> None:
    listed = {
        (start, end)
        for row in table(section("Money"))
        for start in row[0].split(", ")
        for end in row[2].split(", ")
    }

    moves = {(start.value, end.value) for (start, _), ends in MOVES.items() for end in ends}
    assert listed == moves


# --- features


def features() -> list[list[str]]:
    return table((DOCS / "features.md").read_text())


def test_a_feature_that_is_there_says_where_and_how_it_is_tested() -> None:
    for feature, _, state, where, tested in features():
        assert state in STATES, feature
        stories = [ROOT / name for name in re.findall(r"`(web/[\w./-]+\.ts)`", tested)]
        assert all(story.is_file() for story in stories), feature
        assert state == "not yet" or (where and ("tests/" in tested or stories)), feature


def test_no_feature_is_listed_twice() -> None:
    listed = [row[0] for row in features()]

    assert len(listed) == len(set(listed))


def test_doors_that_are_named_exist(world: World) -> None:
    assert world.app  # its import declares the doors
    doors = {f"{op.method} {op.path}" for op in OPERATIONS}
    named = set()
    for page in (DOCS / "features.md", DOCS / "architecture.md"):
        named |= set(re.findall(r"`((?:GET|POST|PUT|PATCH|DELETE) /v1/[^`\s]*)`", page.read_text()))

    assert named
    assert named <= doors


# --- decisions


def test_every_decision_is_in_the_index_under_a_number_of_its_own() -> None:
    records = sorted(path.name for path in (DOCS / "decisions").glob("0*.md"))
    linked = re.findall(r"\((0\d+[^)]*\.md)\)", (DOCS / "decisions/README.md").read_text())

    assert linked == records
    assert [int(name[:4]) for name in records] == list(range(1, len(records) + 1))
    for name in records:
        assert (DOCS / "decisions" / name).read_text().startswith(f"# {int(name[:4])}. ")
