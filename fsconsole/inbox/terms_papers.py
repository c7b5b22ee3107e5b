"""What a price file may say about papers: tax, when to pay, clocks, payments, splits, interest, orders, SLA credits.

It stands apart from terms_known so that each family of terms keeps its own part of the format.
"""

from __future__ import annotations

from dataclasses import replace

from fsconsole.inbox.terms_fields import Field, Section
from fsconsole.values.terms import ROUNDS

_ROUNDS = Field("rounds", "choice", "how a half is rounded; away from zero unless said", choices=ROUNDS)
_NAME = Field("name", "words", "what the answer is called")
_TAX = Field("tax", "any", "a rate such as 20, the name of a [[rate]], “exempt: why”, “reverse charge”, or a list of taxes")
_PRICES = Field("prices", "choice", "whether prices hold their tax", choices=("exclusive", "inclusive"))
_INCLUSIVE = ("gross", "net", "net of each line")
_INCLUSIVE_HELP = "inclusive prices: tax is that of the gross, of the rounded net, or of the lines' nets, each rounded first"
_ROUNDING = ("total", "line", "unit", "document", "line tenth")
_TAX_ROUNDED = (
    "tax is rounded on the total of a rate, on each line, on one unit of it, or once; or each line's is cut to a tenth of the"
    " smallest coin (UK VAT Notice 700, 17.5) and the sum of a rate is rounded"
)
_REMAINDER = ("last", "first", "largest", "largest remainder", "one by one", "floor last", "running")
_ROLL = Field("roll", "choice", "where the day is no working day",
              choices=("none", "following", "preceding", "modified", "modified preceding", "half-month modified", "nearest"),
              also=(("modified following", "modified"), ("half-month modified following", "half-month modified")))  # fmt: skip
_HOLIDAYS = Field("holidays", "holiday list", "days on which nobody works: 2025-12-25, or “25 Dec” for every year")
_WEEKEND = Field("weekend", "words list", "days of the week that are no working days; Sat and Sun unless said")
_CUTOFF = Field("cutoff", "count", "what is issued after this day of a month counts as issued on the first of the next")
_SAME_DAY = Field("same_day", "choice", "issued on such a day: the next one, or the same day", choices=("next", "counts"))
_MONTH_END = Field("month_end", "choice", "months after a month's last day: that day, or the last day", choices=("anchor", "end"))
_BY_DAY = Field(
    "by_day", "tables", "[{ to = 15, payment = \"day 30\" }] other terms for what is issued up to and with a day of a month",
    fields=(Field("to", "count", needed=True), Field("payment", "any", needed=True)),
)
_POSTPONED = Field(
    "postponed", "tables", "[{ from = 2025-08-01, until = 2025-09-01, to = 2025-09-05 }] days on which nothing falls due; "
    "to: the day on which it does, until unless said",
    fields=(Field("from", "day", needed=True), Field("until", "day"), Field("to", "day")),
)  # fmt: skip
_AT_LEAST = Field("at_least", "count", "with fewer days to pay than this it is due a month later")
_CUT_OFF = Field(
    "cut_off", "clock", "what comes after this time of day, such as 16:00, counts from the next working day's opening"
)
_CLOCK = (
    Field("hours", "words", "the working hours, such as Mon-Fri 09:00-17:00; left out: day and night"),
    Field("timezone", "zone", "whose hours they are; the contract's unless said. Where no contract says one, the local times "
          "of a [[deadline]] are of this zone, too"),
    _HOLIDAYS,
    Field("on_holidays", "words", "holidays have these hours, such as 10:00-14:00; closed unless said"),
    Field("calendars", "tables", "[{ from = 2025-01-01, hours = \"Mon-Sat 08:00-18:00\" }] hours from a day on", fields=(
        Field("from", "day", needed=True), Field("hours", "words", needed=True),
    )),
    Field("days", "tables", "[{ on = 2025-12-24, hours = \"09:00-12:00\" }] days with hours of their own, holidays or not; "
          "closed without hours", fields=(Field("on", "day", needed=True), Field("hours", "words"))),
    Field("pauses_are", "choice", "cut out of the working time, or their length added to the deadline",
          choices=("cut out", "added")),
    Field("pause_for", "words list", "only these reasons stop the clock; left out: all"),
)  # fmt: skip
_PAUSE = (
    Field("from", "instant", needed=True), Field("until", "instant", "left out: it lasts"),
    Field("reason", "words", "waiting for the customer, for parts, no access ..."),
)  # fmt: skip

