"""A visit's state is the fold of its events; a job's column follows from its visits.

It stands apart because every screen, verb, promise and charge asks the same two questions (where does this
visit stand, where does this job stand) and there is one table to answer each.

Always: the same events give the same fold, in whatever order they came; an event that does not fit is kept
as a misfit and never lost.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b
from typing import Any

from fsconsole.values.twin import twin_of
from fsconsole.values.work import Column, Event, Happening, Id, Job, Outcome, State, Visit

S, H = State, Happening

#: From this state, when this happens, the visit is in that state. What is not here does not fit.
TABLE: dict[tuple[State, Happening], State] = {
    (S.SCHEDULED, H.BOOK): S.SCHEDULED,
    (S.SCHEDULED, H.RELEASE): S.DISPATCHED,
    (S.SCHEDULED, H.ACKNOWLEDGE): S.SCHEDULED,
    (S.SCHEDULED, H.TOLD): S.SCHEDULED,
    (S.SCHEDULED, H.DEPART): S.EN_ROUTE,
    (S.SCHEDULED, H.ARRIVE): S.ON_SITE,
    (S.SCHEDULED, H.TAKE_OFF): S.ENDED,
    (S.DISPATCHED, H.BOOK): S.SCHEDULED,
    (S.DISPATCHED, H.RELEASE): S.DISPATCHED,
    (S.DISPATCHED, H.ACKNOWLEDGE): S.DISPATCHED,
    (S.DISPATCHED, H.TOLD): S.DISPATCHED,
    (S.DISPATCHED, H.DEPART): S.EN_ROUTE,
    (S.DISPATCHED, H.ARRIVE): S.ON_SITE,
    (S.DISPATCHED, H.NO_ACCESS): S.ENDED,
    (S.DISPATCHED, H.ABORT): S.ENDED,
    (S.DISPATCHED, H.TAKE_OFF): S.ENDED,
    (S.EN_ROUTE, H.RELEASE): S.EN_ROUTE,
    (S.EN_ROUTE, H.ACKNOWLEDGE): S.EN_ROUTE,
    (S.EN_ROUTE, H.TOLD): S.EN_ROUTE,
    (S.EN_ROUTE, H.DEPART): S.EN_ROUTE,
    (S.EN_ROUTE, H.ARRIVE): S.ON_SITE,
    (S.EN_ROUTE, H.COMPLETE): S.COMPLETE,
    (S.EN_ROUTE, H.NO_ACCESS): S.ENDED,
    (S.EN_ROUTE, H.ABORT): S.ENDED,
    (S.EN_ROUTE, H.TAKE_OFF): S.ENDED,
    (S.ON_SITE, H.RELEASE): S.ON_SITE,
    (S.ON_SITE, H.ACKNOWLEDGE): S.ON_SITE,
    (S.ON_SITE, H.TOLD): S.ON_SITE,
    (S.ON_SITE, H.ARRIVE): S.ON_SITE,
    (S.ON_SITE, H.WAIT_PARTS): S.WAITING_PARTS,
    (S.ON_SITE, H.COMPLETE): S.COMPLETE,
    (S.ON_SITE, H.SIGN): S.SIGNED_OFF,
    (S.ON_SITE, H.RETURN_NEEDED): S.ENDED,
    (S.ON_SITE, H.NO_ACCESS): S.ENDED,
    (S.ON_SITE, H.ABORT): S.ENDED,
    (S.WAITING_PARTS, H.WAIT_PARTS): S.WAITING_PARTS,
    (S.WAITING_PARTS, H.PARTS_IN): S.SCHEDULED,
    (S.WAITING_PARTS, H.DEPART): S.EN_ROUTE,
    (S.WAITING_PARTS, H.ARRIVE): S.ON_SITE,
    (S.WAITING_PARTS, H.COMPLETE): S.COMPLETE,
    (S.WAITING_PARTS, H.RETURN_NEEDED): S.ENDED,
    (S.WAITING_PARTS, H.ABORT): S.ENDED,
    (S.COMPLETE, H.COMPLETE): S.COMPLETE,
    (S.COMPLETE, H.SIGN): S.SIGNED_OFF,
    (S.SIGNED_OFF, H.COMPLETE): S.SIGNED_OFF,
    (S.SIGNED_OFF, H.SIGN): S.SIGNED_OFF,
}

#: These fit when they come back-dated or from another site, but nobody may do them now.
LATE: frozenset[tuple[State, Happening]] = frozenset(
    {
        (S.SCHEDULED, H.ACKNOWLEDGE),
        (S.SCHEDULED, H.TOLD),
        (S.SCHEDULED, H.DEPART),
        (S.SCHEDULED, H.ARRIVE),
        (S.EN_ROUTE, H.RELEASE),
        (S.EN_ROUTE, H.ACKNOWLEDGE),
        (S.EN_ROUTE, H.TOLD),
        (S.EN_ROUTE, H.DEPART),
        (S.ON_SITE, H.RELEASE),
        (S.ON_SITE, H.ACKNOWLEDGE),
        (S.ON_SITE, H.TOLD),
        (S.ON_SITE, H.ARRIVE),
        (S.COMPLETE, H.COMPLETE),
        (S.SIGNED_OFF, H.COMPLETE),
        (S.SIGNED_OFF, H.SIGN),
    }
)


@dataclass(frozen=True, slots=True)
class Span:
    """From one instant to another; ``end`` is None while it lasts."""

    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """Where a visit stands after its events. Every time is an aware instant in UTC.

    ``since`` is when the state was entered; ``told`` how the technician knows: sent, ack, told, or nothing;
    ``departed`` when they set out; ``arrived`` when they first came on site; ``left`` when they last left it;
    ``spans`` times on site; ``waits`` waits for parts; ``eta`` when parts are expected, or when to wake.
    """

    visit: Visit
    state: State = State.SCHEDULED
    outcome: Outcome | None = None
    since: datetime | None = None
    told: str = ""
    released: datetime | None = None
    departed: datetime | None = None
    arrived: datetime | None = None
    left: datetime | None = None
    completed: datetime | None = None
    signed: datetime | None = None
    eta: date | None = None
    spans: tuple[Span, ...] = ()
    waits: tuple[Span, ...] = ()
    misfits: tuple[Event, ...] = field(default=())


def _was_there(fold: Fold) -> bool:
    return fold.arrived is not None


#: Some rows of the table hold only under a condition; the words finish “it cannot be complete: …”.
GUARDS: dict[tuple[State, Happening], tuple[Callable[[Fold], bool], str]] = {
    (S.EN_ROUTE, H.COMPLETE): (_was_there, "nobody has arrived"),
}

_OUTCOMES = {
    H.COMPLETE: Outcome.DONE,
    H.SIGN: Outcome.DONE,
    H.RETURN_NEEDED: Outcome.RETURN_NEEDED,
    H.NO_ACCESS: Outcome.NO_ACCESS,
    H.ABORT: Outcome.ABORTED,
    H.TAKE_OFF: Outcome.TAKEN_OFF,
}
_TOLD = {H.ACKNOWLEDGE: "ack", H.TOLD: "told"}
_RANK = {what: rank for rank, what in enumerate(Happening)}
#: Stands in for a time that is not known, where things are put in order.
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def in_order(events: Iterable[Event]) -> list[Event]:
    """The events that count, by (at, stamp); void ones are left out.

    What one act recorded at one instant shares both, so the order of life (book before release, complete
    before sign) and at last the id decide; that last choice is arbitrary and the same everywhere.
    """
    kept = {event.id: event for event in events if not event.void}
    return sorted(kept.values(), key=lambda e: (e.at or EPOCH, e.stamp, _RANK[e.what], e.id))


#: A fold while its events are gone through.
_Folding = twin_of(Fold, ["visit"])


def fold(visit: Visit, events: Iterable[Event]) -> Fold:
    """Where the visit stands after its events (those of other visits are not looked for)."""
    so_far = _Folding(visit)
    for event in in_order(events):
        if not _stepped(so_far, event):
            so_far.misfits = (*so_far.misfits, event)
    so_far.__class__ = Fold
    return so_far  # type: ignore[no-any-return]


def step(fold: Fold, event: Event) -> Fold | None:
    """The fold after one more event, or None when the event does not fit."""
    after = _Folding(**{one.name: getattr(fold, one.name) for one in fields(Fold)})
    if not _stepped(after, event):
        return None
    after.__class__ = Fold
    return after  # type: ignore[no-any-return]


def _stepped(fold: Any, event: Event) -> bool:
    """Takes a fold that is gone through one event further; False, and as it was, where the event does not fit."""
    was = fold.state
    pair = (was, event.what)
    new = TABLE.get(pair)
    guard = GUARDS.get(pair)
    if event.at is None or new is None or (guard and not guard[0](fold)):
        return False
    what, at = event.what, event.at
    told, waits = fold.told, fold.waits
    fold.state = new
    if new is not was or not fold.since:
        fold.since = at
    if was is S.ON_SITE and new is not S.ON_SITE:
        fold.left, fold.spans = at, _ended(fold.spans, at)
    if was is S.WAITING_PARTS and new is not S.WAITING_PARTS:
        fold.eta, fold.waits = None, _ended(waits, at)
    if new is S.SCHEDULED and was is not S.SCHEDULED:
        fold.told = ""
    if new is S.ON_SITE and was is not S.ON_SITE:
        fold.arrived, fold.spans = fold.arrived or at, (*fold.spans, Span(at))
    match what:
        case H.RELEASE:
            # A technician told before the release was typed stays told; a second release is sent anew.
            fold.released, fold.told = at, told if told and was is not S.DISPATCHED else "sent"
        case H.ACKNOWLEDGE | H.TOLD:
            fold.told = _TOLD[what]
        case H.DEPART:
            fold.departed = fold.departed if was is S.EN_ROUTE else at
        case H.WAIT_PARTS:
            fold.eta, fold.waits = event.eta, waits if was is S.WAITING_PARTS else (*waits, Span(at))
        case H.COMPLETE if was is S.SIGNED_OFF:
            # Signed first, packed up afterwards: the work ended when the technician said so.
            spans = fold.spans
            fold.completed = fold.left = at
            fold.spans = (*spans[:-1], Span(spans[-1].start, at)) if spans else ()
        case H.COMPLETE:
            fold.completed, fold.outcome = fold.completed or at, Outcome.DONE
        case H.SIGN:
            fold.completed, fold.signed, fold.outcome = fold.completed or at, fold.signed or at, Outcome.DONE
        case H.RETURN_NEEDED | H.NO_ACCESS | H.ABORT | H.TAKE_OFF:
            fold.outcome, fold.eta = _OUTCOMES[what], event.eta
        case _:
            pass
    return True


def _ended(spans: tuple[Span, ...], at: datetime) -> tuple[Span, ...]:
    if not spans or spans[-1].end is not None:
        return spans
    return (*spans[:-1], Span(spans[-1].start, at))


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something cannot happen now, and what would make it possible."""

    why: str
    instead: str = ""

    def __str__(self) -> str:
        return f"{self.why}; {self.instead}" if self.instead else self.why


