"""What time and materials come to: labour by the clock, call-outs, travel, parts, up to a cap or a budget.

It stands apart from rules/hours because here every line is priced; nothing was paid for beforehand.

Always: work without a price is held, never free; what a cap takes off stands on a line of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from fsconsole.rules.agreed import Agreed
from fsconsole.rules.life import Piece
from fsconsole.rules.overtime import overtimed
from fsconsole.rules.rates import minutes_text
from fsconsole.rules.tiers import price_text, units_text
from fsconsole.rules.usage import charge_of, day_of, exact, in_minor, mine, minor_of, pieces_of, price_of, reduced, steps_factor
from fsconsole.rules.warranty import Guarantees
from fsconsole.rules.words import day as on_day
from fsconsole.rules.worked import Band, Steps, Work, as_hours, bands_of, stepped, steps_of, works
from fsconsole.values.agreement import Agreement, Row
from fsconsole.values.bill import Charge
from fsconsole.values.money import show
from fsconsole.values.period import Period
from fsconsole.values.terms import Term

PARTS = ("cost plus", "list", "client list")
#: Visits without work: what their charge is called, and its words.
ENDED = {"no access": ("no-access", "no access"), "aborted": ("abort", "broken off"), "cancelled": ("abort", "called off late")}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to charge for. ``amount`` None: nobody says what it costs."""

    day: date
    kind: str
    part: str
    row: Row
    amount: int | None
    words: str
    quantity: Fraction
    cost: int = 0


def time_and_materials(term: Term, agreement: Agreement, horizon: date) -> list[Charge]:
    """The charges of a time term: a line for each entry of work, call-out, travel and part, and what a cap takes off.

    Lines beyond a budget, without a price, or outside the term's days are held. Raises ValueError in words.
    """
    pieces = pieces_of(term, agreement, horizon)
    cap = _Limit(term, agreement, minor_of(term.details.get("cap")), pieces)
    found: list[Charge] = []
    for line, charge in _priced_lines(term, agreement, horizon, pieces):
        found.append(charge)
        if not charge.estimate and not charge.covered_by:
            cap.add(line)
    return reduced([*found, *cap.written_down()], term, agreement, pieces)


def charged_rows(agreement: Agreement, horizon: date) -> Iterator[tuple[Row, Charge]]:
    """Each row of work with its charge, of all time terms that can be priced."""
    for term in agreement.terms:
        if term.kind == "time" and not term.gone:
            try:
                found = list(_priced_lines(term, agreement, horizon, pieces_of(term, agreement, horizon)))
            except ValueError:
                continue  # said where the term is priced
            yield from ((line.row, charge) for line, charge in found)


def _priced_lines(term: Term, agreement: Agreement, horizon: date, pieces: Sequence[Piece]) -> Iterator[tuple[Line, Charge]]:
    """Each line of work with its charge, in order: covered, held with the reason, or billable."""
    lines = sorted(
        (one for one in _lines(term, agreement) if one.day <= horizon or any(one.day in piece.period for piece in pieces)),
        key=lambda line: (line.day, line.part),
    )
    seen: dict[tuple[date, str], int] = {}
    budget = _Limit(term, agreement, minor_of(term.details.get("budget")), pieces)
    agreed, guarantees = Agreed(agreement, term.details.get("unagreed") == "held"), Guarantees(agreement)
    for line in lines:
        times = seen[line.day, line.part] = seen.get((line.day, line.part), 0) + 1
        part = line.part if times == 1 else f"{line.part}-{times}"
        piece = next((each for each in pieces if line.day in each.period), None)
        guarantee = guarantees.of(line.row, line.kind, line.day)
        covered = str(line.row.get("covered") or ("warranty" if guarantee else ""))
        held = ""
        if piece is None:
            held = "it is outside the days of the term"
        elif line.amount is None:
            held = "nobody says what it costs"
        elif not covered and (why := agreed.missing(line.row, line.kind, line.amount)):
            held = why
        elif not covered and budget.beyond(line):
            held = f"it goes beyond the budget of {show(budget.limit or 0, agreement.money)}: {budget.words}"
        words = f"{line.words}; held: {held}" if held else line.words
        words += f"; {guarantee.words}" if guarantee and not held else ""
        yield line, _charge(term, agreement, line, part, piece, words, bool(held), covered)


def _charge(
    term: Term, agreement: Agreement, line: Line, part: str, piece: Piece | None, words: str, held: bool, covered: str
) -> Charge:
    on = line.day if term.details.get("bill") == "day" or piece is None else piece.period.end
    amount = line.amount or 0
    return charge_of(
        term, agreement, Period(line.day, line.day + timedelta(days=1)), 0 if covered else amount,
        words + (f"; covered: {covered}" if covered else ""),
        part=part, kind=line.kind, quantity=line.quantity, on=on, payer=piece.payer if piece else None, held=held,
        notional=amount if held or covered else 0, cost=line.cost, covered_by=covered, tax=str(line.row.get("tax") or ""),
    )  # fmt: skip


