"""A desk: one person at one store, with a clock and a source of ids.

It stands apart because every act needs these four and nothing else from outside.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from fsconsole.clock import Clock

if TYPE_CHECKING:
    from fsconsole.changes.batch import Act
    from fsconsole.store.opening import Store


@dataclass(frozen=True, slots=True)
class Done:
    """What an act did, in words; ``row`` is the thing it was about, ``act`` what undo takes back."""

    words: str
    ref: str = ""
    row: bytes = b""
    act: bytes = b""
    dry: bool = False


@dataclass(slots=True)
class Desk:
    """Who acts (``by``), where, and when. Everything in ``flow`` takes it first."""

    store: Store
    clock: Clock
    ids: Callable[[], bytes]
    by: str
    role: str = "owner"
    dry: bool = False  # refuse to write: say what would happen
    override: str = ""  # the reason typed after !!
    back_dated: datetime | None = None  # @hhmm
    words: str = ""  # the line as typed
    area: str = field(default="")
    within: bytes = b""  # the act that all of what follows is part of, so that undo takes it back as one
    settling: bool = True  # False while many acts are played at once and settled together

    @property
    def now(self) -> datetime:
        return self.clock.now()

    @property
    def at(self) -> datetime:
        """When what is being recorded happened: now, unless the line said @hhmm."""
        return self.back_dated or self.now

    @property
    def zone(self) -> ZoneInfo:
        return self.store.zone

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def act(self, verb: str = "") -> Act:
        from fsconsole.changes.batch import Act  # not before something is done: it loads the codec of the log

        return Act(self.within or self.ids(), self.by, verb or self.words)
