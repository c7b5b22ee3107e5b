"""The fields of a price file, told from the table that the reader reads by.

It stands apart so that the reference can never say other than what is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import wrap

from fsconsole.errors import UsageError
from fsconsole.flow.price_answers import ANSWERS, CALLED, EVERY
from fsconsole.inbox.terms_called import like
from fsconsole.inbox.terms_fields import Field
from fsconsole.inbox.terms_known import SECTIONS, TERM, TERM_KINDS

WIDTH = 80
#: Where a field's words begin.
INDENT = 22
#: What a type is written like.
WRITTEN = {
    "money": "amount", "day": "day", "moment": "day or instant", "instant": "instant", "number": "number",
    "percent": "percent", "part": "percent",
    "words": "words", "flag": "true or false", "count": "whole number", "minutes": "minutes",
    "span": "length of time", "every": "how often", "anchor": "day", "zone": "time zone", "currency": "currency",
    "holiday": "day, also of every year", "clock": "time of day", "any": "",
}  # fmt: skip


#: What holds where a contract and its terms say nothing.
UNSAID = (
    "Unless said: GBP, days of UTC, every month from its first day, in advance, price",
    "at once, by actual days; of the other choices the first, and no renewal.",
)
EXPECT = """\
[expect]  any part of what --json prints; exit 1 where it is not so
  charges             one for each line that is billed, in the order shown: an
                      amount such as 203.23, or a table of some of its fields:
                      term, kind, start, end (the first day no longer),
                      quantity, amount, billable_from, payer, tax, covered_by,
                      notional (what it would cost), estimate, reason, key
  documents           what would stand on one invoice: on, due, due_says, payer,
                      net, tax, gross, tax_says, charges (their keys)
  net, tax, gross     of all documents
  difference          charges less what is [[issued]]; below nothing: a credit
  difference_net      their sum; also difference_tax, difference_gross
  to_issue            the difference as documents
  dates               what, day, says: its end, the last day to cancel ...
  problems            what, reason, line: what could not be priced, and where
  answers             by section ([[due]], [[tax]] ...) a list of its answers
                      in the order asked; --fields due tells what they hold
  contract            ref, name, client, currency, start, end, timezone, through
In --json amounts of money are whole minor units (20323 is 203.23), other
numbers and percentages decimals in quotes, days and instants ISO 8601. In
[expect] an amount with a point is in major units: 203.23. Words may begin and
end with “…” for what is left out."""


def fields(name: str = "") -> str:
    """The fields of a section or of a kind of term; without a name, what there is. Raises UsageError that lists it."""
    wanted = name.strip().strip("[]").lower().replace("-", " ")
    if not wanted:
        return "\n".join(_list())
    found: list[str] = []
    if wanted == "expect":
        return EXPECT
    if wanted in SECTIONS:
        about = SECTIONS[wanted]
        head = f"[[{wanted}]]" if about.many else f"[{wanted}]"
        found += [head + (f"  {about.help}" if about.help else ""), *_told(about.fields), ""]
        found += _answered(wanted)
    if wanted in TERM_KINDS:
        found += [f'[[term]] kind = "{wanted}"', *_told(TERM_KINDS[wanted]), "", *_common()]
    if found:
        found += ["", *UNSAID] if wanted == "contract" or wanted == "term" or wanted in TERM_KINDS else []
        return "\n".join(found).rstrip()
    known = sorted({*SECTIONS, *TERM_KINDS})
    raise UsageError(f"There is no section and no kind of term “{name}”{like(wanted, known)}.", f"There are {', '.join(known)}.")


def _answered(section: str) -> Iterator[str]:
    """What --json answers to a section, and [expect] may name."""
    if section not in ANSWERS:
        return
    yield f"answers.{CALLED.get(section, section)} in --json, one for each question in its order:"
    for name, words in (ANSWERS[section] | EVERY).items():
        first, *rest = wrap(words, WIDTH - INDENT) or [""]
        yield f"  {name:<{INDENT - 2}}{first}".rstrip()
        yield from (" " * INDENT + line for line in rest)


def _common() -> Iterator[str]:
    """What every term has, by name alone: the fields of a kind are what was asked for."""
    yield "and what every [[term]] has (--fields term tells each):"
    yield from (f"  {line}" for line in wrap(", ".join(one.name for one in TERM), WIDTH - 4))


def _list() -> Iterator[str]:
    yield "Kinds of [[term]] (--example KIND shows one, --fields KIND its fields):"
    yield from (f"  {line}" for line in wrap(", ".join(TERM_KINDS), WIDTH - 4))
    yield "Sections (--fields SECTION):"
    for name, about in SECTIONS.items():
        if name != "expect":
            yield f"  {name:<14}{about.help or _first(about.fields)}"
    yield f"  {'expect':<14}what it must come to, in part or whole, as --json prints it"


def _first(about: Iterable[Field]) -> str:
    return ", ".join(one.name for one in list(about)[:6]) + " …"


def _told(about: Iterable[Field], deep: int = 1) -> Iterator[str]:
    for one in about:
        kind = f"list of {WRITTEN.get(one.kind.removesuffix(' list'), one.kind)}" if one.kind.endswith(" list") else ""
        kind = kind or (" | ".join(one.choices) if one.choices else WRITTEN.get(one.kind, ""))
        kind = ", ".join(part for part in (kind, "needed" if one.needed else "") if part)
        words = " ".join(part for part in (one.help, f"({kind})" if kind else "") if part)
        first, *rest = wrap(words, WIDTH - INDENT) or [""]
        yield f"{'  ' * deep}{one.name:<{INDENT - 2 * deep}}{first}".rstrip()
        yield from (" " * INDENT + line for line in rest)
        yield from _told(one.fields, deep + 1)
