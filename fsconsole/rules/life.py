"""The life of a contract's term: renewed, ended early, suspended, handed to another payer; and so its pieces.

It stands apart because when a term runs is decided here, before any price is known.

Always: the pieces of a term touch or leave out days that a revision names, and no day is in two of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import islice, pairwise
from typing import Any

from fsconsole.rules.periods import Slice, bounds, slices_between, wholes
from fsconsole.rules.renewal import Ending, ending
from fsconsole.values.agreement import Agreement
from fsconsole.values.conventions import CHANGES, CREDITS, SHORT, SUSPENSIONS
from fsconsole.values.period import Period, add_months
from fsconsole.values.terms import Revision, Term
from fsconsole.values.work import Id

#: What a revision can say, and how.
WHATS = ("price", "quantity", "suspend", "resume", "transfer", "end", "notice", "renew")
#: A term has at most so many periods; more is a mistake, and would take for ever.
PERIODS = 20_000


@dataclass(frozen=True, slots=True)
class Piece:
    """What is billed at once: days of one full period, or of two where a short one is billed with its neighbour.

    ``short`` says how a short first or last period is charged (billed, full, free).
    """

    parts: tuple[Slice, ...]
    payer: Id | None = None
    short: str = "billed"

    @property
    def period(self) -> Period:
        if len(self.parts) == 1:
            return self.parts[0].period
        return Period(self.parts[0].period.start, self.parts[-1].period.end)

    @property
    def whole(self) -> Period:
        return self.parts[-1].whole


@dataclass(frozen=True, slots=True)
class Run:
    """Days without a break, and the day from which their periods are counted.

    ``anew``: they are counted from that very day, whatever anchor the term names.
    """

    start: date
    end: date | None
    origin: date
    anew: bool = False


def revisions_of(term: Term, agreement: Agreement, *whats: str) -> list[Revision]:
    """The revisions of a term that are in force, by day."""
    if not agreement.revisions:
        return []
    found = {one.id: one for one in agreement.revisions if not one.void and one.what in whats and one.start is not None}
    return sorted((one for one in found.values() if one.term in (None, term.id)), key=_order)


def _order(revision: Revision) -> tuple[date, str, Id]:
    return revision.start or date.min, revision.what, revision.id


def runs(term: Term, agreement: Agreement, horizon: date) -> list[Run]:
    """The stretches of days on which a term runs, in order."""
    contract = agreement.contract
    ended = ending(agreement, horizon)
    start, end = bounds(term, contract if contract.end == ended.end else replace(contract, end=ended.end))
    if start is None:
        return []
    origin = term.start or start
    if trial := term.details.get("trial"):
        start = _after(start, trial)
        origin = origin if term.details.get("trial_anchor") == "start" else start
    pauses = _pauses(term, agreement)
    end = lengthened(term, agreement, end)[0] if pauses else end
    for revision in revisions_of(term, agreement, "end"):
        early = _early(term, agreement, _day(revision), revision.how or term.credit, origin, start, ended)
        end = early if end is None else min(end, early)
    marks = [Run(start, end, origin)]
    if contract.renewal_anchor == "restart":
        marks = list(_renewed(marks[0], ended.terms))
    for revision in revisions_of(term, agreement, "price", "quantity"):
        if (revision.how or term.change) == "restart":
            marks = list(_restarted(marks, _day(revision)))
    for pause, until, how in pauses:
        if (how or term.suspension) == "whole periods":
            pause, until = _whole_periods(term, marks, pause, until)
        if (how or term.suspension) != "billed" and (until is None or pause < until):
            marks = list(_cut(marks, pause, until, how == "new anchor"))
    if season := term.details.get("season"):
        for pause, until in _out_of_season({int(one) for one in season}, start, end, horizon):
            marks = list(_cut(marks, pause, until, False))
    return [run for run in marks if run.end is None or run.start < run.end]


def lengthened(term: Term, agreement: Agreement, end: date | None) -> tuple[date | None, tuple[Period, ...]]:
    """An end with the days of the suspensions that are added there; and those suspensions."""
    added: list[Period] = []
    later = end
    for pause, until, how in _pauses(term, agreement):
        if (how or term.suspension) != "added at the end" or later is None or until is None:
            continue
        if pause < min(later, until):
            later += timedelta(days=(until - pause).days)
            added.append(Period(pause, until))
    return later, tuple(added)


def added_words(term: Term, agreement: Agreement) -> tuple[date, str] | None:
    """The end that was agreed of a term whose suspensions lengthen it, and how it came to run on; None where none does."""
    end = bounds(term, agreement.contract)[1]
    _, added = lengthened(term, agreement, end)
    if end is None or not added:
        return None
    days = sum(one.days for one in added)
    spans = " and ".join(str(one) for one in added)
    return end, f"{days} day{'' if days == 1 else 's'} added at the end for the suspension of {spans}"


def _day(revision: Revision) -> date:
    return revision.start or date.min


def _after(day: date, span: Sequence[Any]) -> date:
    """The day a length of time later: (14, "day") or (1, "month")."""
    return add_months(day, int(span[0])) if span[1] == "month" else day + timedelta(days=int(span[0]))


def _whole_periods(term: Term, found: Iterable[Run], pause: date, until: date | None) -> tuple[date, date | None]:
    """A suspension cut to the periods that are suspended from their first day to their last."""
    for run in found:
        if run.start <= pause and (run.end is None or pause < run.end):
            whole = next(wholes(anchored(term, run), run.origin, pause))
            pause = pause if whole.start == pause else whole.end
        if until is not None and run.start <= until and (run.end is None or until < run.end):
            until = max(next(wholes(anchored(term, run), run.origin, until)).start, run.start)
    return pause, until


def _out_of_season(season: set[int], start: date, end: date | None, horizon: date) -> Iterator[tuple[date, date]]:
    """The days of months in which it is not billed, to a little beyond the horizon. Raises ValueError for no month."""
    if not season or not season <= set(range(1, 13)):
        raise ValueError("season lists months from 1 to 12, such as [4, 5, 6, 7, 8, 9, 10]")
    first, last = start.replace(day=1), min(end or date.max, add_months(max(horizon, start), 24))
    begun: date | None = None
    while first < last or begun is not None:
        if first.month not in season:
            begun = begun or first
        elif begun is not None:
            yield begun, first
            begun = None
        first = add_months(first, 1)


def _pauses(term: Term, agreement: Agreement) -> list[tuple[date, date | None, str]]:
    """Each suspension: its first day, the first day that counts again, and how. Raises ValueError where they cross."""
    found: list[tuple[date, date | None, str]] = []
    for revision in revisions_of(term, agreement, "suspend", "resume"):
        day = _day(revision)
        open_ = found[-1] if found and (found[-1][1] is None or found[-1][1] > day) else None
        if revision.what == "suspend":
            if open_ is not None:
                raise ValueError(f"it is suspended on {day} while it is suspended since {open_[0]}; resume it in between")
            if revision.end is not None and revision.end < day:
                raise ValueError(f"its suspension ends ({revision.end}) before it starts ({day})")
            found.append((day, revision.end, revision.how))
        elif open_ is None and found and found[-1][1] == day:
            continue
        elif open_ is None:
            raise ValueError(f"it is resumed on {day} but was not suspended")
        else:
            found[-1] = (open_[0], day, revision.how or open_[2])
    return found


def _early(term: Term, agreement: Agreement, day: date, how: str, origin: date, start: date, ended: Ending) -> date:
    """The first day no longer charged after an end on ``day``, by what was agreed about credit."""
    if how not in CREDITS:
        raise ValueError(f"“{how}” is not a way to credit an early end; use {', '.join(CREDITS)}")
    if how == "term end":
        until = next((each for each in ended.terms if each >= day), None)
        if until is not None:
            return until
    if how == "immediate" or day <= start or (how == "none" and term.timing == "arrears"):
        return day
    whole = next(wholes(term, origin, day))
    if how == "full":
        return max(whole.start, start)
    return day if whole.start == day else whole.end


def _renewed(run: Run, ends: Iterable[date]) -> Iterator[Run]:
    """One run for each term of the contract, each counted from its own start."""
    start, origin = run.start, run.origin
    for day in ends:
        if start < day and (run.end is None or day < run.end):
            yield Run(start, day, origin)
            start = origin = day
    yield Run(start, run.end, origin)


def _restarted(found: Iterable[Run], day: date) -> Iterator[Run]:
    """Runs cut on a day from which periods are counted anew."""
    for run in found:
        if run.start < day and (run.end is None or day < run.end):
            yield replace(run, end=day)
            yield Run(day, run.end, day, anew=True)
        else:
            yield run


def _cut(found: Iterable[Run], pause: date, until: date | None, anew: bool) -> Iterator[Run]:
    """Runs without the days of a pause; ``anew``: what follows is counted from its own first day."""
    for run in found:
        if (run.end is not None and run.end <= pause) or (until is not None and until <= run.start):
            yield run
            continue
        if run.start < pause:
            yield replace(run, end=pause)
        if until is not None and (run.end is None or until < run.end):
            yield Run(until, run.end, until, anew=True) if anew else replace(run, start=until)


def slices(term: Term, agreement: Agreement, horizon: date) -> list[Piece]:
    """The pieces in which a term is billed that start on or before ``horizon``, in order.

    Raises ValueError where revisions contradict each other.
    """
    check(term)
    found = runs(term, agreement, horizon)
    pieces: list[Piece] = []
    for number, run in enumerate(found):
        cut = list(islice(slices_between(anchored(term, run), run.origin, run.start, run.end, horizon), PERIODS + 1))
        if len(cut) > PERIODS:
            raise ValueError(f"it has more than {PERIODS:,} periods; price through an earlier day")
        last = number == len(found) - 1 and run.end is not None and bool(cut) and cut[-1].period.end == run.end
        pieces += _shaped(term, cut, number == 0, last)
    return list(_handed_over(pieces, revisions_of(term, agreement, "transfer")))


def anchored(term: Term, run: Run) -> Term:
    """The term as its periods are counted in a run: without its anchor where they are counted anew."""
    if not run.anew:
        return term
    rest = {name: value for name, value in term.details.items() if name not in ("anchors", "anchor_weekday")}
    return replace(term, anchor_day=0, anchor_on=None, details=rest)


def check(term: Term) -> None:
    """Raises ValueError in words where a convention is none that anybody knows."""
    for value, known, what in (
        (term.change, CHANGES, "a time for a change"),
        (term.credit, CREDITS, "a way to credit an early end"),
        (term.suspension, SUSPENSIONS, "a way to suspend"),
        (term.first, SHORT, "a way to bill a short first period"),
        (term.last, SHORT, "a way to bill a short last period"),
    ):
        if value and value not in known:
            raise ValueError(f"“{value}” is not {what}; use {', '.join(known)}")


def _shaped(term: Term, cut: list[Slice], first: bool, last: bool) -> list[Piece]:
    """Pieces of one run, a short first and last period billed as the term says."""
    pieces = [Piece((one,)) for one in cut]
    if last and pieces and not cut[-1].full and (len(pieces) > 1 or not first):
        how = _treated(term, term.last, cut[-1])
        if how == "merged" and len(pieces) > 1:
            pieces[-2:] = [Piece((cut[-2], cut[-1]))]
        elif how not in ("merged", "billed"):
            pieces[-1] = replace(pieces[-1], short=how)
    how = _treated(term, term.first, cut[0]) if cut else ""
    if first and pieces and not cut[0].full:
        if how == "merged" and len(pieces) > 1:
            pieces[:2] = [Piece((*pieces[0].parts, *pieces[1].parts), short=pieces[1].short)]
        elif how not in ("merged", "billed") and len(pieces[0].parts) == 1:
            pieces[0] = replace(pieces[0], short=how)
    return pieces


def _treated(term: Term, how: str, short: Slice) -> str:
    """How a short period is charged: as said, or by its days where it is longer than what that is said of."""
    most = term.details.get("short_days")
    if most is not None and short.period.days > int(most):
        return "billed"
    if how == "nearest":
        return "full" if 2 * short.period.days >= short.whole.days else "free"
    return how


def _handed_over(pieces: Iterable[Piece], transfers: list[Revision]) -> Iterator[Piece]:
    """Pieces cut where another client takes the contract over, each with its payer."""
    if not transfers:
        yield from pieces
        return
    days = [date.min, *(_day(one) for one in transfers), date.max]
    payers: list[Id | None] = [None, *(one.client for one in transfers)]
    for piece in pieces:
        for (start, end), payer in zip(pairwise(days), payers, strict=True):
            parts = [
                Slice(common, part.whole) for part in piece.parts if (common := _common(part.period, start, end)) is not None
            ]
            if parts:
                yield replace(piece, parts=tuple(parts), payer=payer)


def _common(period: Period, start: date, end: date) -> Period | None:
    return period.overlap(Period(start, end)) if start < end else None
