"""When a promise falls due: working calendars, pauses, respond and restore targets, a job's next promise.

It stands apart because the same walk along open hours answers every promise and every breach.

Always: a pause is an interval with a reason and time is counted anew around it, never added to a deadline.

    open      ████████░░░░░░░░████████░░░░░░░░████████      the calendar, each local day in its own UTC hours
    pause           ▒▒▒▒▒▒▒▒▒▒▒▒
    counted   ██████            ██████        ████████
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from fsconsole.rules.coverage import PLANNED_WORK
from fsconsole.rules.job import ACTIVE, Fold, leading
from fsconsole.rules.policy import InForce, start_of
from fsconsole.values.period import Interval, without
from fsconsole.values.terms import Calendar, Contract
from fsconsole.values.work import Column, Job, Outcome, State

#: A calendar in which nothing opens for this long is taken to be closed for good.
CLOSED_DAYS = 3660


@dataclass(frozen=True, slots=True)
class Pause:
    """Time that does not count towards a target, and why; ``end`` is None while it lasts."""

    start: datetime
    end: datetime | None
    reason: str


def windows(start: datetime, calendar: Calendar) -> Iterator[Interval]:
    """The open spans of a calendar from ``start`` on, in UTC, one after the other without overlap.

    A span belongs to the local day on which it begins, so a night shift that begins before a holiday is
    worked to its end. A local time that a clock change leaves out counts as if the clock had not changed yet.
    """
    zone = ZoneInfo(calendar.timezone)
    day = start.astimezone(zone).date() - timedelta(days=1)
    last = start
    for _ in range(CLOSED_DAYS):
        for opens, closes in calendar.hours.get(day.weekday(), ()) if day not in calendar.closed else ():
            until = day + timedelta(days=1) if closes <= opens else day
            window = Interval(max(last, _utc(day, opens, zone)), _utc(until, closes, zone))
            if window.start < window.end:
                last = window.end
                yield window
        day += timedelta(days=1)


def _utc(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)


def deadline(start: datetime, minutes: int, calendar: Calendar, pauses: Sequence[Interval] = ()) -> datetime:
    """The instant at which that many working minutes after ``start`` have passed.

    Raises ValueError when the calendar never opens for that long.
    """
    if minutes <= 0:
        return start
    left = minutes * 60
    for piece in without(windows(start, calendar), pauses):
        if piece.seconds >= left:
            return piece.start + timedelta(seconds=left)
        left -= piece.seconds
    raise ValueError(f"the working calendar is closed for {CLOSED_DAYS} days; give it hours such as Mon-Fri 09:00-17:00")


def elapsed(start: datetime, end: datetime, calendar: Calendar, pauses: Sequence[Interval] = ()) -> int:
    """Whole working minutes from ``start`` to ``end``, rounded down once over all pieces."""
    seconds = 0
    for piece in without(windows(start, calendar), pauses):
        if piece.start >= end:
            break
        seconds += Interval(piece.start, min(piece.end, end)).seconds
    return seconds // 60


def pauses_of(folds: Iterable[Fold], policies: InForce) -> tuple[Pause, ...]:
    """The times that do not count, as the policies say: waiting for parts; from no access to the next visit.

    A visit that found no access pauses until the next one of the job is released (or arrives unreleased).
    """
    known = [fold for fold in folds if not fold.visit.gone]
    found: list[Pause] = []
    if policies.pause_parts:
        found += [Pause(wait.start, wait.end, "waiting for parts") for fold in known for wait in fold.waits]
    if policies.pause_no_access:
        begun = sorted(at for fold in known if (at := fold.released or fold.departed or fold.arrived))
        for fold in known:
            if fold.outcome is Outcome.NO_ACCESS and fold.since:
                ended = fold.since
                found.append(Pause(ended, next((at for at in begun if at > ended), None), "no access"))
    return tuple(sorted(found, key=lambda pause: (pause.start, pause.reason)))


def targets(
    job: Job, contract: Contract | None, calendar: Calendar, pauses: Sequence[Pause] = ()
) -> tuple[datetime | None, datetime | None]:
    """(respond by, restore by) in UTC, counted from when the job was reported; planned work has a window instead.

    None where nothing was agreed, and while a pause that has not ended keeps the clock from running out.
    """
    if contract is None or job.reported_at is None or job.kind in PLANNED_WORK:
        return None, None
    return (
        _target(job.reported_at, contract.respond_minutes, calendar, pauses),
        _target(job.reported_at, contract.restore_minutes, calendar, pauses),
    )


def _target(start: datetime, minutes: int | None, calendar: Calendar, pauses: Sequence[Pause]) -> datetime | None:
    if minutes is None:
        return None
    ended = [Interval(pause.start, pause.end) for pause in pauses if pause.end]
    due = deadline(start, minutes, calendar, ended)
    if any(pause.end is None and pause.start < due for pause in pauses):
        return None
    return due


def arrived(folds: Iterable[Fold]) -> datetime | None:
    """When somebody first came for the job, which stops the respond clock. No access counts: we came."""
    times = [
        at
        for fold in folds
        if not fold.visit.gone and (at := fold.arrived or (fold.since if fold.outcome is Outcome.NO_ACCESS else None))
    ]
    return min(times, default=None)


def completed(folds: Iterable[Fold]) -> datetime | None:
    """When the work was finished, if nothing is left open: what stops the restore clock."""
    lead = leading(folds)
    return lead.completed if lead and lead.state in (State.COMPLETE, State.SIGNED_OFF) else None


def next_promise(
    job: Job,
    column: Column,
    folds: Iterable[Fold],
    respond_by: datetime | None,
    restore_by: datetime | None,
    timezone: str = "UTC",
) -> tuple[datetime | None, str]:
    """The promise of a job that falls due next, and what it is; (None, "") when nothing is promised.

    ``respond`` and ``window`` (the end of the agreed window) end with arrival, ``restore`` with completion.
    ``parts`` is the day they are expected, ``wake`` the day a parked job comes back; both at the start of the
    local day in ``timezone``. While a job waits for parts or is parked its targets still count when they fall
    first.
    """
    known = list(folds)
    if column in (Column.CLOSED, Column.COMPLETE, Column.SIGNED_OFF):
        return None, ""
    due: list[tuple[datetime, str]] = []
    came = arrived(known) is not None
    if respond_by and not came:
        due.append((respond_by, "respond"))
    here = any(fold.state in ACTIVE and fold.spans and fold.spans[-1].end is None for fold in known)
    if job.promised_until and not here and not _kept(job, known):
        due.append((job.promised_until, "window"))
    if restore_by and completed(known) is None:
        due.append((restore_by, "restore"))
    if column is Column.PARKED and job.parked_until:
        due.append((start_of(job.parked_until, timezone), "wake"))
    lead = leading(known)
    if column is Column.WAITING_PARTS and lead and lead.eta:
        due.append((start_of(lead.eta, timezone), "parts"))
    return min(due, key=lambda promise: promise[0], default=(None, ""))


def _kept(job: Job, folds: Iterable[Fold]) -> bool:
    """Whether somebody came for the promised window: on site from its start on, or ever when it has none."""
    spans = [span for fold in folds if not fold.visit.gone for span in fold.spans]
    begins = job.promised_from
    return any(begins is None or span.end is None or span.end >= begins for span in spans)
