"""What a price file may say about use: meters, hours, blocks, visits, commitments, time and materials.

It stands apart from terms_known so that each family of terms keeps its own part of the format.
"""

from __future__ import annotations

from fsconsole.inbox.terms_fields import Field, Section

_SPAN = (
    Field("from", "moment", "when it began"),
    Field("until", "moment", "when it ended"),
)
_TIER = (
    Field("upto", "number", "the last unit of the tier; left out in the last tier"),
    Field("price", "number", "for a unit; any number of decimals"),
    Field("percent", "percent", "or this part of the units, which are amounts of money"),
    Field("flat", "number", "for the tier as such"),
    Field("size", "number", "the price is for each started block of so many units"),
    Field("maximum", "number", "the tier costs at most this"),
)
#: How a quantity is priced.
PRICING = (
    Field("price", "number", "for a unit, any number of decimals such as 0.0042; for a package, the package"),
    Field("percent", "percent", "units are amounts of money, and this part of them is charged"),
    Field("each", "number", "besides, for each amount of [[usage]]"),
    Field("each_free", "count", "so many amounts without it; where each is priced alone they cost nothing at all"),
    Field("each_free_is", "choice", "those are without it, or cost nothing; with included units, until either ends",
          choices=("without each", "free")),
    Field("each_minimum", "number", "each amount by itself costs at least this"),
    Field("each_maximum", "number", "and at most this"),
    Field("model", "choice", "how units are priced; with tiers graduated unless said; cheapest: by the blocks that hold them at "
          "least cost, tiers = [{ size = 1, price = 100 }, { size = 7, price = 300 }]",
          choices=("unit", "graduated", "volume", "package", "cheapest"), also=(("per unit", "unit"), ("standard", "unit"))),
    Field("tiers", "tables", "[{ upto = 100, price = 1.00 }, { price = 0.50, flat = 10 }]", fields=_TIER),
    Field("bound", "choice", "whether a tier holds its own bound", choices=("included", "excluded")),
    Field("flat_at_zero", "flag", "the first tier's flat fee is due where nothing was used"),
    Field("below_nothing", "choice", "units below nothing are credited as so many would cost, or cost nothing",
          choices=("credited", "nothing")),
    Field("package", "number", "units in a package"),
    Field("packages", "choice", "a package begun is paid, or only a full one", choices=("started", "full")),
)  # fmt: skip
#: What of a meter may be said for the term or for one of its meters.
METER = (
    *PRICING,
    Field("included", "number", "units a period that cost nothing"),
    Field("included_for", "choice", "whom they are for",
          choices=("all together", "each pooled", "each"), also=(("pooled", "each pooled"), ("term", "all together"))),
    Field("included_every", "every", "they are given once for so long, such as year, and last as long"),
    Field("carry", "count", "periods in which units not used can still be used"),
    Field("carry_most", "number", "at most so many are carried over from a period"),
    Field("draw", "choice", "what is used first", choices=("own first", "carried first")),
    Field("minimum", "money", "a period costs at least this, read or not"),
    Field("minimum_units", "number", "at least so many units are counted, before what is included"),
    Field("maximum", "money", "a period costs at most this"),
    Field("short_period", "choice", "included units, minimum and maximum of a short period", choices=("whole", "prorated")),
    Field("capacity", "number", "the counter rolls over at this: 100000 for five digits"),
    Field("factor", "number", "units for each step of the counter"),
    Field("unit", "words", "what a unit is called"),
    Field("missing", "choice", "what stands for a reading that is missing",
          choices=("held", "last period", "average", "last year", "zero")),
    Field("estimates", "count", "so many estimates in a row, then it is held; 0: any number"),
    Field("settle", "choice", "where the difference to an estimate goes", choices=("next period", "by days")),
    Field("grace", "count", "days after a period in which a reading still closes it"),
    Field("units_step", "number", "units are rounded to a multiple of this before they are priced"),
    Field("units_round", "choice", "which way", choices=("up", "nearest", "down")),
    Field("measured", "choice", "by [[reading]] or by [[usage]]", choices=("readings", "amounts")),
    Field("count", "choice", "how amounts of a period become its units; unique: what differs; level: each adds to what there is, "
          "and counts for the days it is there; peak: the most that was there; percentile: the largest once the top is left out",
          choices=("sum", "max", "last", "mean", "number", "unique", "level", "peak", "percentile")),
    Field("percentile", "number", "with a percentile, the amount that so many percent of them do not exceed; 95 unless said"),
    Field("ratchet", "percent", "at least so many percent of the most that was measured in earlier periods is counted"),
    Field("ratchet_periods", "count", "of the last so many periods; 11 unless said"),
    Field("each_least", "number", "each amount of [[usage]] counts at least so many units"),
    Field("each_step", "number", "what it has beyond them is rounded up to a multiple of this: 30 and 6 seconds"),
    Field("level_tiers", "choice", "with a level, the tier is that of its mean, of each day, or of what is there at the end",
          choices=("mean", "each day", "at the end")),
    Field("per_days", "count", "tiers' bounds are for so many days, such as 365, and a period has its days' part of them"),
    Field("tiers_over", "every", "tiers go on counting for so long a time, such as year, instead of a period"),
    Field("limits", "choice", "minimum and maximum count before discounts, or after them",
          choices=("before discounts", "after discounts")),
)  # fmt: skip
#: When work costs or burns more.
BANDS = (
    Field("hours", "words", "the working hours, such as Mon-Fri 09:00-17:00"),
    Field("holidays", "holiday list", "days that count as outside them"),
    Field("after_hours", "number", "work outside the working hours counts so many times"),
    Field("band_by", "choice", "what the hours, holidays and bands make of work goes by the clock, or all of an entry by when it "
          "began", choices=("clock", "start")),
    Field("after_hours_grace", "minutes", "work that begins so shortly before them, or ends so shortly after, is within"),
    Field("holiday", "number", "work on a holiday counts so many times"),
    Field("bands", "tables", "[{ name = \"night\", hours = \"Mon-Sun 22:00-06:00\", times = 2 }]; the larger wins", fields=(
        Field("name", "words", "what it is called", needed=True),
        Field("hours", "words", "when, such as Mon-Sun 22:00-06:00"),
        Field("holiday", "flag", "on holidays"),
        Field("times", "number", "counts so many times"),
        Field("price", "number", "or has its own price an hour"),
        Field("minimum_minutes", "minutes", "work that comes into it counts at least so much of it"),
    )),
    Field("overtime", "tables", "[{ after = \"8 h\", times = 1.5 }, { after = \"40 h\", times = 1.5, each = \"week\" }] of what "
          "a technician works in a day, or a week from Monday; of it and a band the larger counts", fields=(
        Field("after", "minutes", "from so much on", needed=True), Field("times", "number", "counts so many times", needed=True),
        Field("each", "choice", "of a day, or of a week, for which overtime of its days does not count",
              choices=("day", "week")),
    )),
)  # fmt: skip
ROUNDING = (
    Field("clock_step", "minutes", "when work began and ended is first rounded to a multiple of this"),
    Field("clock_round", "choice", "which way: the start earlier and the end later, each to the nearest, the start later and the "
          "end earlier, both earlier, both later", choices=("outwards", "nearest", "inwards", "earlier", "later")),
    Field("minimum_minutes", "minutes", "the least that is counted at a time"),
    Field("step", "minutes", "minutes are rounded to a multiple of this"),
    Field("round", "choice", "which way", choices=("up", "nearest", "down")),
    Field("round_each", "choice", "what is rounded: an entry of work, all of a visit, a day, a technician's day, a period",
          choices=("entry", "visit", "day", "technician", "period")),
    Field("shown", "choice", "billed are the hours shown to two decimals, or the minutes", choices=("hours", "minutes")),
)  # fmt: skip
_SHARE = Field("share_by", "choice", "the charge in parts by use", choices=("asset", "location", "job", "technician"))
_BLOCKS = Field(
    "blocks",
    "choice",
    "of several blocks the one that is drawn first, of one rank",
    choices=("first to end", "oldest first", "newest first"),
)

