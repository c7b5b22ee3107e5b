"""Who goes, and where they are with it: book, release, told, on the way, arrived, waiting, done, not done.

Booking promises a technician's time; releasing sends them. A technician has one active visit; leaving one says how it ended.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from fsconsole.desk import Desk, Done
from fsconsole.errors import Refused
from fsconsole.flow import finding
from fsconsole.flow.acting import guard, record
from fsconsole.rules import job as jobs
from fsconsole.rules.job import Fold
from fsconsole.store.instants import ms
from fsconsole.store.rows import fetch, fetch_all, fetch_many
from fsconsole.store.tables import Put, put
from fsconsole.values.work import Event, Happening, Id, Job, State, Technician, Visit

#: What one technician can be at, and nothing else at the same time.
UNDER_WAY = (State.EN_ROUTE, State.ON_SITE)


def folds_of(desk: Desk, job_id: bytes) -> list[Fold]:
    """The job's visits with where each stands, in their order."""
    visits: list[Visit] = fetch_all(desk.store, "visit", job=job_id, order="number")
    return [_fold(desk, visit) for visit in visits]


def _fold(desk: Desk, visit: Visit) -> Fold:
    return jobs.fold(visit, fetch_all(desk.store, "event", visit=visit.id))


def visit_meant(desk: Desk, text: str) -> tuple[Job, Fold]:
    """The visit that a technician's code or a job's reference means: the one under way, else the next. Raises Refused."""
    if finding.is_technician(desk, text) and not text[:1].isdigit():
        technician = finding.technician(desk, text)
        open_folds = open_visits(desk, technician.id)
        if not open_folds:
            raise Refused(f"{technician.name} has no open visit.", f"Dispatch one: d JOB {technician.code}")
        first = open_folds[0]
        return fetch(desk.store, "job", first.visit.job), first
    job = finding.job(desk, text)
    leading = jobs.leading(folds_of(desk, job.id))
    if leading is None:
        raise Refused(f"{job.ref} has no visit yet.", f"Dispatch it: d {short(desk, job.ref)} TECHNICIAN")
    return job, leading


def open_visits(desk: Desk, technician: bytes) -> list[Fold]:
    """A technician's visits that have not ended, the one under way first, then by booking."""
    rows = desk.store.sql(
        "SELECT visit FROM job_now WHERE technician = ?"
        " AND column_ IN ('scheduled', 'dispatched', 'en route', 'on site', 'waiting parts')",
        (technician,),
    )
    visits = fetch_many(desk.store, "visit", [row[0] for row in rows if row[0]])
    folds = [_fold(desk, visit) for visit in visits.values()]
    order = (State.ON_SITE, State.EN_ROUTE, State.DISPATCHED, State.SCHEDULED, State.WAITING_PARTS)
    alive = [one for one in folds if one.state in order]
    return sorted(alive, key=lambda f: (order.index(f.state), f.visit.booked_from or f.since or desk.now))


def short(desk: Desk, ref: str) -> str:
    """A reference as it is typed at home: ``1042`` for LDN-1042."""
    return ref.removeprefix(f"{desk.store.code}-")


# --- promise and send -------------------------------------------------------------------------------------------------


def book(desk: Desk, job: Job, technician: Technician, when: datetime, until: datetime | None = None) -> Done:
    """Books a technician's time for a job; nobody is sent yet."""
    _open(job)
    _fit(desk, job, technician, when)
    until = until or when + timedelta(minutes=job.planned_minutes or 60)
    puts, visit, _ = _visit_for(desk, job, technician)
    puts += [
        put("visit", visit, technician=technician.id, booked_from=when, booked_until=until),
        happened(desk, visit, Happening.BOOK),
        *_unparked(job),
    ]
    words = f"{job.ref} booked for {technician.name} {finding.at_words(desk, when)}–{until.astimezone(desk.zone):%H:%M}"
    return record(desk, puts, words, ref=job.ref, row=job.id)


def release(desk: Desk, job: Job, technician: Technician | None = None, when: datetime | None = None) -> Done:
    """Sends a technician to a job: the one named, else the one it is booked for."""
    _open(job)
    leading = jobs.leading(folds_of(desk, job.id))
    if technician is None and leading is not None and leading.visit.technician and leading.state is not State.ENDED:
        technician = fetch(desk.store, "technician", leading.visit.technician)
    if technician is None:
        raise Refused(f"{job.ref} is nobody's yet.", f"Say who goes: d {short(desk, job.ref)} TECHNICIAN")
    _fit(desk, job, technician, when or desk.at)
    puts, visit, state = _visit_for(desk, job, technician)
    if state is not None and (no := jobs.may(state, Happening.RELEASE, f"{job.ref}/{state.visit.number}")):
        raise Refused(f"{no.why}.", f"{no.instead}.".capitalize() if no.instead else "")
    _not_elsewhere(desk, job, technician, releasing=True)
    changes: dict[str, Any] = {"technician": technician.id}
    if when:
        changes |= {"booked_from": when, "booked_until": when + timedelta(minutes=job.planned_minutes or 60)}
    puts += [put("visit", visit, **changes), happened(desk, visit, Happening.RELEASE), *_unparked(job)]
    words = f"{job.ref} sent to {technician.name}" + (f" for {finding.at_words(desk, when)}" if when else "")
    arrival = _arrival(desk, job, technician)
    return record(desk, puts, words + arrival, ref=job.ref, row=job.id)


