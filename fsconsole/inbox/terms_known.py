"""What a price file may say: every section and kind of term with its fields.

It stands apart because this table is the format; the reader, the examples and the help follow it.
"""

from __future__ import annotations

from fsconsole.inbox import terms_asked, terms_papers, terms_project, terms_usage
from fsconsole.inbox.terms_fields import Field, Section
from fsconsole.inbox.words import PRORATED
from fsconsole.values.conventions import CHANGES, COUNTED_AS, CREDITS, NOTICE_TO, ODD_DAYS, ROLLS, RULES, SHORT, SUSPENSIONS
from fsconsole.values.terms import CAP_UNUSED, FIRST_RISES, RISES_FROM, ROUNDS

_PRORATE = Field(
    "prorate", "choice", "how part of a period is charged", choices=RULES,
    also=PRORATED,
)  # fmt: skip
#: How days are counted, beyond the rule.
COUNTING = (
    Field("month_days", "count", "days of every month, where prorate is 30 or actual/30; 30 unless said"),
    Field("day_31", "choice", "with 30-day months, the day of a longer month that counts for nothing",
          choices=("30th is free", "31st is free")),
    Field("full_period", "choice", "a full period costs its price, or its days are counted like those of a part",
          choices=("price", "counted")),
    Field("share_places", "count", "the part of a period is rounded to so many decimals before it is multiplied"),
    Field("rate_places", "count", "the price of one day is rounded to so many decimals before it is multiplied"),
    Field("odd_days", "choice", "with months and days: what days beyond whole months are a part of", choices=ODD_DAYS),
    Field("weekend", "words list", "with working days: the days of the week on which nobody works; Sat and Sun unless said"),
)  # fmt: skip
RARE = (
    Field("short_days", "count", "first and last treat so only a short period of at most so many days; a longer one is billed"),
    Field("counted", "choice", "units there for a part of a period: by their days, or for all of it where they are there on any "
          "day, on the first, on the last, or as many as there are at most at once", choices=COUNTED_AS),
    Field("trial", "span", "so long from its start it costs nothing"),
    Field("trial_anchor", "choice", "periods are counted from the end of the trial, or from the start",
          choices=("end", "start")),
    Field("year_days", "number", "days of a year, where the price of a month, quarter or year is billed by days or weeks: 365 "
          "unless said; 365.25, 360 for months of 30, 364 for years of 52 weeks"),
    Field("season", "count list", "the months in which it is billed, such as [4, 5, 6, 7, 8, 9, 10]; all unless said"),
    Field("bill_day", "count", "billed on the next such day of a month from its usual day on"),
    Field("bill_roll", "choice", "where that is no working day", choices=ROLLS,
          also=(("modified following", "modified"), ("half-month modified following", "half-month modified"))),
)  # fmt: skip

#: How periods are billed: of every term, or in [contract] for all terms that say nothing.
CONVENTIONS = (
    Field("every", "every", "how often: month, 3 months, quarter, year, half month, 2 weeks, 10 days, 4-4-5 weeks"),
    Field("in", "choice", "billed in advance or in arrears", choices=("advance", "arrears")),
    Field("anchor", "anchor", "the day on which periods begin: 1 to 31, last day, a weekday, start, calendar, or a day; "
          "several in a month: [1, 16]; second tuesday, last friday"),
    Field("month_end", "choice", "in short months: the anchor day again, the distance to the end, the last day where it began on "
          "one, or slide", choices=("anchor", "end", "last day", "slide")),
    _PRORATE,
    Field("first", "choice", "a short first period; merged: with the next; nearest: full from half its days on, else free",
          choices=SHORT),
    Field("last", "choice", "a short last period; merged: with the one before", choices=SHORT),
    Field("rounding", "choice", "line: each stretch at one price; unit: the price of one; period: the charge",
          choices=("line", "unit", "period")),
    Field("per", "choice", "the period that the price is for, where it is not the billing period",
          choices=("day", "week", "month", "quarter", "year")),
    Field("split", "choice", "such a price cut into periods: the last takes the remainder, or each is rounded alone",
          choices=("remainder", "each")),
    Field("stub_of", "choice", "what a short period of such a price is a part of", choices=("billing period", "price period")),
    Field("change", "choice", "from when a new price or quantity counts; up at once, up whole period: less only from the next "
          "period; whole period: for all of the period it falls in; restart: periods begin anew with it", choices=CHANGES),
    Field("credit", "choice", "on an early end; full: all of the period it falls in", choices=CREDITS),
    Field("suspension", "choice", "suspended days; whole periods: only periods suspended from their first day to their last "
          "are not billed", choices=SUSPENSIONS),
    Field("lead_days", "count", "days before the period when it may be billed in advance"),
    Field("delay_days", "number", "days after its usual day that a period is billed; -1 in arrears is its last day"),
    Field("tax", "any", "the tax that applies: a rate in percent, or the name of a [[rate]]"),
    *COUNTING,
    *RARE,
)  # fmt: skip
#: Conventions that a term holds among its details, because few say them.
SELDOM = frozenset(one.name for one in (*COUNTING, *RARE)) | {"holidays"}