_UNUSED = (
    Field("unused", "choice", "what is left of a block at its end: lost, refunded at its price, or for the block that holds "
          "then; once: what came from a block before does not go on again",
          choices=("lost", "refunded", "next block", "next block once")),
    Field("unused_most", "number", "at most so many units, or minutes, go on from one block"),
    Field("unused_at_end", "choice", "what is left when the contract ends before the block: lost, or refunded at its price; "
          "unless said refunded where unused is", choices=("lost", "refunded")),
)  # fmt: skip

KINDS: dict[str, tuple[Field, ...]] = {
    "meter": (
        Field("meter", "words", "the meter it prices, by name"),
        *METER,
        Field("meters", "tables", "[{ name = \"mono\", price = 0.0042 }, …]",
              fields=(Field("name", "words", needed=True), *METER)),
        Field("share_by", "choice", "the charge in parts by use", choices=("asset",)),
        _BLOCKS,
        Field("block_days", "choice", "units whose day is not known draw the blocks that hold on any day of their period, on its "
              "last day, or each for its days' part of them", choices=("any day", "last day", "by days")),
        *_UNUSED,
    ),
    "hours": (
        Field("included", "minutes", "minutes a period that cost nothing"),
        Field("price", "number", "for an hour beyond them"),
        Field("included_every", "every", "they are given once for so long, such as year, and last as long"),
        Field("carry", "count", "periods in which minutes not used can still be used"),
        Field("carry_most", "minutes", "at most so many are carried over from a period"),
        Field("draw", "choice", "what is used first", choices=("own first", "carried first")),
        Field("short_period", "choice", "included minutes of a short period", choices=("whole", "prorated")),
        _BLOCKS, *_UNUSED,
        *BANDS, *ROUNDING, _SHARE,
    ),
    "block": (
        Field("price", "number", "for an hour beyond the blocks"),
        Field("beyond", "choice", "work that no block covers", choices=("billed", "held")),
        _BLOCKS, *_UNUSED,
        *BANDS, *ROUNDING,
    ),
    "visits": (
        Field("included", "number", "visits a period that cost nothing"),
        Field("price", "number", "for each further visit"),
        Field("included_every", "every", "they are given once for so long, such as year, and last as long"),
        Field("carry", "count", "periods in which visits not used can still be used"),
        Field("draw", "choice", "what is used first", choices=("own first", "carried first")),
        Field("minimum", "number", "so many visits are promised"),
        Field("over", "choice", "in each period, or in the whole term", choices=("period", "term")),
        Field("shortfall", "money", "the value of a visit that was not made"),
        Field("shortfall_is", "choice", "credited (we promised them) or charged (they were ordered)",
              choices=("credited", "charged")),
        Field("counts", "words list", "which outcomes count; done and no access unless said"),
        Field("short_period", "choice", "included and promised visits of a short period", choices=("whole", "prorated")),
    ),
    "commitment": (
        Field("of", "words list", "the terms that count; left out: all but commitments, which count where they are named"),
        Field("after", "words list", "the commitments towards which a charge counts first; what goes beyond them counts here"),
        Field("order", "choice", "charges count by their days, or in the order in which “of” names their terms",
              choices=("by day", "as named")),
        Field("over", "choice", "each period, or the whole term", choices=("period", "term")),
        Field("attribute", "choice", "a charge belongs to the period it begins in, or by its days", choices=("begins", "days")),
        Field("maximum", "flag", "the amount is the most instead of the least"),
        Field("beyond", "choice", "what goes beyond a period's commitment is lost, or counts towards the next ones",
              choices=("lost", "carried")),
    ),
    "time": (
        Field("price", "number", "for an hour"),
        Field("rates", "tables", "[{ skill = \"engineer\", price = 72 }]", fields=(
            Field("skill", "words", needed=True), Field("price", "number", needed=True),
        )),
        *BANDS, *ROUNDING,
        Field("call_out", "money", "each visit"),
        Field("no_access", "money", "a visit to which nobody opened, instead of the call-out"),
        Field("aborted", "money", "a visit broken off, instead of the call-out"),
        Field("cancelled", "money", "a visit called off too late"),
        Field("cancel_notice", "minutes", "called off so long before, it costs nothing"),
        Field("unagreed", "choice", "work on no [[quote]] and without the client's word", choices=("billed", "held")),
        Field("call_out_minutes", "minutes", "work of the visit that the call-out holds"),
        Field("travel_price", "number", "for an hour of travel"),
        Field("travel_step", "minutes", "travel is rounded up to a multiple of this"),
        Field("distance_price", "number", "for each mile or km"),
        Field("distance_unit", "words", "what it is called"),
        Field("radius", "number", "distance within which travel costs nothing"),
        Field("beyond", "choice", "farther out: the rest, or the whole way", choices=("rest", "whole way")),
        Field("parts", "choice", "what parts cost", choices=("cost plus", "list", "client list")),
        Field("markup", "percent", "on landed cost"),
        Field("markup_is", "choice", "a mark-up on the cost, or a margin of the price (20% of 50.00 is 60.00, or 62.50)",
              choices=("mark-up", "margin"), also=(("markup", "mark-up"),)),
        Field("markups", "tables", "[{ upto = 50.00, percent = 40 }, { percent = 20 }] by landed cost of one", fields=(
            Field("upto", "money"), Field("percent", "percent", needed=True),
        )),
        Field("price_list", "tables", "[{ name = \"filter\", price = 12.50 }]", fields=(
            Field("name", "words", needed=True), Field("price", "number", needed=True),
        )),
        Field("cap", "money", "not to exceed"),
        Field("budget", "money", "beyond it a decision is needed"),
        Field("over", "choice", "cap and budget are for each", choices=("job", "term", "period")),
        Field("bill", "choice", "at the end of the period, or on the day", choices=("period", "day")),
    ),
}  # fmt: skip