#: What [contract] may say of papers.
CONTRACT = (
    _PRICES,
    Field("tax_rounding", "choice", _TAX_ROUNDED, choices=_ROUNDING),
    Field("tax_rounds", "choice", "how a half of tax is rounded", choices=ROUNDS),
    Field("tax_step", "money", "tax is a multiple of this; the smallest coin unless said"),
    Field("tax_inclusive", "choice", _INCLUSIVE_HELP, choices=_INCLUSIVE),
    Field("tax_point", "choice", "where a rate changes, a charge bears that of the last day of its period, of the first, or of "
          "the day it is billed", choices=("last day", "first day", "billed")),
    Field("minimum_bill", "money", "what comes to less, without tax, goes with the next bill, until the contract has ended"),
    Field("payment_cutoff", "count", _CUTOFF.help),
    Field("payment_at_least", "count", _AT_LEAST.help),
    Field("payment_roll", "choice", _ROLL.help, choices=_ROLL.choices, also=_ROLL.also),
    *(replace(one, name=f"payment_{one.name}") for one in (_SAME_DAY, _MONTH_END, _BY_DAY, _POSTPONED, _WEEKEND)),
    _HOLIDAYS,
)

_LEVEL = (
    Field("reason", "words", "why", needed=True),
    Field("amount", "money", "how much"),
    Field("percent", "percent", "or so many percent of the lines"),
    Field("base", "money", "the percentage is of this"),
    Field("of", "choice", "the percentage is of the lines, or of them and what stands before", choices=("lines", "running")),
    Field("on", "choice", "the amount is without or with its tax", choices=("net", "gross")),
    Field("tax", "any", "its own tax; left out: spread over the taxes of the lines"),
)

