"""What the terms of a contract are worth, period by period."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from fsconsole.rules.held import assets_on
from fsconsole.rules.periods import periods
from fsconsole.rules.policy import Policies
from fsconsole.rules.recurring import contract_charges, price_contract
from fsconsole.values.bill import Charge
from fsconsole.values.period import Period
from fsconsole.values.terms import Contract, Cover, Policy, Term
from fsconsole.values.work import Asset, Client, Id

CARE = Contract(id=Id(b"care"), ref="LDN-K7", client=Id(b"acme"))
FEE = Term(id=Id(b"fee"), contract=CARE.id, amount=30000, start=date(2025, 1, 1))
EACH = Term(id=Id(b"each"), contract=CARE.id, kind="per asset", amount=29000, every=3, start=date(2026, 4, 1), anchor_day=1)
FLEET = [Asset(id=Id(b"a%d" % n), model="ecoTEC", serial=str(n), location=Id(b"unit3")) for n in range(1, 5)]
COVERS = [Cover(id=Id(b"c%d" % n), contract=CARE.id, asset=Id(b"a%d" % n)) for n in range(1, 5)]


def fee(horizon: date = date(2025, 1, 31), contract: Contract = CARE, **more: Any) -> list[Charge]:
    return contract_charges(contract, [replace(FEE, **more)], [], horizon)


def each(covers: list[Cover] = COVERS, assets: list[Asset] = FLEET, **more: Any) -> list[Charge]:
    return contract_charges(CARE, [replace(EACH, **more)], assets, date(2026, 4, 30), covers=covers)


def test_a_full_period_in_advance_is_billable_from_its_first_day() -> None:
    (charge,) = fee()
    assert (charge.amount, charge.reason) == (30000, "£300.00 for Jan 2025, in advance")
    assert charge.billable_from == date(2025, 1, 1)
    assert charge.key == f"{FEE.id.hex()}:fixed:2025-01-01"


def test_lead_days_make_it_billable_earlier_and_arrears_on_the_day_after_the_period() -> None:
    assert [c.billable_from for c in fee(date(2025, 1, 20), lead_days=14)] == [date(2024, 12, 18), date(2025, 1, 18)]
    (arrears,) = fee(timing="arrears")
    assert arrears.billable_from == date(2025, 2, 1)
    assert arrears.reason == "£300.00 for Jan 2025, in arrears"


def test_where_a_term_has_no_lead_days_the_company_s_policy_has() -> None:
    ten = Policies([Policy(id=Id(b"p"), name="lead_days", value=10)])
    found = contract_charges(CARE, [FEE], [], date(2025, 1, 22), policies=ten)
    assert [charge.billable_from for charge in found] == [date(2024, 12, 22), date(2025, 1, 22)]


@pytest.mark.parametrize(
    ("rule", "amount", "words"),
    [
        ("actual", 20323, "21 of 31 days of £300.00 = £203.23 for 11 Jan – 31 Jan 2025, in advance"),
        (
            "thirty",
            20000,
            "20 of 30 days in 30-day months of £300.00 = £200.00 for 11 Jan – 31 Jan 2025, in advance",
        ),
        ("none", 30000, "£300.00 (not prorated) for 11 Jan – 31 Jan 2025, in advance"),
    ],
)
def test_a_start_on_the_11th_is_prorated_as_the_term_says(rule: str, amount: int, words: str) -> None:
    (charge,) = fee(start=date(2025, 1, 11), anchor_day=1, proration=rule)
    assert (charge.amount, charge.reason) == (amount, words)


def test_an_end_known_beforehand_is_billed_once_and_in_part() -> None:
    (charge,) = fee(end=date(2025, 1, 21))
    assert (charge.amount, charge.period) == (19355, Period(date(2025, 1, 1), date(2025, 1, 21)))


def test_100_a_month_from_31_january_to_28_february_is_103_23() -> None:
    found = fee(date(2023, 3, 31), amount=10000, start=date(2023, 1, 31), end=date(2023, 3, 1))
    assert sum(charge.amount for charge in found) == 10323


def test_ten_months_at_1200_a_year_are_1000() -> None:
    found = fee(date(2025, 12, 31), amount=10000, start=date(2025, 2, 1), end=date(2025, 12, 1))
    assert sum(charge.amount for charge in found) == 100000


def test_a_yearly_term_in_a_monthly_contract_prorates_over_its_own_year() -> None:
    yearly = replace(FEE, id=Id(b"year"), amount=365000, unit="year", start=date(2025, 4, 1), end=date(2025, 5, 1))
    found = contract_charges(CARE, [FEE, yearly], [], date(2025, 4, 30))
    assert [charge.amount for charge in found if charge.term == yearly.id] == [30000]


def test_four_quarters_elapsed_are_four_charges_of_a_full_quarter_each() -> None:
    found = fee(date(2025, 12, 31), every=3)
    assert [(str(charge.period), charge.amount) for charge in found] == [
        ("Jan–Mar 2025", 30000),
        ("Apr–Jun 2025", 30000),
        ("Jul–Sep 2025", 30000),
        ("Oct–Dec 2025", 30000),
    ]


def test_four_assets_are_one_line_with_the_multiplication() -> None:
    (charge,) = each()
    assert charge.amount == 116000
    assert charge.quantity == "4"
    assert charge.reason == "4 assets × £290.00 = £1,160.00 for Apr–Jun 2026, in advance"
    assert charge.key == f"{EACH.id.hex()}:per-asset:2026-04-01"


def test_an_asset_added_and_one_ended_within_the_period_are_named_with_their_days() -> None:
    covers = [*COVERS[:2], replace(COVERS[2], end=date(2026, 5, 1)), replace(COVERS[3], start=date(2026, 6, 1))]
    (charge,) = each(covers)
    assert charge.amount == 58000 + 9560 + 9560
    assert charge.reason == (
        "2 assets × £290.00 = £580.00, "
        "1 asset (ecoTEC s/n 3, Apr 2026) × £290.00 × 30 of 91 days = £95.60, "
        "1 asset (ecoTEC s/n 4, Jun 2026) × £290.00 × 30 of 91 days = £95.60, together £771.20 "
        "for Apr–Jun 2026, in advance"
    )


def test_assets_with_the_same_days_are_rounded_once() -> None:
    found = contract_charges(
        CARE,
        [replace(EACH, amount=1999, every=1, start=date(2026, 5, 15))],
        FLEET,
        date(2026, 5, 31),
        covers=COVERS[:3],
    )
    assert [charge.amount for charge in found] == [3289]  # 17 of 31 days of 59.97, not three times 10.96


def test_an_asset_named_by_two_covers_counts_once() -> None:
    twice = [*COVERS, Cover(id=Id(b"wide"), contract=CARE.id, location=Id(b"unit3"))]
    assert each(twice)[0].quantity == "4"


def test_covers_of_one_asset_that_overlap_or_touch_are_one_stretch_of_days() -> None:
    first = replace(COVERS[0], end=date(2026, 5, 15))
    overlapping = replace(COVERS[0], id=Id(b"c9"), start=date(2026, 5, 1))
    touching = replace(COVERS[0], id=Id(b"c9"), start=date(2026, 5, 15))
    for second in (overlapping, touching):
        (charge,) = each([first, second])
        assert charge.reason == "1 asset × £290.00 = £290.00 for Apr–Jun 2026, in advance"


def test_a_location_s_cover_counts_its_assets_from_installation_to_removal() -> None:
    fleet = [replace(FLEET[0], installed=date(2026, 5, 1)), replace(FLEET[1], removed=date(2026, 4, 1)), FLEET[2]]
    wide = [Cover(id=Id(b"wide"), contract=CARE.id, location=Id(b"unit3"))]
    (charge,) = each(wide, fleet)
    assert charge.reason.startswith("1 asset × £290.00 = £290.00, 1 asset (ecoTEC s/n 1, May–Jun 2026)")


def test_an_asset_s_own_cover_ends_by_agreement_and_not_because_it_was_removed() -> None:
    removed = [replace(asset, removed=date(2026, 4, 15)) for asset in FLEET]
    assert each(assets=removed)[0].amount == 116000


def test_a_merged_asset_is_counted_as_the_one_it_became() -> None:
    merged = [FLEET[0], replace(FLEET[1], merged_into=FLEET[0].id), *FLEET[2:]]
    assert each(assets=merged)[0].quantity == "3"


def test_covers_that_name_an_asset_by_its_old_and_its_new_id_count_it_once() -> None:
    by_id = {asset.id: asset for asset in FLEET} | {Id(b"a2"): FLEET[0]}
    (charge,) = contract_charges(CARE, [EACH], by_id, date(2026, 4, 30), covers=COVERS)
    assert charge.quantity == "3"


def test_a_term_for_one_asset_counts_that_one() -> None:
    assert each(asset=Id(b"a2"))[0].amount == 29000
    assert list(assets_on(replace(EACH, asset=Id(b"a2")), CARE, COVERS, {})) == [Id(b"a2")]


def test_a_per_asset_term_without_assets_charges_nothing() -> None:
    assert each([]) == []


def test_a_term_that_contradicts_itself_is_unpriced_and_stops_no_other() -> None:
    broken = [
        replace(FEE, id=Id(b"t1"), name="Backwards", end=date(2024, 1, 1)),
        replace(FEE, id=Id(b"t2"), name="No start", start=None),
        replace(FEE, id=Id(b"t3"), name="Odd unit", unit="fortnight"),
        replace(FEE, id=Id(b"t4"), name="Odd kind", kind="metered"),
        replace(FEE, id=Id(b"t5"), name="Odd days", proration="lunar"),
        replace(FEE, id=Id(b"t6"), name="Odd time", timing="later"),
    ]
    found = price_contract(CARE, [*broken, FEE], [], date(2025, 1, 31))
    assert [charge.term for charge in found.charges] == [FEE.id]
    assert [each.reason.split(":")[0] for each in found.unpriced] == [term.name for term in broken]


def test_terms_and_contracts_that_are_gone_charge_nothing() -> None:
    assert fee(gone=True) == []
    assert fee(contract=replace(CARE, gone=True)) == []


def test_the_payer_is_the_contract_s_and_the_currency_its_own() -> None:
    paid = replace(CARE, payer=Id(b"landlord"), currency="EUR")
    (charge,) = fee(contract=paid)
    assert (charge.payer, charge.currency) == (Id(b"landlord"), "EUR")
    assert charge.reason == "€300.00 for Jan 2025, in advance"
    client = Client(id=Id(b"acme"), payer=Id(b"agent"))
    found = contract_charges(CARE, [FEE], [], date(2025, 1, 31), client=client)
    assert found[0].payer == Id(b"agent")
    merged = contract_charges(CARE, [FEE], [], date(2025, 1, 31), client=Client(id=Id(b"acme ltd")))
    assert merged[0].payer == Id(b"acme ltd")


def test_every_period_has_one_charge_and_every_charge_a_reason() -> None:
    term = replace(FEE, start=date(2024, 1, 31), end=date(2026, 1, 10), name="Care")
    charges = contract_charges(CARE, [term], [], date(2027, 1, 1))
    assert [charge.period for charge in charges] == [s.period for s in periods(term, CARE, date(2027, 1, 1))]
    assert all(charge.reason.startswith("Care: ") for charge in charges)