class _Limit:
    """A cap or a budget of each job, period or of the whole term, while lines are counted against it in order."""

    def __init__(self, term: Term, agreement: Agreement, limit: int | None, pieces: Sequence[Piece]) -> None:
        self.term, self.agreement, self.limit, self.pieces = term, agreement, limit, pieces
        self.over = str(term.details.get("over") or "job")
        self.used: dict[str, int] = {}
        self.off: dict[tuple[date, str], tuple[int, str, date]] = {}
        self.words = ""

    def _about(self, line: Line) -> str:
        if self.over == "term":
            return ""
        if self.over == "job":
            return str(line.row.get("job") or line.row.get("visit") or "")
        piece = next(each for each in self.pieces if line.day in each.period)
        return piece.period.start.isoformat()

    def beyond(self, line: Line) -> bool:
        """Whether a line passes the limit; one that does not is counted."""
        if self.limit is None:
            return False
        about, amount = self._about(line), line.amount or 0
        used = self.used.get(about, 0)
        self.words = f"{show(used, self.agreement.money)} used + {show(amount, self.agreement.money)}"
        if used + amount > self.limit:
            return True
        self.used[about] = used + amount
        return False

    def add(self, line: Line) -> None:
        """Counts a line; what passes the limit is noted to be written down in the line's period."""
        if self.limit is None:
            return
        about, amount = self._about(line), line.amount or 0
        used = self.used.get(about, 0)
        self.used[about] = used + amount
        excess = max(0, used + amount - self.limit) - max(0, used - self.limit)
        if excess:
            piece = next(each for each in self.pieces if line.day in each.period)
            money = self.agreement.money
            before, words, _ = self.off.get((piece.period.start, about), (0, "", line.day))
            words = words or f"not to exceed {show(self.limit, money)}: {show(min(used, self.limit), money)} used"
            self.off[piece.period.start, about] = (before + excess, f"{words} + {show(amount, money)}", line.day)

    def written_down(self) -> Iterator[Charge]:
        """A line for what the limit takes off, by period and job."""
        for (start, about), (excess, words, last) in sorted(self.off.items()):
            piece = next(each for each in self.pieces if each.period.start == start)
            named = self.over == "job" and bool(about)
            reason = f"{words}, {show(excess, self.agreement.money)} written down" + (f" on {about}" if named else "")
            yield charge_of(
                self.term,
                self.agreement,
                Period(last, last + timedelta(days=1)),
                -excess,
                reason,
                part=f"write-down:{about}" if named else "write-down",
                kind="write-down",
                start=start,
                on=last if self.term.details.get("bill") == "day" else piece.period.end,
                payer=piece.payer,
            )


def _lines(term: Term, agreement: Agreement) -> Iterator[Line]:
    entries = _entries(term, agreement)
    yield from (_labour(term, agreement, work) for work in entries)
    for row in mine(term, agreement, "visit"):
        yield from _visit(term, agreement, row)
    yield from (_part(term, agreement, row) for row in mine(term, agreement, "part"))


def _entries(term: Term, agreement: Agreement) -> list[Work]:
    """Work with a price in every piece, as it is rounded, less what call-outs hold."""
    found: list[Work] = []
    bands, steps = bands_of(term.details, agreement), steps_of(term.details)
    for row in mine(term, agreement, "labour"):
        day = day_of(row, agreement, "from", "on")
        base = _hour(term, agreement, row, day)
        if base is None:
            found += works([row], [], agreement, steps)
            continue
        own = base * max(Fraction(1), exact(row.get("times"), 1))
        priced = [_priced(band, base) for band in bands]
        for work in works([row], priced, agreement, steps):
            pieces = tuple(replace(one, price=max(own, one.price or Fraction(0)) if one.band else own) for one in work.pieces)
            found.append(replace(work, pieces=pieces))
    found.sort(key=lambda work: (work.day, _started(work), str(work.row.get("ref") or ""), repr(work.pieces)))
    rounded_up = overtimed(stepped(found, steps), term.details, lambda work: _hour(term, agreement, work.row, work.day))
    return _less_call_out(rounded_up, term, agreement)


def _priced(band: Band, base: Fraction) -> Band:
    return replace(band, price=band.price if band.price is not None else base * band.times)


def _started(work: Work) -> str:
    return work.start.isoformat() if work.start else ""


