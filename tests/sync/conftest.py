"""A workspace with one office, and one with two."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sync.made import Office, Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    made = Workspace(tmp_path)
    yield made
    made.close()


@pytest.fixture
def pair(workspace: Workspace) -> tuple[Workspace, Office, Office]:
    second = workspace.joined("LDS")
    workspace.settle(2)
    return workspace, workspace.first, second
