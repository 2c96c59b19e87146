"""Tests for embedders: strategies for your classes, and properties of your engines. Needs the extra ``cubequery[testing]``.

from cubequery.testing import assert_no_interference

def test_nobody_learns_of_hidden_records():
    assert_no_interference(cq.Engine, classes=CLASSES)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cubequery.testing import strategies
    from cubequery.testing.agreement import assert_memory_agrees_with_store, check_memory_agrees_with_store
    from cubequery.testing.attacks import assert_refuses_attacks
    from cubequery.testing.case import Case
    from cubequery.testing.histories import Step
    from cubequery.testing.interference import assert_no_interference, check_no_interference
    from cubequery.testing.model import Model
    from cubequery.testing.modelled import assert_agrees_with_model, check_agrees_with_model
    from cubequery.testing.served import Served

_LATE = {
    "assert_memory_agrees_with_store": "agreement", "check_memory_agrees_with_store": "agreement", "Case": "case",
    "assert_no_interference": "interference", "check_no_interference": "interference", "Served": "served",
    "assert_refuses_attacks": "attacks", "assert_agrees_with_model": "modelled", "check_agrees_with_model": "modelled",
    "Step": "histories", "Model": "model",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """Everything is brought in when it is asked for: pytest loads the plugin of this package wherever the library is installed."""
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATE[name]}"), name)


__all__ = [
    "Case",
    "Model",
    "Served",
    "Step",
    "assert_agrees_with_model",
    "assert_memory_agrees_with_store",
    "assert_no_interference",
    "assert_refuses_attacks",
    "check_agrees_with_model",
    "check_memory_agrees_with_store",
    "check_no_interference",
    "strategies",
]
