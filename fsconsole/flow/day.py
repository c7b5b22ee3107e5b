"""The day, a line per technician: what they are at and until when, what is promised, when they are free, who is away.

It stands apart because it is the one question dispatch asks of time: who is free, who will be, who is not coming.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from fsconsole.flow.gather import Known, grouped
from fsconsole.rules import job as folding
from fsconsole.rules.job import Fold
from fsconsole.rules.policy import InForce
from fsconsole.store.instants import instant
from fsconsole.store.opening import Store
from fsconsole.store.queries import people
from fsconsole.store.rows import fetch_all, fetch_many
from fsconsole.values.work import Job, Location, Outcome, State, Technician, Visit

#: Visits that are folded at once; those of a company of some dozens on the road are kept until something changes.
MANY = 500
#: A gap shorter than this between two bookings is nobody's free time.
LEAST_GAP = timedelta(minutes=30)


class DaySpan(NamedTuple):
    """Something that takes a technician's time. ``kind``: work, drive, plan, wait, absent."""

    start: datetime
    end: datetime
    kind: str
    ref: str = ""
    job: bytes | None = None


class DayRow(NamedTuple):
    """One technician's day. Instants aware in UTC; ``next_free`` None: not before the day is over, or not known.

    ``kept`` of ``promised`` visits of the day are done. ``says`` is what they are at, in words.
    """

    technician: bytes
    code: str
    name: str
    skills: tuple[str, ...]
    shift_start: datetime
    shift_end: datetime
    state: str
    job: bytes | None
    ref: str
    where: str
    says: str
    ends_about: datetime | None
    next_free: datetime | None
    spans: tuple[DaySpan, ...]
    kept: int
    promised: int
    heard: datetime | None
    silent: bool
    metres: int
    note: str
    phone: str
    late: bool  # a booking of theirs has begun and they are not on their way


class _Facts(NamedTuple):
    """What a day is made of beside its visits."""

    visits: dict[bytes, list[bytes]]  # ids by technician
    duties: list[people.DutyRow]
    heard: dict[bytes, tuple[object, ...]]
    technicians: list[Technician]
    policies: InForce


#: By technician, their visits of a day with the jobs; and the places of those by id.
_Visits = tuple[dict[bytes, list[tuple[Fold, Job]]], dict[bytes, Location]]


def day_rows(store: Store, now: datetime, day: date | None = None, only: bytes | None = None) -> list[DayRow]:
    """Every technician's line for a local day (today unless given), by code; or ``only`` one technician's.

    Technicians with many visits between them are gone through some at a time, and their visits let go of.
    """
    on = day or now.astimezone(store.zone).date()
    bounds = people.bounds_of(store, on)
    facts = store.kept(("day", on), lambda: _facts(store, on))
    rows = []
    for lot in _lots(facts, only):
        ids = [visit for technician in lot for visit in facts.visits.get(technician.id, ())]
        few = len(lot) == len(facts.technicians)
        folds, places = store.kept(("visits", on), lambda ids=ids: _visits(store, ids)) if few else _visits(store, ids)  # type: ignore[misc]
        for technician in lot:
            theirs = sorted(folds.get(technician.id, []), key=lambda pair: pair[0].visit.booked_from or pair[0].since or now)
            away = [duty for duty in facts.duties if duty.technician == technician.id]
            heard = facts.heard.get(technician.id)
            rows.append(_row(store, technician, theirs, places, away, heard, facts.policies, now, bounds, on))
    return rows


def _lots(facts: _Facts, only: bytes | None) -> Iterator[list[Technician]]:
    """All technicians, so many at a time that their visits are not more than MANY, or are one technician's."""
    lot: list[Technician] = []
    many = 0
    for technician in facts.technicians:
        if only is not None and technician.id != only:
            continue
        theirs = len(facts.visits.get(technician.id, ()))
        if lot and many + theirs > MANY:
            yield lot
            lot, many = [], 0
        lot.append(technician)
        many += theirs
    if lot:
        yield lot


def _facts(store: Store, on: date) -> _Facts:
    """What a day is made of, whatever the clock says."""
    start, end = people.bounds_of(store, on)
    duties = people.duties(store, start, end + timedelta(hours=12))
    last_heard = store.sql("SELECT technician, at, metres_today, day FROM position_now")
    heard: dict[bytes, tuple[object, ...]] = {row[0]: row for row in last_heard}
    technicians: list[Technician] = fetch_all(store, "technician", order="code")
    visits = people.whose(store, people.visits_of_day(store, on))
    return _Facts(visits, duties, heard, technicians, Known(store).policies.on(on))


