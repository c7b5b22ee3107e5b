"""The top line's figures, from the store and from sync, as words.

It stands apart because every screen shows them and none of them asks.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from fsconsole.console.widgets.top_line import SiteSeen, TopFigures
from fsconsole.store.opening import Store
from fsconsole.store.queries import exceptions
from fsconsole.values.money import together


def top_figures(store: Store, now: datetime, read_only: bool, rate: float = 1.0) -> TopFigures:
    """What stands on top of every screen at this instant, on a clock that runs ``rate`` times as fast as a watch."""
    found, home = exceptions.figures(store, now), store.currency
    state, words, sites = sync_seen(store, now, rate)
    return TopFigures(
        site=store.code or "—",
        at=now,
        late=found.late,
        soon=found.soon,
        risk=together([(found.at_risk, home), *((one.at_risk, one.currency) for one in found.others)], home, whole=True),
        cases=found.exceptions,
        unbilled=together([(found.unbilled, home), *((one.unbilled, one.currency) for one in found.others)], home, whole=True),
        oldest_days=found.oldest_days,
        sync=state,
        sync_words=words,
        sites=sites,
        read_only=read_only,
        message="a newer version wrote here" if store.readonly and not read_only else "",
    )


def sync_seen(store: Store, now: datetime, rate: float = 1.0) -> tuple[str, str, tuple[SiteSeen, ...]]:
    """(our own state, its words, every other site): synced, moving, behind or stopped, as proved from the others' heads."""
    if store.one("SELECT 1 FROM member LIMIT 1 OFFSET 1") is None and not (store.own("offline", "") or store.own("trouble", "")):
        return "synced", "alone", ()  # nobody else was ever invited
    from fsconsole.sync.status import PATIENCE, summary  # after the first frame: it reads signed heads

    told = summary(store, now, timedelta(seconds=PATIENCE.total_seconds() * max(rate, 1.0)))
    sites = tuple(SiteSeen(one.code, one.level, one.words) for one in told.sites)
    # What is said of each site need not be said twice.
    words = told.text if not sites or told.ours else ""
    return told.level, words, sites
