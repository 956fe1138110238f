"""What the house rules walk over: the program's own files and modules."""

import ast
import importlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = (
    "accounts",
    "announcements",
    "stations",
    "charging",
    "billing",
    "licensing",
    "partners",
    "smart_me",
    "webhooks",
    "handovers",
    "imports",
    "mass_changes",
    "closures",
)
SURFACES = ("portal", "graphql_api", "ocpp_ws")
PACKAGES = ("kit", *ROOMS, *SURFACES, "demo", "benchmarks")


def source_files(*packages: str) -> list[Path]:
    """Every Python file of these packages (all of the program without any), tests and migrations left out."""
    return sorted(path for package in packages or PACKAGES for path in (ROOT / package).rglob("*.py"))


@cache
def tree(path: Path) -> ast.Module:
    """The file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"))


def name(path: Path) -> str:
    """The file as people say it: `billing/pricing.py`."""
    return str(path.relative_to(ROOT))


def place(path: Path, node: ast.AST) -> str:
    """Where in the file: `billing/pricing.py:12`."""
    return f"{name(path)}:{getattr(node, 'lineno', 1)}"


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method of the file."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def import_rooms() -> None:
    """Load every module of kit and the rooms, so that registries are full."""
    for path in source_files("kit", *ROOMS):
        importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"))
