"""What ending a contract before its time costs, where that was agreed.

It stands apart because it compares two lives of the same terms: as they were agreed, and as they came to be.

Always: nothing is due for an end on the day that was agreed, or later.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from fsconsole.rules.billable import payer_of
from fsconsole.rules.prorate import rounded
from fsconsole.rules.rates import number
from fsconsole.rules.recurring import recurring
from fsconsole.rules.renewal import ending
from fsconsole.values.agreement import Agreement, charge_key
from fsconsole.values.bill import Charge
from fsconsole.values.money import show
from fsconsole.values.period import Period
from fsconsole.values.terms import Term


def terminated(term: Term, agreement: Agreement, horizon: date) -> list[Charge]:
    """The fee for an early end: a fixed amount, and a percentage of what the rest of the term would have cost.

    The end is the first revision that says so of the whole contract or of a term it rests on (``details["of"]``,
    else all fixed and per-asset ones); the term would have run to its own ``until``, else to the end of the
    contract's term in which it was ended. Raises ValueError where neither is known.
    """
    money = agreement.money
    of = term.details.get("of", [])
    terms = [one for one in agreement.terms if one.kind in ("fixed", "per asset") and (not of or one.name in of)]
    ids = {one.id for one in terms}
    ends = [
        one for one in agreement.revisions
        if one.what == "end" and not one.void and one.start is not None and (one.term is None or one.term in ids)
    ]  # fmt: skip
    day = min((one.start for one in ends if one.start), default=None)
    if day is None or day > horizon:
        return []
    agreed = term.end or next((each for each in ending(agreement, day).terms if each >= day), None)
    if agreed is None:
        raise ValueError("nobody says until when it would have run; give it, or the contract, an until")
    if day >= agreed:
        return []
    share = Decimal(str(term.details.get("percent", "0")))
    rest = _rest(terms, agreement, agreed)
    amount = term.amount + rounded(rest * Fraction(share) / 100)
    words = [show(term.amount, money)] if term.amount else []
    if share:
        part = show(rounded(rest * Fraction(share) / 100), money)
        last = Period(agreed - timedelta(days=1), agreed)
        words.append(f"{number(share)}% of the {show(rest, money)} that were agreed until {last} = {part}")
    if not amount:
        return []
    return [
        Charge(
            key=charge_key(term, day),
            contract=agreement.contract.id,
            term=term.id,
            payer=payer_of(None, agreement.contract, agreement.client),
            kind="termination",
            period=Period(day, day + timedelta(days=1)),
            amount=amount,
            currency=money,
            billable_from=day,
            reason=f"{term.name}: ended on {Period(day, day + timedelta(days=1))}, {' and '.join(words)}",
            tax=term.tax,
        )
    ]


def _rest(terms: list[Term], agreement: Agreement, agreed: date) -> int:
    """What the terms would have come to up to the day agreed, less what they come to."""
    as_agreed = replace(
        agreement,
        contract=replace(agreement.contract, end=agreed, renewal_months=0),
        revisions=tuple(one for one in agreement.revisions if one.what not in ("end", "notice")),
    )
    full = cut = 0
    for one in terms:
        full += sum(charge.amount for charge in recurring(one, as_agreed, agreed))
        cut += sum(charge.amount for charge in recurring(one, agreement, agreed))
    return max(0, full - cut)
