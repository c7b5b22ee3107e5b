"""Stamps: readings of a hybrid logical clock, one 63-bit integer each.

It stands apart because every rule about wrong clocks is decided here, on plain integers.

    42 bits  milliseconds since 1970 UTC (until the year 2109)
    10 bits  counter, for saves within one millisecond
    11 bits  site, 1..2047

Always: a site's own stamps rise, whatever its clock does; nothing here raises because of a clock.
Source of the idea: Kulkarni et al., "Logical Physical Clocks" (2014).
"""

from __future__ import annotations

from collections.abc import Iterable

SITE_BITS = 11
COUNTER_BITS = 10
MS_BITS = 42
MAX_SITE = (1 << SITE_BITS) - 1
MAX_STAMP = (1 << (MS_BITS + COUNTER_BITS + SITE_BITS)) - 1

MINUTE = 60_000
PUSH_MS = 15 * MINUTE  #: how far past its own clock a site lets others push it
HOLD_MS = 24 * 60 * MINUTE  #: a stamp further ahead than this is held, not applied

# A clock set beyond the last year we can write still leaves 2**40 saves that rise.
_LATEST_MS = (1 << MS_BITS) - (1 << 30)


def make(ms: int, counter: int, site: int) -> int:
    """The stamp of ``counter`` within millisecond ``ms`` at ``site``. Raises ValueError when out of range."""
    if not (0 <= ms < 1 << MS_BITS and 0 <= counter < 1 << COUNTER_BITS and 0 <= site <= MAX_SITE):
        raise ValueError(f"no stamp has millisecond {ms}, counter {counter} and site {site}")
    return ms << (COUNTER_BITS + SITE_BITS) | counter << SITE_BITS | site


def ms_of(stamp: int) -> int:
    """Milliseconds since 1970 UTC."""
    return stamp >> (COUNTER_BITS + SITE_BITS)


def counter_of(stamp: int) -> int:
    return stamp >> SITE_BITS & ((1 << COUNTER_BITS) - 1)


def site_of(stamp: int) -> int:
    return stamp & MAX_SITE


def _reading(ms: int) -> int:
    """Milliseconds as the upper 52 bits of a stamp, clamped to what can be written."""
    return min(max(ms, 0), _LATEST_MS) << COUNTER_BITS


def tick(last: int, now_ms: int, site: int, over: int = 0) -> int:
    """The stamp of the next save at ``site``: greater than ``last`` and ``over``, and not before ``now_ms``.

    ``last`` is this site's latest stamp; ``over`` the greatest clock among the fields that the save
    overwrites, so that an edit always overtakes what the person saw, however far ahead that was stamped.
    A full counter carries into the milliseconds.
    """
    past = max(last, over) >> SITE_BITS
    return max(past + 1, _reading(now_ms)) << SITE_BITS | site


def observe(last: int, remote: int, now_ms: int, site: int) -> int:
    """This site's latest stamp after reading ``remote``: pushed on, but never past ``now_ms`` + 15 minutes.

    The result is a value for ``tick``'s ``last``; it is not itself a stamp of any save.
    """
    pushed = min(remote >> SITE_BITS, _reading(now_ms + PUSH_MS))
    return max(last >> SITE_BITS, pushed) << SITE_BITS | site


def reckon(now_ms: int, last: int, heard: Iterable[int] = ()) -> int:
    """The instant by which others' stamps are judged, in ms: this site's clock, unless that is surely behind.

    It is behind when this site has itself stamped later (``last``), or when most sites, this one among them,
    were heard to read later: ``heard`` holds the latest wall reading of each other site, in ms.
    So a site whose clock is years slow does not hold everybody else's work.
    """
    own = max(now_ms, ms_of(last))
    walls = sorted([own, *heard])
    return max(own, walls[(len(walls) - 1) // 2])


def is_held(stamp: int, now_ms: int) -> bool:
    """Whether a stamp is more than 24 hours ahead of ``now_ms`` (hand in what ``reckon`` gave)."""
    return ms_of(stamp) > now_ms + HOLD_MS
