"""What a price file says of taxes and of days to pay, looked at by the rules that will use it.

It stands apart because the reader of files knows no rule; so that such a slip is told where it stands, before anything is priced.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from fsconsole.inbox.terms_values import Wrong
from fsconsole.rules.due import due_by
from fsconsole.rules.policy import hours
from fsconsole.rules.tax import taxes_of
from fsconsole.values.agreement import Row

#: Any day shows whether terms of payment can be read.
SOME_DAY = date(2025, 1, 15)


def wrong_beside_a_store(rows: Mapping[str, Sequence[Row]]) -> Iterator[Wrong]:
    """What is wrong whatever the store knows: a tax without a rate, terms of payment or hours that nobody can read."""
    for row in rows.get("rate", ()):
        if "name" in row and not any(name in row for name in ("percent", "unit", "of", "category", "reason")):
            yield row["place"], None, "percent is missing; where there is no tax say category and reason"
    for row in rows.get("contract", ())[:1]:
        if "payment" in row:
            try:
                due_by(SOME_DAY, row["payment"])
            except ValueError as wrong:
                yield (*row["place"], "payment"), None, str(wrong)
    for row in rows.get("block", ()):
        if ("minutes" in row) == ("units" in row):
            yield row["place"], None, "say minutes for work, or units for a meter, and not both"
    yield from _wrong_hours(rows)


def _wrong_hours(rows: Mapping[str, Sequence[Row]]) -> Iterator[Wrong]:
    """Working hours that nobody can read, in terms and what is asked for, and in the bands and calendars of a term."""
    for row in (row for some in rows.values() for row in some):
        tables = [(name, number, one) for name in ("bands", "calendars") for number, one in enumerate(row.get(name) or ())]
        for place, one in ((row["place"], row), *(((*row["place"], name, number), one) for name, number, one in tables)):
            if isinstance(said := one.get("hours"), str) and said:
                try:
                    hours(said)
                except ValueError as wrong:
                    yield (*place, "hours"), said, f"expected {wrong}, or 24/7"


def _wrong_days(rows: Mapping[str, Sequence[Row]]) -> Iterator[Wrong]:
    for row in rows.get("contract", ()):
        first, until = row.get("from"), row.get("until")
        if type(first) is date and type(until) is date and until < first:
            yield (*row["place"], "until"), until, f"that is before it starts ({first}); correct one of the days"


def wrong_alone(rows: Mapping[str, Sequence[Row]]) -> Iterator[Wrong]:
    """What is wrong in a file with no store beside it: every tax that it names is its own, too."""
    rates = [{name: value for name, value in row.items() if name not in ("from", "until")} for row in rows.get("rate", ())]
    for row in (*rows.get("contract", ()), *rows.get("term", ()), *rows.get("part", ())):
        try:
            taxes_of(row.get("tax"), rates)
        except ValueError as wrong:
            yield (*row["place"], "tax"), None, str(wrong)
    yield from wrong_beside_a_store(rows)
    yield from _wrong_days(rows)