UNTIL = (
    Field("from", "moment", "the first day"),
    Field("until", "moment", "the first day no longer (half-open)"),
    Field("last_day", "day", "the last day, instead of until"),
)

CONTRACT = Section(
    (
        Field("client", "words", "who it is for"),
        Field("payer", "words", "who pays, where it is not the client"),
        Field("ref", "words", "its reference"),
        Field("name", "words", "what it is called"),
        *UNTIL,
        Field("timezone", "zone", "its days are days there"),
        Field("currency", "currency", "three capitals"),
        Field("order_number", "words", "the client's order number, drawn down by what is billed and what is to be billed"),
        Field("order_ceiling", "money", "what may be billed on it (an order by itself, without a contract, is an [[order]])"),
        Field("order_until", "day", "the first day it no longer holds"),
        Field("payment", "any", "when it is to be paid: 30 days, end of month + 30, day 31 ..."),
        Field("renews", "choice", "at its end", choices=("itself", "by notice", "no"),
              also=(("yes", "itself"), ("auto", "itself"), ("automatically", "itself"), ("manual", "by notice"))),
        Field("renewal", "span", "how long each renewal runs"),
        Field("renewal_anchor", "choice", "periods after a renewal", choices=("keep", "restart")),
        Field("renewals", "count", "it renews itself so many times; without end unless said"),
        Field("notice", "span", "notice before the end; of a contract without an end, how long it still runs"),
        Field("notice_day", "choice", "whether the day on which notice is given is a day of notice",
              choices=("does not count", "counts")),
        Field("notice_working_days", "count", "further notice in working days"),
        Field("notice_roll", "choice", "where the last day to cancel is no working day", choices=ROLLS,
              also=(("modified following", "modified"), ("half-month modified following", "half-month modified"))),
        Field("notice_to", "choice", "a contract without an end is ended to any day, or to the end of a month, quarter ...",
              choices=tuple(NOTICE_TO)),
        Field("not_before", "day", "and not before this day, the first no longer agreed"),
        Field("correction", "choice", "what was billed wrong: one line with the difference, or a credit and a new charge",
              choices=("net", "credit and recharge")),
        Field("discount_order", "choice", "which discounts are taken off first",
              choices=("percent first", "amount first", "as listed")),
        Field("discount_of", "choice", "a further percentage is of what is left, or of the full price",
              choices=("what is left", "full price")),
        Field("rounds", "choice", "how a half is rounded", choices=ROUNDS),
        Field("elsewhere_until", "day", "periods before this day were billed in another system"),
        Field("through", "day", "price what is to be billed by this day, where --through says nothing"),
        *terms_papers.CONTRACT,
        *CONVENTIONS,
    ),
    many=False,
    help="who agreed, from when until when, how it is billed and paid",
)  # fmt: skip

TERM = (
    Field("name", "words", "what it is called", needed=True),
    Field("kind", "words", "fixed, per asset, ..."),
    *UNTIL,
    Field("amount", "money", "the price a period (per asset: each)"),
    Field("quantity", "number", "units"),
    Field("asset", "words", "the one asset it is for"),
    Field("elsewhere_until", "day", "its periods before this day were billed in another system"),
    *CONVENTIONS,
    Field("holidays", "holiday list", "with working days and bill_roll: days on which nobody works; the contract's unless said"),
)

#: The fields that only this kind of term has; they reach its rule as ``term.details``.
TERM_KINDS: dict[str, tuple[Field, ...]] = {
    "fixed": (),
    "per asset": (),
    **terms_usage.KINDS,
    **terms_project.KINDS,
    **terms_papers.KINDS,
}

