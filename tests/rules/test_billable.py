"""What a job's work is worth."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fsconsole.rules.billable import JobWork, job_charges, price_job
from fsconsole.rules.job import Fold
from fsconsole.values.bill import Charge
from fsconsole.values.terms import Contract, Cover, Rate
from fsconsole.values.work import Asset, Client, Id, Job, Labour, Outcome, Part, PartUsed, State, Technician, Visit

AT = datetime(2026, 4, 14, 9, tzinfo=UTC)
ACME = Client(id=Id(b"acme"), name="Acme")
AMY = Technician(id=Id(b"amy"), name="Amy Cole", cost_rate=3000)
BOB = Technician(id=Id(b"bob"), name="Bob Lee", sell_rate=5000)
JOB = Job(id=Id(b"job"), ref="LDN-1042", client=ACME.id, location=Id(b"unit3"), asset=Id(b"boiler"), reported_at=AT)
BELT = Part(id=Id(b"belt"), name="Fan belt", cost=1500, price=4500)
CARE = Contract(id=Id(b"care"), ref="LDN-K7", client=ACME.id)
COVER = Cover(id=Id(b"cover"), contract=CARE.id, asset=Id(b"boiler"))
LABOUR = Rate(id=Id(b"rate"), amount=7200)
TRAVEL = Rate(id=Id(b"travel"), kind="travel", amount=3600)
CALL_OUT = Rate(id=Id(b"out"), kind="call-out", amount=4500)


def visit(number: int = 1, state: State = State.COMPLETE, outcome: Outcome | None = Outcome.DONE) -> Fold:
    end = AT + timedelta(days=number - 1, hours=2)
    done = state in (State.COMPLETE, State.SIGNED_OFF)
    arrived = None if state in (State.SCHEDULED, State.DISPATCHED, State.EN_ROUTE) else end - timedelta(hours=2)
    return Fold(
        visit=Visit(id=Id(b"v%d" % number), job=JOB.id, number=number, technician=AMY.id),
        state=state,
        outcome=outcome,
        since=end,
        arrived=arrived,
        completed=end if done else None,
    )


def worked(minutes: int, key: str = "l1", **more: Any) -> Labour:
    entry = Labour(id=Id(key.encode()), job=JOB.id, visit=Id(b"v1"), technician=AMY.id, start=AT, minutes=minutes)
    return replace(entry, **more)


def used(key: str = "p1", **more: Any) -> PartUsed:
    return replace(PartUsed(id=Id(key.encode()), job=JOB.id, visit=Id(b"v1"), part=BELT.id, at=AT), **more)


def work(**more: Any) -> JobWork:
    given_: dict[str, Any] = {
        "job": JOB,
        "client": ACME,
        "visits": [visit()],
        "rates": [LABOUR, TRAVEL],
        "technicians": {AMY.id: AMY, BOB.id: BOB},
        "catalogue": {BELT.id: BELT},
    }
    return JobWork(**{**given_, **more})


def only(found: list[Charge], kind: str) -> Charge:
    (charge,) = [each for each in found if each.kind == kind]
    return charge


def test_labour_is_rounded_up_and_says_how() -> None:
    charge = only(job_charges(work(labour=[worked(95)])), "labour")
    assert charge.amount == 12600
    assert charge.cost == 4750
    assert charge.reason == "Amy Cole, 14 Apr 2026: 1 h 35 → 1.75 h × £72.00 = £126.00"
    assert charge.billable_from == date(2026, 4, 14)
    assert not charge.estimate


def test_entries_of_one_technician_on_one_visit_are_one_line_rounded_once() -> None:
    entries = [worked(50), worked(45, "l2", start=AT + timedelta(hours=1))]
    assert only(job_charges(work(labour=entries)), "labour").amount == 12600


def test_travel_and_another_technician_are_lines_of_their_own() -> None:
    entries = [worked(60), worked(30, "l2", kind="travel"), worked(60, "l3", technician=BOB.id)]
    found = job_charges(work(labour=entries))
    assert sorted((charge.kind, charge.amount) for charge in found) == [
        ("labour", 7200),
        ("labour", 7200),
        ("travel", 1800),
    ]


def test_a_part_is_charged_at_its_price_or_at_the_one_agreed() -> None:
    listed, agreed = job_charges(work(parts=[used(quantity=2000), used("p2", price=4000, serial="A1")]))
    assert (listed.amount, listed.cost) == (9000, 3000)
    assert listed.reason == "Fan belt: 2 × £45.00 = £90.00"
    assert agreed.amount == 4000
    assert agreed.reason == "Fan belt s/n A1: 1 × £40.00 = £40.00"


def test_a_call_out_is_charged_once_for_each_visit_attended_and_only_where_agreed() -> None:
    two = [visit(1, State.ENDED, Outcome.RETURN_NEEDED), visit(2)]
    found = [c for c in job_charges(work(visits=two, rates=[LABOUR, CALL_OUT])) if c.kind == "call-out"]
    assert [charge.reason for charge in found] == [
        "call-out, visit 1, 14 Apr 2026: £45.00",
        "call-out, visit 2, 15 Apr 2026: £45.00",
    ]
    assert job_charges(work(visits=two)) == []


def test_no_access_and_abort_are_owed_from_their_day_though_the_job_is_not_complete() -> None:
    fee = Rate(id=Id(b"na"), kind="no access", amount=3000)
    found = job_charges(work(visits=[visit(1, State.ENDED, Outcome.NO_ACCESS)], rates=[LABOUR, CALL_OUT, fee]))
    charge = only(found, "no-access")
    assert (charge.amount, charge.estimate, charge.billable_from) == (3000, False, date(2026, 4, 14))
    aborted = job_charges(work(visits=[visit(1, State.ENDED, Outcome.ABORTED)], rates=[CALL_OUT]))
    assert only(aborted, "abort").reason == "abort, visit 1, 14 Apr 2026, at the price of a call-out: £45.00"


def test_before_it_is_complete_a_job_is_worth_what_is_planned() -> None:
    planned = work(job=replace(JOB, planned_minutes=90), visits=[], rates=[LABOUR, CALL_OUT])
    found = job_charges(planned)
    assert [(charge.kind, charge.amount, charge.estimate) for charge in found] == [
        ("call-out", 4500, True),
        ("labour", 10800, True),
    ]
    assert only(found, "labour").reason == "labour, planned: 1.5 h × £72.00 = £108.00"
    assert all(charge.billable_from is None for charge in found)


def test_with_nothing_planned_a_job_is_taken_to_need_the_standard_minutes() -> None:
    charge = only(job_charges(work(visits=[])), "labour")
    assert charge.reason == "labour, as such a job usually takes: 1 h × £72.00 = £72.00"


def test_what_is_recorded_counts_towards_what_is_planned() -> None:
    running = work(job=replace(JOB, planned_minutes=120), visits=[visit(1, State.ON_SITE, None)], labour=[worked(90)])
    found = job_charges(running)
    assert sorted(charge.amount for charge in found) == [3600, 10800]
    assert all(charge.estimate for charge in found)


def test_travel_does_not_count_towards_what_is_planned() -> None:
    running = work(visits=[visit(1, State.ON_SITE, None)], labour=[worked(60, kind="travel")])
    assert only(job_charges(running), "labour").reason.startswith("labour, as such a job usually takes: 1 h")


def test_visits_nobody_has_attended_yet_make_one_call_out_in_the_estimate() -> None:
    ahead = [visit(1, State.DISPATCHED, None), visit(2, State.SCHEDULED, None)]
    charge = only(job_charges(work(visits=ahead, rates=[LABOUR, CALL_OUT])), "call-out")
    assert (charge.reason, charge.estimate) == ("call-out, planned: £45.00", True)


def test_work_without_a_rate_stands_at_nought_says_so_and_is_listed() -> None:
    found = price_job(work(rates=[], labour=[worked(60)], parts=[used(part=None, name="Valve")]))
    assert [(charge.kind, charge.amount) for charge in found.charges] == [("labour", 0), ("part", 0)]
    assert [each.reason for each in found.unpriced] == [
        "Amy Cole, 14 Apr 2026: 1 h of labour has no rate, so it stands at nought until it has one",
        "Valve: it has no price, so it stands at nought until it has one",
    ]


def test_a_rate_of_nought_is_a_decision_and_not_a_gap() -> None:
    free = replace(TRAVEL, amount=0)
    found = price_job(work(rates=[free], labour=[worked(30, kind="travel")]))
    assert [charge.amount for charge in found.charges] == [0]
    assert found.unpriced == []


def test_a_technician_s_own_rate_is_used_where_no_rate_applies() -> None:
    assert only(job_charges(work(rates=[], labour=[worked(60, technician=BOB.id)])), "labour").amount == 5000


def test_a_rate_in_the_company_s_currency_is_no_rate_for_a_contract_in_another() -> None:
    euros = replace(CARE, currency="EUR")
    job = replace(JOB, contract=CARE.id)
    found = price_job(work(job=job, contracts=[euros], labour=[worked(60)], parts=[used()]))
    assert len(found.unpriced) == 2
    assert "has a rate in GBP, not in EUR" in found.unpriced[0].reason
    own = replace(LABOUR, id=Id(b"eur"), contract=CARE.id, amount=8000)
    priced = price_job(work(job=job, contracts=[euros], rates=[LABOUR, own], labour=[worked(60)]))
    assert (priced.charges[0].amount, priced.charges[0].currency) == (8000, "EUR")


def test_covered_work_costs_the_client_nothing_and_keeps_its_worth_and_cost() -> None:
    found = job_charges(work(contracts=[CARE], covers=[COVER], labour=[worked(95)], parts=[used()]))
    labour, part = only(found, "labour"), only(found, "part")
    assert (labour.amount, labour.notional, labour.cost, labour.covered_by) == (0, 12600, 4750, "contract")
    assert labour.reason == (
        "Amy Cole, 14 Apr 2026: 1 h 35 → 1.75 h × £72.00 = £126.00; nothing to pay, contract LDN-K7 covers labour and call-out"
    )
    assert (part.amount, part.notional, part.covered_by) == (4500, 0, "")


def test_a_warranty_that_ends_between_two_visits_covers_the_first_alone() -> None:
    asset = Asset(id=Id(b"boiler"), model="ecoTEC", warranty_until=date(2026, 4, 15))
    second = worked(60, "l2", visit=Id(b"v2"), start=AT + timedelta(days=1))
    visits = [visit(1, State.ENDED, Outcome.RETURN_NEEDED), visit(2)]
    found = job_charges(work(asset=asset, visits=visits, labour=[worked(60), second]))
    assert [(charge.covered_by, charge.amount) for charge in found] == [("warranty", 0), ("", 7200)]


def test_goodwill_bears_a_visit_in_vain_and_a_contract_does_not() -> None:
    in_vain = [visit(1, State.ENDED, Outcome.NO_ACCESS)]
    covered = work(visits=in_vain, rates=[CALL_OUT], contracts=[CARE], covers=[COVER])
    assert only(job_charges(covered), "no-access").amount == 4500
    given_away = replace(covered, job=replace(JOB, goodwill="our mistake"))
    assert only(job_charges(given_away), "no-access").covered_by == "goodwill"


def test_two_contracts_that_cover_it_leave_the_full_price_and_the_question() -> None:
    other = replace(CARE, id=Id(b"other"), ref="LDN-K8")
    covers = [COVER, replace(COVER, id=Id(b"c2"), contract=other.id)]
    charge = only(job_charges(work(contracts=[CARE, other], covers=covers, labour=[worked(60)])), "labour")
    assert charge.amount == 7200
    assert charge.reason.endswith("each cover it: choose the contract on the job")


def test_a_job_on_1_august_in_auckland_is_august_s_though_july_in_utc() -> None:
    at = datetime(2026, 7, 31, 19, 30, tzinfo=UTC)
    there = replace(CARE, timezone="Pacific/Auckland")
    found = work(job=replace(JOB, contract=CARE.id), contracts=[there], labour=[worked(60, start=at)])
    period = only(job_charges(found), "labour").period
    assert period is not None
    assert period.start == date(2026, 8, 1)


def test_the_payer_is_whom_the_job_the_contract_or_the_client_names() -> None:
    agent, landlord = Id(b"agent"), Id(b"landlord")
    labour = [worked(60)]
    assert job_charges(work(labour=labour))[0].payer == ACME.id
    assert job_charges(work(labour=labour, client=replace(ACME, payer=agent)))[0].payer == agent
    paid = replace(CARE, payer=landlord)
    chosen = replace(JOB, contract=CARE.id)
    assert job_charges(work(labour=labour, job=chosen, contracts=[paid]))[0].payer == landlord
    assert job_charges(work(labour=labour, job=replace(chosen, payer=agent), contracts=[paid]))[0].payer == agent


def test_a_merged_client_keeps_its_prices_its_contract_and_one_payer() -> None:
    joined = replace(ACME, id=Id(b"acme ltd"))
    agreed = replace(LABOUR, client=ACME.id, amount=6600)
    wide = replace(COVER, asset=None)
    found = job_charges(work(client=joined, rates=[LABOUR, agreed], labour=[worked(60)]))
    assert (found[0].amount, found[0].payer) == (6600, joined.id)
    covered = job_charges(work(client=joined, contracts=[CARE], covers=[wide], labour=[worked(60)]))
    assert (covered[0].covered_by, covered[0].payer) == ("contract", joined.id)
    moved = replace(CARE, client=joined.id)
    assert job_charges(work(client=joined, contracts=[moved], covers=[wide], labour=[worked(60)]))[0].covered_by


def test_void_facts_and_visits_taken_back_are_worth_nothing() -> None:
    gone = work(
        labour=[worked(60, void=True)],
        parts=[used(void=True)],
        visits=[visit(), visit(2, State.ENDED, Outcome.TAKEN_OFF)],
        rates=[CALL_OUT],
    )
    assert [charge.kind for charge in job_charges(gone)] == ["call-out"]
    assert job_charges(work(job=replace(JOB, gone=True), labour=[worked(60)])) == []


def test_a_cancelled_job_is_worth_only_what_was_done() -> None:
    cancelled = replace(JOB, cancelled="client withdrew", planned_minutes=120)
    assert job_charges(work(job=cancelled, visits=[])) == []
    assert [c.amount for c in job_charges(work(job=cancelled, visits=[], labour=[worked(60)]))] == [7200]


labour_entries = st.builds(
    worked,
    st.integers(0, 600),
    st.text("abcdef", min_size=3, max_size=3),
    kind=st.sampled_from(["labour", "travel"]),
    visit=st.sampled_from([Id(b"v1"), Id(b"v2"), None]),
    technician=st.sampled_from([AMY.id, BOB.id, None]),
    start=st.one_of(st.none(), st.just(AT), st.just(AT + timedelta(days=1))),
)
part_entries = st.builds(
    used,
    st.text("uvwxyz", min_size=3, max_size=3),
    quantity=st.integers(-3000, 9000),
    price=st.one_of(st.none(), st.integers(0, 10**6)),
    part=st.sampled_from([BELT.id, None]),
)


@st.composite
def any_work(draw: st.DrawFn) -> JobWork:
    states = st.sampled_from([(State.COMPLETE, Outcome.DONE), (State.ENDED, Outcome.NO_ACCESS), (State.ON_SITE, None)])
    visits = [visit(number, *draw(states)) for number in range(1, draw(st.integers(0, 3)) + 1)]
    return work(
        job=replace(
            JOB,
            goodwill=draw(st.sampled_from(["", "sorry"])),
            contract=draw(st.sampled_from([None, CARE.id])),
            planned_minutes=draw(st.sampled_from([None, 90])),
        ),
        visits=visits,
        labour=draw(st.lists(labour_entries, max_size=6, unique_by=lambda e: e.id)),
        parts=draw(st.lists(part_entries, max_size=4, unique_by=lambda e: e.id)),
        rates=draw(st.lists(st.sampled_from([LABOUR, TRAVEL, CALL_OUT]), unique=True)),
        contracts=[CARE],
        covers=draw(st.sampled_from([[], [COVER], [replace(COVER, parts=True, labour=False)]])),
    )


@given(any_work(), st.randoms(use_true_random=False))
def test_any_order_of_the_same_facts_gives_the_same_charges(found: JobWork, random: Any) -> None:
    def shuffled(values: Any) -> list[Any]:
        mixed = [*values, *values[:1]]  # and one of them heard twice
        random.shuffle(mixed)
        return mixed

    mixed = replace(
        found,
        labour=shuffled(found.labour),
        parts=shuffled(found.parts),
        rates=shuffled(found.rates),
        visits=random.sample(list(found.visits), len(found.visits)),
    )
    assert price_job(mixed) == price_job(found)


@given(any_work())
def test_no_charge_without_a_reason_and_no_nought_without_a_cause(found: JobWork) -> None:
    priced = price_job(found)
    unpriced = {each.key for each in priced.unpriced}
    assert len({charge.key for charge in priced.charges}) == len(priced.charges)
    for charge in priced.charges:
        assert len(charge.reason) > 10
        assert charge.amount == 0 or not charge.covered_by
        if charge.amount == 0 and not charge.covered_by:
            assert charge.key in unpriced or "£0.00" in charge.reason or "0.00 h" in charge.reason