_CANNOT = {
    H.BOOK: "cannot be booked",
    H.RELEASE: "cannot be dispatched",
    H.ACKNOWLEDGE: "has nothing to acknowledge",
    H.TOLD: "needs no telling",
    H.DEPART: "cannot set out",
    H.ARRIVE: "cannot arrive",
    H.WAIT_PARTS: "cannot wait for parts",
    H.PARTS_IN: "waits for no parts",
    H.COMPLETE: "cannot be completed",
    H.SIGN: "cannot be signed off",
    H.RETURN_NEEDED: "cannot end as “return needed”",
    H.NO_ACCESS: "cannot end as “no access”",
    H.ABORT: "cannot be aborted",
    H.TAKE_OFF: "cannot be taken back",
}
_FIRST = {
    H.RELEASE: "dispatch it",
    H.ARRIVE: "say they arrived",
    H.PARTS_IN: "say the parts are in",
    H.COMPLETE: "complete it",
}
_OTHERWISE = {
    S.ON_SITE: "end the visit first: complete, return needed, no access or abort",
    S.COMPLETE: "dispatch a new visit, or undo the completion",
    S.SIGNED_OFF: "dispatch a new visit, or undo the sign-off",
    S.ENDED: "dispatch a new visit",
    S.WAITING_PARTS: "say the parts are in first",
}
_REPEATS = {
    (S.EN_ROUTE, H.DEPART),
    (S.ON_SITE, H.ARRIVE),
    (S.COMPLETE, H.COMPLETE),
    (S.SIGNED_OFF, H.SIGN),
    (S.SIGNED_OFF, H.COMPLETE),
}


