"""Promises missed, as money: which breaches count, what they are a share of, and what is never drafted."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from fsconsole.rules.penalty import sla_credits
from fsconsole.rules.priced import price
from fsconsole.values.agreement import Agreement, charge_key
from fsconsole.values.bill import Charge, IssuedLine
from fsconsole.values.period import Period
from fsconsole.values.terms import Contract, Term
from fsconsole.values.work import Id

JANUARY = Period(date(2025, 1, 1), date(2025, 2, 1))
FEE = Term(id=Id(b"fee"), name="fee", amount=120_000, tax="20")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2025, 1, day, hour, minute, tzinfo=UTC)


def call(name: str = "C1", late: int = 60, **said: Any) -> dict[str, Any]:
    """A call with four working hours to respond, answered so many minutes late."""
    hour, minute = divmod(13 * 60 + late, 60)
    return {"name": name, "reported": at(6, 9), "responded": at(6, hour, minute), **said}


def agreed(
    *calls: dict[str, Any], issued: tuple[IssuedLine, ...] = (), pauses: Any = (), fees: Any = None, **said: Any
) -> Agreement:
    details = {"respond": 240, "hours": "Mon-Fri 09:00-17:00", "percent": "5", **said}
    amount = details.pop("fixed", 0)
    sla = Term(id=Id(b"sla"), name="sla", kind="sla", amount=amount, details=details)
    charges = fees or (Charge(key="fee", term=FEE.id, period=JANUARY, amount=120_000, tax="20"),)
    return Agreement(
        contract=Contract(id=Id(b"c"), start=date(2025, 1, 1), end=date(2025, 2, 1), timezone="UTC"),
        terms=(FEE, sla),
        rows={"sla": tuple(calls), "pause": tuple(pauses)},
        charges=tuple(charges),
        issued=issued,
    )


def credits(agreement: Agreement, horizon: date = date(2025, 2, 1)) -> list[int]:
    return [charge.amount for charge in sla_credits(agreement.terms[1], agreement, horizon)]


def test_a_clock_kept_costs_nothing() -> None:
    assert credits(agreed(call(late=0))) == []
    assert credits(agreed(call(late=1))) == [-6000]


def test_an_amount_for_each_breach_or_by_the_hour_late() -> None:
    assert credits(agreed(call(late=90), percent=None, fixed=2500)) == [-2500]
    assert credits(agreed(call(late=90), percent=None, hourly_amount=1000)) == [-2000]
    assert credits(agreed(call(late=90), percent=None, hourly_amount=1000, hours_late="exact")) == [-1500]
    assert credits(agreed(call(late=90), percent=None, hourly_amount=1000, hours_late="full")) == [-1000]
    assert credits(agreed(call(late=90), percent="5", hourly_percent="1")) == [-(6000 + 2400)]


def test_a_cap_in_money_or_in_percent_holds_whichever_is_less() -> None:
    calls = [call(f"C{number}") for number in range(5)]
    assert credits(agreed(*calls)) == [-30_000]
    assert credits(agreed(*calls, cap="15")) == [-18_000]
    assert credits(agreed(*calls, cap="15", cap_amount=10_000)) == [-10_000]


def test_a_call_that_missed_both_clocks_is_two_breaches_or_one() -> None:
    missed = call(restored=at(7, 16))
    assert credits(agreed(missed, restore=480)) == [-12_000]
    assert credits(agreed(missed, restore=480, counts="call")) == [-6000]


def test_made_safe_stops_the_restore_clock_where_that_is_agreed() -> None:
    safe = call(late=0, safe=at(6, 16), restored=at(8, 9))
    assert credits(agreed(safe, restore=480)) == [-6000]
    assert credits(agreed(safe, restore=480, safe_stops=True)) == []


def test_a_pause_of_one_clock_leaves_the_other_running() -> None:
    pause = {"from": at(6, 10), "until": at(6, 11), "reason": "parts"}
    assert credits(agreed(call(late=60), pauses=[pause])) == []
    assert credits(agreed(call(late=60), pauses=[{**pause, "clock": "restore"}])) == [-6000]
    assert credits(agreed(call(late=60), pauses=[{**pause, "call": "C2"}])) == [-6000]


def test_a_priority_has_its_own_clock_and_rate() -> None:
    urgent = [{"priority": "P1", "respond": 60, "percent": "10"}]
    assert credits(agreed(call(priority="p1", late=-120), priorities=urgent)) == [-12_000]
    assert credits(agreed(call(priority="p3", late=-120), priorities=urgent)) == []


def test_waived_and_excluded_calls_are_told_and_credit_nothing() -> None:
    (charge,) = sla_credits(
        agreed(call(decided="waived", reason="goodwill")).terms[1],
        agreed(call(decided="waived", reason="goodwill")),
        date(2025, 2, 1),
    )
    assert charge.amount == 0
    assert "waived: goodwill" in charge.reason
    assert credits(agreed(call(excluded="access refused"))) == [0]
    assert credits(agreed(call(excluded="access refused"), exclusions=["planned work"])) == [-6000]


def test_what_nobody_has_decided_is_held_and_never_drafted() -> None:
    agreement = agreed(call("C1"), call("C2", decided="credit"), claim="decided")
    counted, held = sla_credits(agreement.terms[1], agreement, date(2025, 2, 1))
    assert (counted.amount, held.amount, held.notional, held.estimate) == (-6000, 0, -6000, True)
    assert "undecided" in held.reason
    assert counted.key != held.key
    assert [one.amount for one in price(agreement).difference if one.kind == "sla"] == [-6000]


def test_an_open_call_is_a_breach_once_its_clock_ran_out_and_by_the_hour_it_is_undecided() -> None:
    still = {"name": "C1", "reported": at(6, 9)}
    assert credits(agreed(still)) == [-6000]
    assert credits(agreed(still), date(2025, 1, 5)) == []
    assert credits(agreed(still, hourly_percent="1")) == [0]


def test_the_base_is_the_period_s_share_of_what_was_billed() -> None:
    year = IssuedLine(
        id=Id(b"i"), key=charge_key(FEE, date(2025, 1, 1)), amount=365_000, start=date(2025, 1, 1), end=date(2026, 1, 1)
    )
    assert credits(agreed(call(), issued=(year,))) == [-1550]
    void = IssuedLine(id=Id(b"v"), key=year.key, amount=999_999, start=year.start, end=year.end, void=True)
    assert credits(agreed(call(), issued=(year, void))) == [-1550]
    assert credits(agreed(call(), issued=(void,), base="billed")) == [0]
    assert credits(agreed(call(), issued=(void,))) == [-6000]
    assert credits(agreed(call(), issued=(year, void), base="charged")) == [-6000]


def test_a_credit_bears_the_taxes_of_what_it_credits() -> None:
    fees = [
        Charge(key="a", term=FEE.id, period=JANUARY, amount=90_000, tax="20"),
        Charge(key="b", term=FEE.id, period=JANUARY, amount=30_000, tax="5"),
    ]
    agreement = agreed(call(), fees=fees)
    found = sla_credits(agreement.terms[1], agreement, date(2025, 2, 1))
    assert [(one.tax, one.amount) for one in found] == [("20", -4500), ("5", -1500)]
    assert len({one.key for one in found}) == 2


def test_a_term_without_a_rate_and_times_that_contradict_each_other_are_said() -> None:
    with pytest.raises(ValueError, match="says no rate"):
        credits(agreed(call(), percent=None))
    with pytest.raises(ValueError, match="before it was reported"):
        credits(agreed({"name": "C1", "reported": at(6, 9), "responded": at(6, 8)}))
    with pytest.raises(ValueError, match="no fee “rent”"):
        credits(agreed(call(), of=["rent"]))
