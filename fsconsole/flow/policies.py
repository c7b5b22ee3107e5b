"""Company policies from a day on: typed, read from files and told in one notation.

It stands apart because the prompt, a file of policies and the screen must mean the same by the same words.

Always: money is written in the company's currency (500.00) and kept in minor units; what was kept before keeps its meaning.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any

from fsconsole.desk import Desk, Done
from fsconsole.errors import Refused, UsageError
from fsconsole.flow import finding
from fsconsole.flow.acting import record
from fsconsole.rules import policy as policies
from fsconsole.rules.checks.reasons import REASONS
from fsconsole.store.rows import fetch_all
from fsconsole.store.tables import put
from fsconsole.values.money import show, typed

KINDS = {kind.name: kind for kind in policies.KINDS}


def policy(desk: Desk, words: str) -> Done:
    """Sets a company policy from today, or ``from`` a day: ``repeat_days 14 from 2026-04-01``. Raises UsageError.

    A name alone says what it is now.
    """
    name, _, text = words.strip().partition(" ")
    start = desk.today
    head, dated, tail = text.rpartition("from ")
    if dated and (not head or head.endswith(" ")) and finding.is_day(desk, tail.strip()):
        text, start = head.strip(), finding.day(desk, tail.strip())
    if name not in KINDS:
        near = get_close_matches(name, KINDS, 1)
        raise UsageError(
            f"There is no policy “{name}”.", f"Did you mean {near[0]}?" if near else f"There are {', '.join(KINDS)}."
        )
    kind, currency = KINDS[name], desk.store.currency
    now = getattr(policies.Policies(fetch_all(desk.store, "policy")).on(start), name)
    if not text.strip():
        raise UsageError(f"{name} is {in_words(kind, now, currency)}: {kind.help}", f"To change it: policy {name} {how(kind)}")
    try:
        value = policies.read(name, written(kind, text.strip(), currency))
    except ValueError as wrong:
        raise UsageError(f"{wrong}.", f"{kind.help} Write it like: policy {name} {how(kind)}") from None
    if value == now:
        raise Refused(f"{name} is {in_words(kind, now, currency)} already.", "There is nothing to do.")
    stored = value.isoformat() if isinstance(value, date) else list(value) if isinstance(value, tuple) else value
    same = [one for one in fetch_all(desk.store, "policy", name=name) if one.start == start]
    row = max((one.id for one in same), default=None) or desk.ids()
    puts = [put("policy", row, name=name, start=start, value=stored)]
    when = "today" if start == desk.today else finding.day_words(start)
    was = in_words(kind, now, currency)
    return record(desk, puts, f"{name} is {in_words(kind, value, currency)} from {when} (it was {was})")


def written(kind: policies.Kind, value: Any, currency: str) -> Any:
    """What people write of a policy as ``policies.read`` wants it: amounts in minor units, 20 % in hundredths, reasons by key.

    Raises ValueError that shows what was expected.
    """
    if kind.kind == PERCENT and str(value).strip().endswith("%"):
        return _percent(str(value))
    if isinstance(value, str) and isinstance(kind.default, Mapping):
        value = _typed(value)
    if not kind.money:
        return value
    try:
        if not isinstance(kind.default, Mapping):
            return _amount(value, currency)
        return _amounts(kind, value, currency)
    except ValueError as wrong:
        raise ValueError(f"policy {kind.name}: {wrong}") from None


def _amounts(kind: policies.Kind, value: Any, currency: str) -> dict[str, int]:
    if not isinstance(value, Mapping):
        raise ValueError(f"“{value}” is not right; expected names with amounts, such as {how(kind)}")
    found = {}
    for name, amount in value.items():
        key = _reason(str(name)) if kind.name == "least" else str(name).strip().lower()
        try:
            found[key] = _amount(amount, currency)
        except ValueError as wrong:
            raise ValueError(f"{name}: {wrong}") from None
    return found


#: How the kind of a policy in hundredths of a percent is named; people write 20 %.
PERCENT = "hundredths of %"


def in_words(kind: policies.Kind, value: Any, currency: str) -> str:
    """A policy's value as people read and write it."""
    if kind.money and isinstance(value, Mapping):
        parts = (f"{key}={show(int(each), currency).replace(',', '')}" for key, each in value.items() if str(each).isdigit())
        return ", ".join(parts) or "nothing"
    if kind.money and str(value).isdigit():
        return show(int(value), currency)
    if kind.kind == PERCENT and str(value).isdigit():
        return f"{(Decimal(int(value)) / 100).normalize():f} %"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple | list):
        return ", ".join(str(one) for one in value) or "nothing"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={each}" for key, each in value.items()) or "nothing"
    return "none" if value in (None, "") else str(value)


def how(kind: policies.Kind) -> str:
    """How a policy's value is written, by example where it has names: ``repair=90.00, inspection=45.00``."""
    examples = {"least": "order_missing=50.00, card_no_sign_off=20.00", "asset_fees": "boiler=12.50, lift=40.00"}
    if kind.name in examples:
        return examples[kind.name]
    if kind.money:
        unit = kind.kind.partition("amount")[2].strip()
        return "repair=90.00, inspection=45.00" if isinstance(kind.default, Mapping) else f"AMOUNT {unit}".strip()
    return "20%" if kind.kind == PERCENT else kind.kind.upper()


def _amount(value: Any, currency: str) -> int:
    """``1000``, ``1,000.00`` or ``£1,000`` in minor units. Raises ValueError when it is no amount of that currency."""
    expected = f"“{value}” is not right; expected an amount such as {show(100000, currency)}"
    try:
        amount = typed(str(value), currency)
    except ValueError:
        raise ValueError(expected) from None
    if isinstance(value, bool) or amount < 0:
        raise ValueError(expected)
    return amount


def _percent(text: str) -> int:
    try:
        hundredths = Decimal(text.strip().removesuffix("%").strip()) * 100
    except InvalidOperation:
        raise ValueError(f"“{text}” is not a percentage such as 20%") from None
    if not hundredths.is_finite() or hundredths != int(hundredths):
        raise ValueError(f"“{text}” is finer than hundredths of a percent")
    return int(hundredths)


def _reason(text: str) -> str:
    """The key of a reason, given as its key or in its words. Raises ValueError with the nearest."""
    low = text.strip().lower()
    found = next((key for key, one in REASONS.items() if low in (key, key.replace("_", " "), one.words)), None)
    if found is None:
        near = get_close_matches(low.replace(" ", "_"), REASONS, 1)
        instead = f"did you mean {near[0]}?" if near else f"there are {', '.join(REASONS)}"
        raise ValueError(f"there is no reason “{text}”; {instead}")
    return found


def _typed(text: str) -> Any:
    """``on site=45, en route=20`` and JSON as named values; anything else as it was typed."""
    if text.startswith(("{", "[")):
        try:
            return json.loads(text)
        except ValueError:
            return text
    if "=" in text and ":" not in text:
        # The comma within 1,000.00 parts no names.
        parts = re.split(r",\s*(?=[^,=]+=)", text)
        return {key.strip(): value.strip() for key, _, value in (part.partition("=") for part in parts) if key.strip()}
    return text