def may(fold: Fold, happening: Happening, name: str = "this visit") -> Refusal | None:
    """None when this can happen now, else why not and what would make it possible.

    ``name`` starts the sentence: “1042/1 is scheduled and cannot arrive; dispatch it first”.
    """
    if _can(fold, happening):
        return None
    pair = (fold.state, happening)
    state = "over" if fold.state is S.ENDED else fold.state.value
    if fold.state is S.ENDED and fold.outcome:
        state = f"over ({fold.outcome.value})"
    if pair in _REPEATS:
        return Refusal(f"{name} is {state} already", "there is nothing to do")
    why = f"{name} is {state} and {_CANNOT[happening]}"
    if pair in GUARDS:
        why = f"{why}: {GUARDS[pair][1]}"
    way = _way(fold.state, happening)
    if way:
        return Refusal(why, f"{' and '.join(_FIRST[what] for what in way)} first")
    possible = ", ".join(what.value for what in Happening if _can(fold, what))
    return Refusal(why, _OTHERWISE.get(fold.state, f"possible now: {possible}"))


def _can(fold: Fold, happening: Happening) -> bool:
    pair = (fold.state, happening)
    guard = GUARDS.get(pair)
    return pair in TABLE and pair not in LATE and (guard is None or guard[0](fold))


