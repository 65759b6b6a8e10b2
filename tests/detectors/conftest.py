"""A run builder for every test."""

from pathlib import Path
from typing import Any, Protocol

import pytest
from builder import RunBuilder


class MakeRun(Protocol):
    """Makes a builder of an empty run."""

    def __call__(self, **meta: Any) -> RunBuilder:
        """Facts about the run are keyword arguments."""


@pytest.fixture
def new_run(tmp_path: Path) -> MakeRun:
    """Make builders, each with a file of its own."""
    made = 0

    def make(**meta: Any) -> RunBuilder:
        nonlocal made
        made += 1
        return RunBuilder(tmp_path / f"run-{made}.db", **meta)

    return make
