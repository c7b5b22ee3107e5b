"""Terms that bill by use, each convention by a small price file."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fsconsole.flow.price import price_bytes
from fsconsole.inbox.terms_file import read_terms
from fsconsole.rules.priced import Result, price
from fsconsole.rules.worked import Steps, bands_of, works
from fsconsole.values.agreement import Agreement
from fsconsole.values.bill import Charge
from fsconsole.values.terms import Contract
from fsconsole.values.work import NO_ID

CASES = sorted((Path(__file__).resolve().parents[2] / "fixtures" / "price").rglob("*.toml"))
THROUGH = "2025-02-01\nthrough = 2025-02-01"
HEAD = """
[contract]
from = 2025-01-01
until = {until}
timezone = "Europe/London"
[[term]]
name = "it"
kind = "{kind}"
"""


def result(kind: str, term: str, rows: str = "", until: str = "2025-02-01") -> Result:
    return price_bytes((HEAD.format(kind=kind, until=until) + term + "\n" + rows).encode()).result


def amounts(kind: str, term: str, rows: str = "", until: str = "2025-02-01") -> list[int]:
    found = result(kind, term, rows, until)
    assert not found.problems, found.problems
    return [charge.amount for charge in found.charges]


def problem(kind: str, term: str, rows: str = "", until: str = "2025-02-01") -> str:
    found = result(kind, term, rows, until)
    assert not found.charges
    return found.problems[0].reason


def labour(*entries: str) -> str:
    return "\n".join(f"[[labour]]\n{entry}" for entry in entries)


def usage(*units: str, day: str = "2025-01-15") -> str:
    return "\n".join(f"[[usage]]\non = {day}\nunits = {each}" for each in units)


# Meters


@pytest.mark.parametrize(
    ("term", "units", "amount"),
    [
        ("price = 0.0042", ["12345"], 5185),
        ("price = 1.00", [], 0),
        ("price = 1.00\nminimum = 25.00", [], 2500),
        ("price = 1.00\nmaximum = 25.00", ["30"], 2500),
        ("price = 1.00\nincluded = 10", ["4", "9"], 300),
        ("price = 1.00\nminimum_units = 20\nincluded = 10", ["4"], 1000),
        ("price = 1.00\nunits_step = 5", ["11"], 1500),
        ("price = 1.00\nunits_step = 5\nunits_round = 'down'", ["14"], 1000),
        ("price = 1.00\nunits_step = 5\nunits_round = 'nearest'", ["12.5"], 1500),
        ("price = 1.00\nfactor = 40", ["2.5"], 10_000),
        ("price = 1.00\ncount = 'max'", ["4", "9", "2"], 900),
        ("price = 1.00\ncount = 'mean'", ["4", "9", "2"], 500),
        ("price = 1.00\ncount = 'number'", ["4", "9", "2"], 300),
        ("price = 3.00\npackage = 100\npackages = 'full'", ["250"], 600),
        ("tiers = [{ upto = 0.5, price = 2.00 }, { price = 1.00, flat = 0.10 }]", ["0.75"], 135),
        ("price = 2.00", ["-3"], -600),
        ("percent = 1.5", ["200.00", "100.00"], 450),
        ("percent = 1.5\neach = 0.30\neach_free = 1\nincluded = 50", ["200.00", "100.00"], 375 + 30),
    ],
)
def test_use_is_priced_by_the_named_convention(term: str, units: list[str], amount: int) -> None:
    assert amounts("meter", f"measured = 'amounts'\n{term}", usage(*units)) == [amount]


def test_a_minimum_of_a_short_period_is_whole_or_prorated_as_agreed() -> None:
    term = "measured = 'amounts'\nprice = 1.00\nminimum = 31.00\nanchor = 1\nfrom = 2025-01-22"
    assert amounts("meter", term) == [3100]
    assert amounts("meter", f"{term}\nshort_period = 'prorated'") == [1000]


def test_units_not_used_are_carried_and_lapse() -> None:
    rows = usage("4") + "\n" + usage("13", day="2025-02-15") + "\n" + usage("13", day="2025-03-15")
    assert amounts("meter", "price = 1.00\nincluded = 10\ncarry = 1", rows, "2025-04-01") == [0, 0, 300]
    assert amounts("meter", "price = 1.00\nincluded = 10", rows, "2025-04-01") == [0, 300, 300]


def test_units_of_a_year_are_given_once_and_last_the_year() -> None:
    rows = "\n".join(usage("50", day=f"{year}-{month:02}-15") for year in (2025, 2026) for month in (1, 2, 3))
    found = amounts("meter", "price = 1.00\nincluded = 120\nincluded_every = 'year'", rows, "2026-04-01")
    assert [found[n] for n in (0, 1, 2, 12, 13, 14)] == [0, 0, 3000, 0, 0, 3000]


def test_included_for_each_asset_alone_helps_no_other() -> None:
    rows = "".join(
        f"[[asset]]\nname = '{name}'\n[[reading]]\nasset = '{name}'\non = 2025-01-01\nvalue = 0\n"
        f"[[reading]]\nasset = '{name}'\non = 2025-02-01\nvalue = {value}\n"
        for name, value in (("A", 150), ("B", 20))
    )
    assert amounts("meter", "price = 1.00\nincluded = 100\nincluded_for = 'each'", rows) == [5000]
    assert amounts("meter", "price = 1.00\nincluded = 100\nincluded_for = 'each pooled'", rows) == [0]
    assert amounts("meter", "price = 1.00\nincluded = 100", rows) == [7000]


def test_one_asset_not_read_holds_only_its_own_use() -> None:
    rows = (
        "[[asset]]\nname = 'A'\n[[asset]]\nname = 'B'\n"
        "[[reading]]\nasset = 'A'\non = 2025-01-01\nvalue = 0\n[[reading]]\nasset = 'A'\non = 2025-02-01\nvalue = 70\n"
    )
    found = result("meter", "price = 1.00", rows)
    assert [(one.amount, one.estimate) for one in found.charges] == [(7000, False), (0, True)]
    assert "B no reading for Jan 2025" in found.charges[1].reason
    assert found.totals.net == 7000


def test_an_asset_that_left_and_came_back_counts_while_it_was_there() -> None:
    rows = "[[asset]]\nname = 'A'\nuntil = 2025-01-11\n[[asset]]\nname = 'A'\nfrom = 2025-01-21\n" + "".join(
        f"[[reading]]\nasset = 'A'\non = {day}\nvalue = {value}\n"
        for day, value in (("2025-01-01", 0), ("2025-01-11", 10), ("2025-01-21", 500), ("2025-02-01", 530))
    )
    assert amounts("meter", "price = 1.00", rows) == [4000]


def test_a_meter_that_the_contract_does_not_cover_is_said() -> None:
    rows = "[[asset]]\nname = 'A'\n[[reading]]\nasset = 'Z'\non = 2025-01-01\nvalue = 0\n"
    assert "readings of “Z”, which the term does not cover" in problem("meter", "price = 1.00", rows)


def test_a_charge_is_shared_by_asset_and_the_shares_sum() -> None:
    rows = "\n".join(f"[[usage]]\non = 2025-01-15\nunits = 1\nasset = '{name}'" for name in "ABC")
    found = amounts("meter", "price = 33.3333\nshare_by = 'asset'", rows)
    assert sorted(found) == [3333, 3333, 3334]


def test_a_new_price_counts_from_its_day_and_a_rise_lifts_every_tier() -> None:
    change = "[[revision]]\nterm = 'it'\non = 2025-01-17\nwhat = 'price'\namount = 2.00\n"
    assert amounts("meter", "price = 1.00", usage("31") + "\n" + change) == [1600 + 3000]
    rise = "[[escalator]]\nfrom = 2025-01-01\npercent = 10\n"
    assert amounts("meter", "tiers = [{ upto = 10, price = 1.00 }, { price = 0.50 }]", usage("20") + "\n" + rise) == [1650]


def test_without_a_price_nothing_is_guessed() -> None:
    assert "there is no price" in problem("meter", "measured = 'amounts'", usage("3"))
    assert amounts("meter", "price = 0", usage("3")) == [0]


def test_a_row_that_two_terms_would_count_is_asked_about() -> None:
    rows = "[[term]]\nname = 'other'\nkind = 'time'\nprice = 90\n" + labour("on = 2025-01-10\nminutes = 60")
    found = result("hours", "price = 50.00", rows)
    assert not found.charges
    assert "say which term this labour is for, “it” or “other”; both would count it" in found.problems[0].reason


def readings(*values: str) -> str:
    return "\n".join(f"[[reading]]\non = 2025-{month:02}-01\nvalue = {value}" for month, value in enumerate(values, 1))


@given(
    st.integers(0, 5000),
    st.integers(0, 5000),
    st.integers(0, 8000),
    st.sampled_from(["", "\nminimum = 12.00", "\nincluded = 700"]),
)
@settings(max_examples=60, deadline=None)
def test_an_estimate_too_high_and_its_settlement_come_to_what_the_actual_would_have(
    actual: int, more: int, high: int, extra: str
) -> None:
    """Whatever was estimated above the actual, in one period or in two, is given back at what it cost."""
    term = "tiers = [{ upto = 1000, price = 0.03 }, { upto = 3000, price = 0.02, flat = 5 }, { price = 0.01 }]" + extra
    guessed = readings("0", f"{actual + more}\nestimate = true", f"{actual + more + high}\nestimate = true", str(actual))
    known = readings("0", str(actual), str(actual), str(actual))
    assert sum(amounts("meter", term, guessed, "2025-04-01")) == sum(amounts("meter", term, known, "2025-04-01"))


def test_a_row_of_use_that_no_term_counts_is_said() -> None:
    found = result(
        "meter",
        "measured = 'amounts'\nprice = 1",
        labour("on = 2025-01-10\nminutes = 5", "on = 2025-01-10\nminutes = 5\nterm = 'it'"),
    )
    assert [one.reason for one in found.problems] == [
        "no term counts it; it needs one of kind hours, block, time",
        "“it” is no term that counts it; it needs one of kind hours, block, time",
    ]


# Hours and blocks


@pytest.mark.parametrize(
    ("minutes", "steps", "counted"),
    [
        (70, Steps(30, 15), 75),
        (10, Steps(30, 15), 30),
        (7, Steps(0, 10), 10),
        (7, Steps(0, 10, "down"), 0),
        (7, Steps(30, 10, "down"), 30),
        (7, Steps(0, 10, "nearest"), 10),
        (5, Steps(0, 10, "nearest"), 10),
        (4, Steps(0, 10, "nearest"), 0),
        (0, Steps(30, 15), 0),
    ],
)
def test_minutes_are_rounded_as_agreed(minutes: int, steps: Steps, counted: int) -> None:
    assert steps.of(Fraction(minutes)) == counted


@pytest.mark.parametrize(("each", "minutes"), [("entry", 120), ("visit", 120), ("day", 90), ("period", 90)])
def test_minutes_are_rounded_for_each_entry_visit_day_or_period(each: str, minutes: int) -> None:
    """20 + 20 for visit a and 20 for b on one day, 20 for c on the next, in steps of 30: visit a is 60 by either."""
    entries = [
        f"on = 2025-01-{day}\nvisit = '{visit}'\nminutes = 20" for day, visit in ((10, "a"), (10, "a"), (10, "b"), (11, "c"))
    ]
    assert amounts("hours", f"price = 60.00\nstep = 30\nround_each = '{each}'", labour(*entries)) == [minutes * 100]


def test_a_night_that_crosses_the_clock_change_has_the_minutes_it_has() -> None:
    """30 March 2025 in London: from 22:00 to 06:00 is seven hours."""
    rows = labour("from = 2025-03-29T22:00:00\nuntil = 2025-03-30T06:00:00")
    assert (
        amounts(
            "hours", "price = 10.00\nbands = [{ name = 'night', hours = 'Mon-Sun 22:00-06:00', times = 2 }]", rows, "2025-04-01"
        )[2]
        == 14_000
    )


def test_several_people_count_each() -> None:
    assert amounts("hours", "price = 60.00", labour("on = 2025-01-10\nminutes = 30\npeople = 3")) == [9000]


def test_a_pause_is_not_worked() -> None:
    rows = labour("from = 2025-01-10T09:00:00\nuntil = 2025-01-10T12:00:00\npause = 45")
    assert amounts("hours", "price = 60.00", rows) == [13_500]


def test_covered_work_burns_nothing() -> None:
    assert amounts("hours", "price = 60.00", labour("on = 2025-01-10\nminutes = 30\ncovered = 'warranty'")) == [0]


def test_work_that_names_a_term_outside_its_days_is_held_and_not_forgotten() -> None:
    found = result("hours", "price = 60.00\nuntil = 2025-01-15", labour("on = 2025-01-20\nminutes = 60\nterm = 'it'"), THROUGH)
    assert [(one.amount, one.estimate) for one in found.charges] == [(0, False), (0, True)]
    assert "outside the days of the term" in found.charges[1].reason


def test_the_block_that_ends_first_is_drawn_first_whatever_the_order_they_are_written_in() -> None:
    blocks = [
        "[[block]]\nname = 'long'\nminutes = 60\nfrom = 2025-01-01\nuntil = 2026-01-01\n",
        "[[block]]\nname = 'short'\nminutes = 60\nfrom = 2025-01-01\nuntil = 2025-02-01\n",
    ]
    rows = labour("on = 2025-01-10\nminutes = 60", "on = 2025-02-10\nminutes = 60")
    for order in (blocks, blocks[::-1]):
        assert amounts("block", "price = 60.00", "".join(order) + rows, "2025-03-01") == [0, 0]


def test_work_that_no_block_covers_may_be_held() -> None:
    found = result("block", "price = 60.00\nbeyond = 'held'", labour("on = 2025-01-10\nminutes = 60"))
    assert [(one.amount, one.notional, one.estimate) for one in found.charges] == [(0, 6000, True)]


@st.composite
def spans(draw: st.DrawFn) -> tuple[datetime, datetime]:
    start = datetime(2025, 3, 20, tzinfo=UTC) + timedelta(minutes=draw(st.integers(0, 20_000)))
    return start, start + timedelta(minutes=draw(st.integers(0, 3000)))


@given(spans())
def test_every_minute_of_work_is_in_one_band(span: tuple[datetime, datetime]) -> None:
    agreement = Agreement(contract=Contract(id=NO_ID, timezone="Europe/London"))
    said = {
        "hours": "Mon-Fri 09:00-17:00",
        "after_hours": "1.5",
        "holidays": ["2025-03-21"],
        "holiday": "3",
        "bands": [{"name": "night", "hours": "Mon-Sun 22:00-06:00", "times": "2"}],
    }
    (work,) = works([{"from": span[0], "until": span[1]}], bands_of(said, agreement), agreement)
    assert work.minutes * 60 == (span[1] - span[0]).total_seconds()
    assert {piece.times for piece in work.pieces} <= {1, Fraction(3, 2), 2, 3}


def test_what_goes_beyond_a_pool_is_drawn_from_its_blocks_first() -> None:
    rows = "[[block]]\nname = 'A'\nterm = 'it'\nminutes = 45\nuntil = 2025-03-01\namount = 40.00\n"
    found = result("hours", "included = 60\nprice = 60.00", rows + labour("on = 2025-01-10\nminutes = 135"))
    assert sorted(one.amount for one in found.charges) == [3000, 4000]
    assert "2.25 − 1 = 1.25 h, 45 min A drawn, 0.5 h × £60.00 = £30.00" in "".join(one.reason for one in found.charges)


def test_what_was_carried_and_not_used_is_said_to_lapse() -> None:
    found = result("hours", "included = 60\ncarry = 1\nprice = 60.00", labour("on = 2025-02-10\nminutes = 30"), "2025-04-01")
    assert [one.reason.partition("; ")[2] for one in found.charges] == [
        "",
        "1 h carried over lapsed",
        "30 min carried over lapsed",
    ]


# Visits and commitments


def test_visits_promised_and_not_made_are_credited_or_charged() -> None:
    term = "minimum = 3\nshortfall = 90.00"
    visits = "[[visit]]\non = 2025-01-10\n[[visit]]\non = 2025-01-12\noutcome = 'aborted'\n"
    assert amounts("visits", term, visits) == [-18_000]
    assert amounts("visits", f"{term}\nshortfall_is = 'charged'", visits) == [18_000]
    assert amounts("visits", f"{term}\ncounts = ['done', 'aborted']", visits) == [-9_000]


def test_a_visit_belongs_to_its_local_day() -> None:
    """1 February in Auckland is 31 January in Greenwich."""
    text = """
