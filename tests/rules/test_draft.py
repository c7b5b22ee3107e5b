"""Billable less billed: differences, fences, drafts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fsconsole.rules.draft import contract_charges, difference, fence, group, reach
from fsconsole.values.bill import Charge, Invoice, IssuedLine
from fsconsole.values.period import Period
from fsconsole.values.terms import Contract, Term
from fsconsole.values.work import Id

JANUARY = Period(date(2025, 1, 1), date(2025, 2, 1))
CARE = Contract(id=Id(b"care"), client=Id(b"acme"))
FEE = Term(id=Id(b"fee"), contract=CARE.id, amount=30000, start=date(2025, 1, 1))
JOB = Id(b"job")


def charge(key: str = "6a:labour:01", amount: int = 10000, **more: Any) -> Charge:
    made = Charge(
        key=key,
        job=JOB,
        payer=Id(b"acme"),
        amount=amount,
        period=JANUARY,
        billable_from=date(2025, 1, 31),
        reason="2 h × £50.00 = £100.00",
    )
    return replace(made, **more)


def line(key: str = "6a:labour:01", amount: int = 10000, name: str = "l1", **more: Any) -> IssuedLine:
    return replace(IssuedLine(id=Id(name.encode()), key=key, amount=amount, job=JOB), **more)


def issue(charges: list[Charge], number: int = 1) -> list[IssuedLine]:
    """The lines that an invoice of these charges would bear."""
    return [
        IssuedLine(
            id=Id(f"{number}/{place}".encode()),
            invoice=Id(b"i%d" % number),
            key=each.key,
            job=each.job,
            contract=each.contract,
            amount=each.amount,
            text=each.reason,
            start=each.period.start if each.period else None,
            end=each.period.end if each.period else None,
        )
        for place, each in enumerate(charges)
    ]


def january(**more: Any) -> list[Charge]:
    return contract_charges(CARE, [replace(FEE, **more)], [], date(2025, 1, 31))


def test_what_was_never_billed_is_drafted_as_it_is() -> None:
    assert difference([charge()], []) == [charge()]


def test_what_is_fully_billed_disappears() -> None:
    assert difference([charge()], [line()]) == []
    assert difference([charge()], [line(amount=4000), line(amount=6000, name="l2")]) == []


def test_what_is_billed_in_part_leaves_the_rest_with_words() -> None:
    (rest,) = difference([charge()], [line(amount=7500)])
    assert rest.amount == 2500
    assert rest.reason == "£25.00 more: £75.00 was billed; 2 h × £50.00 = £100.00"


def test_what_is_billed_too_high_leaves_a_credit_with_words() -> None:
    (credit,) = difference([charge()], [line(amount=12000)])
    assert credit.amount == -2000
    assert credit.reason == "£20.00 to credit: £120.00 was billed, £100.00 is due; 2 h × £50.00 = £100.00"


def test_work_that_turns_out_to_be_covered_is_credited_in_full() -> None:
    covered = charge(amount=0, notional=10000, covered_by="warranty", reason="under warranty")
    assert difference([covered], []) == []
    (credit,) = difference([covered], [line()])
    assert (credit.amount, credit.covered_by) == (-10000, "")
    assert credit.reason == "£100.00 to credit: £100.00 was billed, nothing is to be paid; under warranty"


def test_an_issued_line_that_no_charge_has_any_more_becomes_a_credit_to_whom_it_was_billed() -> None:
    invoice = Invoice(id=Id(b"i1"), number="LON-7", client=Id(b"acme"), currency="EUR")
    (credit,) = difference([], [line(invoice=invoice.id, text="Labour")], invoices=[invoice])
    assert (credit.amount, credit.payer, credit.currency, credit.kind) == (-10000, Id(b"acme"), "EUR", "labour")
    assert credit.reason == ("−€100.00: €100.00 was billed on LON-7 as “Labour”, and nothing calls for it any more")


def test_voided_lines_and_lines_of_voided_invoices_give_their_period_back() -> None:
    assert difference([charge()], [line(void=True)]) == [charge()]
    void = Invoice(id=Id(b"i1"), void=True)
    assert difference([charge()], [line(invoice=void.id)], invoices=[void]) == [charge()]


def test_a_line_without_a_key_is_about_nothing_here() -> None:
    assert difference([charge()], [line(key="")]) == [charge()]


def test_an_estimate_is_not_drafted_and_what_was_billed_under_its_key_stays() -> None:
    assert difference([charge(estimate=True)], []) == []
    assert difference([charge(estimate=True, amount=3000)], [line()]) == []


def test_of_a_job_written_off_only_credits_remain() -> None:
    assert difference([charge()], [], written_off={JOB}) == []
    assert [c.amount for c in difference([charge()], [line(amount=12000)], written_off={JOB})] == [-2000]


def test_cancelled_on_the_eleventh_day_of_31_the_rest_of_300_in_advance_is_credited() -> None:
    issued = issue(january())
    (credit,) = difference(january(end=date(2025, 1, 11)), issued)
    assert credit.amount == -20323
    assert difference(january(end=date(2025, 2, 1)), issued) == []  # at the end of the term: nothing


def test_an_end_known_before_invoicing_is_billed_once_and_one_learnt_after_is_credited() -> None:
    ended = january(end=date(2025, 1, 21))
    assert [each.amount for each in difference(ended, [])] == [19355]
    assert [each.amount for each in difference(ended, issue(january()))] == [19355 - 30000]


def test_an_upgrade_half_way_through_30_days_is_minus_50_plus_100() -> None:
    june = Term(id=Id(b"t1"), contract=CARE.id, amount=10000, start=date(2025, 6, 1))
    issued = issue(contract_charges(CARE, [june], [], date(2025, 6, 30)))

    def change(day: date, new: int, old: int = 10000) -> list[int]:
        before = replace(june, amount=old, end=day)
        after = replace(june, id=Id(b"t2"), amount=new, start=day, anchor_day=1)
        charges = contract_charges(CARE, [before, after], [], date(2025, 6, 30))
        sold = issued if old == 10000 else issue(contract_charges(CARE, [replace(june, amount=old)], [], day))
        return [each.amount for each in difference(charges, sold)]

    assert change(date(2025, 6, 16), 20000) == [-5000, 10000]
    assert change(date(2025, 6, 1), 20000) == [-10000, 20000]
    assert change(date(2025, 6, 30), 60000, old=30000) == [-1000, 2000]


def test_a_run_that_was_missed_is_made_up_for_and_a_run_made_twice_bills_once() -> None:
    year = contract_charges(CARE, [replace(FEE, every=3)], [], date(2025, 12, 31))
    first = issue(year[:1])
    missed = difference(year, first)
    assert [str(each.period) for each in missed] == ["Apr–Jun 2025", "Jul–Sep 2025", "Oct–Dec 2025"]
    assert difference(year, [*first, *issue(missed, 2)]) == []
    assert difference(year, [*first, *issue(missed, 2), *issue(missed, 2)]) == []  # heard twice


def test_a_period_issued_ahead_is_within_reach_and_not_credited() -> None:
    ahead = issue(contract_charges(CARE, [FEE], [], date(2025, 3, 1)))
    today = date(2025, 1, 15)
    assert reach(today, ahead) == date(2025, 3, 1)
    assert difference(contract_charges(CARE, [FEE], [], reach(today, ahead)), ahead) == []
    assert reach(today, [replace(each, void=True) for each in ahead]) == today


def test_what_was_billed_elsewhere_is_settled_and_what_the_day_cuts_in_two_is_held() -> None:
    months = contract_charges(CARE, [replace(FEE, anchor_day=15)], [], date(2025, 3, 31))
    free, behind = fence(months, {FEE.id: date(2025, 2, 1)}, None)
    assert [each.period.start for each in free if each.period] == [date(2025, 2, 15), date(2025, 3, 15)]
    assert [(held.fence, held.until, str(held.charge.period)) for held in behind] == [
        ("elsewhere", date(2025, 2, 1), "15 Jan – 14 Feb 2025")
    ]


def test_a_term_s_own_fence_goes_before_its_contract_s_and_a_job_has_its_own() -> None:
    fee = charge(job=None, term=FEE.id, contract=CARE.id)
    both = {FEE.id: date(2025, 1, 1), CARE.id: date(2026, 1, 1)}
    assert fence([fee], both, None) == ([fee], [])
    job = charge(contract=CARE.id)
    assert fence([job], both, None) == ([job], [])
    assert fence([job], {JOB: date(2025, 2, 1)}, None) == ([], [])


def test_a_credit_before_the_cut_over_and_a_rest_of_our_own_bill_are_held_and_not_forgotten() -> None:
    until = {JOB: date(2025, 2, 1)}
    assert [held.charge.amount for held in fence([charge(amount=-500)], until, None)[1]] == [-500]
    assert len(fence([charge(amount=500)], until, None, issued=[line()])[1]) == 1


def test_what_was_due_in_a_locked_month_is_held() -> None:
    locked = date(2025, 2, 1)
    free, behind = fence([charge()], {}, locked)
    assert free == []
    assert (behind[0].fence, behind[0].until) == ("locked", locked)


def test_arrears_due_after_the_lock_and_fees_for_an_open_month_stay_free() -> None:
    arrears = charge(billable_from=date(2025, 2, 1))
    ahead = charge(period=Period(date(2025, 2, 1), date(2025, 3, 1)), billable_from=date(2025, 1, 18))
    assert fence([arrears, ahead], {}, date(2025, 2, 1)) == ([arrears, ahead], [])


def test_drafts_are_one_for_each_payer_order_number_and_currency() -> None:
    other = Id(b"other")
    charges = [
        charge("a"),
        charge("b", job=other),
        charge("c", payer=Id(b"agent")),
        charge("d", currency="EUR"),
        charge("e", contract=CARE.id, job=None),
    ]
    drafts = group(charges, {JOB: "PO-1", other: "PO-2", CARE.id: "PO-1"})
    assert [(d.payer, d.order_number, d.currency, [c.key for c in d.charges]) for d in drafts] == [
        (Id(b"acme"), "PO-1", "EUR", ["d"]),
        (Id(b"acme"), "PO-1", "GBP", ["a", "e"]),
        (Id(b"acme"), "PO-2", "GBP", ["b"]),
        (Id(b"agent"), "PO-1", "GBP", ["c"]),
    ]
    assert drafts[1].amount == 20000


def test_covered_lines_and_estimates_never_stand_on_a_draft() -> None:
    assert group([charge(covered_by="contract", amount=0), charge("b", estimate=True)], {}) == []


amounts = st.integers(-(10**7), 10**7)
keys = st.sampled_from([f"6a:{kind}:{n}" for kind in ("labour", "part") for n in range(3)])
states = st.dictionaries(keys, st.tuples(amounts, st.booleans()), max_size=6).map(
    lambda made: [
        charge(key, 0 if covered else amount, notional=amount, covered_by="contract" if covered else "")
        for key, (amount, covered) in made.items()
    ]
)


def total(charges: list[Charge]) -> int:
    return sum(each.amount for each in charges)


@given(st.lists(states, min_size=1, max_size=5))
def test_whatever_changed_drafting_twice_is_drafting_once_and_the_bills_come_to_what_is_due(
    history: list[list[Charge]],
) -> None:
    issued: list[IssuedLine] = []
    for number, charges in enumerate(history):
        draft = difference(charges, issued)
        issued += issue(draft, number)
        assert difference(charges, issued) == []
        assert sum(each.amount for each in issued) == total(charges)
        assert all(each.reason and each.amount for each in draft)


@given(states, states)
def test_crediting_all_and_billing_anew_comes_to_the_difference(before: list[Charge], after: list[Charge]) -> None:
    issued = issue(difference(before, []))
    at_once = total(difference(after, issued))
    credit = difference([], issued)
    anew = difference(after, [*issued, *issue(credit, 2)])
    assert total(credit) + total(anew) == at_once
    voided = [replace(each, void=True) for each in issued]
    assert total(difference(after, voided)) == total(after)


@given(states, states, st.randoms(use_true_random=False))
def test_any_order_of_charges_and_issued_lines_gives_the_same_difference(
    before: list[Charge], after: list[Charge], random: Any
) -> None:
    issued = issue(difference(before, []))
    mixed_charges, mixed_lines = random.sample(after, len(after)), random.sample(issued, len(issued))
    assert difference(mixed_charges, mixed_lines) == difference(after, issued)


@given(states, st.dates(date(2024, 6, 1), date(2025, 6, 1)))
def test_a_locked_month_holds_every_difference_or_none_is_lost(charges: list[Charge], locked: date) -> None:
    found = difference(charges, [])
    free, behind = fence(found, {}, locked)
    assert sorted(each.key for each in [*free, *(held.charge for held in behind)]) == [c.key for c in found]


@given(states)
def test_drafts_hold_every_difference_once(charges: list[Charge]) -> None:
    found = difference(charges, [])
    drafts = group(found, {JOB: "PO-1"})
    assert sorted(each.key for draft in drafts for each in draft.charges) == [c.key for c in found]
    assert sum(draft.amount for draft in drafts) == total(found)


def test_a_credit_goes_to_the_payer_of_what_was_billed_and_of_several_to_one_after_the_other() -> None:
    bills = [Invoice(id=Id(b"i1"), client=Id(b"acme")), Invoice(id=Id(b"i2"), client=Id(b"finch"))]
    lines = [line(amount=6000, name="a", invoice=Id(b"i1")), line(amount=4000, name="b", invoice=Id(b"i2"))]
    (first,) = difference([charge(amount=1000, payer=Id(b"new"))], lines, invoices=bills)
    assert (first.payer, first.amount) == (b"acme", -6000)
    bills.append(Invoice(id=Id(b"i3"), kind="credit note", client=Id(b"acme")))
    lines.append(line(amount=-6000, name="c", invoice=Id(b"i3")))
    (second,) = difference([charge(amount=1000, payer=Id(b"new"))], lines, invoices=bills)
    assert (second.payer, second.amount) == (b"finch", -3000)
