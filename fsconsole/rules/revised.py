"""Which of the changes recorded to a contract are in force: a later act puts right what an earlier one said of a day.

It stands apart because a price file says everything at once and may contradict itself, while in a store each change was
said by somebody at an instant, and who says something anew of the same day means the new.

Always: the order in which the entries are given changes nothing; what one single act contradicts is kept, to be told.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from fsconsole.values.terms import Entry
from fsconsole.values.work import Id

#: What is said anew of a day stands instead of what was said of it before.
SAID_ANEW = ("price", "quantity", "transfer")


def in_force(entries: Iterable[Entry]) -> list[Entry]:
    """Entries that count, revisions last in the order in which they were recorded; void ones are left out.

    Of two prices, quantities or transfers of a term from one day the later act stands. Of suspensions and their ends
    those count that change anything: suspended and resumed on one day is not suspended.
    """
    live = [one for one in entries if not one.void]
    revisions = sorted((one for one in live if one.kind == "revision"), key=lambda one: (one.stamp, one.place, one.id))
    latest: dict[tuple[object, date | None, Id | None], int] = {}
    for one in revisions:
        key = (one.details.get("what"), one.day, one.term)
        latest[key] = max(latest.get(key, one.stamp), one.stamp)
    paused = {one.id for term in {one.term for one in revisions} for one in _pauses(revisions, term)}
    found = [one for one in live if one.kind != "revision"]
    for one in revisions:
        what = one.details.get("what")
        if what in SAID_ANEW and one.stamp < latest[(what, one.day, one.term)]:
            continue
        if what in ("suspend", "resume") and one.day is not None and one.id not in paused:
            continue
        found.append(one)
    return found


def _pauses(revisions: Iterable[Entry], term: Id | None) -> list[Entry]:
    """The suspensions of a term (None: of the whole contract) and their ends that change something, by day."""
    by_day: dict[date, list[Entry]] = {}
    for one in revisions:
        if one.term == term and one.day is not None and one.details.get("what") in ("suspend", "resume"):
            by_day.setdefault(one.day, []).append(one)
    every = [one for acts in by_day.values() for one in acts]
    if len({one.stamp for one in every}) == 1:
        return every  # one act said them all: what it contradicts is to be told
    found: list[Entry] = []
    suspended, until = False, ""
    for day, acts in sorted(by_day.items()):
        if suspended and until and until <= day.isoformat():
            suspended = False
        last = max(acts, key=lambda one: (one.stamp, one.details["what"], one.id))
        # One act that says two things of a day is left to the rules, which know how to read it or tell of it.
        said = acts if len({one.stamp for one in acts}) == 1 and len(acts) > 1 else [last]
        wants = last.details["what"] == "suspend"
        if len(said) > 1 or wants != suspended or (wants and last.details.get("until")):
            found += said
        suspended, until = wants, str(last.details.get("until") or "")[:10] if wants else ""
    return found
