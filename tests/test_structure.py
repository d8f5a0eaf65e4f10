"""The shape of the code itself: arrows point down, and nothing reads clocks or the environment aside."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LIB = ROOT / "chalicelib"
ROOMS = ("handlers", "services", "rules", "models", "clients", "shapes")
MAY_IMPORT = {
    "handlers": {"handlers", "services", "rules", "shapes", "models"},
    "services": {"services", "rules", "models", "clients", "shapes"},
    "rules": {"rules", "shapes"},
    "models": {"models"},
    "clients": {"clients"},
    "shapes": {"shapes"},
}
BESIDE = {
    "clock",
    "config",
    "errors",
    "ids",
    "log_format",
    "observability",
    "operations",
    "texts",
    "tracing",
}
"""Modules beside the rooms that every room may import, and that import no room."""

FILES = sorted(LIB.rglob("*.py"))


def _room(path: Path) -> str:
    parts = path.relative_to(LIB).parts
    return parts[0] if parts[0] in ROOMS else Path(parts[0]).stem


def _imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            if node.module == "chalicelib":
                found |= {alias.name for alias in node.names}
            elif node.module.startswith("chalicelib."):
                found.add(node.module.split(".")[1])
        elif isinstance(node, ast.Import):
            found |= {a.name.split(".")[1] for a in node.names if a.name.startswith("chalicelib.")}
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(LIB)))
def test_imports_point_down(path: Path) -> None:
    room = _room(path)

    imported = _imported(path)

    if room in MAY_IMPORT:
        beside = imported - set(ROOMS)
        assert imported & set(ROOMS) <= MAY_IMPORT[room]
        assert room == "handlers" or beside <= BESIDE
    elif room in BESIDE:
        assert not imported & set(ROOMS)


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(LIB)))
def test_only_the_clock_reads_the_time_and_only_the_configuration_the_environment(
    path: Path,
) -> None:
    names = {
        f"{node.value.id}.{node.attr}"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }

    # Signatures of outside parties are judged by the machine's clock, which no one can move.
    if path.name not in ("clock.py", "stripe_signature.py"):
        assert not names & {"datetime.now", "datetime.utcnow", "date.today", "time.time"}
    if path.name != "config.py":
        assert not names & {"os.environ", "os.getenv"}


def test_the_application_knows_nothing_of_local_runs() -> None:
    for path in [*FILES, ROOT / "app.py"]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom | ast.Import):
                module = getattr(node, "module", None) or node.names[0].name
                assert module.split(".")[0] != "local", path