def _visit_for(desk: Desk, job: Job, technician: Technician) -> tuple[list[Put], bytes, Fold | None]:
    """The visit to use: the open one when it is nobody's yet or not begun, else a new one."""
    folds = folds_of(desk, job.id)
    for fold in folds:
        if fold.state in (State.SCHEDULED, State.DISPATCHED) and fold.visit.technician in (None, technician.id):
            return [], fold.visit.id, fold
    begun = [fold for fold in folds if fold.state in (State.SCHEDULED, State.DISPATCHED)]
    if begun:
        # Given to someone else before they set out: theirs ends as taken off, so that the trail of who was sent stays.
        other = begun[0]
        taken = [happened(desk, other.visit.id, Happening.TAKE_OFF, note=f"given to {technician.code}")]
    else:
        taken = []
    visit = desk.ids()
    number = max((fold.visit.number for fold in folds), default=0) + 1
    return [*taken, put("visit", visit, job=job.id, number=number, technician=technician.id)], visit, None


def _fit(desk: Desk, job: Job, technician: Technician, at: datetime) -> None:
    """Guards that ``!!`` overrides: the skill, an absence."""
    if job.skill and job.skill.lower() not in (skill.lower() for skill in technician.skills):
        has = ", ".join(technician.skills) or "no skill recorded"
        guard(desk, f"{job.ref} needs {job.skill}; {technician.name} has {has}.", "Send someone with the ticket.")
    away = fetch_all(
        desk.store, "duty", "technician = ? AND kind = 'absent' AND start <= ? AND end > ?", [technician.id, ms(at), ms(at)]
    )
    if away:
        until = finding.at_words(desk, away[0].end)
        guard(
            desk,
            f"{technician.name} is absent until {until}{f' ({away[0].reason})' if away[0].reason else ''}.",
            "Send someone else.",
        )


def _not_elsewhere(desk: Desk, job: Job, technician: Technician, *, releasing: bool = False) -> None:
    """A technician has one active visit: leaving one asks how it ended."""
    busy = [fold for fold in open_visits(desk, technician.id) if fold.state in UNDER_WAY and fold.visit.job != job.id]
    if not busy:
        return
    other = fetch(desk.store, "job", busy[0].visit.job)
    ref = short(desk, other.ref)
    if releasing:
        return  # sending the next job ahead is ordinary; it is a double dispatch only when they set out for it
    raise Refused(
        f"{technician.name} is {busy[0].state.value} at {other.ref}.",
        f"Say first how that ended: c {ref} (complete), rn {ref} (return needed), na {ref} (no access)"
        f" or wp {ref} (waiting for parts).",
        guard=True,
    )


def _arrival(desk: Desk, job: Job, technician: Technician) -> str:
    """When they would be there, by the straight way from where they were last heard."""
    from fsconsole.flow.candidates import arrival

    found = arrival(desk.store, technician.id, job.location, desk.at)
    return f", there about {found.astimezone(desk.zone):%H:%M}" if found else ""


def acknowledge(desk: Desk, visit: tuple[Job, Fold]) -> Done:
    """The technician has seen it and said so."""
    return happen(desk, visit, Happening.ACKNOWLEDGE, "acknowledged by {who}")


def told(desk: Desk, visit: tuple[Job, Fold]) -> Done:
    """The technician was told by telephone."""
    return happen(desk, visit, Happening.TOLD, "{who} told by phone")


# --- on the way and there ---------------------------------------------------------------------------------------------


def depart(desk: Desk, visit: tuple[Job, Fold]) -> Done:
    """On the way."""
    _alone(desk, visit)
    return happen(desk, visit, Happening.DEPART, "{who} on the way")


def arrive(desk: Desk, visit: tuple[Job, Fold]) -> Done:
    """On site."""
    _alone(desk, visit)
    return happen(desk, visit, Happening.ARRIVE, "{who} on site")


def wait_parts(desk: Desk, visit: tuple[Job, Fold], words: str = "", eta: date | None = None) -> Done:
    """Waiting for parts, with the day they are expected."""
    until = f", expected {finding.day_words(eta)}" if eta else ", no date yet"
    return happen(desk, visit, Happening.WAIT_PARTS, f"waiting for {words or 'parts'}{until}", note=words, eta=eta)


