"""What a term costs from which day on: revisions of its price and quantity, and rises agreed beforehand.

It stands apart because a price that changes is a list of days and prices, whatever the periods are.

Always: an index that is not published yet keeps the price and says so; published later, it is a difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from fsconsole.rules.indexed import move_of, unknown_of
from fsconsole.rules.life import anchored, revisions_of, runs
from fsconsole.rules.periods import wholes
from fsconsole.rules.prorate import rounded
from fsconsole.rules.rates import number
from fsconsole.values.agreement import Agreement
from fsconsole.values.money import show
from fsconsole.values.period import Period, add_months
from fsconsole.values.terms import Escalator, Revision, Term
from fsconsole.values.work import Id


@dataclass(frozen=True, slots=True)
class Step:
    """The price (minor units) and quantity (thousandths) from ``day`` on, and why in words."""

    day: date
    amount: int
    quantity: int
    words: str = ""
    own: Fraction = Fraction(1)  # the factor that rises put on an asset's own price


def price_steps(term: Term, agreement: Agreement, horizon: date) -> list[Step]:
    """The steps of a term's price in order; the first holds from ever.

    A change counts from its day, from the next period that begins on or after it, for the whole of the period it falls
    in, or (``up at once``, ``up whole period``) so where it is more and from the next period where it is less, as the term
    says.
    Raises ValueError for an escalator that says neither a percentage nor an index.
    """
    events: list[tuple[date, int, Revision | tuple[Escalator, date, date | None]]] = []
    price, quantity = term.amount, term.quantity
    for revision in _agreed(term, agreement):
        day, how = revision.start or date.min, revision.how or term.change
        if how in ("up at once", "up whole period"):
            less = (revision.amount is not None and revision.amount < price) or (
                revision.quantity is not None and revision.quantity < quantity
            )
            how = "next period" if less else how.removeprefix("up ")
        price = price if revision.amount is None else revision.amount
        quantity = quantity if revision.quantity is None else revision.quantity
        events.append((_effective(term, agreement, day, how, horizon), 0, revision))
    for escalator in escalators_of(term, agreement):
        for due, last in _rises(escalator, horizon):
            noticed = _noticed(escalator, due, last)
            if noticed is not None:
                events.append((_effective(term, agreement, noticed, term.change, horizon), 1, (escalator, due, last)))
    events.sort(key=lambda event: event[:2])
    return list(_walk(term, agreement, events))


def _agreed(term: Term, agreement: Agreement) -> list[Revision]:
    """New prices and quantities by day; a term's own goes before one for all terms from the same day.

    Raises ValueError where two of the same day differ.
    """
    found: dict[tuple[date, str], Revision] = {}
    for one in revisions_of(term, agreement, "price", "quantity"):
        key = (one.start or date.min, one.what)
        other = found.get(key)
        if other is None or (other.term is None and one.term is not None):
            found[key] = one
        elif (one.term is None) == (other.term is None) and (one.amount, one.quantity) != (other.amount, other.quantity):
            both = [
                show(each.amount or 0, agreement.money) if one.what == "price" else number(Decimal(each.quantity or 0) / 1000)
                for each in (other, one)
            ]
            what = "prices" if one.what == "price" else "quantities"
            raise ValueError(f"there are two {what} from {_said(key[0])}: {both[0]} and {both[1]}; keep one")
    return list(found.values())


def escalators_of(term: Term, agreement: Agreement) -> list[Escalator]:
    """The rises agreed for a term, by the day on which they begin."""
    found = [
        one for one in {one.id: one for one in agreement.escalators}.values() if not one.void and one.term in (None, term.id)
    ]
    return sorted(found, key=lambda one: (one.start or date.min, one.id))


@dataclass(frozen=True, slots=True)
class Kept:
    """A price that was to rise and did not: the day, why, from when it is asked about, and what the rise comes to.

    ``delta`` minor units of the term's price, ``times`` how many such prices twelve months have; ``index`` and ``month``
    name the value that is not known.
    """

    due: date
    why: str
    asked: date
    delta: int = 0
    times: int = 1
    index: str = ""
    month: date = date.min


def kept(term: Term, agreement: Agreement, horizon: date) -> list[Kept]:
    """The rises of a term by the horizon that did not take effect. Raises ValueError where a rise says too little."""
    if term.kind not in ("fixed", "per asset") or not term.amount:
        return []
    times = {"day": 365, "week": 52, "month": 12, "quarter": 4, "year": 1}.get(term.unit, 1) // max(1, term.every)
    found = []
    for escalator in escalators_of(term, agreement):
        for due, last in _rises(escalator, horizon):
            if due > horizon or (term.end is not None and due >= term.end):
                break
            risen, why = _risen(escalator, agreement, Fraction(term.amount), Fraction(term.amount), due, last, None)
            risen, _ = _first(escalator, term, agreement, Fraction(term.amount), risen, due, last)
            delta = rounded(risen) - term.amount if risen is not None else 0
            if _noticed(escalator, due, last) is None:
                by = due - timedelta(days=escalator.notice_days)
                told = f"notice of it was to be given by {_said(by)} and was not"
                found.append(Kept(due, told, by, delta, max(1, times)))
            elif risen is None:
                month = add_months(due, -escalator.lag_months).replace(day=1)
                found.append(Kept(due, why, due, 0, max(1, times), unknown_of(escalator, agreement, due), month))
    return found


def _walk(
    term: Term, agreement: Agreement, events: Iterable[tuple[date, int, Revision | tuple[Escalator, date, date | None]]]
) -> Iterator[Step]:
    money = agreement.money
    amount, quantity, first = Fraction(term.amount), term.quantity, Fraction(term.amount)
    own, anew, words = Fraction(1), False, ""
    exact = amount  # before it was rounded
    room: dict[Id, Room] = {}  # what rises left of their caps
    moved: date | None = None  # when an index last moved the price, where less than a threshold moves nothing
    yield Step(date.min, term.amount, quantity)
    for day, _, event in events:
        if isinstance(event, Revision):
            if event.amount is not None:
                amount = first = exact = Fraction(event.amount)
                own, anew = Fraction(1), True
                room.clear()
                words = f"price from {_said(day)}: {show(event.amount, money)}"
            if event.quantity is not None:
                quantity = event.quantity
                words = f"quantity from {_said(day)}: {number(Decimal(quantity) / 1000)}"
            words += f" ({event.reason})" if event.reason else ""
        else:
            escalator, due, last = event
            seen = last
            # A price agreed anew stands for the index of the last rise before it.
            last = moved if escalator.threshold is not None else last
            spare = room.setdefault(escalator.id, Room(amount))
            before = exact if escalator.rises_from == "exact price" else amount
            risen, why = _risen(escalator, agreement, before, first, due, last, last if anew else None, spare)
            risen, part = _first(escalator, term, agreement, before, risen, due, seen)
            why += part
            moved = due if risen is not None and risen != before else moved
            if risen is None:
                words = f"price kept on {_said(day)}: {why}"
            else:
                new = Fraction(rounded(risen / escalator.step) * escalator.step)
                own = own * new / amount if amount else own * risen
                amount, exact = new, risen
                words = f"price from {_said(day)}: {why} = {show(int(amount), money)}{_late(escalator, due, seen)}"
        yield Step(day, int(amount), quantity, words, own)


def _risen(
    escalator: Escalator,
    agreement: Agreement,
    amount: Fraction,
    first: Fraction,
    due: date,
    last: date | None,
    anew: date | None,
    room: Room | None = None,
) -> tuple[Fraction | None, str]:
    """The price after a rise before it is rounded, with its words; None where the index is not known.

    ``room`` is what earlier rises left of their caps; it learns what this one leaves.
    """
    money = agreement.money
    if escalator.amount is not None:
        return amount + escalator.amount, f"{show(rounded(amount), money)} + {show(escalator.amount, money)}"
    if escalator.percent is not None:
        start = amount if escalator.compound else first
        rise = start * Fraction(escalator.percent) / 100
        return amount + rise, f"{show(rounded(amount), money)} + {number(escalator.percent)}%" + (
            "" if escalator.compound else f" of {show(int(first), money)}"
        )
    by_step = escalator.against == "last" or escalator.plus is not None or escalator.threshold is not None
    seen = (anew or last or due) if (by_step and last is not None) or anew is not None else None
    start = first if seen is None or anew is not None else amount
    move = move_of(escalator, agreement, due, seen)
    if isinstance(move, str):
        return None, move
    ratio, said = move
    if escalator.threshold is not None and abs(ratio - 1) * 100 < Fraction(escalator.threshold):
        return amount, f"{said} is less than {number(escalator.threshold)}% away, the price stays"
    risen, words = start * ratio, f"{show(int(start), money)} × {said}"
    if escalator.plus is not None:
        risen += start * Fraction(escalator.plus) / 100
        words += f" + {number(escalator.plus)}%"
    if escalator.floor is not None and risen < (bound := amount * (1 + Fraction(escalator.floor) / 100)):
        risen, words = bound, f"{show(rounded(amount), money)} + {number(escalator.floor)}% (floor; the index gives {words})"
    if escalator.cap is not None:
        bound, said = (room or Room(amount)).bound(escalator, amount, money)
        if risen > bound:
            risen, words = bound, f"{said}; the index gives {words})"
        if room is not None:
            words += room.left(escalator, amount, risen)
    return risen, words


@dataclass(slots=True)
class Room:
    """What the steps of a rise left of their caps, as its ``cap_unused`` says.

    ``start`` is the price before the first of them, ``steps`` how many there were, ``points`` the percentage points carried.
    """

    start: Fraction
    steps: int = 0
    points: Fraction = Fraction(0)

    def bound(self, escalator: Escalator, amount: Fraction, money: str) -> tuple[Fraction, str]:
        """The highest price after a step from ``amount``, and its words up to a bracket that is still open."""
        cap, how = Fraction(escalator.cap or 0), escalator.cap_unused
        times, before, more = f"{self.steps + 1} × {number(escalator.cap or Decimal(0))}%", show(int(self.start), money), ""
        if how == "compounded" and self.steps:
            shown = f"{before} + {self.steps + 1} times {number(escalator.cap or Decimal(0))}%"
            return self.start * (1 + cap / 100) ** (self.steps + 1), f"{shown} (cap, with what steps before it left"
        if how == "added up" and self.steps:
            return self.start * (1 + cap * (self.steps + 1) / 100), f"{before} + {times} (cap, with what steps before it left"
        if how == "carried" and self.points:
            more = f" + {points_text(self.points)} carried"
        allowed = cap + (self.points if how == "carried" else 0)
        return amount * (1 + allowed / 100), f"{show(rounded(amount), money)} + {points_text(allowed)} (cap{more}"

    def left(self, escalator: Escalator, amount: Fraction, risen: Fraction) -> str:
        """Learns what a step from ``amount`` to ``risen`` left, and says it. A price that fell leaves its cap and no more."""
        self.steps += 1
        if escalator.cap_unused != "carried" or not amount:
            return ""
        cap, moved = Fraction(escalator.cap or 0), max(Fraction(0), (risen / amount - 1) * 100)
        most = None if escalator.cap_most is None else Fraction(escalator.cap_most)
        self.points = max(Fraction(0), self.points + cap - moved)
        self.points = self.points if most is None else min(self.points, most)
        return f"; {points_text(self.points)} of the cap is carried forward" if self.points else ""


def points_text(points: Fraction) -> str:
    """Percentage points as people write them, to at most four decimals: ``1.5%``."""
    return f"{number(Decimal(rounded(points * 10_000)) / 10_000)}%"


def _first(
    escalator: Escalator, term: Term, agreement: Agreement, amount: Fraction, risen: Fraction | None, due: date, last: date | None
) -> tuple[Fraction | None, str]:
    """What a term takes of its first rise where it began within the time before it, and why."""
    start, how = term.start or agreement.contract.start, escalator.first_rise
    before = last or add_months(due, -escalator.months)
    if risen is None or how == "full" or start is None or not before < start <= due:
        return risen, ""
    if how == "none":
        return amount, f", which begins with the rise after it, as it began on {_said(start)}"
    if how == "by months":
        months = (due.year - start.year) * 12 + due.month - start.month
        months -= 1 if add_months(start, months) > due else 0
        share, words = Fraction(months, escalator.months), f"{months} of {escalator.months} months"
    else:
        share, words = Fraction((due - start).days, (due - before).days), f"{(due - start).days} of {(due - before).days} days"
    return amount + (risen - amount) * share, f", of which {words} since {_said(start)}"


def _rises(escalator: Escalator, horizon: date) -> Iterator[tuple[date, date | None]]:
    """The days on which a price is to rise, each with the one before it."""
    if escalator.start is None or escalator.months < 1:
        raise ValueError("a rise needs the day it begins and how often it comes")
    last, count = None, 0
    # A little beyond, because a piece that begins by the horizon may reach over it.
    while (due := add_months(escalator.start, escalator.months * count)) <= add_months(horizon, 24):
        if escalator.end is not None and due >= escalator.end:
            return
        yield due, last
        last, count = due, count + 1


def _noticed(escalator: Escalator, due: date, last: date | None) -> date | None:
    """The day from which a rise counts, None when no notice was given. One late notice serves all it is late for."""
    if escalator.notified is None:
        return due
    given = next((day for day in sorted(escalator.notified) if last is None or day >= last), None)
    if given is None:
        return None
    earliest = given + timedelta(days=escalator.notice_days)
    return due if earliest <= due or escalator.catch_up else earliest


def _late(escalator: Escalator, due: date, last: date | None) -> str:
    """That notice of a rise came too late for its day, and what follows from it."""
    given = next((day for day in sorted(escalator.notified or ()) if last is None or day >= last), None)
    if given is None or given + timedelta(days=escalator.notice_days) <= due:
        return ""
    on = f"; notice was given on {_said(given)}"
    if escalator.catch_up:
        return f"{on}, and the time since {_said(due)} is caught up, as agreed"
    return f"{on}, {escalator.notice_days} days before it, for a rise of {_said(due)}"


def _effective(term: Term, agreement: Agreement, day: date, how: str, horizon: date) -> date:
    if how not in ("next period", "whole period"):
        return day
    for run in runs(term, agreement, max(horizon, day)):
        if run.end is None or day < run.end:
            if day <= run.start:
                return day
            whole = next(wholes(anchored(term, run), run.origin, day))
            if how == "whole period":
                return max(whole.start, run.start)
            return day if whole.start == day else whole.end
    return day


def stretches(period: Period, steps: list[Step]) -> Iterator[tuple[Period, Step]]:
    """A period cut where the price or the quantity changes; days at the same price are one stretch."""
    start, current = period.start, next((s for s in reversed(steps) if s.day <= period.start), steps[0])
    for step in steps:
        if not period.start < step.day < period.end:
            continue
        same = (step.amount, step.quantity, step.own) == (current.amount, current.quantity, current.own)
        if not same and start < step.day:
            yield Period(start, step.day), current
            start = step.day
        current = step
    yield Period(start, period.end), current


def _said(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