def _visits(store: Store, ids: list[bytes]) -> _Visits:
    """These visits as they stand after what happened on them; those of jobs that are gone are left out."""
    visits: list[Visit] = [one for one in fetch_many(store, "visit", ids).values() if not one.gone]
    events = grouped(store, "event", "visit", [visit.id for visit in visits])
    jobs = fetch_many(store, "job", list({visit.job for visit in visits if visit.job}))
    places = fetch_many(store, "location", list({job.location for job in jobs.values() if job.location}))
    folds: dict[bytes, list[tuple[Fold, Job]]] = {}
    for visit in visits:
        job = jobs.get(visit.job or b"")
        if visit.technician and job and not job.gone and not job.merged_into and not job.cancelled:
            folds.setdefault(visit.technician, []).append((folding.fold(visit, events.get(visit.id, [])), job))
    return folds, places


def axis(store: Store, rows: list[DayRow], day: date) -> tuple[datetime, datetime]:
    """The first and last instant to show: the shifts, and whatever lies outside them on that day."""
    starts = [row.shift_start for row in rows] + [span.start for row in rows for span in row.spans if span.kind != "absent"]
    ends = [row.shift_end for row in rows] + [span.end for row in rows for span in row.spans if span.kind != "absent"]
    first, last = people.bounds_of(store, day)
    if not starts:
        return first + timedelta(hours=7), first + timedelta(hours=18)
    return max(first, min(starts)), min(last, max(ends))


def _row(
    store: Store,
    technician: Technician,
    folds: list[tuple[Fold, Job]],
    places: dict[bytes, Location],
    away: list[people.DutyRow],
    seen: tuple[object, ...] | None,
    policies: InForce,
    now: datetime,
    day: tuple[datetime, datetime],
    on: date,
) -> DayRow:
    start, end = day
    spans: list[DaySpan] = []
    kept = promised = 0
    current: tuple[Fold, Job] | None = None
    ends_about: datetime | None = None
    late = False
    for fold, job in folds:
        ref = job.ref.removeprefix(f"{store.code}-")
        mine, until = _spans(fold, job, ref, now, policies.labour_minutes)
        inside = [span for span in mine if span.end > start and span.start < end]
        booked = fold.visit.booked_from
        counts = fold.outcome is not Outcome.TAKEN_OFF and (bool(inside) or (booked is not None and start <= booked < end))
        promised += counts
        kept += counts and fold.outcome is Outcome.DONE
        if fold.outcome is Outcome.TAKEN_OFF:
            continue
        spans += inside
        if fold.state in folding.ACTIVE and (current is None or fold.state is State.ON_SITE):
            current, ends_about = (fold, job), until
        if booked and booked < now < end and fold.state in (State.SCHEDULED, State.DISPATCHED) and start <= booked:
            late = True
    absent = [duty for duty in away if duty.kind == "absent"]
    spans += [
        DaySpan(
            max(start, instant(duty.start) if duty.start else start), min(end, instant(duty.end) if duty.end else end), "absent"
        )
        for duty in absent
        if (duty.end is None or instant(duty.end) > start) and (duty.start is None or instant(duty.start) < end)
    ]
    spans.sort(key=lambda span: (span.start, span.end))
    shift = (_local(store, on, technician.shift_start, time(8)), _local(store, on, technician.shift_end, time(17)))
    at = instant(seen[1]) if seen and isinstance(seen[1], int) else None
    silent = False
    if current is not None and at is not None and not technician.subcontractor:
        allowed = policies.silent_minutes.get(current[0].state.value, 0)
        last = max(current[0].since or at, at)
        silent = bool(allowed) and now - last > timedelta(minutes=allowed)
    state = current[0].state.value if current else "absent" if _holds(absent, now) else "free"
    place = places.get(current[1].location or b"") if current else None
    return DayRow(
        technician=technician.id,
        code=technician.code,
        name=technician.name,
        skills=technician.skills,
        shift_start=shift[0],
        shift_end=shift[1],
        state=state,
        job=current[1].id if current else None,
        ref=current[1].ref if current else "",
        where=place.name if place else "",
        says=_says(store, current, place, ends_about, now) if current else state,
        ends_about=ends_about,
        next_free=None if silent else _free(max(now, start), ends_about, spans, max(shift[1], now)),
        spans=tuple(spans),
        kept=kept,
        promised=promised,
        heard=at,
        silent=silent,
        metres=int(str(seen[2])) if seen and seen[3] == on.isoformat() else 0,
        note=_note(store, away, now),
        phone=technician.phone,
        late=late,
    )