def _hour(term: Term, agreement: Agreement, row: Row, day: date) -> Fraction | None:
    """The price of an hour of an entry on a day, by its skill or the term's own; None where there is none."""
    said, money = term.details, agreement.money
    rates = said.get("rates") or ()
    own = next((each.get("price") for each in rates if each.get("skill") == row.get("skill")), said.get("price"))
    if own is None and not term.amount:
        return None
    base = price_of(own, money) if own is not None else Fraction(term.amount)
    price, _ = steps_factor(term, agreement, base, Period(day, day + timedelta(days=1)))
    return price


def _less_call_out(found: Sequence[Work], term: Term, agreement: Agreement) -> list[Work]:
    """Work without the minutes that the call-out of its visit holds, taken from its beginning."""
    held = int(term.details.get("call_out_minutes") or 0)
    rows = mine(term, agreement, "visit")
    left = {str(row.get("name") or ""): Fraction(held) for row in rows if held and row.get("name") and row.get("call_out", True)}
    rest = []
    for work in found:
        visit, pieces = str(work.row.get("visit") or ""), []
        for piece in work.pieces:
            less = min(left.get(visit, Fraction(0)), piece.minutes)
            if less:
                left[visit] -= less
            pieces.append(replace(piece, minutes=piece.minutes - less))
        rest.append(replace(work, pieces=tuple(pieces)))
    return rest


def _labour(term: Term, agreement: Agreement, work: Work) -> Line:
    row, money = work.row, agreement.money
    shown = str(term.details.get("shown") or "hours")
    # What has a reference of its own is called by it alone: a new name of anything else changes no key.
    who = str(row.get("ref") or "") or ":".join(str(row[name]) for name in ("job", "visit", "technician") if row.get(name))
    at = agreement.instant(work.start).strftime(":%H%M") if work.start else ""
    part = f"labour{at}" + (f":{who}" if who else "")
    worked = sum((piece.minutes for piece in work.pieces), Fraction(0))
    if any(piece.price is None for piece in work.pieces):
        words_ = f"{minutes_text(worked)} of work on {on_day(work.day)}"
        return Line(work.day, "labour", part, row, None, words_, as_hours(worked, shown))
    total, words = Fraction(0), []
    for piece in work.pieces:
        hours = as_hours(piece.minutes, shown)
        total += hours * (piece.price or Fraction(0))
        band = f" {piece.band}" if piece.band else ""
        words.append(f"{units_text(hours)} h{band} × {price_text(piece.price or Fraction(0), money)}")
    amount = in_minor(total, agreement)
    spent = _spent(row, agreement)
    told = f"{minutes_text(spent)} → {minutes_text(worked)}: " if spent is not None and spent != worked else ""
    quantity = sum((as_hours(piece.minutes, shown) for piece in work.pieces), Fraction(0))
    lost = "; rounded down to nothing" if spent and not worked else ""
    by = "".join(f", {row[name]}" for name in ("technician", "job") if row.get(name))
    reason = f"{told}{' + '.join(words) or '0 h'} = {show(amount, money)}{lost} on {on_day(work.day)}{by}"
    return Line(work.day, "labour", part, row, amount, reason, quantity)


def _spent(row: Row, agreement: Agreement) -> Fraction | None:
    """The minutes of an entry as they were worked."""
    return sum((piece.minutes for work in works([row], [], agreement) for piece in work.pieces), Fraction(0))


def _visit(term: Term, agreement: Agreement, row: Row) -> Iterator[Line]:
    """A visit's call-out and its travel."""
    said, money = term.details, agreement.money
    day = day_of(row, agreement, "on", "from")
    ended_price, in_time = _ended(said, row, agreement)
    if in_time:
        return
    name = ":".join(str(row[each]) for each in ("name", "job", "technician") if row.get(each))
    tail = f":{name}" if name else ""
    call_out = minor_of(said.get("call_out"))
    if ended_price is not None:
        kind, what = ENDED[str(row["outcome"])]
        price, _ = steps_factor(term, agreement, Fraction(ended_price), Period(day, day + timedelta(days=1)))
        amount = in_minor(price, agreement)
        words = f"{what} {show(amount, money)} on {on_day(day)}"
        yield Line(day, kind, f"{kind}{tail}", row, amount, words, Fraction(1))
    elif call_out is not None and row.get("call_out", True):
        price, _ = steps_factor(term, agreement, Fraction(call_out), Period(day, day + timedelta(days=1)))
        amount = in_minor(price, agreement)
        ended = f", {row['outcome']}" if row.get("outcome") not in (None, "done") else ""
        yield Line(
            day,
            "call-out",
            f"call-out{tail}",
            row,
            amount,
            f"call-out {show(amount, money)} on {on_day(day)}{ended}",
            Fraction(1),
        )
    if said.get("travel_price") is not None and row.get("travel"):
        minutes = Steps(step=int(said.get("travel_step") or 0)).of(Fraction(int(row["travel"])))
        hours, price = as_hours(minutes, str(said.get("shown") or "hours")), price_of(said["travel_price"], money)
        amount = in_minor(hours * price, agreement)
        words = f"travel {units_text(hours)} h × {price_text(price, money)} = {show(amount, money)} on {on_day(day)}"
        yield Line(day, "travel", f"travel{tail}", row, amount, words, hours)
    if said.get("distance_price") is not None and row.get("distance") is not None:
        yield _distance(term, agreement, row, day, tail)


