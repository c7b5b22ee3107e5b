"""Due days, working clocks, splits, payments on documents, interest and orders: conventions and what always holds."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsconsole.rules.allocate import HOWS, allocate_rows
from fsconsole.rules.clock import Clock, deadline_rows
from fsconsole.rules.due import due_by
from fsconsole.rules.due_dates import due_rows
from fsconsole.rules.interest import half_year_day, interest_rows
from fsconsole.rules.order import order_rows
from fsconsole.rules.policy import hours
from fsconsole.rules.shares import REMAINDERS, shared, split_rows
from fsconsole.rules.sla import Pause
from fsconsole.values.agreement import Agreement
from fsconsole.values.terms import Contract
from fsconsole.values.work import Id

AGREED = Agreement(contract=Contract(id=Id(b"c"), timezone="Europe/London", currency="GBP"))


def ask(rule: Any, **row: Any) -> dict[str, Any]:
    (answer,) = rule((row,), AGREED)
    assert answer["says"]
    return dict(answer)


# --- due days ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("issued", "payment", "due"),
    [
        ("2025-01-15", 30, "2025-02-14"),
        ("2025-01-15", "net 30", "2025-02-14"),
        ("2025-01-15", "2/10 net 30", "2025-02-14"),
        ("2025-01-15", "2/10, 1/20, n/60", "2025-03-16"),
        ("2025-01-31", "1 month", "2025-02-28"),
        ("2025-01-15", "30 days EOM", "2025-02-28"),
        ("2025-01-15", "EOM + 30", "2025-03-02"),
        ("2025-01-05", "net 10 EOM", "2025-02-10"),
        ("2025-01-31", "Net 30 days EOM", "2025-03-02"),
        ("2025-01-15", "60 days net, following working day", "2025-03-17"),
        ("2025-01-17", "60 days net, following working day", "2025-03-18"),
        ("2025-01-15", "30 days after end of month", "2025-03-02"),
        ("2025-01-15", "end of month + 1 month", "2025-02-28"),
        ("2025-01-15", "end of next month", "2025-02-28"),
        ("2025-01-15", "10 days, 15th of next month", "2025-02-15"),
        ("2025-01-15", "15th", "2025-02-15"),
        ("2025-01-14", "day 15", "2025-01-15"),
        ("2020-01-31", "day 31", "2020-02-29"),
        ("2020-02-29", "day 31", "2020-03-31"),
        ("2025-01-15", "CM+10D", "2025-02-10"),
        ("2025-01-15", "1M+CM", "2025-02-28"),
        ("2025-01-15", "-1D", "2025-01-14"),
        ("2025-01-17", "5 working days", "2025-01-24"),
        ("2025-01-15", "3rd working day of next month", "2025-02-05"),
        ("2025-01-15", "last working day of the month", "2025-01-31"),
        ("2025-01-15", "friday", "2025-01-17"),
        ("2025-01-15", "on receipt", "2025-01-15"),
    ],
)
def test_terms_of_payment_are_read_as_they_are_written(issued: str, payment: Any, due: str) -> None:
    assert due_by(date.fromisoformat(issued), payment)[0] == date.fromisoformat(due)


@pytest.mark.parametrize("payment", ["soon", "", "32nd", "day 0", "30 moons", True, Decimal("1.5"), "9999 years, 9999 years"])
def test_terms_that_nobody_can_read_are_refused_in_words(payment: Any) -> None:
    with pytest.raises(ValueError, match="when to pay|no day|further away"):
        due_by(date(2025, 1, 15), payment)


@pytest.mark.parametrize(
    ("roll", "due"),
    [("none", "2025-08-31"), ("following", "2025-09-01"), ("preceding", "2025-08-29"), ("modified", "2025-08-29")],
)
def test_a_due_day_on_a_sunday_moves_as_agreed(roll: str, due: str) -> None:
    assert ask(due_rows, issued=date(2025, 8, 1), payment="end of month", roll=roll)["due"] == due


def test_holidays_are_no_working_days() -> None:
    days = [date(2025, 12, 25), date(2025, 12, 26)]
    assert ask(due_rows, issued=date(2025, 12, 24), working_days=1, holidays=days)["due"] == "2025-12-29"


def test_a_cash_discount_is_of_the_gross_or_of_the_net() -> None:
    row = {"issued": date(2025, 1, 15), "payment": "2/10 net 30", "amount": 12000, "net": 10000}
    assert ask(due_rows, **row)["discounts"][0]["to_pay"] == 12000 - 240
    assert ask(due_rows, **row, discount_on="net")["discounts"][0]["to_pay"] == 12000 - 200


def test_instalments_that_do_not_sum_are_refused() -> None:
    with pytest.raises(ValueError, match="90% together"):
        ask(due_rows, issued=date(2025, 1, 1), amount=100, instalments=[{"percent": Decimal(30)}, {"percent": Decimal(60)}])


@given(st.integers(1, 10_000_000), st.lists(st.integers(1, 30), min_size=1, max_size=4))
def test_instalments_sum_to_the_amount(amount: int, percents: list[int]) -> None:
    rows = [*({"percent": Decimal(one) / 2} for one in percents), {}]
    got = ask(due_rows, issued=date(2025, 1, 1), amount=amount, instalments=rows)
    assert sum(one["amount"] for one in got["instalments"]) == amount


# --- clocks -----------------------------------------------------------------------------------------------------------

START = datetime(2025, 3, 3, 9, tzinfo=UTC)
WEEK = Clock(
    "Europe/London", ((date.min, hours("Mon-Fri 08:00-12:30 13:00-17:00; Sat 22:00-02:00")),), frozenset({date(2025, 3, 11)})
)


@given(
    st.integers(0, 60 * 24 * 60),
    st.integers(1, 5000),
    st.lists(st.tuples(st.integers(0, 60 * 24 * 60), st.integers(0, 9 * 24 * 60)), max_size=5),
)
def test_minutes_added_and_measured_again_are_the_same_minutes(offset: int, minutes: int, cuts: list[tuple[int, int]]) -> None:
    start = START + timedelta(minutes=offset)
    pauses = [Pause(START + timedelta(minutes=at), START + timedelta(minutes=at + size), "parts") for at, size in cuts]
    due = WEEK.deadline(start, minutes, pauses)
    assert due is not None
    assert WEEK.elapsed(start, due, pauses) == minutes
    assert WEEK.elapsed(start, due - timedelta(minutes=1), pauses) == minutes - 1


def test_a_pause_that_lasts_keeps_the_deadline_open() -> None:
    assert WEEK.deadline(START, 60, [Pause(START, None, "parts")]) is None
    assert WEEK.deadline(START, 60, [Pause(START + timedelta(hours=2), None, "parts")]) == START + timedelta(hours=1)


def test_hours_that_never_open_are_said() -> None:
    with pytest.raises(ValueError, match="never open"):
        Clock("UTC", ((date.min, {}),)).deadline(START, 1)


def test_an_end_of_a_working_day_skips_days_without_hours() -> None:
    row = {"from": datetime(2025, 3, 7, 18, tzinfo=UTC), "hours": "Mon-Fri 09:00-17:00"}
    assert ask(deadline_rows, **row, working_days=1)["at"] == "2025-03-10T17:00:00+00:00"
    assert ask(deadline_rows, **row, working_days=0)["at"] == "2025-03-10T17:00:00+00:00"


def test_day_and_night_is_a_clock_too() -> None:
    got = ask(deadline_rows, **{"from": datetime(2025, 3, 29, 12, tzinfo=UTC)}, minutes=24 * 60)
    assert got["at"] == "2025-03-30T13:00:00+01:00"


# --- splits -----------------------------------------------------------------------------------------------------------


@given(
    st.integers(-10_000_000, 10_000_000),
    st.lists(st.integers(0, 1000), min_size=1, max_size=12).filter(any),
    st.sampled_from(REMAINDERS),
    st.sampled_from([1, 5, 100]),
)
def test_a_split_sums_and_no_part_has_the_other_sign(total: int, weights: list[int], rule: str, step: int) -> None:
    parts = shared(total, [Fraction(one) for one in weights], rule, step=step)
    assert sum(parts) == total
    assert all(part * total >= 0 for part in parts)


def test_the_remainder_goes_where_the_rule_says() -> None:
    found = {rule: shared(200, [Fraction(1), Fraction(1), Fraction(1)], rule) for rule in REMAINDERS}
    assert found["last"] == [67, 67, 66]
    assert found["first"] == [66, 67, 67]
    assert found["floor last"] == [66, 66, 68]
    assert found["one by one"] == [67, 67, 66]
    assert shared(100, [Fraction(1), Fraction(2), Fraction(3)], "largest") == [17, 33, 50]


def test_a_split_needs_weights_or_parts() -> None:
    for row in ({}, {"weights": [Decimal(1)], "parts": 2}, {"parts": 0}, {"weights": [Decimal(0)]}, {"weights": [Decimal(-1)]}):
        with pytest.raises(ValueError, match="weights|parts"):
            ask(split_rows, amount=100, **row)


# --- payments ---------------------------------------------------------------------------------------------------------

DOCUMENTS = [
    {"name": "A", "on": date(2025, 1, 1), "due": date(2025, 3, 1), "amount": 10000},
    {"name": "B", "on": date(2025, 1, 5), "due": date(2025, 2, 1), "amount": 30000},
    {"name": "C", "on": date(2025, 1, 9), "due": date(2025, 2, 9), "amount": 20000},
]


def paid(how: str, *payments: Any, **row: Any) -> tuple[dict[str, int], int]:
    rows = [one if isinstance(one, dict) else {"amount": one} for one in payments]
    got = ask(allocate_rows, **{"documents": DOCUMENTS, "how": how, "payments": rows, **row})
    put: dict[str, int] = {}
    for one in got["allocations"]:
        put[one["document"]] = put.get(one["document"], 0) + one["amount"]
    return put, got["unapplied_total"]


def test_each_way_of_putting_a_payment_on_documents() -> None:
    assert paid("oldest", 15000) == ({"A": 10000, "B": 5000}, 0)
    assert paid("newest", 25000) == ({"C": 20000, "B": 5000}, 0)
    assert paid("due", 35000) == ({"B": 30000, "C": 5000}, 0)
    assert paid("smallest", 15000) == ({"A": 10000, "C": 5000}, 0)
    assert paid("largest", 15000) == ({"B": 15000}, 0)
    assert paid("proportional", 30000) == ({"A": 5000, "B": 15000, "C": 10000}, 0)
    assert paid("exact", 20000) == ({"C": 20000}, 0)
    assert paid("exact", 40000) == ({"A": 10000, "B": 30000}, 0)
    assert paid("exact", 12345) == ({}, 12345)
    assert paid("exact", 12345, otherwise="oldest") == ({"A": 10000, "B": 2345}, 0)
    assert paid("named", {"amount": 35000, "for": ["C"]}) == ({"C": 20000}, 15000)
    assert paid("named", {"amount": 35000, "for": ["C"]}, otherwise="oldest") == ({"C": 20000, "A": 10000, "B": 5000}, 0)
    assert paid("named", {"amount": 35000, "to": [{"document": "A", "amount": 99999}]}) == ({"A": 10000}, 25000)


def test_more_than_is_owed_stays_unapplied() -> None:
    assert paid("oldest", 70000) == ({"A": 10000, "B": 30000, "C": 20000}, 10000)


def test_a_payment_that_names_a_document_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="no such document"):
        paid("named", {"amount": 100, "for": ["Z"]})


def test_a_cash_discount_is_taken_in_time_and_not_after() -> None:
    documents = [{"name": "A", "on": date(2025, 1, 1), "amount": 10000, "discount": 200, "discount_until": date(2025, 1, 11)}]
    got = ask(allocate_rows, documents=documents, payments=[{"on": date(2025, 1, 11), "amount": 9800}])
    assert (got["open_total"], got["discount"]) == (0, 200)
    got = ask(allocate_rows, documents=documents, payments=[{"on": date(2025, 1, 12), "amount": 9800}])
    assert (got["open_total"], got["discount"]) == (200, 0)


def test_money_paid_back_comes_off_what_is_unapplied() -> None:
    got = ask(allocate_rows, documents=DOCUMENTS[:1], payments=[{"amount": 15000}, {"amount": -3000, "on": date(2025, 2, 1)}])
    assert (got["unapplied_total"], got["refunded"]) == (2000, 3000)


documents_of = st.lists(
    st.fixed_dictionaries({"amount": st.integers(-50_000, 100_000), "discount_percent": st.integers(0, 5)}),
    min_size=1,
    max_size=6,
)


@given(documents_of, st.lists(st.integers(0, 150_000), max_size=5), st.sampled_from(HOWS), st.integers(0, 100), st.booleans())
def test_every_penny_of_payments_and_documents_is_told(
    documents: list[dict[str, Any]], payments: list[int], how: str, tolerance: int, partial: bool
) -> None:
    rows = [
        {**one, "name": str(place), "on": date(2025, 1, 1 + place), "discount_until": date(2025, 1, 9)}
        for place, one in enumerate(documents)
    ]
    money = [{"amount": one, "on": date(2025, 1, 6 + place)} for place, one in enumerate(payments)]
    got = ask(allocate_rows, documents=rows, payments=money, how=how, tolerance=tolerance, partial_discount=partial)
    owed = sum(one["amount"] for one in documents if one["amount"] > 0)
    credits = -sum(one["amount"] for one in documents if one["amount"] < 0)
    settled = got["applied"] + got["credited"]
    assert sum(payments) + credits == settled + got["unapplied_total"]
    assert owed == settled + got["discount"] + got["written_off"] + got["open_total"]
    assert all(one[name] >= 0 for one in got["allocations"] for name in ("amount", "discount", "written_off"))
    assert all(one["amount"] > 0 for one in (*got["open"], *got["unapplied"]))


# --- interest and orders ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("amount", "fixed"), [(99_999, 4000), (100_000, 7000), (999_999, 7000), (1_000_000, 10_000)])
def test_the_fixed_sum_goes_by_the_size_of_the_debt(amount: int, fixed: int) -> None:
    row = {"due": date(2025, 3, 1), "to": date(2025, 3, 2), "base": Decimal(5), "compensation": "uk"}
    assert ask(interest_rows, amount=amount, **row)["compensation"] == fixed


def test_nothing_is_owed_on_the_due_day() -> None:
    got = ask(
        interest_rows, amount=100_000, due=date(2025, 3, 1), to=date(2025, 3, 1), percent=Decimal(8), compensation="uk", fee=100
    )
    assert got["total"] == 0


def test_the_base_rate_is_that_of_the_half_year_s_reference_day() -> None:
    assert half_year_day(date(2025, 6, 30)) == date(2024, 12, 31)
    assert half_year_day(date(2025, 7, 1)) == date(2025, 6, 30)
    rates = [{"from": date(2024, 8, 1), "percent": Decimal(5)}, {"from": date(2025, 3, 11), "percent": Decimal(4)}]
    row = {"amount": 3_650_000, "due": date(2025, 3, 1), "to": date(2025, 3, 21), "rates": rates}
    assert ask(interest_rows, **row)["interest"] == 20 * 1300
    assert ask(interest_rows, **row, rate_holds="changes")["interest"] == 9 * 1300 + 11 * 1200


def test_a_month_s_rate_by_days_or_by_months_begun_or_full() -> None:
    row = {"amount": 100_000, "due": date(2025, 3, 1), "to": date(2025, 4, 15), "percent": Decimal("1.5"), "per": "month"}
    assert {how: ask(interest_rows, **row, months=how)["interest"] for how in ("days", "begun", "full")} == {
        "days": 2250,
        "begun": 3000,
        "full": 1500,
    }


@given(st.lists(st.tuples(st.sampled_from(["invoice", "credit", "draft"]), st.integers(0, 10_000)), max_size=10))
def test_what_is_used_of_an_order_is_never_below_nothing(events: list[tuple[str, int]]) -> None:
    got = ask(order_rows, ceiling=5000, events=[{"what": what, "amount": amount} for what, amount in events])
    assert all(one["used"] >= 0 and one["left"] >= 0 for one in (*got["events"], got))
    assert got["to_bill"] == sum(amount for what, amount in events if what == "draft")
