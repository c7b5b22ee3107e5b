"""What needs a person's eye now."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from fsconsole.rules.alerts import Alert, Watched, alerts
from fsconsole.rules.policy import InForce, start_of
from fsconsole.values.bill import Step
from fsconsole.values.work import Column, Id

from .build import AMY, BEN, JOB, at, folded, id_of

POLICY = InForce()
LOGGED = Watched(job=JOB, column=Column.LOGGED, due_at=at("Mon 12:00"), due_what="respond", client="Finch & Co")
HERE = Watched(
    job=replace(JOB, planned_minutes=60),
    column=Column.ON_SITE,
    folds=(folded("Mon 08:30 release", "Mon 09:20 arrive"),),
    client="Finch & Co",
)


def look(now: str, *jobs: Watched, heard: dict[Id, datetime | None] | None = None, **more: Any) -> list[Alert]:
    return alerts(at(now), jobs, {AMY.id: AMY, BEN.id: BEN}, heard or {}, replace(POLICY, **more), "LDN")


def kinds(found: list[Alert]) -> list[str]:
    return [alert.kind for alert in found]


def test_a_promise_is_nothing_then_soon_then_late() -> None:
    assert look("Mon 10:59", LOGGED) == []
    (soon,) = look("Mon 11:12", LOGGED)
    assert (soon.kind, soon.says) == (
        "soon",
        "1008 Finch & Co: somebody on site promised by Mon 2 Mar 12:00, 48 min left",
    )
    (late,) = look("Mon 13:10", LOGGED)
    assert (late.kind, late.says) == (
        "late",
        "1008 Finch & Co: somebody on site promised by Mon 2 Mar 12:00, 1 h 10 late",
    )
    assert late.step == Step(verb="d 1008 ", words="dispatch it")


def test_how_soon_is_soon_is_a_policy() -> None:
    assert kinds(look("Mon 09:30", LOGGED, soon_minutes=180)) == ["soon"]


def test_an_overrun_begins_when_the_planned_minutes_are_over() -> None:
    assert look("Mon 10:20", HERE) == []
    (over,) = look("Mon 10:50", HERE)
    assert (over.kind, over.since) == ("overrun", at("Mon 10:20"))
    assert over.says == "1008 Finch & Co: Ben on site 1 h 30 of 1 h planned"


def test_a_technician_is_silent_by_the_state_and_only_if_a_trail_is_kept_of_them() -> None:
    going = Watched(
        job=JOB, column=Column.EN_ROUTE, folds=(folded("Mon 08:30 release", "Mon 09:00 depart"),), client="Finch & Co"
    )
    assert look("Mon 10:00", going) == []
    assert look("Mon 09:20", going, heard={BEN.id: None}) == []
    (silent,) = look("Mon 09:35", going, heard={BEN.id: at("Mon 09:10")})
    assert (silent.thing, silent.says) == (BEN.id, "Ben silent for 25 min, since 09:10 (en route, 1008)")
    assert look("Mon 09:35", going, heard={BEN.id: at("Mon 09:30")}) == []


def test_a_subcontractor_is_never_silent_and_one_technician_is_said_once() -> None:
    two = [
        replace(HERE, job=replace(JOB, id=id_of(name)), folds=(folded("Mon 08:30 release", "Mon 09:00 depart", name=name),))
        for name in ("one", "two")
    ]
    heard: dict[Id, datetime | None] = {BEN.id: at("Mon 09:00")}
    assert kinds(look("Mon 10:00", *two, heard=heard)) == ["silent"]
    theirs = alerts(at("Mon 10:00"), two, {BEN.id: replace(BEN, subcontractor=True)}, heard, POLICY)
    assert theirs == []


def test_parts_past_their_day_and_parked_jobs_past_theirs_are_said() -> None:
    waiting = Watched(
        job=JOB,
        column=Column.WAITING_PARTS,
        due_at=start_of(date(2026, 3, 4), "Europe/London"),
        due_what="parts",
        client="Finch & Co",
    )
    assert look("Tue 23:59", waiting) == []
    (parts,) = look("Wed 08:00", waiting)
    assert parts.says == "1008 Finch & Co: parts were expected on Wed 4 Mar"
    parked = replace(waiting, job=replace(JOB, parked_why="no access"), column=Column.PARKED, due_what="wake")
    (wake,) = look("Wed 08:00", parked)
    assert (wake.says, wake.step) == (
        "1008 Finch & Co: parked until Wed 4 Mar (no access)",
        Step(verb="wake 1008", words="take it up again"),
    )


def test_the_stack_is_by_priority_then_by_age() -> None:
    def late(name: str, priority: int, due: str) -> Watched:
        return replace(LOGGED, job=replace(JOB, id=id_of(name), priority=priority), due_at=at(due))

    found = look("Mon 14:00", late("a", 3, "Mon 10:00"), late("b", 1, "Mon 13:00"), late("c", 3, "Mon 09:00"))
    assert [alert.thing for alert in found] == [id_of("b"), id_of("c"), id_of("a")]
