"""Rows for many ids.

It stands apart because both what writes and what derives ask so, and neither may load the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from fsconsole.store.opening import Store

#: Ids in one statement; SQLite allows no more than 999 in older versions.
AT_ONCE = 500


def ids_in(store: Store, query: str, ids: Sequence[bytes] | Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """Rows of ``query`` (which ends in ``IN``) for many ids, a few hundred to a statement."""
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        yield from store.raw.execute(f"{query} ({','.join('?' * len(some))})", some)


__all__ = ["ids_in"]