def _way(state: State, wanted: Happening) -> tuple[Happening, ...]:
    """The fewest plain steps after which ``wanted`` is possible, by the table itself; else empty."""
    queue: deque[tuple[State, tuple[Happening, ...]]] = deque([(state, ())])
    seen = {state}
    while queue:
        here, steps = queue.popleft()
        if steps and (here, wanted) in TABLE and (here, wanted) not in LATE:
            return steps
        for what in _FIRST:
            pair = (here, what)
            if pair in TABLE and pair not in LATE and pair not in GUARDS and TABLE[pair] not in seen:
                seen.add(TABLE[pair])
                queue.append((TABLE[pair], (*steps, what)))
    return ()


def fits(visit: Visit, events: Sequence[Event], new: Event) -> Refusal | None:
    """None when a (back-dated) event fits into the visit's story, else which event it would contradict."""
    before = {event.id for event in fold(visit, events).misfits}
    odd = [event for event in fold(visit, [*events, new]).misfits if event.id not in before]
    if not odd:
        return None
    if odd[0].id == new.id:
        earlier = fold(visit, [event for event in in_order([*events, new]) if _before(event, new)])
        why = f"at that time the visit was {earlier.state.value} and {_CANNOT[new.what]}"
    else:
        why = f"then “{odd[0].what.value}” that is already recorded would no longer fit"
    return Refusal(why, "give another time with @hhmm")