def parts_in(desk: Desk, visit: tuple[Job, Fold]) -> Done:
    """The parts have come: the visit can be booked or sent again."""
    return happen(desk, visit, Happening.PARTS_IN, "parts are in")


def complete(desk: Desk, visit: tuple[Job, Fold], words: str = "") -> Done:
    """The work is done; the technician leaves."""
    return happen(desk, visit, Happening.COMPLETE, "complete", note=words)


def no_access(desk: Desk, visit: tuple[Job, Fold], wake: date | None = None, words: str = "") -> Done:
    """Nobody let them in: the visit ends, the job waits until its wake date."""
    return _ended(desk, visit, Happening.NO_ACCESS, "no access", wake, words)


def return_needed(desk: Desk, visit: tuple[Job, Fold], wake: date | None = None, words: str = "") -> Done:
    """Not finished: someone must come again."""
    return _ended(desk, visit, Happening.RETURN_NEEDED, "return needed", wake, words)


def abort(desk: Desk, visit: tuple[Job, Fold], words: str = "") -> Done:
    """Broken off on site."""
    return _ended(desk, visit, Happening.ABORT, "aborted", None, words)


def take_off(desk: Desk, visit: tuple[Job, Fold], words: str = "") -> Done:
    """Taken back before they arrived: the job is nobody's again."""
    return happen(desk, visit, Happening.TAKE_OFF, "taken off {who}", note=words)


def _ended(desk: Desk, visit: tuple[Job, Fold], what: Happening, how: str, wake: date | None, words: str) -> Done:
    job, _ = visit
    wake = wake or (desk.today + timedelta(days=1))
    why = f"{how}: {words}" if words else how
    parked = put("job", job.id, parked_until=wake, parked_why=why)
    said = f"{how}, parked until {finding.day_words(wake)}"
    return happen(desk, visit, what, said, note=words, eta=wake, more=[parked])


def park(desk: Desk, job: Job, day: date, words: str = "") -> Done:
    """Sets a job aside until a day."""
    _open(job)
    puts = [put("job", job.id, parked_until=day, parked_why=words or "on hold")]
    return record(desk, puts, f"{job.ref} parked until {finding.day_words(day)}", ref=job.ref, row=job.id)


def wake(desk: Desk, job: Job) -> Done:
    """Takes a parked job up again."""
    if job.parked_until is None:
        raise Refused(f"{job.ref} is not parked.", "There is nothing to wake.")
    return record(desk, _unparked(job), f"{job.ref} taken up again", ref=job.ref, row=job.id)


def _unparked(job: Job) -> list[Put]:
    return [put("job", job.id, parked_until=None, parked_why="")] if job.parked_until else []


def _open(job: Job) -> None:
    if job.cancelled:
        raise Refused(f"{job.ref} is cancelled ({job.cancelled}).", "Undo the cancellation first.")
    if job.finished_on:
        raise Refused(f"{job.ref} was finished on {job.finished_on} in the old system.", "Log a new job.")


def _alone(desk: Desk, visit: tuple[Job, Fold]) -> None:
    job, fold = visit
    if fold.visit.technician:
        technician = fetch(desk.store, "technician", fold.visit.technician)
        if technician and not desk.override:
            _not_elsewhere(desk, job, technician)


def happened(desk: Desk, visit: bytes, what: Happening, *, note: str = "", eta: date | None = None) -> Put:
    """The event to record."""
    return put("event", desk.ids(), visit=visit, what=what.value, at=desk.at, note=note, eta=eta)


def happen(
    desk: Desk,
    visit: tuple[Job, Fold],
    what: Happening,
    says: str,
    *,
    note: str = "",
    eta: date | None = None,
    more: list[Put] | None = None,
) -> Done:
    """Records one event of a visit, if the table of rules/job allows it now (or, back-dated, at that time)."""
    job, fold = visit
    name = f"{job.ref}/{fold.visit.number}"
    if desk.back_dated is None:
        no = jobs.may(fold, what, name)
    else:
        if desk.back_dated > desk.now:
            raise Refused("That time is still to come.", "Give a time that has passed, with @hhmm.")
        new = Event(id=Id(desk.ids()), visit=fold.visit.id, what=what, at=desk.at, stamp=1 << 61)
        no = jobs.fits(fold.visit, fetch_all(desk.store, "event", visit=fold.visit.id), new)
    if no is not None:
        why = no.why if no.why.startswith(name) else f"{name}: {no.why}"
        raise Refused(f"{why}.", f"{no.instead[:1].upper()}{no.instead[1:]}." if no.instead else "")
    technician = fetch(desk.store, "technician", fold.visit.technician)
    who = technician.name if technician else "the technician"
    words = f"{job.ref} {says}".replace("{who}", who)
    if desk.back_dated:
        words += f" at {finding.at_words(desk, desk.back_dated)}"
    puts = [happened(desk, fold.visit.id, what, note=note, eta=eta), *(more or [])]
    return record(desk, puts, words, ref=job.ref, row=job.id)
