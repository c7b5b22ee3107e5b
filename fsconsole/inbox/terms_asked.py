"""What a price file may ask without a contract: the periods of a term, part of a price, units at a price, a rounding.

It stands apart so that one rule can be asked by itself, with nothing around it.
"""

from __future__ import annotations

from dataclasses import replace

from fsconsole.inbox.terms_fields import Field, Section
from fsconsole.inbox.terms_usage import PRICING
from fsconsole.values.conventions import COUNTED, ROLLS, WAYS
from fsconsole.values.terms import ROUNDS

_NAME = Field("name", "words", "what the answer is called")
_ROUNDS = Field("rounds", "choice", "how a half is rounded; away from zero unless said", choices=ROUNDS)


def sections(conventions: tuple[Field, ...]) -> dict[str, Section]:
    """The sections, with the conventions of terms that bear on periods and shares."""
    known = {one.name: one for one in conventions}
    calendar = (known["every"], known["anchor"], known["month_end"])
    off = Field("holidays", "holiday list", "days on which nobody works: 2025-12-25, or “25 Dec” for every year")
    counting = (*(one for one in conventions if one.name in COUNTED), off)
    span = (
        Field("from", "day", "the first day", needed=True),
        Field("until", "day", "the first day no longer"),
        Field("last_day", "day", "the last day, instead of until"),
    )
    return {
        "periods": Section((
            _NAME, *span, *calendar, known["first"], known["last"], known["short_days"], known["trial"], known["trial_anchor"],
            known["season"],
            Field("first_until", "day", "all before this day is one first period, whatever the anchor"),
            Field("last_from", "day", "all from this day on is one last period"),
            Field("roll", "choice", "where a period would begin on a day that is no working day", choices=ROLLS,
                  also=(("modified following", "modified"), ("half-month modified following", "half-month modified"))),
            off, known["weekend"],
            Field("count", "count", "how many; 12 unless said, or until its end"),
        ), help="the periods that a term would have"),
        "days": Section((
            _NAME, *span,
            Field("count", "choice", "how days are counted; actual/365 unless said", choices=WAYS, also=(
                ("30/360 isda", "30/360 bond"), ("30/360 eu", "30e/360"), ("actual/actual", "actual/actual isda"),
                ("business/252", "working days/252"),
            )),
            Field("whole_from", "day", "the first day of the full period, for actual/actual icma, 365l and working days"),
            Field("whole_until", "day", "the first day after it"),
            Field("periods_a_year", "count", "how many such periods a year has; 1 unless said"),
            Field("final", "day", "the day on which the whole agreement ends, for 30e/360 isda"),
            Field("amount", "money", "what a year costs"), known["weekend"], off, _ROUNDS,
        ), help="days between two days, and how much of a year they are"),
        "share": Section((
            _NAME, Field("amount", "money", "what a full period costs", needed=True),
            Field("from", "moment", "the first day, or the instant", needed=True),
            Field("until", "moment", "the first day no longer, or the instant"), span[2],
            Field("whole_from", "moment", "the first day of the full period; left out: by every and anchor"),
            Field("whole_until", "moment", "the first day after it"),
            *calendar, replace(known["prorate"], choices=(*known["prorate"].choices, "seconds")), *counting,
            Field("quantity", "number", "units"), known["rounding"], _ROUNDS,
        ), help="part of a price for part of a period"),
        "units": Section((
            _NAME,
            Field("units", "number", "how many"),
            Field("amounts", "number list", "or one after the other, where each is priced alone (each, each_minimum …)"),
            *PRICING,
            Field("included", "number", "units that cost nothing"),
            Field("minimum", "money", "at least"), Field("maximum", "money", "at most"),
            Field("minimum_units", "number", "at least so many units are counted, before what is included"),
            Field("units_step", "number", "units are rounded to a multiple of this before they are priced"),
            Field("units_round", "choice", "which way", choices=("up", "nearest", "down")),
            _ROUNDS,
        ), help="what a quantity costs"),
        "rounding": Section((
            _NAME, Field("amount", "number", "any number of decimals", needed=True),
            Field("step", "number", "rounded to a multiple of this; 0.01 unless said"),
            _ROUNDS,
        ), help="a number rounded"),
    }  # fmt: skip
