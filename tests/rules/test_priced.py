"""What holds for every agreement, whatever happened to it: days, order, issue and credit."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import assume, given
from hypothesis import strategies as st

from fsconsole.rules.life import slices
from fsconsole.rules.priced import Result, price
from fsconsole.rules.prices import price_steps, stretches
from fsconsole.rules.renewal import ending
from fsconsole.values.agreement import Agreement
from fsconsole.values.bill import IssuedLine
from fsconsole.values.money import show
from fsconsole.values.period import Period
from fsconsole.values.terms import Contract, Cover, Discount, Escalator, IndexValue, Revision, Term
from fsconsole.values.work import Asset, Id

START = date(2024, 1, 31)
CARE = Contract(id=Id(b"care"), start=START)
FEE = Term(id=Id(b"fee"), contract=CARE.id, name="fee", amount=30000, start=START)
THROUGH = date(2025, 6, 30)

days = st.dates(date(2024, 1, 1), date(2025, 12, 31))


def later(day: date, count: int) -> date:
    return day + timedelta(days=count)


@st.composite
def terms(draw: st.DrawFn) -> Term:
    unit = draw(st.sampled_from(["day", "week", "month", "quarter", "year"]))
    return Term(
        id=Id(b"fee"),
        contract=CARE.id,
        name="fee",
        kind=draw(st.sampled_from(["fixed", "per asset"])),
        amount=draw(st.integers(0, 10**7)),
        every=draw(st.integers(9, 40)) if unit == "day" else draw(st.integers(1, 3)),
        unit=unit,
        timing=draw(st.sampled_from(["advance", "arrears"])),
        anchor_day=draw(st.integers(0, 7 if unit == "week" else 31)),
        anchor_on=draw(st.none() | st.dates(date(2020, 1, 1), date(2027, 1, 1))),
        month_end=draw(st.sampled_from(["anchor", "end", "slide"])),
        proration=draw(st.sampled_from(["actual", "thirty", "actual30", "year365", "year360", "month"])),
        first=draw(st.sampled_from(["billed", "merged", "full"])),
        last=draw(st.sampled_from(["billed", "merged", "full"])),
        rounding=draw(st.sampled_from(["line", "unit", "period"])),
        quantity=draw(st.sampled_from([1000, 3000, 2500])),
        per=draw(st.sampled_from(["", "year", "month"])),
        change=draw(st.sampled_from(["at once", "next period"])),
        start=START,
        end=draw(st.none() | st.dates(date(2024, 3, 1), date(2025, 12, 31))),
    )


@st.composite
def agreements(draw: st.DrawFn) -> Agreement:
    term = draw(terms())
    found = [
        Revision(id=Id(b"p%d" % n), what="price", start=draw(days), amount=draw(st.integers(0, 10**6)))
        for n in range(draw(st.integers(0, 2)))
    ]
    found += [
        Revision(id=Id(b"q%d" % n), what="quantity", start=draw(days), quantity=draw(st.integers(0, 9)) * 1000)
        for n in range(draw(st.integers(0, 2)))
    ]
    if draw(st.booleans()):
        pause = draw(days)
        found.append(Revision(id=Id(b"s"), what="suspend", start=pause, end=later(pause, draw(st.integers(1, 200)))))
    if draw(st.booleans()):
        found.append(Revision(id=Id(b"t"), what="transfer", start=draw(days), client=Id(b"other")))
    if draw(st.booleans()):
        how = draw(st.sampled_from(["immediate", "period end", "none"]))
        found.append(Revision(id=Id(b"e"), what="end", start=draw(days), how=how))
    assets = {Id(b"a%d" % n): Asset(id=Id(b"a%d" % n), model=f"boiler {n}") for n in range(3)}
    return Agreement(
        contract=replace(CARE, rounds=draw(st.sampled_from(["half away", "half even", "up", "down"]))),
        terms=(term,),
        revisions=tuple(found),
        assets=assets,
        covers=tuple(Cover(id=Id(b"c" + one), asset=one, start=draw(st.none() | days)) for one in assets),
        escalators=(Escalator(id=Id(b"r"), start=draw(days), percent=Decimal("2.5")),) if draw(st.booleans()) else (),
        discounts=(Discount(id=Id(b"d"), percent=Decimal(10), start=draw(days)),) if draw(st.booleans()) else (),
    )


def issue(result: Result, agreement: Agreement) -> tuple[IssuedLine, ...]:
    """The drafts of a result as lines that were issued, after those that were before."""
    lines = [
        IssuedLine(
            id=Id(b"i%d-%d" % (len(agreement.issued), n)),
            key=one.key,
            amount=one.amount,
            start=one.period.start,
            end=one.period.end,
        )
        for n, one in enumerate(result.difference)
        if one.period
    ]
    return (*agreement.issued, *lines)


@given(agreements())
def test_no_day_is_billed_twice_and_only_suspended_days_are_left_out(agreement: Agreement) -> None:
    pieces = slices(agreement.terms[0], agreement, THROUGH)
    parts = [part.period for piece in pieces for part in piece.parts]
    for before, after in pairwise(parts):
        assert before.end <= after.start
    pauses = [(one.start, one.end) for one in agreement.revisions if one.what == "suspend"]
    for before, after in pairwise(parts):
        if before.end < after.start:
            (gap,) = pauses
            assert gap[0] is not None
            assert gap[1] is not None
            assert (before.end, after.start) == (gap[0], gap[1])
    for piece in pieces:
        assert piece.period.days == sum(part.period.days for part in piece.parts)


@given(agreements(), st.randoms())
def test_the_order_of_the_facts_changes_nothing(agreement: Agreement, chance: random.Random) -> None:
    def mixed(things: tuple[object, ...]) -> tuple[object, ...]:
        found = list(things)
        chance.shuffle(found)
        return tuple(found)

    other = replace(
        agreement,
        revisions=mixed(agreement.revisions),
        covers=mixed(agreement.covers),
        discounts=mixed(agreement.discounts),
        assets=dict(mixed(tuple(agreement.assets.items()))),
    )
    assert price(agreement, THROUGH).charges == price(other, THROUGH).charges


@given(agreements(), agreements())
def test_what_was_drafted_and_issued_leaves_no_difference(first: Agreement, second: Agreement) -> None:
    issued = replace(first, issued=issue(price(first, THROUGH), first))
    assert price(issued, THROUGH).difference == ()
    # Whatever is learnt then, one more issue settles it.
    learnt = replace(second, issued=issued.issued)
    settled = replace(learnt, issued=issue(price(learnt, THROUGH), learnt))
    assert price(settled, THROUGH).difference == ()


@given(agreements(), agreements())
def test_a_credit_and_a_new_charge_come_to_the_difference(first: Agreement, second: Agreement) -> None:
    issued = issue(price(first, THROUGH), first)
    net = price(replace(second, issued=issued), THROUGH).difference
    in_two = price(
        replace(second, issued=issued, contract=replace(second.contract, correction="credit and recharge")), THROUGH
    ).difference
    assert sum(one.amount for one in net) == sum(one.amount for one in in_two)


@given(agreements())
def test_a_voided_document_gives_its_periods_back(agreement: Agreement) -> None:
    before = price(agreement, THROUGH)
    void = tuple(replace(line, void=True) for line in issue(before, agreement))
    assert price(replace(agreement, issued=void), THROUGH).difference == before.difference


@given(agreements())
def test_every_charge_has_its_amount_in_its_reason(agreement: Agreement) -> None:
    for charge in price(agreement, THROUGH).charges:
        assert show(charge.amount) in charge.reason
        assert charge.reason.startswith("fee: ")


@given(st.dates(date(2024, 1, 1), date(2026, 1, 1)), st.integers(1, 400), agreements())
def test_stretches_of_one_price_cover_their_period(day: date, length: int, agreement: Agreement) -> None:
    known = price(agreement, THROUGH)
    assume(known.charges and not known.problems)  # an agreement that ends before it begins is never asked for its prices
    period = Period(day, later(day, length))
    found = [one for one, _ in stretches(period, price_steps(agreement.terms[0], agreement, THROUGH))]
    assert (found[0].start, found[-1].end) == (period.start, period.end)
    for before, after in pairwise(found):
        assert before.end == after.start


def test_a_suspension_within_a_suspension_parks_that_term_alone() -> None:
    twice = [Revision(id=Id(b"s%d" % n), term=FEE.id, what="suspend", start=date(2024, 3, n)) for n in (1, 9)]
    other = replace(FEE, id=Id(b"other"), name="other")
    found = price(Agreement(contract=CARE, terms=(FEE, other), revisions=tuple(twice)), date(2024, 2, 1))
    assert [one.what for one in found.problems] == ["fee"]
    assert "suspended since 2024-03-01" in found.problems[0].reason
    assert {one.term for one in found.charges} == {other.id}


def test_a_notice_is_in_time_up_to_and_on_the_last_day() -> None:
    year = replace(CARE, start=date(2024, 7, 1), end=date(2025, 7, 1), renews="itself", renewal_months=12, notice_days=30)
    for day, end in ((date(2025, 5, 31), date(2025, 7, 1)), (date(2025, 6, 1), date(2026, 7, 1))):
        notice = Revision(id=Id(b"n"), what="notice", start=day)
        assert ending(Agreement(contract=year, revisions=(notice,)), date(2026, 1, 1)).end == end


def test_renewals_from_a_month_s_end_do_not_slide() -> None:
    monthly = replace(CARE, end=date(2024, 1, 31), renews="itself", renewal_months=1)
    ends = ending(Agreement(contract=monthly), date(2024, 4, 1)).terms
    assert ends == (date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31), date(2024, 4, 30))


def test_an_asset_s_own_price_rises_with_the_term_s() -> None:
    term = replace(FEE, kind="per asset", amount=10000, start=date(2024, 1, 1))
    found = price(
        Agreement(
            contract=replace(CARE, start=date(2024, 1, 1)),
            terms=(term,),
            assets={Id(b"a"): Asset(id=Id(b"a"), model="boiler")},
            covers=(Cover(id=Id(b"c"), asset=Id(b"a"), amount=20000),),
            escalators=(Escalator(id=Id(b"r"), start=date(2024, 2, 1), percent=Decimal(10)),),
        ),
        date(2024, 2, 1),
    )
    assert [one.amount for one in found.charges] == [20000, 22000]


def test_an_index_published_later_is_a_difference() -> None:
    rise = Escalator(id=Id(b"r"), start=date(2024, 2, 29), index="CPI", base=Decimal("131.2"))
    before = Agreement(contract=CARE, terms=(replace(FEE, amount=18500),), escalators=(rise,))
    found = price(before, date(2024, 2, 29))
    assert [one.amount for one in found.charges] == [18500, 18500]
    issued = replace(before, issued=issue(found, before))
    known = replace(issued, indexes=(IndexValue(name="CPI", month=date(2024, 2, 1), value=Decimal("134.8")),))
    (more,) = price(known, date(2024, 2, 29)).difference
    assert (more.amount, more.period.start if more.period else None) == (508, date(2024, 2, 29))
