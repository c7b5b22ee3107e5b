"""Who could go: each technician with when they would be there, and what speaks against it.

It stands apart from dispatch because the log form, the dispatch prompt and the board's detail all ask it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from fsconsole.planner.travel import minutes_between
from fsconsole.store.instants import instant
from fsconsole.store.opening import Store
from fsconsole.store.queries import people


@dataclass(frozen=True, slots=True)
class Candidate:
    """One technician for one job: minutes to drive, when free, when there, and why not in words."""

    code: str
    name: str
    drive: int | None
    free_at: datetime
    there_at: datetime
    at_work: str  # "free now", "ends about 11:10"
    against: tuple[str, ...] = ()


def whereabouts(store: Store, technician: bytes) -> tuple[int, int] | None:
    """Where a technician was last heard, else the location of their visit under way, else their home base."""
    row = store.one("SELECT lat, lon FROM position_now WHERE technician = ?", (technician,))
    row = row or store.one(
        "SELECT lat, lon FROM job_now WHERE technician = ? AND column_ = 'on site' AND lat IS NOT NULL LIMIT 1", (technician,)
    )
    row = row or store.one("SELECT lat, lon FROM technician WHERE id = ? AND lat IS NOT NULL", (technician,))
    return (row[0], row[1]) if row else None


def arrival(store: Store, technician: bytes, location: bytes | None, at: datetime) -> datetime | None:
    """When a technician would reach a location if they left now; None when either place is unknown."""
    place = store.one("SELECT lat, lon FROM location WHERE id = ? AND lat IS NOT NULL", (location or b"",))
    here = whereabouts(store, technician)
    if place is None or here is None:
        return None
    return at + timedelta(minutes=minutes_between(*here, *place))


def candidates(store: Store, job: bytes, now: datetime) -> list[Candidate]:
    """Every technician for a job, soonest there first; those against whom something speaks come last."""
    row = store.one("SELECT lat, lon, skill FROM job_now WHERE job = ?", (job,))
    if row is None:
        return []
    lat, lon, skill = row
    away = people.absent(store, now)
    found = []
    for one in people.fleet(store, job):
        free_at, at_work = _free(store, one, now)
        drive = None
        if one.lat is not None and one.lon is not None and lat is not None:
            drive = minutes_between(one.lat, one.lon, lat, lon)
        against = []
        if skill and skill.lower() not in (skilled.lower() for skilled in one.skills):
            against.append(f"no {skill}")
        if one.technician in away:
            reason = away[one.technician]
            against.append(f"absent{': ' + reason if reason else ''}")
        there = free_at + timedelta(minutes=drive or 0)
        found.append(Candidate(one.code, one.name, drive, free_at, there, at_work, tuple(against)))
    return sorted(found, key=lambda one: (bool(one.against), one.drive is None, one.there_at, one.code))


def _free(store: Store, one: people.FleetRow, now: datetime) -> tuple[datetime, str]:
    if not one.state:
        return now, "free now"
    ends = instant(one.until) if one.until else (instant(one.since) if one.since else now) + timedelta(minutes=60)
    ends = max(ends, now + timedelta(minutes=10))
    # Said to the next five minutes: it is a guess, and must not change on the screen every minute.
    said = ends + timedelta(minutes=-ends.minute % 5)
    return ends, f"{one.state} at {one.where}, ends about {said.astimezone(store.zone):%H:%M}"
