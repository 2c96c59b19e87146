"""All planted bugs in the order of the security specification, and what is not planted yet."""

from __future__ import annotations

from tests.planted.answering import ANSWERING
from tests.planted.bug import Bug
from tests.planted.comparing import COMPARING
from tests.planted.requests import REQUESTS
from tests.planted.rights import RIGHTS
from tests.planted.writing import WRITING

BUGS: tuple[Bug, ...] = (*RIGHTS, *COMPARING, *ANSWERING, *REQUESTS, *WRITING)
NOT_PLANTED = frozenset(range(1, 37)) - {bug.number for bug in BUGS}
"""Numbers of the specification's list that no patch stands for."""
