"""The top line's figures, from the store and from sync, as words.

It stands apart because every screen shows them and none of them asks.
"""

from __future__ import annotations

from datetime import datetime

from fsconsole.console.text import ago
from fsconsole.console.widgets.top_line import SiteSeen, TopFigures
from fsconsole.places import Home
from fsconsole.store.fields import instant
from fsconsole.store.opening import Store
from fsconsole.store.queries import exceptions
from fsconsole.values.money import show

#: Seconds without a word from another site after which that is worth saying.
QUIET = 120


def top_figures(store: Store, now: datetime, read_only: bool, home: Home) -> TopFigures:
    """What stands on top of every screen at this instant."""
    found = exceptions.figures(store, now)
    state, words, sites = sync_seen(store, now, home)
    return TopFigures(
        site=store.code or "—",
        at=now,
        late=found.late,
        soon=found.soon,
        risk=pounds(found.at_risk, store.currency),
        cases=found.exceptions,
        unbilled=pounds(found.unbilled, store.currency),
        oldest_days=found.oldest_days,
        sync=state,
        sync_words=words,
        sites=sites,
        read_only=read_only,
        message="a newer version wrote here" if store.readonly and not read_only else "",
    )


def pounds(minor: int, currency: str) -> str:
    """An amount in whole units: the top line is read from across the room."""
    return show(minor, currency, whole=True)


def sync_seen(store: Store, now: datetime, home: Home) -> tuple[str, str, tuple[SiteSeen, ...]]:
    """(our own state, its words, every other site) from the cursors: synced, behind or stopped."""
    seen = []
    for code, heard, state, says in store.sql(
        "SELECT s.code, c.heard_at, coalesce(c.state, ''), coalesce(c.says, '')"
        " FROM site s LEFT JOIN cursor c ON c.site = s.number WHERE s.number != ? AND s.number > 0 ORDER BY s.code",
        (store.site,),
    ):
        if state not in ("", "live"):
            seen.append(SiteSeen(code, "stopped", says or state))
        elif heard is None:
            seen.append(SiteSeen(code, "behind", "not heard yet"))
        else:
            at = instant(heard)
            quiet = (now - at).total_seconds() > QUIET
            seen.append(SiteSeen(code, "behind" if quiet else "synced", ago(at, now)))
    waiting = store.one("SELECT count(*) FROM frame WHERE site = ? AND published = 0", (store.site,))
    left = int(waiting[0]) if waiting else 0
    if left:
        return "behind", f"{left} to send", tuple(seen)
    return "synced", "" if seen else "alone", tuple(seen)