SECTIONS: dict[str, Section] = {
    "rate": Section((
        Field("name", "words", "what it is called", needed=True),
        Field("percent", "percent"),
        Field("unit", "number", "or so much for each unit"),
        Field("category", "choice", "of EN 16931", choices=("S", "Z", "E", "AE", "K", "G", "O", "L", "M", "B"),
              also=tuple((code.lower(), code) for code in ("S", "Z", "E", "AE", "K", "G", "O", "L", "M", "B"))),
        Field("reason", "words", "why there is no tax"),
        Field("from", "day"), Field("until", "day"),
        Field("compound", "flag", "on the net and all the taxes before it"),
        Field("adds_to_base", "flag", "taxes after it are also on it"),
        Field("on_net_alone", "flag", "on the net alone, whatever taxes before it add to the base"),
        Field("of_gross", "flag", "the percentage is of the price with tax: 10% on 90 is 10"),
        Field("of_tax", "words", "the percentage is of what the tax of this name comes to"),
        Field("included", "flag", "prices hold this tax, whatever they do of others"),
        Field("withheld", "flag", "kept back by the client"),
        Field("of", "words list", "or it stands for several: [\"GST\", \"QST\"]"),
    ), help="taxes by name"),
    "tax": Section((
        _NAME,
        Field("on", "day", "the tax point, for dated rates"),
        _PRICES, _TAX,
        Field("rounding", "choice", _TAX_ROUNDED, choices=_ROUNDING),
        Field("line_rounding", "choice", "a line is rounded, or only the total", choices=("line", "none")),
        _ROUNDS,
        Field("inclusive", "choice", _INCLUSIVE_HELP, choices=_INCLUSIVE),
        Field("inclusive_pays", "choice", "where the net is rounded first: what prices say is to pay, the rest is rounding "
              "(BT-114); or net and tax", choices=("price", "net and tax")),
        Field("discount_lowers_tax", "flag", "whether tax is on what is left after discounts; yes unless said"),
        Field("discount_each", "choice", "a line's percentage is taken off the line, off a unit and rounded, or is an amount "
              "that is rounded first (BT-136)", choices=("line", "unit", "amount")),
        Field("tax_step", "money", "tax is a multiple of this; the smallest coin unless said"),
        Field("share", "choice", "each line's share of the tax", choices=_REMAINDER, also=(("floor", "floor last"),)),
        Field("lines", "tables", "[{ amount = 100.00, tax = 20 }]", needed=True, fields=(
            Field("name", "words"), _TAX,
            Field("amount", "money", "of the line"),
            Field("quantity", "number"), Field("price", "number", "of a unit, any number of decimals"),
            Field("per", "number", "the price is for so many units"),
            Field("discount_percent", "percent"), Field("discount", "money", "off the line"),
            Field("charge", "money", "on top of the line, such as packing"),
            Field("price_places", "count", "decimals of a discounted unit price"),
        )),
        Field("allowances", "tables", "[{ reason = \"loyalty\", amount = 10.00, tax = 20 }]", fields=_LEVEL),
        Field("charges", "tables", "[{ reason = \"freight\", amount = 10.00, tax = 20 }]", fields=_LEVEL),
        Field("cash_discount", "percent", "off if it is paid early"),
        Field("cash_discount_tax", "choice", "tax is on the full price and comes down with it; or on the lowered price, "
              "paid early or not", choices=("full", "lowered")),
        Field("prepaid", "money", "what was paid beforehand"),
        Field("round_to", "money", "what is to pay is a multiple of this"),
        Field("round_to_way", "choice", "which way", choices=ROUNDS),
        Field("round_to_into", "choice", "the difference stands beside the total (BT-114), on a line without tax, or in the "
              "largest tax", choices=("rounding", "line", "largest tax")),
    ), help="a document added up"),
    "credit": Section((
        _NAME,
        Field("net", "money", "what was billed", needed=True), _TAX, Field("on", "day", "the tax point"),
        Field("billed_tax", "money", "the tax that was billed, where it is not that of the rate"),
        Field("credits", "money list", "each credit's net", needed=True),
        Field("close", "choice", "the last credit takes the rest of the tax, or each the running difference",
              choices=("rest", "running")),
        _ROUNDS,
    ), help="partial credits that close exactly"),
    "split": Section((
        _NAME,
        Field("amount", "money", needed=True),
        Field("weights", "number list", "in proportion to these"), Field("parts", "count", "or in so many equal parts"),
        Field("names", "words list", "what the parts are called"),
        Field("remainder", "choice", "who takes what rounding leaves; the last unless said", choices=_REMAINDER),
        Field("step", "money", "parts are multiples of this"),
        _ROUNDS,
    ), help="an amount in parts"),
    "due": Section((
        _NAME,
        Field("issued", "day", "the document's day", needed=True),
        Field("payment", "any", "30 days; end of month + 30; 30 days, end of month; day 31; 5 working days; 2/10 net 30; CM+30D; "
              "also the end of the week, of ten days, of half a month, of the quarter"),
        Field("days", "count"), Field("months", "count"), Field("working_days", "count"),
        Field("end_of_month", "choice", "the end of the month before the days are counted, or after",
              choices=("no", "before", "after")),
        Field("day", "count", "then the next day of that number (1 to 31)"),
        Field("day_of", "choice", "which such day",
              choices=("next such day", "this month", "next month", "second following month")),
        Field("working_day", "count", "then the n-th working day of that month"),
        _CUTOFF, _AT_LEAST,
        _MONTH_END,
        _SAME_DAY,
        _ROLL, _HOLIDAYS, _WEEKEND,
        Field("amount", "money", "with its tax"), Field("net", "money", "without"),
        Field("discounts", "tables", "[{ percent = 2, days = 10 }]", fields=(
            Field("percent", "percent", needed=True), Field("days", "count"), Field("until", "day"),
            Field("payment", "any", "or until when, in words: 15th of next month"),
            Field("end_of_month", "flag", "counted from the month's end"),
        )),
        Field("discount_on", "choice", "a cash discount is of the amount with tax, or of the net", choices=("gross", "net")),
        Field("roll_discount", "flag", "the last day of a discount is moved too; yes unless said"),
        Field("instalments", "tables", "[{ percent = 30, payment = \"at once\" }, { payment = \"30 days\" }]", fields=(
            Field("percent", "percent"), Field("amount", "money"), Field("payment", "any"), Field("on", "day"),
        )),
        Field("instalments_from", "choice", "each is counted from the document's day, or from the day of the one before",
              choices=("document", "the one before")),
        _BY_DAY, _POSTPONED,
        Field("paid_on", "day"), _ROUNDS,
    ), help="when to pay"),
    "deadline": Section((
        _NAME,
        Field("from", "instant", "when the clock starts", needed=True),
        Field("minutes", "minutes", "working minutes until the deadline"),
        Field("seconds", "count", "and so many working seconds"),
        Field("respond", "minutes"), Field("restore", "minutes"),
        Field("working_days", "count", "or the end of the n-th working day"),
        Field("working_days_at", "choice", "such a deadline: the end of that day, the time of day it started at (within "
              "the hours, or at any hour), or that of the first opening where it started outside the hours",
              choices=("end", "same time", "same time at any hour", "same time from opening")),
        Field("opening", "flag", "asks for the first working time from there on"),
        Field("before", "flag", "counted back: the last moment to start with so many working minutes left, or so many working "
              "days before"),
        Field("until", "instant", "measure the working minutes up to here"),
        Field("stopped", "instant"), Field("responded", "instant"), Field("restored", "instant"),
        Field("pauses", "tables", "[{ from = …, until = …, reason = \"waiting for parts\" }]", fields=_PAUSE),
        *_CLOCK, _CUT_OFF,
    ), help="a working-hours clock"),
    "allocate": Section((
        _NAME,
        Field("how", "choice", "which document a payment settles first; the oldest unless said",
              choices=("oldest", "newest", "due", "named", "exact", "proportional", "largest", "smallest"),
              also=(("fifo", "oldest"), ("lifo", "newest"), ("by due date", "due"), ("pro rata", "proportional"))),
        Field("otherwise", "choice", "what of a named or exact payment does not fit",
              choices=("unapplied", "oldest", "due", "newest", "proportional", "largest", "smallest")),
        Field("documents", "tables", "[{ on = 2025-01-10, amount = 120.00 }]; credit notes below nothing", needed=True,
              fields=(
                  Field("name", "words"), Field("on", "day"), Field("due", "day"),
                  Field("amount", "money", "with tax", needed=True), Field("paid", "money", "before"),
                  Field("discount", "money", "cash discount"), Field("discount_percent", "percent"),
                  Field("discount_until", "day", "the last day to take it"), Field("grace", "count", "days more"),
                  Field("disputed", "flag", "left out unless it is named"),
                  Field("for", "words list", "a credit note: the documents that it is for"),
              )),
        Field("payments", "tables", "[{ on = 2025-02-01, amount = 100.00 }]; money paid back below nothing", fields=(
            Field("name", "words"), Field("on", "day"), Field("amount", "money", needed=True),
            Field("for", "words list", "the documents it names, in order"),
            Field("to", "tables", "or how much goes on each", fields=(
                Field("document", "words", needed=True), Field("amount", "money"),
            )),
        )),
        Field("credit_notes", "choice", "set against documents before payments, after them, or kept",
              choices=("first", "last", "never")),
        Field("tolerance", "money", "what is left of a document is written off up to this"),
        Field("tolerance_percent", "percent", "and up to so much of it"),
        Field("tolerance_over", "money", "what is left of a payment is kept up to this"),
        Field("partial_discount", "flag", "a part paid in time earns its part of the discount"),
    ), help="payments on documents"),
    "interest": Section((
        _NAME,
        Field("amount", "money", "what was due", needed=True), Field("due", "day", needed=True),
        Field("to", "day", "paid on, or counted up to and with this day", needed=True),
        Field("percent", "percent", "the rate"),
        Field("base", "percent", "or the base rate it is over"), Field("over", "percent", "8 unless said"),
        Field("rates", "tables", "[{ from = 2024-08-01, percent = 5.00 }] base rates by day", fields=(
            Field("from", "day", needed=True), Field("percent", "percent", needed=True),
        )),
        Field("rate_holds", "choice", "the base rate of the half-year's reference day, or each as it changes",
              choices=("half year", "changes")),
        Field("per", "choice", "the rate is a year's or a month's", choices=("year", "month")),
        Field("basis", "choice", "days of a year", choices=("365", "360", "366", "actual")),
        Field("months", "choice", "a month's rate by days, by months begun or by full months", choices=("days", "begun", "full")),
        Field("month_days", "count", "days of a month; 30 unless said"),
        Field("grace", "count", "days after the due day for which nothing is owed if it is paid in them"),
        Field("from_day", "choice", "after the grace, days count from the due day or from its end", choices=("due", "grace")),
        Field("payments", "tables", "[{ on = …, amount = … }]", fields=(
            Field("on", "day", needed=True), Field("amount", "money", needed=True),
        )),
        Field("payments_settle", "choice", "payments settle the amount, or first the interest there is by then",
              choices=("amount", "interest first")),
        Field("compensation", "choice", "a fixed sum by law", choices=("none", "uk", "eu")),
        Field("bands", "tables", "[{ below = 1000.00, amount = 40.00 }, { amount = 100.00 }] or by bands", fields=(
            Field("below", "money"), Field("amount", "money", needed=True),
        )),
        Field("fee", "money", "for being late; where no rate is said there is no interest"),
        Field("fee_percent", "percent", "of what is open"),
        Field("fee_first", "money", "once, on the first day of being late, beside what is due again and again"),
        Field("fee_is", "choice", "where both are said: their sum, or one of them",
              choices=("both", "the greater", "the lesser")),
        Field("fee_every", "every", "again for each so much time begun, such as day or month; left out: once"),
        Field("fee_minimum", "money", "it is at least this"), Field("fee_maximum", "money", "and at most this, however often"),
        Field("minimum", "money", "interest is at least this"),
        Field("maximum", "money", "and at most this"), Field("maximum_percent", "percent", "and at most so much of the amount"),
        Field("compound_every", "every", "interest bears interest too, so often: month, year, 30 days; left out: never"),
        Field("round_each", "choice", "each stretch of days is rounded, or the total", choices=("total", "stretch")), _ROUNDS,
    ), help="interest and compensation for paying late"),
    "order": Section((
        _NAME, Field("number", "words", "the client's order number"),
        Field("ceiling", "money", needed=True), Field("until", "day", "the first day it no longer holds"),
        Field("used", "money", "billed on it before"), Field("to_bill", "money", "drafted, not issued"),
        Field("over_allowed", "money", "so much over is still let through"),
        Field("events", "tables", "[{ on = …, what = \"invoice\", amount = 90.00 }]", fields=(
            Field("name", "words"), Field("on", "day"), Field("amount", "money", needed=True),
            Field("what", "choice", choices=("invoice", "credit", "draft")),
        )),
    ), help="an order drawn down"),
    "sla": Section((
        Field("name", "words", "the call", needed=True),
        Field("reported", "instant", "when the clock starts", needed=True),
        Field("responded", "instant", "somebody came"), Field("safe", "instant", "made safe"), Field("restored", "instant"),
        Field("priority", "words"), Field("term", "words", "the only SLA term it is under"),
        Field("excluded", "words", "why it does not count"),
        Field("claimed", "day", "the client claimed on"),
        Field("decided", "choice", choices=("credit", "waived")), Field("reason", "words", "of the decision"),
        Field("void", "flag"),
    ), help="calls under an SLA"),
    "pause": Section((
        Field("call", "words", "the call that waits; left out: all"), *_PAUSE,
        Field("clock", "choice", "which clock it stops", choices=("both", "respond", "restore")),
    ), help="time that does not count"),
    "outage": Section((
        Field("name", "words", "what failed", needed=True),
        Field("from", "instant", needed=True), Field("until", "instant", "left out: it lasts"),
        Field("term", "words", "the only availability term it is under"),
        Field("excluded", "words", "why it does not count, such as maintenance told beforehand"),
        Field("claimed", "day", "the client claimed the period's credit on"),
        Field("decided", "choice", "credit: given, claimed or not; waived: it does not count", choices=("credit", "waived")),
        Field("reason", "words", "of the decision"), Field("void", "flag"),
    ), help="time in which what was promised was not there"),
}  # fmt: skip

