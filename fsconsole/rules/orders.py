"""For which lines a contract's order number is: what it names is billed on it, the rest on none.

It stands apart because drafts, the order's ceiling and the question for a missing order must hear the same answer.
"""

from __future__ import annotations

from collections.abc import Mapping

from fsconsole.values.terms import Contract
from fsconsole.values.work import Id


def in_scope(contract: Contract, kind: str, term: str = "") -> bool:
    """Whether a line of a kind (labour, part, fixed ...), of a term by its name, is on the contract's order.

    An order without a scope is for everything; ``parts`` means ``part``.
    """
    words = {word.strip().casefold() for word in contract.order_scope if word.strip()}
    words |= {word.removesuffix("s") for word in words}
    return not words or kind.casefold() in words or (term != "" and term.casefold() in words)


def order_of(contract: Contract | None, kind: str, term: Id | None, names: Mapping[Id, str]) -> str:
    """The order number of a contract that a line bears; empty where it bears none."""
    if contract is None or not contract.order_number:
        return ""
    return contract.order_number if in_scope(contract, kind, names.get(term, "") if term else "") else ""


def kind_in(key: str) -> str:
    """The kind of line that a charge's key names (``job:labour:visit``)."""
    return key.split(":")[1].replace("-", " ") if key.count(":") else ""