_SURPRISE = (
    Field("agreed", "words", "who agreed to it and when, where no quote holds it"),
    Field("fault", "words", "why it failed, where a warranty excludes some reasons"),
)

SECTIONS: dict[str, Section] = {
    "quote": Section((
        Field("job", "words", "the job it is for; left out: all"),
        Field("what", "words list", "what it holds: labour, call-out, travel, part, or parts and skills by name; left out: all"),
        Field("amount", "money", "up to so much in all"),
        Field("name", "words"), Field("void", "flag"),
    ), help="what the client has agreed to"),
    "warranty": Section((
        Field("name", "words", "what it is called"),
        Field("maker", "words", "who is to pay us; left out: it is ours"),
        Field("asset", "words", "the only asset it is on"), Field("part", "words", "the only part it is on"),
        Field("from", "day"), Field("until", "day", "the first day it no longer holds"), Field("last_day", "day"),
        Field("labour", "flag", "work, travel and call-outs are covered; yes unless said"),
        Field("parts", "flag", "parts are covered; yes unless said"),
        Field("excludes", "words list", "faults it does not cover, such as misuse"),
        Field("claim_days", "count", "days after the work in which it must be claimed from the maker"),
        Field("claim", "choice", "claimed at the client's price, or at what it cost us", choices=("price", "cost")),
        Field("percent", "percent", "so much of it is claimed"), Field("void", "flag"),
    ), help="whose warranty covers what"),
    "reading": Section((
        Field("on", "moment", "read on", needed=True),
        Field("value", "number", "what the meter showed", needed=True),
        Field("estimate", "flag", "E: nobody read it"),
        Field("new", "number", "what the meter that came in its place began at"),
        Field("rollover", "flag", "it went round"),
        Field("asset", "words"), Field("meter", "words"), Field("term", "words"), Field("by", "words"),
        Field("void", "flag"),
    ), help="what a meter showed"),
    "usage": Section((
        Field("on", "moment", "used on", needed=True),
        Field("units", "number", "how much", needed=True),
        Field("what", "words", "what was counted, where each counts once (count = unique)"),
        Field("asset", "words"), Field("meter", "words"), Field("term", "words"), Field("void", "flag"),
    ), help="amounts of use"),
    "block": Section((
        Field("name", "words", "what it is called", needed=True),
        Field("minutes", "minutes", "what it holds, for work"),
        Field("units", "number", "what it holds, for a meter, which it names as its term"),
        Field("meter", "words", "the meter it is for, where the term has several"),
        Field("from", "day", "bought on"),
        Field("until", "day", "the first day it no longer holds"),
        Field("last_day", "day", "the last day it holds, instead of until"),
        Field("amount", "money", "what it costs, billed when bought"),
        Field("rank", "count", "1 is drawn before 2, whatever their days; without one last"),
        Field("term", "words"), Field("void", "flag"),
    ), help="prepaid blocks of hours, or of a meter's units"),
    "visit": Section((
        Field("name", "words", "the visit, where labour names it"),
        Field("on", "moment", "when"), *_SPAN,
        Field("outcome", "choice", "how it ended", choices=("done", "return needed", "no access", "aborted", "cancelled")),
        Field("told", "instant", "when the client called it off"), *_SURPRISE,
        Field("covered", "choice", "not billed, and why", choices=("warranty", "contract", "goodwill")),
        Field("job", "words"), Field("location", "words"), Field("asset", "words"), Field("technician", "words"),
        Field("call_out", "flag", "whether a call-out is due; yes unless said"),
        Field("travel", "minutes", "minutes of travel"),
        Field("distance", "number", "miles or km of travel"),
        Field("term", "words"), Field("void", "flag"),
    ), help="visits made"),
    "labour": Section((
        Field("on", "moment", "the day, where only minutes are known"), *_SPAN,
        Field("minutes", "minutes", "worked, where nobody says from when until when"),
        Field("pause", "minutes", "not worked in between; taken from the end"),
        Field("people", "count", "how many worked"),
        Field("times", "number", "this work counts so many times; the larger of this and its band wins"),
        Field("skill", "words"), Field("job", "words"), Field("visit", "words"), Field("technician", "words"),
        Field("asset", "words"), Field("location", "words"), Field("ref", "words", "what it is called in a key"), *_SURPRISE,
        Field("covered", "choice", "not billed, and why", choices=("warranty", "contract", "goodwill")),
        Field("term", "words"), Field("void", "flag"),
    ), help="work done"),
    "part": Section((
        Field("name", "words", needed=True),
        Field("on", "moment", "fitted on", needed=True),
        Field("quantity", "number"),
        Field("cost", "number", "bought for, each"),
        Field("landing", "number", "freight, duty and the like, each"),
        Field("list", "number", "list price, each"),
        Field("price", "number", "agreed price, each; goes before all others"),
        Field("job", "words"), Field("visit", "words"), Field("ref", "words", "what it is called in a key"),
        Field("asset", "words", "what it was fitted to"), *_SURPRISE,
        Field("covered", "choice", "not billed, and why", choices=("warranty", "contract", "goodwill")),
        Field("term", "words"), Field("tax", "any"), Field("void", "flag"),
    ), help="parts fitted"),
}  # fmt: skip
