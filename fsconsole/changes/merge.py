"""Which of two writes to one field stands, and which losing writes are contested.

It stands apart because every site must decide the same from the same writes, in whatever order they came.

The greater stamp wins. Equal stamps come only from two copies of one site; then the greater value wins, in
the order NULL < integers < text < bytes. That order is SQLite's own, so that a prepared statement and these
rules agree (https://sqlite.org/datatype3.html, section 4.1).

A write had read an earlier one when its author's site had applied the other by then; each frame's vector
says so. Whoever writes over what was read does so knowingly. A loser that nobody later had read was
overwritten unseen: it is *contested*, stays in history and, where it matters, a person chooses.

Always: the contested set depends on the set of writes alone, not on the order in which they arrive.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from .batch import Value
from .stamp import site_of

_RANK: dict[type, int] = {type(None): 0, int: 1, str: 2, bytes: 3}


class Write(NamedTuple):
    """One write to one field of one thing."""

    stamp: int
    value: Value


class Standing(NamedTuple):
    """Where a field stands: the winning stamp (0: never written) and the contested losers, ascending."""

    winner: int = 0
    contested: tuple[int, ...] = ()


def value_order(value: Value) -> tuple[int, int | str | bytes]:
    """A sort key that orders values as SQLite does: NULL, integers by size, text by code point, bytes."""
    return _RANK[type(value)], 0 if value is None else value


def wins(new: Write, old: Write) -> bool:
    """Whether ``new`` replaces ``old``: a greater stamp, or the same stamp with a greater value."""
    if new.stamp != old.stamp:
        return new.stamp > old.stamp
    return value_order(new.value) > value_order(old.value)


def had_read(later: int, earlier: int, vector: Mapping[int, int]) -> bool:
    """Whether the author of ``later`` had read ``earlier``.

    ``vector`` is {site: greatest stamp read} of the later write's frame. A site has always read its own.
    """
    site = site_of(earlier)
    return earlier <= (later if site == site_of(later) else vector.get(site, 0))


def contest(winner: int, losers: Iterable[int], had_read: Callable[[int, int], bool]) -> tuple[int, ...]:
    """The contested stamps, ascending: losers that no greater write had read.

    ``losers`` are the stamps of all other writes to the field. A loser that some greater write had read is
    settled: that write is the winner, or contested in its stead, or settled by another in turn.
    """
    writes = sorted({winner, *losers}, reverse=True)
    unread = [write for at, write in enumerate(writes) if not any(had_read(later, write) for later in writes[:at])]
    return tuple(sorted(write for write in unread if write != winner))


def arrive(standing: Standing, stamp: int, had_read: Callable[[int, int], bool], others: Callable[[], Iterable[int]]) -> Standing:
    """Where the field stands after one more write, in any order of arrival.

    ``others()`` gives the stamps of every other write to the field known so far (from the log); it is asked
    only when neither of the two had read the other or the field is contested already.
    """
    winner, contested = standing
    if stamp == winner or not winner:
        return Standing(stamp, contested)
    if not contested and had_read(max(stamp, winner), min(stamp, winner)):
        return Standing(max(stamp, winner), ())
    top = max(stamp, winner)
    return Standing(top, contest(top, {stamp, winner, *contested, *others()} - {top}, had_read))
