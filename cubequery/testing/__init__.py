"""Tests for embedders: strategies for your classes, and properties of your engines. Needs the extra ``cubequery[testing]``.

from cubequery.testing import assert_no_interference

def test_nobody_learns_of_hidden_records():
    assert_no_interference(cq.Engine, classes=CLASSES)
"""

from cubequery.testing import strategies
from cubequery.testing.case import Case
from cubequery.testing.interference import assert_no_interference, check_no_interference
from cubequery.testing.served import Served

__all__ = ["Case", "Served", "assert_no_interference", "check_no_interference", "strategies"]
