"""`pytest --cubequery-classes`: the properties over a class file, by themselves and beside tests of one's own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
CLASSES = {"classes": [{"name": "profile", "fields": {"age": "Integer", "name": {"type": "String", "required": True}}}]}


def run(folder: Path, *arguments: str, code: int = 0) -> str:
    """What a run of pytest in a folder says; the plugin is named, for an editable install may be older than it."""
    command = [sys.executable, "-m", "pytest", "-p", "cubequery.testing.plugin", "-p", "no:cacheprovider", "-v", *arguments]
    environment = {"PYTHONPATH": str(CHECKOUT), "PATH": "", "HOME": str(folder)}
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "classes.json").write_text(json.dumps(CLASSES))
    return tmp_path


def test_properties_run_over_the_class_file(folder: Path) -> None:
    said = run(folder, "--cubequery-classes", "classes.json")
    assert "cubequery::no_interference PASSED" in said
    assert "cubequery::refuses_attacks PASSED" in said
    assert "cubequery::agrees_with_model PASSED" in said
    assert "3 passed" in said


def test_and_over_a_server(folder: Path, mongod_uri: str) -> None:
    said = run(folder, "--cubequery-classes", "classes.json", "--cubequery-mongodb", mongod_uri, "-k", "mongodb")
    assert "cubequery::memory_agrees_with_mongodb PASSED" in said
    assert "3 deselected" in said


def test_classes_that_hide_nothing_fail(folder: Path) -> None:
    (folder / "classes.json").write_text(json.dumps({"classes": [{**CLASSES["classes"][0], "acl": "class"}]}))
    assert "DID NOT TEST: no class hides a record" in run(folder, "--cubequery-classes", "classes.json", code=1)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--cubequery-classes", "none.json"], "none.json"),
        (["--cubequery-mongodb", "mongodb://x"], "--cubequery-mongodb needs --cubequery-classes"),
    ],
    ids=["no file", "no classes"],
)
def test_wrong_options_are_told(folder: Path, arguments: list[str], said: str) -> None:
    assert said in run(folder, *arguments, code=4)


def test_without_options_nothing_is_added_or_imported(folder: Path) -> None:
    (folder / "test_own.py").write_text("import sys\n\n\ndef test_own():\n    assert not {'lark', 'cubequery.engine'} & set(sys.modules)\n")
    assert "1 passed" in run(folder)


def test_a_class_that_the_model_does_not_know_is_told(folder: Path) -> None:
    (folder / "classes.json").write_text(json.dumps({"classes": [{**CLASSES["classes"][0], "id_type": "Integer"}]}))
    said = run(folder, "--cubequery-classes", "classes.json", "-k", "agrees_with_model", "-rs")
    assert "1 skipped" in said
    assert "profile: the model knows ids of type ObjectId only" in said
