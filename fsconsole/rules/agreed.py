"""Whether the client has agreed to a line of work: a quote that holds it, or their word.

It stands apart because a line on no quote, order or contract is a surprise, and a surprise is asked about first.

Always: what goes beyond a quote is as much a surprise as what is not on it.
"""

from __future__ import annotations

from fsconsole.values.agreement import Agreement, Row
from fsconsole.values.money import show


class Agreed:
    """The quotes of an agreement while lines are counted against them in order. ``asks``: whether surprises are held."""

    def __init__(self, agreement: Agreement, asks: bool) -> None:
        self.asks, self.money = asks, agreement.money
        self.quotes = [row for row in agreement.of("quote") if not row.get("void")]
        self.used: dict[int, int] = {}

    def missing(self, row: Row, kind: str, amount: int | None) -> str:
        """Why a line must wait for the client's word; empty where it need not."""
        if not self.asks or row.get("agreed"):
            return ""
        job = str(row.get("job") or "")
        mine = [
            (place, one)
            for place, one in enumerate(self.quotes)
            if str(one.get("job") or "") in ("", job) and _holds(one, row, kind)
        ]
        if not mine:
            return "it is on no quote, and the client has not agreed to it; ask first (agreed = “who, when”)"
        worth, beyond = amount or 0, ""
        for place, one in mine:
            most, used = one.get("amount"), self.used.get(place, 0)
            if most is None or used + worth <= most:
                self.used[place] = used + worth
                return ""
            beyond = f"{show(most, self.money)} was quoted, {show(used, self.money)} used; ask first (agreed = “who, when”)"
        return f"it goes beyond the quote: {beyond}"


def _holds(quote: Row, row: Row, kind: str) -> bool:
    what = [str(one).lower() for one in quote.get("what", ())]
    return not what or any(str(one).lower() in what for one in (kind, row.get("name"), row.get("skill")) if one)