def _ended(said: Mapping[str, Any], row: Row, agreement: Agreement) -> tuple[int | None, bool]:
    """What a visit costs that did not end in work, where the term says so; and whether it was called off in time."""
    outcome = str(row.get("outcome") or "done")
    if outcome not in ENDED:
        return None, False
    if outcome == "cancelled":
        told, start, notice = row.get("told"), row.get("from") or row.get("on"), said.get("cancel_notice")
        if told is not None and notice is not None and isinstance(start, datetime):
            if start - told >= timedelta(minutes=int(notice)):
                return None, True
        elif said.get("cancelled") is None:
            return None, True
    return minor_of(said.get(outcome.replace(" ", "_"))), False


def _distance(term: Term, agreement: Agreement, row: Row, day: date, tail: str) -> Line:
    said, money = term.details, agreement.money
    went, radius = exact(row["distance"]), exact(said.get("radius"))
    far = Fraction(0) if went <= radius else went if said.get("beyond") == "whole way" else went - radius
    price, unit = price_of(said["distance_price"], money), str(said.get("distance_unit") or "km")
    amount = in_minor(far * price, agreement)
    how = "" if far == went else f"{units_text(went)} − {units_text(radius)} = "
    how = how if far else f"{units_text(went)} within {units_text(radius)}: "
    words = f"travel {how}{units_text(far)} {unit} × {price_text(price, money)} = {show(amount, money)} on {on_day(day)}"
    return Line(day, "travel", f"distance{tail}", row, amount, words, far)


def _part(term: Term, agreement: Agreement, row: Row) -> Line:
    money, day = agreement.money, day_of(row, agreement, "on")
    count = exact(row.get("quantity"), 1)
    landed = price_of(row.get("cost"), money) + price_of(row.get("landing"), money)
    key = str(row.get("ref") or "") or ":".join(str(row[each]) for each in ("name", "job", "visit") if row.get(each))
    each, how = _part_price(term.details, row, landed, money)
    if each is None:
        words = f"{units_text(count)} × {row.get('name')} on {on_day(day)}"
        return Line(day, "part", f"part:{key}", row, None, words, count)
    if term.rounding == "unit":
        each = Fraction(in_minor(each, agreement))
    amount = in_minor(each * count, agreement)
    words = f"{row.get('name')}: {how}, {units_text(count)} × {price_text(each, money)} = {show(amount, money)} on {on_day(day)}"
    return Line(day, "part", f"part:{key}", row, amount, words, count, in_minor(landed * count, agreement))


def _part_price(said: Mapping[str, Any], row: Row, landed: Fraction, money: str) -> tuple[Fraction | None, str]:
    """The price of one part and where it comes from: agreed, the client's list, the list, or landed cost and mark-up."""
    if row.get("price") is not None:
        return price_of(row["price"], money), "agreed price"
    listed = next((each.get("price") for each in said.get("price_list") or () if each.get("name") == row.get("name")), None)
    usual = "client list" if listed is not None else "cost plus" if row.get("cost") is not None else "list"
    way = str(said.get("parts") or usual)
    if way == "client list":
        return (price_of(listed, money), "the client's price list") if listed is not None else (None, "")
    if way == "list":
        return (price_of(row["list"], money), "list price") if row.get("list") is not None else (None, "")
    percent = _markup(said, landed)
    if row.get("cost") is None or percent is None:
        return None, ""
    own = price_text(price_of(row["cost"], money), money)
    cost = own if not row.get("landing") else f"({own} + {price_text(price_of(row['landing'], money), money)})"
    if said.get("markup_is") == "margin":
        if percent >= 100:
            raise ValueError(f"a margin of {units_text(percent)}% leaves nothing for what the part cost; it is below 100%")
        return landed / (1 - percent / 100), f"{cost} with a margin of {units_text(percent)}%"
    return landed * (1 + percent / 100), f"{cost} + {units_text(percent)}%"


def _markup(said: Mapping[str, Any], landed: Fraction) -> Fraction | None:
    steps: Iterable[Mapping[str, Any]] = said.get("markups") or ()
    for each in steps:
        if each.get("upto") is None or landed <= Fraction(Decimal(each["upto"])):
            return exact(each["percent"])
    return exact(said["markup"]) if said.get("markup") is not None else None