[contract]
from = 2025-01-01
until = 2025-03-01
timezone = "Pacific/Auckland"
[[term]]
name = "visits"
kind = "visits"
price = 100.00
[[visit]]
on = 2025-01-31T18:30:00Z
"""
    assert [one.amount for one in price_bytes(text.encode()).result.charges] == [0, 10_000]


def test_a_commitment_counts_the_days_of_a_charge_that_lies_across() -> None:
    rows = "[[term]]\nname = 'fee'\namount = 90.00\nevery = '3 months'\n"
    every = amounts("commitment", "amount = 50.00", rows, "2025-04-01")
    days = amounts("commitment", "amount = 50.00\nattribute = 'days'", rows, "2025-04-01")
    assert sorted(every) == [0, 5000, 5000, 9000]
    assert sorted(days) == [1900, 1900, 2200, 9000]


def test_a_commitment_counts_no_held_charge_and_names_terms_that_exist() -> None:
    rows = "[[term]]\nname = 'copies'\nkind = 'meter'\nprice = 1.00\n"
    assert amounts("commitment", "amount = 50.00", rows) == [5000, 0]
    found = result("commitment", "amount = 50.00\nof = ['nothing']", rows)
    assert "there is no term “nothing”" in found.problems[0].reason


# Time and materials


def time(term: str, rows: str) -> list[int]:
    return amounts("time", term, rows)


@pytest.mark.parametrize(
    ("term", "row", "amount"),
    [
        ("distance_price = 0.45\nradius = 20", "distance = 34", 630),
        ("distance_price = 0.45\nradius = 20\nbeyond = 'whole way'", "distance = 34", 1530),
        ("distance_price = 0.45\nradius = 40", "distance = 34", 0),
        ("travel_price = 40.00\ntravel_step = 15", "travel = 20", 2000),
        ("call_out = 45.00", "", 4500),
        ("call_out = 45.00", "outcome = 'no access'", 4500),
    ],
)
def test_going_there_is_priced_as_agreed(term: str, row: str, amount: int) -> None:
    assert time(f"price = 60.00\n{term}", f"[[visit]]\non = 2025-01-10\n{row}") == [amount]


@pytest.mark.parametrize(
    ("term", "row", "amount"),
    [
        ("markup = 25", "cost = 80.00\nlanding = 6.40", 10_800),
        ("markups = [{ upto = 50.00, percent = 40 }, { percent = 20 }]", "cost = 50.00", 7000),
        ("markups = [{ upto = 50.00, percent = 40 }, { percent = 20 }]", "cost = 50.01", 6001),
        ("parts = 'list'", "cost = 10.00\nlist = 19.99\nquantity = 3", 5997),
        ("price_list = [{ name = 'fan', price = 12.50 }]\nmarkup = 25", "cost = 80.00", 1250),
        ("markup = 25", "cost = 80.00\nprice = 90.00", 9000),
        ("markup = 33.333", "cost = 1.00\nquantity = 3", 400),
        ("markup = 33.333\nrounding = 'unit'", "cost = 1.00\nquantity = 3", 399),
    ],
)
def test_a_part_costs_what_its_rule_says(term: str, row: str, amount: int) -> None:
    assert time(f"price = 60.00\n{term}", f"[[part]]\nname = 'fan'\non = 2025-01-10\n{row}") == [amount]


def test_what_nobody_has_a_price_for_is_held_and_never_free() -> None:
    found = result(
        "time",
        "rates = [{ skill = 'gas', price = 84 }]",
        labour("on = 2025-01-10\nminutes = 60", "on = 2025-01-10\nskill = 'gas'\nminutes = 60"),
    )
    assert sorted((one.amount, one.estimate) for one in found.charges) == [(0, True), (8400, False)]


def test_a_call_out_may_hold_the_first_minutes() -> None:
    rows = "[[visit]]\nname = 'v'\non = 2025-01-10\n" + labour("on = 2025-01-10\nvisit = 'v'\nminutes = 75")
    assert sorted(time("price = 60.00\ncall_out = 45.00\ncall_out_minutes = 30", rows)) == [4500, 4500]


def test_bands_have_multiples_or_prices_and_the_larger_wins() -> None:
    bands = "hours = 'Mon-Fri 09:00-17:00'\nafter_hours = 1.5\nbands = [{ name = 'night', hours = 'Mon-Sun 22:00-06:00', price = 150.00 }]"
    rows = labour("from = 2025-01-10T21:00:00\nuntil = 2025-01-10T23:00:00")
    assert time(f"price = 60.00\n{bands}", rows) == [9000 + 15_000]


def test_a_cap_of_the_term_counts_all_jobs_and_one_of_each_job_its_own() -> None:
    rows = labour("on = 2025-01-10\njob = 'a'\nminutes = 60", "on = 2025-01-11\njob = 'b'\nminutes = 60")
    assert sum(time("price = 60.00\ncap = 50.00", rows)) == 10_000
    assert sum(time("price = 60.00\ncap = 50.00\nover = 'term'", rows)) == 5_000


def test_covered_work_is_shown_with_its_worth_and_not_billed() -> None:
    found = result("time", "price = 60.00", labour("on = 2025-01-10\nminutes = 60\ncovered = 'warranty'"))
    assert [(one.amount, one.notional, one.covered_by) for one in found.charges] == [(0, 6000, "warranty")]


def test_a_discount_of_an_amount_is_taken_once_a_period_and_never_more_than_there_is() -> None:
    rows = labour("on = 2025-01-10\nminutes = 60", "on = 2025-01-11\nminutes = 60", "on = 2025-02-11\nminutes = 5")
    rows += "\n[[discount]]\namount = 10.00\nname = 'loyalty'"
    found = result("time", "price = 60.00", rows, "2025-03-01").charges
    assert sorted(one.amount for one in found) == [-1000, -480, 480, 6000, 6000]


@given(st.lists(st.integers(1, 600), min_size=1, max_size=8), st.integers(1, 60_000))
@settings(max_examples=40, deadline=None)
def test_a_cap_is_never_passed_and_never_leaves_more_than_was_worked(minutes: list[int], cap: int) -> None:
    rows = labour(*[f"on = 2025-01-{10 + n}\nminutes = {each}" for n, each in enumerate(minutes)])
    free = sum(time("price = 60.00", rows))
    assert sum(time(f"price = 60.00\ncap = {cap / 100:.2f}", rows)) == min(free, cap)


# All of it


def _key(charge: Charge) -> str:
    return charge.key


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_any_order_of_the_same_facts_gives_the_same_charges(path: Path) -> None:
    read, _ = read_terms(path.read_bytes())
    assert read is not None
    chance = Random(path.stem)
    first = price(read.agreement, read.through)
    for _ in range(3):
        rows = {name: tuple(chance.sample(found, len(found))) for name, found in read.agreement.rows.items()}
        terms = tuple(chance.sample(read.agreement.terms, len(read.agreement.terms)))
        covers = tuple(chance.sample(read.agreement.covers, len(read.agreement.covers)))
        mixed = replace(read.agreement, rows=rows, terms=terms, covers=covers)
        again = price(mixed, read.through)
        assert sorted(again.charges, key=_key) == sorted(first.charges, key=_key)
        assert again.totals == first.totals