def _before(event: Event, new: Event) -> bool:
    key = (event.at or EPOCH, event.stamp, _RANK[event.what], event.id)
    return key < (new.at or EPOCH, new.stamp, _RANK[new.what], new.id)


#: The states in which a technician is under way, and those in which the visit is still to be finished.
ACTIVE = (State.EN_ROUTE, State.ON_SITE)
OPEN = (State.SCHEDULED, State.WAITING_PARTS, State.DISPATCHED, *ACTIVE)

#: The column of a job's leading visit. Of several open visits the later in this table leads.
COLUMNS: dict[State, Column] = {
    State.SCHEDULED: Column.SCHEDULED,
    State.WAITING_PARTS: Column.WAITING_PARTS,
    State.DISPATCHED: Column.DISPATCHED,
    State.EN_ROUTE: Column.EN_ROUTE,
    State.ON_SITE: Column.ON_SITE,
    State.ENDED: Column.LOGGED,
    State.COMPLETE: Column.COMPLETE,
    State.SIGNED_OFF: Column.SIGNED_OFF,
}
_LEAD = {state: rank for rank, state in enumerate(COLUMNS)}
_MOVING = (State.DISPATCHED, *ACTIVE)


def column(job: Job, folds: Iterable[Fold], *, settled: bool = False) -> Column:
    """The job's column. ``settled``: everything on it is billed or covered.

    A job is parked by its own ``parked_until`` (the act that ends a visit as return needed or no access sets
    it), unless a technician has been sent meanwhile.
    """
    if job.gone or job.merged_into or job.cancelled or job.written_off:
        return Column.CLOSED
    lead = leading(folds)
    if lead and lead.state in _MOVING:
        return COLUMNS[lead.state]
    if job.parked_until and not (lead and lead.state in (State.COMPLETE, State.SIGNED_OFF)):
        return Column.PARKED
    if lead is None:
        return (Column.CLOSED if settled else Column.COMPLETE) if job.finished_on else Column.LOGGED
    where = COLUMNS[lead.state]
    if settled and where in (Column.COMPLETE, Column.SIGNED_OFF):
        return Column.CLOSED
    return where


def leading(folds: Iterable[Fold]) -> Fold | None:
    """The visit that says where the job stands: the most advanced open one, else the last that ended.

    A visit that was taken back, or that is gone, says nothing.
    """
    real = [f for f in folds if not f.visit.gone and f.outcome is not Outcome.TAKEN_OFF]
    if len(real) < 2:
        return real[0] if real else None
    if opened := [f for f in real if f.state in OPEN]:
        return max(opened, key=lambda f: (_LEAD[f.state], f.visit.number, f.visit.id))
    return max(real, key=lambda f: (f.since or EPOCH, f.visit.number, f.visit.id), default=None)


