"""What a run of the tests leaves behind ends with it."""

from __future__ import annotations

import threading


def pytest_sessionfinish() -> None:
    """Threads that listen to a folder end by themselves within seconds; an interpreter taken apart under them aborts."""
    for one in threading.enumerate():
        if one.name == "sync-hint":
            one.join(5)
