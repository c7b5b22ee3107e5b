"""The business clock and new ids: the only reader of the wall clock.

It stands apart so that everything below is handed the time, and a test or the demo can hand in another.
``FSCONSOLE_NOW=INSTANT[@RATE]`` fixes the clock at an instant, or lets it run from there RATE times as fast.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from random import Random

from fsconsole.errors import BadInput


class Clock:
    """Tells the business time, in UTC; ``rate`` is how many times as fast as the wall clock it runs, 0 when it stands."""

    rate = 1.0

    def now(self) -> datetime:
        return datetime.now(UTC)


class FixedClock(Clock):
    """Starts at an instant and runs ``rate`` times as fast as the monotonic clock; 0 stands still until moved."""

    def __init__(self, start: datetime, rate: float = 0.0) -> None:
        self._start = start
        self.rate = rate
        self._since = time.monotonic()

    def now(self) -> datetime:
        if not self.rate:
            return self._start
        return self._start + timedelta(seconds=(time.monotonic() - self._since) * self.rate)

    def move(self, to: datetime) -> None:
        self._start = to
        self._since = time.monotonic()


def clock_from(environ: Mapping[str, str] = os.environ) -> Clock:
    """The clock that ``FSCONSOLE_NOW`` asks for, else the wall clock.

    ``2026-03-03T07:30:00Z`` stands still; ``…@60`` runs a minute a second; ``…@60~1772523000.5`` also says at which
    wall second the instant held, so that several processes share one business clock.
    Raises BadInput when it is not an instant.
    """
    text = environ.get("FSCONSOLE_NOW", "")
    if not text:
        return Clock()
    instant, _, rest = text.partition("@")
    rate, _, origin = rest.partition("~")
    try:
        start = datetime.fromisoformat(instant.replace("Z", "+00:00"))
        speed = float(rate) if rate else 0.0
        passed = time.time() - float(origin) if origin else 0.0
    except ValueError:
        raise BadInput(
            f"“{text}” is not an instant with a rate",
            field="FSCONSOLE_NOW",
            instead="Write it like 2026-03-03T09:00:00Z or 2026-03-03T09:00:00Z@60.",
        ) from None
    if start.tzinfo is None:
        start = start.replace(tzinfo=UTC)
    return FixedClock(start.astimezone(UTC) + timedelta(seconds=passed * speed), speed)


def ids_from(clock: Clock, random: Random | None = None) -> Callable[[], bytes]:
    """New 16-byte ids: 6 bytes of milliseconds, so that rows made together lie together, then 10 random ones."""

    def new() -> bytes:
        ms = int(clock.now().timestamp() * 1000) & 0xFFFFFFFFFFFF
        tail = random.randbytes(10) if random else secrets.token_bytes(10)
        return ms.to_bytes(6, "big") + tail

    return new
