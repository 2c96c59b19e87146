"""The order of the house: a module imports only from its left, says what it is, and `import cubequery` stays cheap."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "cubequery"

# THE ORDER. One line a layer, left of the design's "<" first; a name is a module or package directly in cubequery/.
# A module may import from the lines above its own and from its own package; modules of one line never import each other.
# "__init__" is the door, `cubequery` itself: it may import from everything, and only the lines below it may use it.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("names", "record"),
    ("errors",),
    ("limits",),
    ("syntax",),
    ("ordering",),
    ("values",),
    ("operators",),
    ("ast",),
    ("schema", "host"),
    ("check",),
    ("acl",),
    ("compile", "evaluate"),
    ("parse", "host_update"),
    ("translate", "verdict"),
    ("dialects",),
    ("stores",),
    ("operations", "classes"),
    ("engine",),
    ("__init__",),
    ("demo",),
    ("server", "testing", "docs"),
    ("cli",),
)
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}

MODULES = sorted(PACKAGE.rglob("*.py"))
every_module = pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())


def top(path: Path) -> str:
    """The name directly in cubequery/ that a file belongs to."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imported(source: str, package: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """Line and top-level name of every import from cubequery in a module of the package: lazy ones and those for types count too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            targets = [tuple(alias.name.split(".")) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            base += tuple(node.module.split(".")) if node.module else ()
            targets = [(*base, alias.name) for alias in node.names]
        else:
            continue
        for target in targets:
            if target[0] == "cubequery":
                # `from cubequery import ClassSchema` names no module: it goes through the door.
                inner = len(target) > 1 and (target[1] in LEVEL or (PACKAGE / target[1]).is_dir() or (PACKAGE / f"{target[1]}.py").exists())
                yield node.lineno, target[1] if inner else "__init__"


def faults(name: str, source: str, package: tuple[str, ...]) -> list[str]:
    """What is wrong with the imports of one module that belongs to the top-level name."""
    if name not in LEVEL:
        return [f"{name} has no place in the order: put it into LAYERS of {Path(__file__).name}"]
    if name == "__init__":
        return []
    return [
        f"line {line}: {name} must not import {other}, which is not to its left"
        if other in LEVEL
        else f"line {line}: {other} has no place in the order: put it into LAYERS of {Path(__file__).name}"
        for line, other in imported(source, package)
        if other != name and (other not in LEVEL or LEVEL[other] >= LEVEL[name])
    ]


@every_module
def test_module_imports_only_from_its_left(path: Path) -> None:
    package = ("cubequery", *path.relative_to(PACKAGE).parent.parts)
    assert not faults(top(path), path.read_text(encoding="utf-8"), package)


@every_module
def test_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("name", "source", "allowed"),
    [
        ("schema", "from cubequery.values import Integer", True),
        ("schema", "from .values import Integer", True),
        ("schema", "from . import values, ast", True),
        ("schema", "import cubequery.errors", True),
        ("schema", "import pymongo", True),
        ("schema", "from cubequery import check", False),
        ("schema", "from . import check", False),
        ("schema", "def f():\n    from cubequery.engine import Engine", False),
        ("schema", "if TYPE_CHECKING:\n    from cubequery.acl import Actor", False),
        ("schema", "from cubequery import ClassSchema", False),
        ("schema", "from cubequery.mystery import x", False),
        ("compile", "from .mongo_filter import compile_filter", True),
        ("compile", "from ..acl import Actor", True),
        ("compile", "from ..evaluate import predicate", False),
        ("evaluate", "import cubequery.compile.mongo_filter", False),
        ("cli", "import cubequery as cq", True),
        ("cli", "from cubequery.server import app", True),
        ("server", "from cubequery.cli.given import Usage", False),
        ("server", "from cubequery.testing import strategies", False),
        ("mystery", "", False),
    ],
)
def test_the_order_is_held(name: str, source: str, allowed: bool) -> None:
    inside = ("cubequery", name) if name in {"compile", "evaluate"} else ("cubequery",)
    assert (not faults(name, source, inside)) == allowed


def test_no_name_stands_twice_in_the_order() -> None:
    assert len(LEVEL) == sum(map(len, LAYERS))


@pytest.mark.parametrize("door", ["cubequery", "cubequery.dialects.connectnow", "cubequery.dialects.cubicl"])
def test_importing_a_door_does_not_import_lark(door: str) -> None:
    program = f"import sys, {door}; print(*sorted(name for name in sys.modules if name.partition('.')[0] == 'lark'))"
    done = subprocess.run([sys.executable, "-c", program], cwd=PACKAGE.parent, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "", "")
