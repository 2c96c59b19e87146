"""The command as a process of its own: terminals, closed pipes, interrupts, encodings, and life without rich."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cubequery import demo

PROGRAM = (sys.executable, "-m", "cubequery.cli")
CHECKOUT = Path(__file__).resolve().parents[1]
CLASS = ("--classes", str(demo.CLASSES), "--class", "profile")
WITHOUT_RICH = "import sys; sys.modules['rich'] = None; from cubequery.cli import main; sys.exit(main())"


def start(*arguments: str, program: tuple[str, ...] = PROGRAM, **options: object) -> subprocess.Popen[bytes]:
    """The command as a process."""
    return subprocess.Popen([*program, *arguments], cwd=CHECKOUT, stderr=subprocess.PIPE, **options)  # type: ignore[call-overload, no-any-return]  # options of Popen


def on_terminal(*arguments: str, program: tuple[str, ...] = PROGRAM) -> tuple[int, str, str]:
    """Exit code, what a terminal of 100 columns got on standard output (colours left out), and standard error."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    process = start(
        *arguments, program=program, stdout=theirs, env={**os.environ, "COLUMNS": "100", "TERM": "xterm", "PYTHONIOENCODING": "utf-8"}
    )
    os.close(theirs)
    received = b""
    try:
        while piece := os.read(ours, 65_536):
            received += piece
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    _, err = process.communicate()
    shown = re.sub(r"\x1b\[[0-9;]*m", "", received.decode().replace("\r\n", "\n"))
    return process.returncode, shown, err.decode()


def test_a_pipe_gets_json() -> None:
    process = start("query", "--demo", "age[gt]=28&sort_desc=full_name", stdout=subprocess.PIPE)
    out, err = process.communicate()
    assert process.returncode == 0
    assert len(json.loads(out)["items"]) == 100
    assert b"officer" in err


def test_a_terminal_gets_a_table_of_rich() -> None:
    code, out, _ = on_terminal("query", "--demo", "age[gt]=28&sort_desc=full_name&limit=3")
    assert code == 0
    assert "full_name" in out.splitlines()[1]
    assert "┃" in out.splitlines()[1]
    assert "3 records (skip 0, limit 3)" in out
    assert max(len(line) for line in out.splitlines() if line[:1] in "┏┃┡│└") <= 100


def test_without_rich_the_columns_are_plain() -> None:
    code, out, err = on_terminal("query", "--demo", "limit=3", program=(sys.executable, "-c", WITHOUT_RICH))
    assert (code, "Traceback" in err) == (0, False)
    assert out.splitlines()[1].startswith("------------------------  ")


def test_json_is_laid_out_on_a_terminal() -> None:
    code, out, _ = on_terminal("translate", *CLASS, "--actor", '{"user_id": 1}', "age[gt]=28")
    assert code == 0
    assert out.startswith('{\n  "kind": "list",\n  "filter": {"$and": [{"age": {"$gt": 28}}, {"_read": {"$in": ["*", "u1"]}}]},\n')
    assert json.loads(out)["limit"] == 100


def test_a_reader_who_leaves_is_no_error() -> None:
    with start("query", "--demo", "", stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        err = process.stderr.read()
    assert (process.returncode, b"Traceback" in err, b"Exception" in err) == (141, False, False)


def test_an_interrupt_is_no_error() -> None:
    asked = ("query", *CLASS, "--actor", '{"user_id": 1}', "--records", "-", "count=1")
    with start(*asked, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, bufsize=0) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        # More than a pipe holds: once it is written, the program is reading.
        process.stdin.write(b"{}\n" * 100_000)
        for _ in range(5):
            process.send_signal(signal.SIGINT)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:  # Python loses an interrupt that meets a finalizer: who presses the keys does so again
                continue
            break
        else:
            process.kill()
        err = process.stderr.read()
    assert (process.returncode, err) == (130, b"interrupted\n")


def test_standard_input_is_a_file_of_records() -> None:
    lines = b'{"full_name": "Ann", "_read": ["*"]}\n{"full_name": "Bob", "_read": ["u1"]}\n{"full_name": "Cid"}\n'
    process = start(
        "query", *CLASS, "--actor", '{"user_id": 1}', "--records", "-", "count=1", stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    out, _ = process.communicate(lines)
    assert json.loads(out) == {"items": {"count": 2}}


@pytest.mark.parametrize("encoding", ["ascii", "utf-8", "latin-1"])
def test_every_encoding_can_be_written(encoding: str) -> None:
    for form in ("json", "table"):
        process = start(
            "query",
            "--demo",
            "full_name[ctn]=é&limit=1",
            "--format",
            form,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "1"},
        )
        out, err = process.communicate()
        assert (process.returncode, b"Traceback" in err) == (0, False)
        if form == "json":
            assert "é" in json.loads(out.decode(encoding))["items"][0]["full_name"]


def test_bytes_that_are_no_text_are_refused() -> None:
    process = subprocess.run([*PROGRAM, "query", "--demo", b"full_name=\xff"], cwd=CHECKOUT, capture_output=True, check=False)
    assert process.returncode == 1
    assert json.loads(process.stdout)["code"] == "malformed"
    assert b"Traceback" not in process.stderr


@pytest.mark.parametrize("program", [PROGRAM, (sys.executable, "-c", WITHOUT_RICH)], ids=["rich", "plain"])
def test_a_long_file_shows_how_far_it_is_read(program: tuple[str, ...], tmp_path: Path) -> None:
    pty = pytest.importorskip("pty")
    path = tmp_path / "long.jsonl"
    path.write_bytes((b'{"full_name": "Ann", "_read": ["*"], "job": "' + b"x" * 900 + b'"}\n') * 6_000)
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*program, "query", *CLASS, "--actor", '{"user_id": 1}', "--records", str(path), "count=1"],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        stderr=theirs,
    )
    os.close(theirs)
    out, _ = process.communicate()
    shown = os.read(ours, 65_536).decode(errors="replace")
    os.close(ours)
    assert json.loads(out) == {"items": {"count": 6_000}}
    assert "reading" in shown
