"""The alert stack: what needs a person's eye now, who has taken it, and what is set aside for today.

It stands apart because alerts follow from the clock: nothing of them is kept but who claimed one and until when it is
suspended, and those decisions stand under the alert's own name, which is the same at every site.

Always: a promise that was nearly gone and is broken is another alert, so what was suspended as soon comes back as late.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from fsconsole.desk import Desk, Done
from fsconsole.errors import Refused
from fsconsole.flow import finding
from fsconsole.flow.acting import record
from fsconsole.flow.exception import decision_id
from fsconsole.flow.gather import Known, job_sheets
from fsconsole.rules.alerts import Alert, Watched, alerts
from fsconsole.store.instants import instant, ms
from fsconsole.store.opening import Store
from fsconsole.store.tables import put
from fsconsole.values.work import Column

#: Jobs looked at, those whose promise breaks first before the others.
MOST = 400


class Watch(NamedTuple):
    """One alert of the stack: its name (``1042/late``), what is wrong, about whom, who has claimed it, hidden until when."""

    key: str
    name: str
    alert: Alert
    client: str
    owner: str
    until: str


def key_of(alert: Alert) -> str:
    """What decisions about an alert are kept under."""
    return f"alert:{alert.kind}:{bytes(alert.thing).hex()}"


def stack(desk: Desk, *, suspended: bool = False) -> list[Watch]:
    """Every alert that holds now, by priority, then the oldest first; the suspended ones only when asked for."""
    store, now = desk.store, desk.now
    known = Known(store)
    jobs, clients = _watched(store, ms(now), known.latest.soon_minutes, known)
    heard = {
        row[0]: instant(row[1]) if row[1] is not None else None for row in store.sql("SELECT technician, at FROM position_now")
    }
    found = alerts(now, jobs, known.technicians, heard, known.latest, known.series)
    decided = _decided(store, [key_of(one) for one in found])
    refs = {one.job.id: one.job.ref for one in jobs}
    today = desk.today.isoformat()
    kept = []
    for alert in found:
        key = key_of(alert)
        owner, until = decided.get(key, ("", ""))
        if until > today and not suspended:
            continue
        who = known.technicians.get(alert.thing)
        ref = who.code if who is not None else refs.get(alert.thing, "").removeprefix(f"{store.code}-")
        client = clients.get(alert.job or b"", "")
        kept.append(Watch(key, f"{ref}/{alert.kind}", alert, client, owner, until if until > today else ""))
    return kept


def _watched(store: Store, now: int, soon: int, known: Known) -> tuple[list[Watched], dict[bytes, str]]:
    """The jobs that may need an eye: with a promise nearly gone or broken, or with somebody on the way or at work."""
    rows = store.sql(
        "SELECT job, column_, due_at, due_what, client_name FROM job_now"
        " WHERE column_ NOT IN ('complete', 'signed off', 'closed')"
        " AND (due_at <= ? OR column_ IN ('dispatched', 'en route', 'on site'))"
        " ORDER BY coalesce(due_at, 9007199254740991) LIMIT ?",
        (now + soon * 60_000, MOST),
    )
    about = {bytes(row[0]): row for row in rows}
    found = []
    for sheet in job_sheets(store, list(about), known):
        _, column, due_at, due_what, client = about[sheet.job.id]
        due = instant(due_at) if due_at is not None else None
        folds = tuple(sheet.folds)
        found.append(
            Watched(job=sheet.job, column=Column(column), folds=folds, due_at=due, due_what=due_what, client=client)
        )
    return found, {row: str(about[row][4]) for row in about}


def _decided(store: Store, keys: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Key -> (owner, suspended until) of the alerts that somebody decided about."""
    if not keys:
        return {}
    query = "SELECT key, owner, snoozed_until FROM decision WHERE key >= 'alert:' AND key < 'alert;'"
    wanted = set(keys)
    return {key: (owner or "", until or "") for key, owner, until in store.sql(query) if key in wanted}


def meant(desk: Desk, text: str) -> list[Watch]:
    """The alerts that ``1042/late``, ``1042`` or a technician's code may mean. Raises Refused when there is none."""
    low = text.lower().removeprefix(f"{desk.store.code.lower()}-")
    everything = stack(desk, suspended=True)
    found = [one for one in everything if one.name.lower() == low] or [
        one for one in everything if one.name.lower().partition("/")[0] == low
    ]
    if not found:
        raise Refused(f"There is no alert “{text}” now.", "The stack is on the screen of alerts: press !")
    return found


def claim(desk: Desk, alert: str) -> Done:
    """Takes an alert: others see who looks after it."""
    found = meant(desk, alert)
    puts = [put("decision", decision_id(one.key), key=one.key, owner=desk.by) for one in found]
    return record(desk, puts, f"{_names(found)}: {desk.by} looks after it", row=found[0].alert.job or found[0].alert.thing)


def suspend(desk: Desk, alert: str, day: date | None = None) -> Done:
    """Hides an alert until a day, else for today. When it grows worse it is another one, and stands there again."""
    found = meant(desk, alert)
    until = day or desk.today + timedelta(days=1)
    if until <= desk.today:
        raise Refused(f"{finding.day_words(until)} is not to come.", "Give a later day, or none: then it is hidden for today.")
    puts = [put("decision", decision_id(one.key), key=one.key, snoozed_until=until) for one in found]
    words = f"{_names(found)}: set aside until {finding.day_words(until)}"
    return record(desk, puts, words, row=found[0].alert.job or found[0].alert.thing)


def _names(found: Sequence[Watch]) -> str:
    return ", ".join(one.name for one in found)
