"""Technicians: who there is, where each was last heard, where they stayed, what their day is made of, and job pins.

It stands apart because the day, the map and the dispatch prompt all ask about people and places, and about
one day only. How a visit went is folded from its events in flow/day.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from fsconsole.store.instants import ms
from fsconsole.store.opening import Store

#: Columns of the board in which somebody is promised or under way.
AHEAD = ("scheduled", "dispatched", "en route", "on site", "waiting parts")


class PersonRow(NamedTuple):
    """One technician in a list. ``lat``, ``lon``: where last heard, degrees x 10^7; ``at`` in ms."""

    technician: bytes
    code: str
    name: str
    phone: str
    skills: tuple[str, ...]
    area: str
    shift_start: str
    shift_end: str
    subcontractor: bool
    state: str  # the column of the job they are at, or nothing
    job: bytes | None
    ref: str
    where: str
    at: int | None
    lat: int | None
    lon: int | None
    battery: int | None
    metres_today: int


class FleetRow(NamedTuple):
    """One technician who could be sent. ``lat``, ``lon``: where they are, as far as is known, degrees x 10^7; ``state``: the
    column of the job they are at or nothing, ``where`` its place, ``since`` and ``until`` (as booked) in ms."""

    technician: bytes
    code: str
    name: str
    skills: tuple[str, ...]
    lat: int | None
    lon: int | None
    state: str
    since: int | None
    until: int | None
    where: str


class StayRow(NamedTuple):
    """One stop of a technician; ``location`` is None where no place of ours is near. Instants in ms."""

    technician: bytes
    start: int
    end: int
    lat: int
    lon: int
    location: bytes | None
    label: str
    fixes: int

    @property
    def minutes(self) -> int:
        return (self.end - self.start) // 60_000


class PinRow(NamedTuple):
    """One open job on the map."""

    job: bytes
    ref: str
    client: str
    location: str
    title: str
    lat: int
    lon: int
    column: str
    due_at: int | None
    due_what: str
    technician: bytes | None
    tech_code: str
    priority: int


class DutyRow(NamedTuple):
    """An absence or an on-call turn. Instants in ms."""

    technician: bytes
    kind: str
    start: int | None
    end: int | None
    reason: str


class TrailDay(NamedTuple):
    """A day on which a technician left a trail."""

    technician: bytes
    day: str
    fixes: int


_AT_WORK = "n.technician = t.id AND n.column_ IN ('on site', 'en route')"


def technicians(store: Store, now: datetime, words: str = "") -> list[PersonRow]:
    """Every technician by code, with the job they are at."""
    rows = store.sql(
        "SELECT t.id, t.code, t.name, t.phone, t.skills, t.area, t.shift_start, t.shift_end, t.subcontractor,"
        f" (SELECT n.job FROM job_now n WHERE {_AT_WORK} ORDER BY n.column_ DESC LIMIT 1), p.at, p.lat, p.lon, p.battery,"
        " CASE WHEN p.day = ? THEN p.metres_today ELSE 0 END FROM technician t LEFT JOIN position_now p ON p.technician = t.id"
        " WHERE t.gone = 0 ORDER BY t.code",
        (now.astimezone(store.zone).date().isoformat(),),
    )
    found = []
    for id_, code, name, phone, skills, area, start, end, sub, job, at, lat, lon, battery, metres in rows:
        said = f"{code} {name} {area} {skills}".lower()
        if any((word.lower() not in said) for word in words.split()):
            continue
        card = store.one("SELECT column_, ref, location_name FROM job_now WHERE job = ?", (job,)) if job else None
        state, ref, where = card or ("", "", "")
        found.append(
            PersonRow(
                id_, code, name, phone, tuple(json.loads(skills or "[]")), area, start, end, bool(sub), state, job, ref, where, at, lat,
                lon, battery, metres or 0,
            )
        )  # fmt: skip
    return found


def fleet(store: Store, job: bytes) -> list[FleetRow]:
    """Every technician who could be sent to a job, with the other job they are at, and where they were last heard: else the
    place of the visit they are on, else their home base."""
    at_work = store.one("SELECT 1 FROM job_now WHERE job = ? AND column_ IN ('on site', 'en route')", (job,)) is not None
    # A job that nobody is at leaves nobody's other job out: for all such jobs it is one answer.
    return store.kept(("fleet", job if at_work else b""), lambda: _fleet(store, job))


def _fleet(store: Store, job: bytes) -> list[FleetRow]:
    rows = store.sql(
        "SELECT t.id, t.code, t.name, t.skills, coalesce(p.lat, s.lat, t.lat), coalesce(p.lon, s.lon, t.lon), coalesce(n.column_, ''),"
        " n.since, n.booked_until, coalesce(n.location_name, '')"
        " FROM technician t LEFT JOIN position_now p ON p.technician = t.id LEFT JOIN job_now s ON s.job = (SELECT job FROM job_now"
        " WHERE technician = t.id AND column_ = 'on site' AND lat IS NOT NULL LIMIT 1) LEFT JOIN job_now n ON n.job = (SELECT n.job"
        f" FROM job_now n WHERE {_AT_WORK} AND n.job != ? ORDER BY n.column_ DESC LIMIT 1) WHERE t.gone = 0",
        (job,),
    )
    return [FleetRow(row[0], row[1], row[2], tuple(json.loads(row[3] or "[]")), *row[4:]) for row in rows]


def absent(store: Store, now: datetime) -> dict[bytes, str]:
    """Who is away at an instant, and why."""
    query = "SELECT technician, reason FROM duty WHERE kind = 'absent' AND start <= ? AND end > ? AND gone = 0"
    return {row[0]: row[1] for row in store.sql(query, (ms(now), ms(now)))}


def stays(store: Store, day: date, technician: bytes | None = None) -> list[StayRow]:
    """Where technicians (or one) stopped on a local day, in order of time."""
    mine = " AND s.technician = ?" if technician else ""
    rows = store.sql(
        "SELECT s.technician, s.start, s.end, s.lat, s.lon, s.location, coalesce(c.name || CASE l.name WHEN '' THEN '' ELSE ', ' || l.name END, l.name, ''),"
        " s.fixes FROM stay_now s LEFT JOIN location l ON l.id = s.location LEFT JOIN client c ON c.id = l.client"
        f" WHERE s.day = ?{mine} ORDER BY s.technician, s.start",
        (day.isoformat(), *([technician] if technician else [])),
    )
    return [StayRow(row[0], row[1], row[2], row[3], row[4], row[5] or None, row[6], row[7]) for row in rows]


def stays_at(store: Store, location: bytes, since: datetime, until: datetime) -> list[StayRow]:
    """Who was at a location between two instants, whether or not they had a job there."""
    rows = store.sql(
        "SELECT s.technician, s.start, s.end, s.lat, s.lon, s.location, coalesce(t.name, ''), s.fixes FROM stay_now s"
        " LEFT JOIN technician t ON t.id = s.technician WHERE s.location = ? AND s.start < ? AND s.end > ? ORDER BY s.start",
        (location, ms(until), ms(since)),
    )
    return [StayRow(*row) for row in rows]


def trail_days(store: Store, day: date) -> list[TrailDay]:
    """Who left a trail on a local day; the fixes themselves are read by flow/tracks."""
    rows = store.sql(
        "SELECT technician, day, sum(fixes) FROM trail_piece WHERE day = ? AND void = 0 GROUP BY technician, day",
        (day.isoformat(),),
    )
    return [TrailDay(*row) for row in rows]


def pins(
    store: Store, columns: tuple[str, ...] = ("logged", "scheduled", "dispatched", "en route", "on site", "waiting parts")
) -> list[PinRow]:
    """Open jobs whose place is known, for the map."""
    rows = store.sql(
        "SELECT job, ref, client_name, location_name, title, lat, lon, column_, due_at, due_what, technician, tech_code, priority FROM job_now"
        f" WHERE column_ IN ({','.join('?' * len(columns))}) AND lat IS NOT NULL AND lon IS NOT NULL ORDER BY number",
        columns,
    )
    return [PinRow(*row) for row in rows]


def place_of(store: Store, job: bytes) -> tuple[int, int] | None:
    """Where an open job is, if its place is known."""
    row = store.one("SELECT lat, lon FROM job_now WHERE job = ? AND lat IS NOT NULL AND lon IS NOT NULL", (job,))
    return (int(row[0]), int(row[1])) if row else None


def duties(store: Store, start: datetime, end: datetime) -> list[DutyRow]:
    """Absences and on-call turns that fall between two instants."""
    rows = store.sql(
        "SELECT technician, kind, start, end, reason FROM duty WHERE gone = 0 AND technician IS NOT NULL AND (start IS NULL OR start < ?)"
        " AND (end IS NULL OR end > ?) ORDER BY start",
        (ms(end), ms(start)),
    )
    return [DutyRow(*row) for row in rows]


def bounds_of(store: Store, day: date) -> tuple[datetime, datetime]:
    """The first instant of a local day of this site and of the next, in UTC."""
    start, end = (datetime.combine(each, time(0), store.zone).astimezone(UTC) for each in (day, day + timedelta(days=1)))
    return start, end


def under_way(store: Store) -> int:
    """How many jobs somebody is booked or sent for, without looking at any."""
    marks = ",".join("?" * len(AHEAD))
    (row,) = store.sql(f"SELECT coalesce(sum(jobs), 0) FROM lane_now WHERE column_ IN ({marks})", AHEAD)
    return int(row[0])


def visits_of_day(store: Store, day: date) -> list[bytes]:
    """Ids of visits that may have to do with a local day: open ones, those whose job moved on then, those told of then.

    A superset found by index alone: whoever folds them keeps what falls on the day.
    """
    start, end = bounds_of(store, day)
    marks = ",".join("?" * len(AHEAD))
    # What is only booked, for another day, takes nobody's time today; what happened on it today is among what was told.
    elsewhere = (
        "column_ IN ('scheduled', 'dispatched') AND (booked_from >= ? OR coalesce(booked_until, booked_from + 86400000) < ?)"
    )
    open_ = store.sql(
        f"SELECT visit FROM job_now WHERE column_ IN ({marks}) AND visit IS NOT NULL AND NOT coalesce({elsewhere}, 0)",
        (*AHEAD, ms(end), ms(start)),
    )
    done = store.sql(
        "SELECT visit FROM job_now WHERE column_ IN ('complete', 'signed off', 'closed') AND since >= ? AND since < ? AND visit IS NOT NULL",
        (ms(start), ms(end)),
    )
    # New ids begin with the milliseconds of their making, so that what was recorded on a day lies together.
    told = store.sql(
        "SELECT DISTINCT visit FROM event WHERE id >= ? AND id < ? AND void = 0 AND visit IS NOT NULL",
        (ms(start).to_bytes(6, "big"), ms(end + timedelta(hours=12)).to_bytes(6, "big")),
    )
    return list({row[0]: None for row in (*open_, *done, *told)})


def whose(store: Store, visits: Sequence[bytes]) -> dict[bytes, list[bytes]]:
    """By technician, which of these visits are theirs."""
    found: dict[bytes, list[bytes]] = {}
    for at in range(0, len(visits), 500):
        some = visits[at : at + 500]
        marks = ",".join("?" * len(some))
        for visit, technician in store.sql(f"SELECT id, technician FROM visit WHERE id IN ({marks}) AND technician IS NOT NULL", some):
            found.setdefault(technician, []).append(visit)
    return found


def other_visits(store: Store, jobs: list[bytes]) -> list[bytes]:
    """Ids of all visits of some jobs."""
    found: list[bytes] = []
    for begin in range(0, len(jobs), 500):
        some = jobs[begin : begin + 500]
        found += [
            row[0] for row in store.sql(f"SELECT id FROM visit WHERE gone = 0 AND job IN ({','.join('?' * len(some))})", some)
        ]
    return found
