"""What a price file may say about projects, ends and splits: milestones, deposits, a ceiling, retention ...

It stands apart from terms_known so that each family of terms keeps its own part of the format.
"""

from __future__ import annotations

from fsconsole.inbox.terms_fields import Field, Section

_OF = Field("of", "words list", "the terms it rests on; left out: all")

KINDS: dict[str, tuple[Field, ...]] = {
    "milestone": (
        Field("milestones", "tables", "[{ name = \"design\", on = 2025-02-01, percent = 40 }, ...]; without on: not reached",
              needed=True,
              fields=(
                  Field("name", "words", "what is reached", needed=True),
                  Field("on", "day", "the day it was reached"),
                  Field("amount", "money", "its own amount"),
                  Field("percent", "percent", "or its part of the term's amount"),
                  Field("weight", "number", "or its weight among the others"),
              )),
    ),
    "progress": (
        Field("reports", "tables", "[{ on = 2025-02-28, percent = 40 }, ...], of all that is done by then", needed=True,
              fields=(Field("on", "day", needed=True), Field("percent", "percent", needed=True))),
    ),
    "ceiling": (_OF,),
    "termination": (
        _OF,
        Field("percent", "percent", "of what was agreed until the end; beside or instead of the amount"),
    ),
    "retention": (
        _OF,
        Field("percent", "percent", "held back of each charge", needed=True),
        Field("limit", "money", "held back at most"),
        Field("steps", "tables", "[{ from = 50, percent = 5 }] from so many percent of the sum on another percentage",
              fields=(Field("from", "percent", needed=True), Field("percent", "percent", needed=True))),
        Field("sum", "money", "with steps: what all of it comes to in the end"),
        Field("steps_apply", "choice", "a step's percentage is for what follows, or for all so far, the rest released",
              choices=("to what follows", "to all")),
        Field("releases", "tables", "[{ on = 2025-06-30, percent = 50 }, { on = 2026-06-30 }]; the last takes all",
              fields=(Field("on", "day", needed=True), Field("percent", "percent", "of what was held by then"))),
    ),
    "deposit": (
        _OF,
        Field("deposits", "tables", "[{ on = 2025-01-10, amount = 500.00, until = 2026-01-10 }]", needed=True,
              fields=(
                  Field("on", "day", needed=True),
                  Field("amount", "money", "what it is worth; billed on the day unless paid or free", needed=True),
                  Field("until", "day", "the first day on which what is left of it is lost"),
                  Field("price", "money", "what is billed for it, where that is another amount; 0.00: given"),
                  Field("rank", "count", "1 is used before 2, whatever their days; without one last"),
              )),
        Field("order", "choice", "charges of a day are taken as they come, or in the order in which “of” names them",
              choices=("by day", "as named")),
        Field("draw", "choice", "of several the one that is used first, of one rank",
              choices=("oldest first", "first to end", "newest first", "least left")),
        Field("final", "words", "the milestone it is taken off; left out: whatever comes first"),
    ),
}  # fmt: skip

SECTIONS: dict[str, Section] = {
    "split": Section(
        (
            Field("amount", "money", "what is cut", needed=True),
            Field("weights", "number list", "by these weights"),
            Field("parts", "count", "or into so many equal parts"),
        )
    ),
}
