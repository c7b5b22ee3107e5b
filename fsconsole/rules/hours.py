"""What included hours and prepaid blocks come to: work burnt, what of it is paid for already, and the rest.

It stands apart from rules/labour because here time is a stock that is drawn from, and only what is missing is priced.

Always: every minute of work is drawn or billed or held; a block that ends is drawn before one that lasts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction

from fsconsole.rules.blocks import Block, Ends, blocks_of, contract_end, draw, drawn_words
from fsconsole.rules.discount import discounted
from fsconsole.rules.life import Piece
from fsconsole.rules.overtime import overtimed
from fsconsole.rules.pools import Drawn, drawn, shares, summed
from fsconsole.rules.rates import minutes_text
from fsconsole.rules.tiers import price_text, units_text
from fsconsole.rules.usage import charge_of, exact, granted, in_minor, mine, outside, pieces_of, price_of, steps_factor
from fsconsole.rules.words import day as on_day
from fsconsole.rules.worked import Work, as_hours, bands_of, stepped, steps_of, works
from fsconsole.values.agreement import Agreement
from fsconsole.values.bill import Charge
from fsconsole.values.money import show
from fsconsole.values.period import Period
from fsconsole.values.terms import Term


def included_hours(term: Term, agreement: Agreement, horizon: date) -> list[Charge]:
    """The charges of an hours term: for each period what was worked beyond what is included and carried over.

    Multipliers by the clock burn the larger, never the product. What goes beyond is drawn from blocks that name the
    term before it is billed. Raises ValueError in words.
    """
    said = term.details
    pieces = pieces_of(term, agreement, horizon)
    price = _hour(term, agreement)
    entries = _entries(term, agreement)
    by_piece = [[work for work in entries if work.day in piece.period] for piece in pieces]
    own, lives = granted(term, agreement, pieces, exact(said.get("included")))
    used = [sum((work.counted for work in each), Fraction(0)) for each in by_piece]
    most = said.get("carry_most")
    cap = None if most is None else exact(most)
    pool = drawn(own, used, lives, cap, str(said.get("draw") or "own first"))
    blocks = blocks_of(term, agreement, pieces[0].period.start if pieces else horizon)
    ends = Ends(blocks, said, contract_end(term, agreement, horizon), minutes_text)
    found = [_bought(term, agreement, block) for block in blocks if block.amount and block.start <= horizon]
    for piece, period, each in zip(pieces, pool, by_piece, strict=True):
        found += _charges(term, agreement, piece, period, each, price, ends)
    found += _given_back(term, agreement, ends)
    found += outside(term, agreement, "labour", pieces, horizon, "from", "on")
    return discounted(found, term, agreement)


def burnt(term: Term, agreement: Agreement, horizon: date) -> list[tuple[Period, Fraction, Fraction]]:
    """(period, minutes burnt, minutes included and carried over) of each period of an hours term. Raises ValueError."""
    pieces = pieces_of(term, agreement, horizon)
    entries = _entries(term, agreement)
    own, lives = granted(term, agreement, pieces, exact(term.details.get("included")))
    used = [sum((work.counted for work in entries if work.day in piece.period), Fraction(0)) for piece in pieces]
    most = term.details.get("carry_most")
    pool = drawn(own, used, lives, None if most is None else exact(most), str(term.details.get("draw") or "own first"))
    return [(piece.period, each.used, each.own + each.carried) for piece, each in zip(pieces, pool, strict=True)]


def _entries(term: Term, agreement: Agreement) -> list[Work]:
    rows = [row for row in mine(term, agreement, "labour") if not row.get("covered")]
    found = stepped(works(rows, bands_of(term.details, agreement), agreement, steps_of(term.details)), steps_of(term.details))
    return overtimed(found, term.details, lambda work: None)


def _hour(term: Term, agreement: Agreement) -> Fraction:
    said = term.details.get("price")
    if said is None and not term.amount:
        raise ValueError("there is no price for an hour; say price = 95.00 (a price of 0 says that it is free)")
    return price_of(said, agreement.money) if said is not None else Fraction(term.amount)


def _charges(
    term: Term,
    agreement: Agreement,
    piece: Piece,
    pool: Drawn,
    entries: Sequence[Work],
    price: Fraction,
    ends: Ends,
) -> list[Charge]:
    """The charge of a period, or its shares by what each asset, location, job or technician burnt."""
    money, period = agreement.money, piece.period
    shown = str(term.details.get("shown") or "hours")
    each, why = steps_factor(term, agreement, price, period)
    taken: dict[str, Fraction] = {}
    last = max((work.day for work in entries), default=period.start)
    told: list[str] = []
    ends.until(last, 0, told)
    left = draw(ends.blocks, last, pool.over, taken)
    ends.until(period.end, 0, told)
    billed = as_hours(left, shown)
    amount = in_minor(billed * each, agreement)
    words = _arithmetic(pool, shown)
    if taken:
        words += f" = {_hours(pool.over, shown)} h, {drawn_words(taken)} drawn"
    if left:
        words += f"{', ' if taken else ' = '}{_hours(left, shown)} h × {price_text(each, money)} = {show(amount, money)}"
    lapsed = f"; {minutes_text(pool.lapsed)} carried over lapsed" if pool.lapsed else ""
    lapsed += "".join(f"; {one}" for one in told)
    reason = words + (f" ({why})" if why else "") + f" for {period}{lapsed}" + _evidence(entries)
    by = str(term.details.get("share_by") or "")
    burnt = summed((str(work.row.get(by) or "other"), work.counted) for work in entries) if by else {}
    if by and amount:
        return [
            charge_of(
                term, agreement, period, part,
                f"{reason}; {name} burnt {minutes_text(burnt[name])} of {minutes_text(pool.used)}: {show(part, money)}",
                part=name, quantity=burnt[name] / 60, payer=piece.payer,
            )
            for name, part in shares(amount, burnt).items()
        ]  # fmt: skip
    return [charge_of(term, agreement, period, amount, reason, quantity=billed, payer=piece.payer)]


def _arithmetic(pool: Drawn, shown: str) -> str:
    """``15 − (10 + 2) = 3 h``, or how much of what is included was used."""
    own = _hours(pool.own, shown)
    if pool.carried:
        own = f"({own} + {_hours(pool.carried, shown)})"
    if pool.over:
        included = bool(pool.own or pool.carried)
        return f"{_hours(pool.used, shown)} − {own}" if included else f"{_hours(pool.used, shown)} h, nothing included"
    return f"{_hours(pool.used, shown)} of {own} h used"


def _hours(minutes: Fraction, shown: str) -> str:
    """Hours for the eye; in minutes where they are billed so and hours do not say them exactly."""
    text = units_text(as_hours(minutes, "hours"))
    return text if as_hours(minutes, "hours") == minutes / 60 or shown == "hours" else f"{text}…"


def _evidence(entries: Sequence[Work]) -> str:
    """What counted more than once, and what was rounded, by entry."""
    words = []
    for work in entries:
        if any(piece.times != 1 for piece in work.pieces):
            said = " + ".join(
                minutes_text(piece.minutes) + (f" {piece.band} × {units_text(piece.times)}" if piece.times != 1 else "")
                for piece in work.pieces
            ).replace("  ", " ")
            words.append(f"{on_day(work.day)}: {said} = {minutes_text(work.counted)}")
    return "; " + "; ".join(words) if words else ""


def prepaid_blocks(term: Term, agreement: Agreement, horizon: date) -> list[Charge]:
    """The charges of a block term: each block when it is bought, and for each period what no block covered.

    A block is drawn by work on its days, the one that ends first before the others. Blocks 240 and 120, a visit of
    1,000 minutes: 360 drawn, 640 billable. Raises ValueError in words.
    """
    pieces = pieces_of(term, agreement, horizon)
    blocks = blocks_of(term, agreement, pieces[0].period.start if pieces else horizon)
    found = [_bought(term, agreement, block) for block in blocks if block.amount and block.start <= horizon]
    entries = _entries(term, agreement)
    price = _hour(term, agreement)
    ends = Ends(blocks, term.details, contract_end(term, agreement, horizon), minutes_text)
    if pieces:
        ends.until(pieces[0].period.start, 0, [])
    for piece in pieces:
        found += _period(term, agreement, piece, [work for work in entries if work.day in piece.period], ends, price)
    found += _given_back(term, agreement, ends)
    found += outside(term, agreement, "labour", pieces, horizon, "from", "on")
    return discounted(found, term, agreement)


def _bought(term: Term, agreement: Agreement, block: Block) -> Charge:
    until = "" if block.end == date.max else f", to be used before {on_day(block.end)}"
    amount = block.amount
    reason = f"{block.name}: {minutes_text(block.left)} bought for {show(amount, agreement.money)}{until}"
    period = Period(block.start, block.start + timedelta(days=1) if block.end == date.max else block.end)
    return charge_of(term, agreement, period, amount, reason, part=block.name, on=block.start)


def _given_back(term: Term, agreement: Agreement, ends: Ends) -> list[Charge]:
    """What is given back for blocks that ended with minutes left, on the day after they held."""
    found = []
    for _, block, back, reason in ends.given_back(agreement):
        day = Period(block.last, block.last + timedelta(days=1))
        found.append(charge_of(term, agreement, day, -back, reason, part=f"{block.name}:unused", on=block.last))
    return found


def _period(
    term: Term, agreement: Agreement, piece: Piece, entries: Sequence[Work], ends: Ends, price: Fraction
) -> list[Charge]:
    """What a period draws from blocks, and what is left to bill or held."""
    money, period = agreement.money, piece.period
    shown = str(term.details.get("shown") or "hours")
    rest, taken, told = Fraction(0), dict[str, Fraction](), list[str]()
    for work in sorted(entries, key=lambda one: one.day):
        ends.until(work.day, 0, told)
        rest += draw(ends.blocks, work.day, work.counted, taken)
    ends.until(period.end, 0, told)
    used = sum((work.counted for work in entries), Fraction(0))
    each, why = steps_factor(term, agreement, price, period)
    billed = as_hours(rest, shown)
    amount = in_minor(billed * each, agreement)
    words = f"{minutes_text(used)} worked" + (f", {drawn_words(taken)} drawn" if taken else "")
    if rest:
        words += f", {minutes_text(rest)} left = {_hours(rest, shown)} h × {price_text(each, money)} = {show(amount, money)}"
    words += (f" ({why})" if why else "") + f" for {period}"
    words += "".join(f"; {one}" for one in told)
    live = [block for block in ends.blocks if block.start < period.end < block.last and block.left]
    words += "; " + ", ".join(f"{block.name} has {minutes_text(block.left)} left" for block in live) if live else ""
    words += _evidence(entries)
    held = bool(rest) and term.details.get("beyond") == "held"
    if held:
        words += "; held: no block covers it and a decision is needed"
    return [
        charge_of(
            term, agreement, period, amount, words,
            quantity=billed, payer=piece.payer, held=held, notional=amount if held else 0,
        )
    ]  # fmt: skip
