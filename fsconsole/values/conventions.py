"""The words by which a contract names its conventions: of days, of short periods, of changes, of notice, of days to pay.

It stands apart because what a price file may say and what the rules know must be one list.
"""

from __future__ import annotations

from fractions import Fraction

#: The rules a term can name in ``proration``.
RULES = (
    "actual", "thirty", "actual30", "year365", "year360", "isda", "month", "none", "30/360 bond", "30/360 us", "30/360 psa",
    "30e/360 isda", "30e+/360", "actual/364", "actual/365.25", "actual/366", "nl/365", "working days", "months begun",
    "whole months", "months and days",
)  # fmt: skip
#: What days beyond whole months are a part of, with “months and days”.
ODD_DAYS = ("own month", "30", "365/12")
#: Decimals to which a share or the price of a day may be rounded.
MOST_PLACES = 12
#: The fields of a term that say how days are counted.
COUNTED = ("month_days", "day_31", "full_period", "share_places", "rate_places", "odd_days", "holidays", "weekend")
#: Ways with months of 30 days, by what they make of a first and a last day.
THIRTIES = ("30e/360", "30e/360 isda", "30e+/360", "30/360 bond", "30/360 us", "30/360 psa", "30/360 nasd", "30/360 italian")
#: Ways that divide the days as they are by so many.
ACTUALS: dict[str, Fraction] = {
    "actual/360": Fraction(360), "actual/364": Fraction(364), "actual/365": Fraction(365), "actual/365.25": Fraction(1461, 4),
    "actual/366": Fraction(366),
}  # fmt: skip
#: Ways that look at leap years.
LEAPS = ("nl/365", "actual/actual isda", "actual/actual afb", "actual/actual year", "actual/365l", "actual/365 actual")
OTHERS = ("actual/actual icma", "working days/252", "working days", "1/1")
WAYS = (*THIRTIES, *ACTUALS, *LEAPS, *OTHERS)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ROLLS = ("none", "following", "preceding", "modified", "modified preceding", "half-month modified", "nearest")
#: How an asset, or a number of units, that is there for a part of a period counts.
COUNTED_AS = ("by days", "any day", "first day", "last day", "most")
CREDITS = ("immediate", "period end", "term end", "none", "full")
CHANGES = ("at once", "next period", "up at once", "up whole period", "whole period", "restart")
SUSPENSIONS = ("not billed", "added at the end", "billed", "whole periods")
SHORT = ("billed", "merged", "full", "free", "half", "nearest")
#: On which days a contract without an end may end after notice, by the months between them.
NOTICE_TO = {"any day": 0, "month": 1, "quarter": 3, "half-year": 6, "year": 12}
#: What [contract] says of notice and renewal that has no column of its own.
AGREED = ("notice_day", "notice_to", "notice_working_days", "notice_roll", "renewals", "not_before", "holidays")