def _spans(fold: Fold, job: Job, ref: str, now: datetime, usual: int) -> tuple[list[DaySpan], datetime | None]:
    """A visit's spans, and until when it is taken to last if it is under way."""
    found: list[DaySpan] = []
    planned = timedelta(minutes=job.planned_minutes or usual)
    visit, until = fold.visit, None
    if fold.departed:
        arrived = next((span.start for span in fold.spans if span.start >= fold.departed), None)
        over = arrived or (now if fold.state is State.EN_ROUTE else fold.since if fold.state is State.ENDED else None)
        if over and over > fold.departed:
            found.append(DaySpan(fold.departed, over, "drive", ref, job.id))
    for span in fold.spans:
        stop = span.end or max(now, span.start)
        found.append(DaySpan(span.start, stop, "work", ref, job.id))
    for wait in fold.waits:
        found.append(DaySpan(wait.start, wait.end or max(now, wait.start), "wait", ref, job.id))
    if fold.state is State.ON_SITE and fold.spans:
        worked = sum(((span.end or now) - span.start for span in fold.spans), timedelta())
        until = now + max(planned - worked, timedelta())
    elif fold.state is State.EN_ROUTE:
        until = max(visit.booked_from or now, now) + planned
    elif fold.state in (State.SCHEDULED, State.DISPATCHED) and visit.booked_from:
        found.append(DaySpan(visit.booked_from, visit.booked_until or visit.booked_from + planned, "plan", ref, job.id))
    if until and until > now:
        found.append(DaySpan(now, until, "plan", ref, job.id))
    return found, until


def _free(now: datetime, busy_until: datetime | None, spans: list[DaySpan], last: datetime) -> datetime | None:
    """The next instant from which there is a gap worth naming; None when there is none before the shift ends."""
    free = max(now, busy_until or now)
    for span in spans:
        if span.kind in ("plan", "absent") and span.end > free and span.start < free + LEAST_GAP:
            free = span.end
    return free if free <= last else None


def _holds(duties: list[people.DutyRow], now: datetime) -> people.DutyRow | None:
    for duty in duties:
        if (duty.start is None or instant(duty.start) <= now) and (duty.end is None or instant(duty.end) > now):
            return duty
    return None


def _says(store: Store, current: tuple[Fold, Job], place: Location | None, until: datetime | None, now: datetime) -> str:
    fold, job = current
    words = f"{fold.state.value} at {place.name}" if fold.state is State.ON_SITE and place else fold.state.value
    if fold.state is State.EN_ROUTE and place:
        words += f" to {place.name}"
    words += f", {job.ref.removeprefix(f'{store.code}-')}"
    if until and until > now:
        words += f", ends about {until.astimezone(store.zone):%H:%M}"
    elif until:
        words += ", longer than planned"
    return words


def _note(store: Store, away: list[people.DutyRow], now: datetime) -> str:
    words = []
    for duty in away:
        over = instant(duty.end) if duty.end else None
        if duty.kind == "absent" and (over is None or over > now):
            begins = instant(duty.start) if duty.start else now
            when = f"until {_moment(store, over, now)}" if over else ""
            when = when if begins <= now else f"from {_moment(store, begins, now)} {when}".strip()
            words.append(f"absent {when}{f' ({duty.reason})' if duty.reason else ''}".strip())
        elif duty.kind == "on call" and (over is None or over > now):
            begins = instant(duty.start) if duty.start else now
            words.append("on call now" if begins <= now else f"on call from {_moment(store, begins, now)}")
    return " · ".join(words)


def _moment(store: Store, at: datetime, now: datetime) -> str:
    here, today = at.astimezone(store.zone), now.astimezone(store.zone).date()
    return f"{here:%H:%M}" if here.date() == today else f"{here:%a} {here.day} {here:%b} {here:%H:%M}"


def _local(store: Store, on: date, text: str, default: time) -> datetime:
    try:
        at = time.fromisoformat(text)
    except ValueError:
        at = default
    return datetime.combine(on, at, store.zone).astimezone(UTC)
