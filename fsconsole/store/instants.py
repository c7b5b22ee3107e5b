"""Instants as the store keeps them: whole milliseconds since 1970.

It stands apart from the columns so that a question can be asked before the tables' declarations are loaded.
"""

from __future__ import annotations

from datetime import UTC, datetime


def ms(at: datetime) -> int:
    """Milliseconds since 1970 of an aware instant."""
    return round(at.timestamp() * 1000)


def instant(at: int) -> datetime:
    """The instant, in UTC, of milliseconds since 1970."""
    return datetime.fromtimestamp(at / 1000, UTC)