#: Whether a credit is given by itself.
_CLAIM = (
    Field("claim", "choice", "credited by itself, on a claim, or when decided", choices=("automatic", "claimed", "decided")),
    Field("claim_days", "count", "days in which it can be claimed"),
)  # fmt: skip
#: What a credit is a share of, and its most.
_BASE = (
    Field("cap", "percent", "of the base, a period"), Field("cap_amount", "money", "a period"),
    Field("of", "words list", "the terms whose fee is the base; left out: all but what credits or is held back"),
    Field("base", "choice", "what was billed, or what is to be billed; billed where the file has [[issued]]",
          choices=("billed", "charged")),
)  # fmt: skip

KINDS: dict[str, tuple[Field, ...]] = {
    "sla": (
        Field("respond", "minutes", "working minutes from the report until somebody came"),
        Field("restore", "minutes", "until it worked again"),
        Field("priorities", "tables", "[{ priority = \"P1\", respond = 60, restore = 240, percent = 10 }]", fields=(
            Field("priority", "words", needed=True), Field("respond", "minutes"), Field("restore", "minutes"),
            Field("percent", "percent"), Field("amount", "money"),
            Field("hourly_percent", "percent"), Field("hourly_amount", "money"),
        )),
        Field("percent", "percent", "of the base, for each breach"),
        Field("steps", "tables", "[{ breaches = 1, percent = 5 }, { breaches = 3, percent = 10 }] of the base, by how many "
              "breaches a period has, instead of for each", fields=(
                  Field("breaches", "count", "from so many on", needed=True), Field("percent", "percent", needed=True),
              )),
        Field("hourly_percent", "percent", "of the base, for each hour late"),
        Field("hourly_amount", "money", "for each hour late"),
        Field("hours_late", "choice", "an hour begun counts, or each minute", choices=("begun", "exact", "full")),
        *_BASE,
        Field("safe_stops", "flag", "made safe stops the restore clock"),
        Field("counts", "choice", "each clock is a breach, or a call is one at most", choices=("each", "call")),
        Field("belongs", "choice", "to the period in which it was late, or reported", choices=("late", "reported")),
        Field("exclusions", "words list", "the reasons agreed that exclude a call; left out: any"),
        *_CLAIM,
        Field("claim_from", "choice", "counted from the breach, or from the period's end", choices=("breach", "period end")),
        *_CLOCK, _CUT_OFF,
    ),
    "availability": (
        Field("ladder", "tables", "[{ below = 99.9, percent = 10 }, { below = 99.0, percent = 25 }] the lowest step that is "
              "reached credits so much of the base", fields=(
                  Field("below", "percent", "percent of the period's time", needed=True), Field("percent", "part", needed=True),
              )),
        Field("each_minutes", "minutes", "instead of a ladder: a credit for each so much time down"),
        Field("each_below", "percent", "or for each so many percent below the target"),
        Field("target", "percent", "what is promised, such as 99.9"),
        Field("each_percent", "part", "of the base, each time"), Field("each_amount", "money", "each time"),
        Field("each_days", "number", "so many days' part of the base, each time"),
        Field("each_counts", "choice", "only what is full counts, or what is begun, the nearest number, or its exact part",
              choices=("full", "begun", "nearest", "exact")),
        Field("each_of", "choice", "all time down in the period is counted as one, or each outage by itself",
              choices=("period", "outage")),
        Field("free_minutes", "minutes", "so much of it is borne without a credit"),
        Field("least", "minutes", "a shorter outage is none"),
        Field("least_credit", "money", "a smaller credit is none"),
        Field("period_days", "number", "every period is taken to have so many days, such as 30; day and night"),
        Field("excluded_time", "choice", "an excluded outage is time in which it was there, or time that was not promised",
              choices=("there", "not promised")),
        *_BASE, *_CLAIM,
        Field("claim_from", "choice", "counted from the period's end, or from the end of its last outage",
              choices=("period end", "breach")),
        *_CLOCK,
    ),
}  # fmt: skip
