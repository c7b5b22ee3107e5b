"""How far a published index, or several of them by weight, moved between two days.

It stands apart from prices.py, which knows when a price changes, because formulas of indexes are a family of their own.

Always: a month that is not published is said by its name and never guessed.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

from fsconsole.rules.prorate import decimal_words, rounded
from fsconsole.rules.rates import number
from fsconsole.values.agreement import Agreement
from fsconsole.values.period import add_months
from fsconsole.values.terms import Escalator


def move_of(escalator: Escalator, agreement: Agreement, due: date, seen: date | None) -> tuple[Fraction, str] | str:
    """The factor on a price for a rise on ``due``, with its words; or why it is not known.

    ``seen`` is the day of the rise it is measured against, None for the base that the escalator names. Raises ValueError
    where the escalator names no index.
    """
    parts = escalator.parts or ((escalator.index, Decimal(100) if escalator.share is None else escalator.share, escalator.base),)
    if not all(name for name, _, _ in parts):
        raise ValueError("a rise needs a percentage or an index; say percent = 3 or index = “CPI”")
    month = add_months(due, -escalator.lag_months).replace(day=1)
    rest, factor, words = Decimal(100) - sum((percent for _, percent, _ in parts), Decimal(0)), Fraction(0), []
    for name, percent, base in parts:
        value = _value(agreement, name, month, escalator.average_months)
        if seen is not None:
            before = _value(agreement, name, add_months(seen, -escalator.lag_months).replace(day=1), escalator.average_months)
        else:
            before = Fraction(base) if base is not None else _base(escalator, agreement, name)
        if value is None or before is None:
            what = f"{month:%b %Y}" if value is None else "its base"
            return f"the index {name} for {what} is not known"
        ratio, said = value / before, f"{_said(value)} / {_said(before)}"
        if escalator.index_places is not None:
            ratio = _to_places(ratio, escalator.index_places, escalator.index_rounds)
            said += f" = {decimal_words(ratio)}"
        factor += ratio * Fraction(percent) / 100
        words.append(said if percent == 100 else f"{number(Decimal(percent) / 100)} × {said}")
    if rest:
        words.insert(0, number(Decimal(rest) / 100))
    shown = " + ".join(words)
    factor += Fraction(rest) / 100
    if escalator.coefficient_places is not None:
        factor = _to_places(factor, escalator.coefficient_places, escalator.index_rounds)
        shown += f" = {decimal_words(factor)}"
    return factor, f"({shown})" if len(words) > 1 or escalator.coefficient_places is not None else shown


def _to_places(value: Fraction, places: int, how: str) -> Fraction:
    return Fraction(rounded(value * 10**places, how), 10**places)


def unknown_of(escalator: Escalator, agreement: Agreement, due: date) -> str:
    """The index that is waited for on ``due``: of several the first whose month is not published."""
    month = add_months(due, -escalator.lag_months).replace(day=1)
    names = [name for name, _, _ in escalator.parts] or [escalator.index]
    return next((name for name in names if _value(agreement, name, month, escalator.average_months) is None), names[0])


def _said(value: Fraction) -> str:
    return number(Decimal(rounded(value * 10**6)) / 10**6)


def _base(escalator: Escalator, agreement: Agreement, name: str) -> Fraction | None:
    month = escalator.base_month
    if month is None and escalator.start is not None:
        month = add_months(escalator.start, -escalator.lag_months - escalator.months)
    return _value(agreement, name, month.replace(day=1), escalator.average_months) if month else None


def _value(agreement: Agreement, name: str, month: date, months: int) -> Fraction | None:
    """The index of a month, or the mean of so many up to and with it; None where one is not published."""
    total = Fraction(0)
    for back in range(months):
        day = add_months(month, -back)
        value = next((one.value for one in agreement.indexes if one.name == name and one.month == day), None)
        if value is None:
            return None
        total += Fraction(value)
    return total / months
