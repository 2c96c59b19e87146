"""A mutant put into functions that live already: no module is imported again, so that a mutant costs a fork and its tests."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterable, Iterator
from types import CodeType, FrameType, FunctionType


def _inner(code: CodeType) -> list[CodeType]:
    return [each for each in code.co_consts if isinstance(each, CodeType)]


def _own(code: CodeType) -> tuple[object, ...]:
    """What a code does apart from the functions inside it; where it stands does not count."""
    constants = tuple((type(each), repr(each)) for each in code.co_consts if not isinstance(each, CodeType))
    names = code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars
    return code.co_code, constants, names, code.co_flags, code.co_argcount, code.co_kwonlyargcount, len(_inner(code))


def _changed(old: CodeType, new: CodeType) -> Iterator[tuple[CodeType, CodeType, bool]]:
    """Every code that is changed or holds one that is, with its new form and whether it is changed itself."""
    itself = _own(old) != _own(new)
    below = [each for pair in zip(_inner(old), _inner(new), strict=False) for each in _changed(*pair)]
    if itself or below:
        yield old, new, itself
    yield from below


def replacement(path: str, old: str, new: str) -> list[tuple[CodeType, CodeType]] | None:
    """Codes to be replaced in living functions; None where the change is in what importing the module does."""
    found = [*_changed(compile(old, path, "exec"), compile(new, path, "exec"))]
    taken = []
    for code, other, itself in found:
        runs_once = not code.co_flags & 0x2  # a module or the body of a class: locals that are not optimized
        if runs_once or code.co_freevars != other.co_freevars:
            if itself:
                return None
            continue
        taken.append((code, other))
    return taken


def functions() -> dict[str, list[FunctionType]]:
    """All functions that live, by the file that each is from; to be asked before they are hidden by ``gc.freeze``."""
    found: dict[str, list[FunctionType]] = {}
    for each in gc.get_objects():
        if isinstance(each, FunctionType):
            found.setdefault(each.__code__.co_filename, []).append(each)
    return found


class Early:
    """Which functions ran before the first test did: what they made is not made again when they are changed."""

    def __init__(self) -> None:
        self.seen: set[CodeType] = set()
        sys.setprofile(self._see)

    def _see(self, frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            self.seen.add(frame.f_code)

    def end(self) -> None:
        """Watch no longer."""
        sys.setprofile(None)


def lives(codes: list[tuple[CodeType, CodeType]], living: Iterable[FunctionType]) -> bool:
    """Whether some function has a code that is to be replaced."""
    return any(function.__code__ == code for function in living for code, _ in codes)


def put_in(codes: list[tuple[CodeType, CodeType]], living: Iterable[FunctionType]) -> None:
    """Give the living functions their new code."""
    for function in living:
        for code, other in codes:
            if function.__code__ == code:
                function.__code__ = other