def active(folds: Iterable[Fold]) -> tuple[Fold, ...]:
    """The visits with a technician under way or on site."""
    return tuple(f for f in folds if f.state in ACTIVE and not f.visit.gone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Double:
    """Visits that cannot all be right: “two jobs” of a technician, or “two technicians” on a job.

    ``first`` is excluded by ``second``, from ``start`` until ``end``, and by each of ``others``, too.
    """

    what: str
    technician: Id | None
    job: Id | None
    first: Fold
    second: Fold
    start: datetime | None
    end: datetime | None = None
    others: tuple[Fold, ...] = ()

    @property
    def which(self) -> str:
        """The visits as one word, the same in any order; of more than two another word for every other company they keep,
        so that what was decided about some is not taken for a decision about one that came later."""
        pair = "-".join(sorted((self.first.visit.id.hex(), self.second.visit.id.hex())))
        if not self.others:
            return pair
        rest = b"".join(sorted(fold.visit.id for fold in self.others))
        return f"{pair}-{blake2b(rest, digest_size=8).hexdigest()}"


#: Times are typed to the minute: less than this in common is no overlap.
GRACE = timedelta(minutes=1)
_EVER = datetime.max.replace(tzinfo=UTC)


def double(folds_by_technician: Mapping[Id, Sequence[Fold]]) -> tuple[Double, ...]:
    """Every technician with two jobs at once, then every job with two technicians sent to it separately.

    Two jobs at once: two visits under way or on site now, times on site that overlap by a minute or more, or
    two dispatched with overlapping booked windows. Each visit that has others beside it is told once, with the earliest
    of those: a visit that nobody ended, and the thirty after it, are one finding and not four hundred.
    """
    found: list[Double] = []
    by_job: dict[Id, list[Fold]] = {}
    for technician in sorted(folds_by_technician):
        mine = [f for f in folds_by_technician[technician] if not f.visit.gone]
        found += _two_jobs(technician, mine)
        for f in mine:
            if f.visit.job and f.state in _MOVING:
                by_job.setdefault(f.visit.job, []).append(f)
    for job in sorted(by_job):
        there = sorted(by_job[job], key=lambda f: f.visit.id)
        others = [f for f in there if f.visit.technician != there[0].visit.technician]
        if others:
            start = max(f.since or EPOCH for f in (there[0], others[0]))
            found.append(
                Double(
                    what="two technicians",
                    technician=None,
                    job=job,
                    first=there[0],
                    second=others[0],
                    start=start,
                    others=tuple(others[1:]),
                )
            )
    return tuple(found)


def _two_jobs(technician: Id, folds: Iterable[Fold]) -> Iterator[Double]:
    """What one technician's visits exclude, each told with the earliest visit that it excludes."""
    reaches = sorted(((*reach, f.visit.id, f) for f in folds if (reach := _reach(f))), key=lambda each: each[:3])
    told: set[Id] = set()
    for at, (_, until, _, first) in enumerate(reaches):
        with_it: list[tuple[Fold, tuple[datetime | None, datetime | None]]] = []
        for begun, _, row, second in reaches[at + 1 :]:
            if begun >= until:
                break
            if row not in told and first.visit.job != second.visit.job and (clash := _clash(first, second)):
                told.add(row)
                with_it.append((second, clash))
        if with_it:
            (second, (start, end)), *rest = with_it
            others = tuple(fold for fold, _ in rest)
            yield Double(
                what="two jobs", technician=technician, job=None, first=first, second=second, start=start, end=end, others=others
            )  # fmt: skip


def _reach(fold: Fold) -> tuple[datetime, datetime] | None:
    """From when until when a visit can exclude another, at the most; None: it excludes nothing."""
    starts, ends = [span.start for span in fold.spans], [span.end or _EVER for span in fold.spans]
    if fold.state in ACTIVE:
        starts.append(fold.since or EPOCH)
        ends.append(_EVER)
    if fold.state is State.DISPATCHED and fold.visit.booked_from and fold.visit.booked_until:
        starts.append(fold.visit.booked_from)
        ends.append(fold.visit.booked_until)
    return (min(starts), max(ends)) if starts else None


def _clash(first: Fold, second: Fold) -> tuple[datetime | None, datetime | None] | None:
    """From when until when two visits of one technician exclude each other, or None."""
    if first.state in ACTIVE and second.state in ACTIVE:
        return max(first.since or EPOCH, second.since or EPOCH), None
    for a in first.spans:
        for b in second.spans:
            start = max(a.start, b.start)
            ends = [end for end in (a.end, b.end) if end]
            if not ends or min(ends) - start >= GRACE:
                return start, min(ends, default=None)
    if first.state is second.state is State.DISPATCHED:
        one, two = first.visit, second.visit
        if one.booked_from and one.booked_until and two.booked_from and two.booked_until:
            start, end = max(one.booked_from, two.booked_from), min(one.booked_until, two.booked_until)
            if end - start >= GRACE:
                return start, end
    return None
