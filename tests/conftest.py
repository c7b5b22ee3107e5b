"""What holds for every run of the tests: no test fails for being slow, and what a run leaves behind ends with it."""

from __future__ import annotations

import threading

from hypothesis import settings

settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


def pytest_sessionfinish() -> None:
    """Threads that listen to a folder end by themselves within seconds; an interpreter taken apart under them aborts."""
    for one in threading.enumerate():
        if one.name == "sync-hint":
            one.join(5)
