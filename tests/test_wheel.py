"""What is shipped works alone: the wheel, in a fresh environment, holds the grammar and parses with it."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]

# The fast path need not touch Lark, so the reference parser is asked too.
PROGRAM = """
import sys
import cubequery as cq

schema = cq.ClassSchema("profile", {"age": cq.Integer})
plan = cq.translate("age[gt]=28", schema, actor=cq.ADMIN)
assert plan.filter == {"age": {"$gt": 28}}, plan.filter
assert cq.reference_parse("age[gt]=28", schema)
assert "lark" in sys.modules
print(cq.__file__)
"""


def run(*command: str | Path, cwd: Path) -> str:
    """Standard output of a command that must succeed; what it wrote is told when it does not."""
    done = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the source distribution, so that this is seen to be complete too."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, CHECKOUT, cwd=folder)
    (found,) = folder.glob("*.whl")
    return found


def test_wheel_holds_every_grammar_and_nothing_of_the_checkout_else(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        names = set(archive.namelist())
    grammars = {f"cubequery/grammar/{path.name}" for path in (CHECKOUT / "grammar").glob("*.lark")}
    assert grammars
    assert grammars <= names
    assert {"cubequery/py.typed", "cubequery/demo/classes.json"} <= names
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"cubequery"}


def test_wheel_parses_in_a_fresh_environment(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "venv"
    venv.create(home, with_pip=True)
    python = home / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel, cwd=tmp_path)
    # -I: neither PYTHONPATH nor the current folder may lend the checkout's package.
    origin = Path(run(python, "-I", "-c", PROGRAM, cwd=tmp_path).strip())
    assert origin.is_relative_to(home.resolve())
    # The command is there, and needs nothing that the wheel alone does not bring.
    command = python.with_name("cubequery.exe" if sys.platform == "win32" else "cubequery")
    assert run(command, "query", "--demo", "--actor", '{"admin": true}', "count=1", cwd=tmp_path) == '{"items": {"count": 1000}}\n'
