"""Everything fsconsole raises. What a biller works through is an exception *case*, a value, never one of these.

FsError
├── Refused        a person may not, or cannot, do that now; ``instead`` says what would make it possible
├── UsageError     the words typed were not understood
├── BadInput       a file or a setting is wrong: where, what was there, what was expected
├── StoreError     the store cannot be opened, read or written
└── SyncError      the shared folder, a member or an invitation is not as it should be
"""

from __future__ import annotations


class FsError(Exception):
    """Anything a person is told in one sentence."""

    def __init__(self, why: str, instead: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.instead = instead

    def __str__(self) -> str:
        return f"{self.why} {self.instead}".strip()


class Refused(FsError):
    """The act is understood but not allowed or not possible now; ``!!`` with a reason may override ``guard``s."""

    def __init__(self, why: str, instead: str = "", *, guard: bool = False) -> None:
        super().__init__(why, instead)
        self.guard = guard


class UsageError(FsError):
    """The words typed were not understood."""


class BadInput(FsError):
    """Input that cannot be taken: the place, what stood there and what to do about it."""

    def __init__(self, why: str, *, file: str = "", line: int = 0, field: str = "", instead: str = "") -> None:
        where = f"{file}:{line}" if file and line else file
        place = ", ".join(part for part in (where, field) if part)
        super().__init__(f"{place}: {why}" if place else why, instead)
        self.file = file
        self.line = line
        self.field = field


class StoreError(FsError):
    """The store cannot be opened, read or written."""


class SyncError(FsError):
    """The shared folder, a member or an invitation is not as it should be."""
