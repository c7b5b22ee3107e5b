"""Looking at where people are is itself recorded: who looked, at whose trail, of which day.

It stands apart because a trail is evidence about a person, and that person may ask who has seen it.

Always: one note for each person, technician and day, however often they look; undo does not take it for an act of work.
"""

from __future__ import annotations

from datetime import date

from fsconsole.changes.batch import Act
from fsconsole.desk import Desk
from fsconsole.store.record import save
from fsconsole.store.tables import put


def looked(desk: Desk, technicians: list[bytes], day: date) -> int:
    """Records that the person at this desk has seen these technicians' trails of a day; returns how many were new."""
    if desk.dry or desk.store.readonly or not technicians:
        return 0
    text = f"trail of {day.isoformat()} was looked at"
    marks = ",".join("?" * len(technicians))
    seen = {
        row[0]
        for row in desk.store.sql(
            f"SELECT about FROM note WHERE about IN ({marks}) AND text = ? AND by = ? AND void = 0", [*technicians, text, desk.by]
        )
    }
    fresh = [one for one in dict.fromkeys(technicians) if one not in seen]
    if fresh:
        # Under a name of its own, so that "u" takes back the last act of work and never this.
        act = Act(desk.ids(), f"{desk.by}, looking", f"looked at {len(fresh)} trails of {day.isoformat()}")
        save(desk.store, act, [put("note", desk.ids(), about=one, text=text, at=desk.now, by=desk.by) for one in fresh], desk.now)
    return len(fresh)
