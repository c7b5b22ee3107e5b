"""Plain values for the tests of the rules, said as people say them: ``at("Mon 09:00")`` of one fixed week."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from fsconsole.rules.job import Fold, fold
from fsconsole.values.work import Asset, Client, Event, Happening, Id, Job, Technician, Visit

ZONE = "Europe/London"
#: The week of the tests: Monday 2 March 2026, in winter time, so local time is UTC.
WEEK = {"Mon": 2, "Tue": 3, "Wed": 4, "Thu": 5, "Fri": 6, "Sat": 7, "Sun": 8}

WORDS = {
    "book": Happening.BOOK,
    "release": Happening.RELEASE,
    "ack": Happening.ACKNOWLEDGE,
    "told": Happening.TOLD,
    "depart": Happening.DEPART,
    "arrive": Happening.ARRIVE,
    "wait": Happening.WAIT_PARTS,
    "parts in": Happening.PARTS_IN,
    "complete": Happening.COMPLETE,
    "sign": Happening.SIGN,
    "return": Happening.RETURN_NEEDED,
    "no access": Happening.NO_ACCESS,
    "abort": Happening.ABORT,
    "off": Happening.TAKE_OFF,
}


def id_of(name: str) -> Id:
    """An id that reads as its name."""
    return Id(name.encode().ljust(16, b"."))


def at(words: str, zone: str = ZONE) -> datetime:
    """``Mon 09:00`` of the tests' week, or ``2024-03-08 16:00``, local in ``zone``, as an instant in UTC."""
    day, _, hour = words.partition(" ")
    on = date(2026, 3, WEEK[day]) if day in WEEK else date.fromisoformat(day)
    hours, minutes = hour.split(":")
    local = datetime(on.year, on.month, on.day, int(hours), int(minutes), tzinfo=ZoneInfo(zone))
    return local.astimezone(UTC)


AMY = Technician(id=id_of("amy"), code="amy", name="Amy Reed", device="amy-phone")
BEN = Technician(id=id_of("ben"), code="ben", name="Ben Cole", device="ben-phone")
FINCH = Client(id=id_of("finch"), ref="LDN-K8", name="Finch & Co", email="ap@finch.example")
PANEL = Asset(id=id_of("panel"), ref="LDN-A3", client=FINCH.id, maker="Acme", model="P100", serial="21-0093")
JOB = Job(
    id=id_of("job"),
    ref="LDN-1008",
    client=FINCH.id,
    title="Panel fault",
    reported_at=at("Mon 08:00"),
)


def events(*told: str, visit: str = "visit", eta: date | None = None, start: int = 0) -> tuple[Event, ...]:
    """Events in the order told, each ``Mon 09:12 arrive``."""
    result = []
    for number, line in enumerate(told, start):
        day, hour, what = line.split(" ", 2)
        result.append(
            Event(
                id=id_of(f"{visit}-{number}"),
                visit=id_of(visit),
                what=WORDS[what],
                at=at(f"{day} {hour}"),
                stamp=number,
                eta=eta,
            )
        )
    return tuple(result)


def visit(name: str = "visit", **more: Any) -> Visit:
    return Visit(**{"id": id_of(name), "job": JOB.id, "technician": BEN.id, **more})


def folded(*told: str, name: str = "visit", eta: date | None = None, **more: Any) -> Fold:
    """Where a visit stands after what is told."""
    return fold(visit(name, **more), events(*told, visit=name, eta=eta))


def states(folds: Iterable[Fold]) -> list[str]:
    return [each.state.value for each in folds]
