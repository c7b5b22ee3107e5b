"""Which term of a contract counts a line of a job: hours, blocks, time and materials, visits.

It stands apart because a job's line is either billed by the job or counted by a term, and both ask here.

Always: what a term counts is never billed by the job too; a line that no term counts stays with its job, and so does
one that warranty or goodwill bears, and work of a job under way that would be billed by time.

    labour      the contract's hours or block term, else its time term
    parts       its time term
    call-outs, travel, visits in vain      its time term, else its visits term
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from fsconsole.rules.periods import bounds
from fsconsole.values.terms import Contract, Term

#: Kinds of term that count work, in the order in which they are asked, by kind of a job's line.
COUNTS: dict[str, tuple[str, ...]] = {
    "labour": ("hours", "block", "time"),
    "part": ("time",),
    "travel": ("time",),
    "call-out": ("time", "visits"),
    "no access": ("time", "visits"),
    "abort": ("time", "visits"),
}
COUNTING = frozenset(kind for kinds in COUNTS.values() for kind in kinds) | {"sla"}


def counted_by(
    kind: str, day: date, contract: Contract, terms: Iterable[Term], *, borne_by: str = "", settled: bool = True
) -> Term | None:
    """The term of a contract that counts a line of this kind on a day, None where it stays with the job.

    ``borne_by``: contract, warranty, goodwill or nothing; included hours are drawn though the contract bears the work.
    ``settled``: the job is done, or the line is owed whatever becomes of it.
    """
    if borne_by not in ("", "contract"):
        return None
    standing = [term for term in terms if not term.gone and _holds(term, contract, day)]
    for wanted in COUNTS.get(kind, ()):
        asked = [term for term in standing if term.kind == wanted and _says(term, kind)]
        found = sorted(asked, key=lambda term: (term.place, term.id))
        if found:
            stays = wanted == "time" and (borne_by or not settled)
            return None if stays else found[0]
    return None


def _says(term: Term, kind: str) -> bool:
    """Whether a time term has a price for call-outs and for travel, where it is asked for them."""
    if term.kind != "time" or kind in ("labour", "part"):
        return True
    names = ("travel_price",) if kind == "travel" else ("call_out",)
    return any(term.details.get(name) is not None for name in names)


def _holds(term: Term, contract: Contract, day: date) -> bool:
    start, end = bounds(term, contract)
    return (start is None or start <= day) and (end is None or day < end)
