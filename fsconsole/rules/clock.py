"""A working clock: hours that change from a day on, holidays with hours of their own, pauses with their reason.

It stands apart from sla.py, which asks of one calendar when a job's promise falls due, because agreements name their
own hours and say differently what a pause does.

Always: minutes added from an instant and measured again are the same minutes, whatever pauses stand between.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from itertools import takewhile
from typing import Any
from zoneinfo import ZoneInfo

from fsconsole.rules.policy import hours
from fsconsole.rules.rates import minutes_text as spoken
from fsconsole.rules.sla import CLOSED_DAYS, Pause
from fsconsole.values.agreement import Agreement, Row
from fsconsole.values.holidays import closed_days
from fsconsole.values.period import Interval, without

Hours = Mapping[int, tuple[tuple[time, time], ...]]
#: Days that a clock is followed at most; longer is a mistake, and would take for ever.
LONGEST = 20 * 366
ALWAYS = "Mon-Sun 00:00-24:00"


@dataclass(frozen=True, slots=True)
class Clock:
    """Working hours by the day from which they hold (the first also before it), in one time zone."""

    timezone: str
    since: tuple[tuple[date, Hours], ...]
    holidays: frozenset[date] = frozenset()
    on_holidays: tuple[tuple[time, time], ...] = ()
    pause_for: tuple[str, ...] | None = None  # the reasons that stop it; None: all
    own: Mapping[date, tuple[tuple[time, time], ...]] = field(default_factory=dict)  # days with hours of their own
    cut_off: time | None = None  # what comes later in a day counts from the next working day's opening
    shifts: bool = False  # a pause's whole length is added to a deadline instead of being cut out
    zone: ZoneInfo = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "zone", ZoneInfo(self.timezone))

    def spans(self, day: date) -> tuple[tuple[time, time], ...]:
        """The open spans that begin on a local day."""
        if day in self.own:
            return self.own[day]
        if day in self.holidays:
            return self.on_holidays
        known = [hours for first, hours in self.since if first <= day]
        return (known[-1] if known else self.since[0][1]).get(day.weekday(), ())

    def windows(self, start: datetime) -> Iterator[Interval]:
        """Open time from ``start`` on, in UTC, one span after the other without overlap."""
        day = start.astimezone(self.zone).date() - timedelta(days=1)
        last, idle, first = start, 0, day
        while idle < CLOSED_DAYS:
            idle += 1
            if (day - first).days > LONGEST:
                raise ValueError(f"a clock does not run for more than {LONGEST // 366} years; look at its days and minutes")
            for opens, closes in self.spans(day):
                until = day + timedelta(days=1) if closes <= opens else day
                begin = max(last, self._utc(day, opens))
                end = self._utc(until, closes)
                if begin < end:
                    last, idle = end, 0
                    yield Interval(begin, end)
            if day > date.max - timedelta(days=3):
                return
            day += timedelta(days=1)

    def _utc(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.zone).astimezone(UTC)

    def counting(self, pause: Pause) -> bool:
        """Whether a pause stops this clock."""
        return self.pause_for is None or pause.reason in self.pause_for

    def counted(self, start: datetime, pauses: Iterable[Pause]) -> Iterator[Interval]:
        """Open time with the pauses cut out; one that has not ended cuts out all that follows."""
        mine = [one for one in pauses if self.counting(one)]
        stops = min((one.start for one in mine if one.end is None), default=None)
        spans = self.windows(start)
        open_to_the_end = spans if stops is None else takewhile(lambda span: span.start < stops, spans)
        ends = datetime.max.replace(tzinfo=UTC)
        return without(open_to_the_end, (Interval(one.start, one.end or ends) for one in mine))

    def deadline(self, start: datetime, minutes: int | Fraction, pauses: Sequence[Pause] = ()) -> datetime | None:
        """The instant at which that many working minutes have passed; None while a pause without an end is in the way.

        Raises ValueError when the hours never open.
        """
        cut = () if self.shifts else tuple(pauses)
        due = self._walk(start, minutes, cut)
        if due is None or not self.shifts:
            return due
        mine = [one for one in pauses if self.counting(one) and one.start < due]
        if any(one.end is None for one in mine):
            return None
        return due + sum((one.end - one.start for one in mine if one.end), timedelta(0))

    def counts_from(self, start: datetime) -> datetime:
        """The instant from which a clock counts: the next working day's opening where it starts after the day's cut-off."""
        local = start.astimezone(self.zone)
        if self.cut_off is None or local.time() <= self.cut_off:
            return start
        day = self.nth_working_day(local.date(), 1, 1)
        return min(self._utc(day, opens) for opens, _ in self.spans(day))

    def _walk(self, start: datetime, minutes: int | Fraction, pauses: Sequence[Pause]) -> datetime | None:
        left = int(minutes * 60)
        if left <= 0:
            return start
        for piece in self.counted(start, pauses):
            if piece.seconds >= left:
                return piece.start + timedelta(seconds=left)
            left -= piece.seconds
        if any(one.end is None and self.counting(one) for one in pauses):
            return None
        raise ValueError("the working hours never open; give hours such as Mon-Fri 09:00-17:00")

    def seconds(self, start: datetime, end: datetime, pauses: Sequence[Pause] = ()) -> int:
        """Working seconds from ``start`` up to ``end``, pauses left out."""
        total = 0
        for piece in self.counted(start, pauses):
            if piece.start >= end:
                break
            total += Interval(piece.start, min(piece.end, end)).seconds
        return total

    def elapsed(self, start: datetime, end: datetime, pauses: Sequence[Pause] = ()) -> int:
        """Whole working minutes, rounded down once over all pieces."""
        return self.seconds(start, end, pauses) // 60

    def end_of_working_day(self, start: datetime, days: int) -> datetime:
        """When the ``days``-th working day after that of ``start`` ends; 0: the day itself, or the next that opens."""
        first = start.astimezone(self.zone).date()
        last, seen = first, 0
        for window in self.windows(start):
            day = window.start.astimezone(self.zone).date()
            if day > last:
                last, seen = day, seen + 1
            if seen >= days:
                closes = [self._utc(day, until) for begin, until in self.spans(day) if until > begin]
                return max(closes, default=window.end)
        raise ValueError("the working hours never open; give hours such as Mon-Fri 09:00-17:00")

    def on_working_day(self, start: datetime, days: int, from_opening: bool, at_any_hour: bool = False, by: int = 1) -> datetime:
        """The same time of day ``days`` working days later, within that day's hours or (``at_any_hour``) whatever they are.

        ``from_opening``: a start outside the hours is first moved to the next opening. ``by`` of −1: so many days before.
        """
        if from_opening:
            start = max(start, next(self.windows(start), Interval(start, start)).start)
        local = start.astimezone(self.zone)
        day = self.nth_working_day(local.date(), days, by)
        at = datetime.combine(day, local.time(), self.zone).astimezone(UTC)
        if at_any_hour:
            return at
        opens = [self._utc(day, begin) for begin, _ in self.spans(day)]
        closes = [self._utc(day + timedelta(days=1) if until <= begin else day, until) for begin, until in self.spans(day)]
        return min(max(at, min(opens)), max(closes)) if opens else at

    def nth_working_day(self, day: date, days: int, by: int) -> date:
        """The ``days``-th working day after ``day`` (``by`` of −1: before it); 0: the day itself, or the next that opens."""
        seen = closed = 0
        while seen < days or not (days or self.spans(day)):
            day += timedelta(days=by)
            opens = bool(self.spans(day))
            seen, closed = seen + opens, 0 if opens else closed + 1
            if closed > CLOSED_DAYS:
                raise ValueError("the working hours never open; give hours such as Mon-Fri 09:00-17:00")
        return day

    def close(self, day: date) -> datetime:
        """When the last hours that begin on a day end."""
        closes = [self._utc(day + timedelta(days=1) if until <= begin else day, until) for begin, until in self.spans(day)]
        return max(closes)

    def opening(self, start: datetime) -> datetime:
        """The instant itself where it is within the hours, else when they open next. Raises ValueError when they never do."""
        for window in self.windows(start):
            return max(start, window.start)
        raise ValueError("the working hours never open; give hours such as Mon-Fri 09:00-17:00")

    def latest_start(self, end: datetime, minutes: int | Fraction) -> datetime:
        """The last instant from which so many working minutes are left until ``end``."""
        left, day, seen = int(minutes * 60), end.astimezone(self.zone).date(), 0
        until = end
        while seen < CLOSED_DAYS and day > date.min + timedelta(days=3):
            for opens, closes in reversed(self.spans(day)):
                last = min(until, self._utc(day + timedelta(days=1) if closes <= opens else day, closes))
                begin = self._utc(day, opens)
                if begin < last:
                    size = Interval(begin, last).seconds
                    if size >= left:
                        return last - timedelta(seconds=left)
                    left, until, seen = left - size, begin, 0
            day, seen = day - timedelta(days=1), seen + 1
        raise ValueError("the working hours never open; give hours such as Mon-Fri 09:00-17:00")


def clock_of(said: Mapping[str, Any], agreement: Agreement) -> Clock:
    """The clock that a row or a term's details describe; the contract's zone, day and night, where they say nothing.

    Raises ValueError that shows how hours are written.
    """
    contract: Row = next(iter(agreement.of("contract")), {})
    base = hours(said.get("hours") or ALWAYS)
    since = [(date.min, base)]
    since += sorted((_day(one["from"]), hours(one["hours"])) for one in said.get("calendars") or ())
    special = said.get("on_holidays")
    holidays = said.get("holidays") if said.get("holidays") is not None else contract.get("holidays", ())
    reasons = said.get("pause_for")
    return Clock(
        timezone=said.get("timezone") or agreement.contract.timezone or "UTC",
        since=tuple(since),
        holidays=closed_days(holidays),
        on_holidays=hours(f"Mon-Sun {special}")[0] if special else (),
        pause_for=tuple(reasons) if reasons is not None else None,
        own={_day(one["on"]): hours(f"Mon-Sun {one['hours']}")[0] if one.get("hours") else () for one in said.get("days") or ()},
        cut_off=time.fromisoformat(said["cut_off"]) if said.get("cut_off", "24:00") != "24:00" else None,
        shifts=said.get("pauses_are", "cut out") == "added",
    )


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


# --- [[deadline]] -----------------------------------------------------------------------------------------------------


def deadline_rows(rows: tuple[Row, ...], agreement: Agreement) -> list[dict[str, Any]]:
    """The answers of [[deadline]]: for each target ``at`` (local time with its offset), and whether it was kept."""
    return [answer for row in rows for answer in _deadlines(row, agreement)]


def pauses_in(row: Row) -> tuple[Pause, ...]:
    """The pauses that a row names. Raises ValueError for one that ends before it starts."""
    return tuple(pause(one) for one in row.get("pauses") or ())


def pause(one: Mapping[str, Any]) -> Pause:
    """A pause from its fields."""
    start, end = one["from"], one.get("until")
    if end is not None and end < start:
        raise ValueError(f"a pause ends ({end.isoformat()}) before it starts ({start.isoformat()})")
    return Pause(start, end, one.get("reason", ""))


def _deadlines(row: Row, agreement: Agreement) -> Iterator[dict[str, Any]]:
    clock, start, pauses = clock_of(row, agreement), row["from"], pauses_in(row)
    if clock.cut_off is not None:
        if row.get("before"):
            raise ValueError("counting back there is no cut_off; leave it out")
        start = clock.counts_from(start)
        row = {**row, "from": start, "told": row["from"]} if start != row["from"] else row
    if "seconds" in row:
        row = {**row, "minutes": row.get("minutes", 0) + Fraction(row["seconds"], 60)}
    targets = [(name, row[name], row.get(stopped)) for name, stopped in
               (("minutes", "stopped"), ("respond", "responded"), ("restore", "restored")) if name in row]  # fmt: skip
    if row.get("before"):
        if pauses or not ("minutes" in row or "working_days" in row):
            raise ValueError("counting back takes minutes or working_days, and no pauses")
        if "minutes" in row:
            at = clock.latest_start(start, row["minutes"])
            yield _told(row, clock, "latest start", at, f"{spoken(row['minutes'])} of working time", None)
        if "working_days" in row:
            yield _days_before(row, clock)
        targets = [one for one in targets if one[0] != "minutes"]
    for name, minutes, stopped in targets:
        what = "" if name == "minutes" else name
        yield _told(row, clock, what, clock.deadline(start, minutes, pauses), f"{spoken(minutes)} of working time", stopped)
    if "working_days" in row and not row.get("before"):
        count, how = row["working_days"], row.get("working_days_at", "end")
        if how == "end":
            at, words = clock.end_of_working_day(start, count), f"end of working day {count}"
        else:
            at = clock.on_working_day(start, count, how == "same time from opening", how == "same time at any hour")
            words = f"{count} working days"
        yield _told(row, clock, "", at, words, row.get("stopped"))
    if row.get("opening"):
        yield _told(row, clock, "opening", clock.opening(start), "first working time", None)
        targets = targets or [("", 0, None)]
    if "until" in row:
        seconds = clock.seconds(start, row["until"], pauses)
        says = f"{spoken(Fraction(seconds, 60))} of working time from {_local(start, clock)} to {_local(row['until'], clock)}"
        yield {"name": row.get("name", ""), "what": "measured", "minutes": seconds // 60, "seconds": seconds, "says": says}
    if not targets and not row.get("before") and "working_days" not in row and "until" not in row:
        raise ValueError("say minutes, respond, restore or working_days for a deadline, or until to measure")


def _days_before(row: Row, clock: Clock) -> dict[str, Any]:
    """So many working days before an instant: the end of that day, or the same time on it."""
    count, how, start = row["working_days"], row.get("working_days_at", "end"), row["from"]
    if how == "same time from opening":
        raise ValueError("counting back there is no opening to start from; say working_days_at = “same time”")
    if how == "end":
        at = clock.close(clock.nth_working_day(start.astimezone(clock.zone).date(), count, -1))
    else:
        at = clock.on_working_day(start, count, False, how == "same time at any hour", -1)
    words = f"end of working day {count}" if how == "end" else f"{count} working days"
    return _told(row, clock, "", at, words, None)


def _told(row: Row, clock: Clock, what: str, at: datetime | None, words: str, stopped: datetime | None) -> dict[str, Any]:
    start, pauses = row["from"], pauses_in(row)
    cut = [_stopped(one, clock) for one in pauses if clock.counting(one)]
    around = f", {'plus' if clock.shifts else 'without'} {' and '.join(cut)}," if cut else ""
    if "told" in row:
        around = f" ({_local(row['told'], clock)} is after {clock.cut_off:%H:%M}){around}"
    way = "before" if row.get("before") and what in ("", "latest start") else "after"
    says = f"{what + ': ' if what else ''}{words} {way} {_local(start, clock)}{around}"
    answer: dict[str, Any] = {"name": row.get("name", ""), "what": what, "at": _iso(at, clock)}
    says += f" is {_local(at, clock)}" if at else " is not known while a pause lasts"
    if stopped is not None:
        used = clock.elapsed(start, stopped, pauses)
        late = clock.elapsed(at, stopped, pauses) if at and stopped > at else 0
        kept = at is None or stopped <= at
        answer |= {"kept": kept, "minutes": used, "late_minutes": late}
        says += f"; stopped {_local(stopped, clock)} after {spoken(used)}, " + ("in time" if kept else f"{spoken(late)} late")
    return {**answer, "says": says}


def _stopped(one: Pause, clock: Clock) -> str:
    """A pause in words: from when to when, and why."""
    until = f"to {_local(one.end, clock)}" if one.end else "on"
    return f"{_local(one.start, clock)} {until}" + (f" ({one.reason})" if one.reason else "")


def _iso(at: datetime | None, clock: Clock) -> str | None:
    return at.astimezone(clock.zone).isoformat() if at else None


def _local(at: datetime, clock: Clock) -> str:
    here = at.astimezone(clock.zone)
    # In the hour that a night in autumn has twice, the clock alone does not tell which is meant.
    twice = here.replace(fold=0).utcoffset() != here.replace(fold=1).utcoffset()
    return f"{here:%a %Y-%m-%d %H:%M}" + (f":{here:%S}" if here.second else "") + (f" {here:%Z}" if twice else "")