SECTIONS: dict[str, Section] = {
    "contract": CONTRACT,
    "term": Section(TERM, help="one priced promise; its kind says what else it has"),
    "zone": Section((Field("from", "day", "the first day there", needed=True), Field("timezone", "zone", needed=True)),
                    help="time zones, where they change"),
    "revision": Section(
        (
            Field("on", "moment", "from which day", needed=True),
            Field("what", "choice", "what changes", needed=True,
                  choices=("price", "quantity", "suspend", "resume", "transfer", "end", "notice", "renew"),
                  also=(("cancel", "end"), ("pause", "suspend"))),
            Field("term", "words", "the term; left out: every term"),
            Field("amount", "money", "the new price"),
            Field("quantity", "number", "the new number of units"),
            Field("until", "moment", "suspend: the first day that counts again"),
            Field("client", "words", "transfer: who pays from then on"),
            Field("change", "choice", choices=CHANGES),
            Field("credit", "choice", choices=CREDITS),
            Field("suspension", "choice", choices=SUSPENSIONS),
            Field("anchor", "choice", "after a suspension", choices=("same", "new")),
            Field("reason", "words"),
        ),
        help="what changes, from which day",
    ),
    "escalator": Section(
        (
            Field("term", "words", "the term; left out: every term"),
            Field("from", "day", "the first day of a new price", needed=True),
            Field("until", "day", "the first day on which prices no longer rise"),
            Field("every", "every", "how often; a year unless said"),
            Field("percent", "percent", "by how much"),
            Field("amount", "money", "or by so much each time"),
            Field("index", "words", "or with which index"),
            Field("base", "number", "the index that the price stands for"),
            Field("base_month", "day", "or the month it is taken from"),
            Field("lag_months", "count", "the index of how many months before"),
            Field("floor", "percent", "a step is at least this"),
            Field("cap", "percent", "a step is at most this"),
            Field("cap_unused", "choice", "what a step leaves of its cap is lost, or its points come on top of later caps; "
                  "compounded, added up: later prices may be as high as if every step had risen by the cap, on the price before "
                  "or on the first", choices=CAP_UNUSED, also=(("cumulative", "compounded"), ("carry", "carried"))),
            Field("cap_most", "percent", "at most so many points are carried"),
            Field("first_rise", "choice", "of a term that began within the time before it: in full, its part by days or by whole "
                  "months, or none", choices=FIRST_RISES, also=(("pro rata", "by days"), ("prorated", "by days"))),
            Field("against", "choice", "the base index, or that of the last step", choices=("base", "last")),
            Field("compound", "flag", "a percentage on the price before, or on the first"),
            Field("rises_from", "choice", "the next step rises from the price that this one was rounded to, or from what it was "
                  "before it was rounded", choices=RISES_FROM),
            Field("notice", "count", "days of notice"),
            Field("notified", "day list", "the days on which notice was given; left out: in time"),
            Field("catch_up", "flag", "late notice: charge the months forgotten; unless said it counts from its notice on"),
            Field("step", "money", "the new price is a multiple of this"),
            Field("share", "percent", "so much of the index's move is passed on; all unless said"),
            Field("plus", "percent", "percentage points on top of the move since the last step: index + 3.9"),
            Field("threshold", "percent", "an index that moved less than this since the price last moved changes nothing"),
            Field("index_places", "count", "index over base index is rounded to so many decimals"),
            Field("coefficient_places", "count", "what the price is multiplied by is rounded to so many decimals"),
            Field("index_rounds", "choice", "how these two are rounded; a half away from zero unless said", choices=ROUNDS),
            Field("average_months", "count", "the index is the mean of so many months, up to and with that of the lag"),
            Field("parts", "tables", "[{ index = \"labour\", percent = 50, base = 98.2 }, ...] several indexes; what they leave "
                  "of 100 percent does not move", fields=(
                      Field("index", "words", needed=True), Field("percent", "percent", needed=True), Field("base", "number"),
                  )),
        ),
        help="how prices rise",
    ),
    "index": Section(
        (
            Field("name", "words", needed=True),
            Field("month", "any", "a day in it, or 2025-03"),
            Field("value", "number"),
            Field("values", "any", "or all of them: { 2025-01 = 131.2, 2025-02 = 131.9 }"),
        ),
        help="a published index",
    ),
    "discount": Section(
        (
            Field("name", "words"),
            Field("term", "words", "the term; left out: every term"),
            Field("percent", "part"),
            Field("amount", "off", "a period"),
            *UNTIL,
            Field("periods", "count", "only the first so many"),
            Field("short_period", "choice", "an amount in a short period", choices=("whole", "prorated")),
            Field("amount_from", "money", "only where a charge comes to so much, or more"),
            Field("quantity_from", "number", "only where it is for so many units, or more"),
            Field("at_most", "off", "it takes off at most so much a period"),
            Field("in_all", "off", "and at most so much over all periods"),
            Field("off", "choice", "an amount is taken off each term, or off what is billed of a day, shared by its charges",
                  choices=("each term", "all together")),
        ),
        help="what is taken off",
    ),
    "asset": Section(
        (
            Field("name", "words", needed=True),
            Field("serial", "words"),
            Field("term", "words", "the only term that counts it"),
            Field("amount", "money", "its own price"),
            *UNTIL,
        ),
        help="equipment, with its own days and price",
    ),
    "issued": Section(
        (
            Field("term", "words", "the term it is for"),
            *UNTIL,
            Field("part", "words", "the part of it, where a term has several"),
            Field("amount", "money", needed=True),
            Field("invoice", "words", "its number"),
            Field("on", "day", "issued on"),
            Field("client", "words", "who was billed"),
            Field("tax", "any"),
            Field("text", "words"),
            Field("void", "flag"),
        ),
        help="what stands on invoices",
    ),
    **terms_usage.SECTIONS,
    "expect": Section((), many=False),
    **terms_project.SECTIONS,
    **terms_papers.SECTIONS,
    **terms_asked.sections(CONVENTIONS),
}  # fmt: skip
