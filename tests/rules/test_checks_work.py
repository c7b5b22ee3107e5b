"""Why the work of a job cannot be billed, in plain words with names, times and numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from fsconsole.rules.billable import Unpriced
from fsconsole.rules.checks import JOB as JOB_CHECKS
from fsconsole.rules.checks import REASONS, cases
from fsconsole.rules.coverage import Coverage
from fsconsole.rules.facts import Fenced, JobFacts, Presence
from fsconsole.rules.policy import Policies
from fsconsole.values.bill import Charge, ExceptionCase, Step
from fsconsole.values.period import Interval
from fsconsole.values.terms import Contract, Policy, Rate
from fsconsole.values.work import Card, Column, Labour, Location, PartUsed, SignOff

from .build import AMY, BEN, FINCH, JOB, at, events, folded, id_of

DONE = ("Mon 07:00 release", "Mon 07:20 arrive", "Mon 08:55 complete")
LABOUR = Charge(
    key="job:labour", job=JOB.id, kind="labour", quantity="1.75", amount=12600, billable_from=date(2026, 3, 2), reason="1.75 h × £72.00"
)
CALL_OUT = Charge(key="job:call-out", job=JOB.id, kind="call-out", amount=4500, billable_from=date(2026, 3, 2), reason="call-out")
CARD = Card(id=id_of("card"), job=JOB.id, visit=id_of("visit"), technician=BEN.id, at=at("Mon 09:00"))
SIGNED = SignOff(id=id_of("sign"), job=JOB.id, visit=id_of("visit"), how="signed", name="A Patel", at=at("Mon 09:05"))
HOURS = Labour(id=id_of("hours"), job=JOB.id, visit=id_of("visit"), technician=BEN.id, start=at("Mon 07:20"), minutes=95)
RATE = Rate(id=id_of("rate"), kind="labour", amount=7200)
CARE = Contract(id=id_of("care"), ref="LDN-C204", client=FINCH.id, start=date(2025, 4, 1), order_number="")

CLEAN = JobFacts(
    job=JOB,
    column=Column.COMPLETE,
    client=FINCH,
    payer=FINCH,
    location=Location(id=id_of("reading"), client=FINCH.id, name="Reading"),
    visits=(folded(*DONE),),
    cards=(CARD,),
    sign_offs=(SIGNED,),
    labour=(HOURS,),
    charges=(LABOUR, CALL_OUT),
    rates=(RATE,),
    technicians={AMY.id: AMY, BEN.id: BEN},
    series="LDN",
)


def policy(name: str, value: Any, start: date | None = None) -> Policies:
    return Policies([Policy(id=id_of("p"), name=name, value=value, start=start)])


def reasons(facts: JobFacts) -> list[str]:
    return [case.reason for case in cases(facts)]


def only(facts: JobFacts) -> ExceptionCase:
    (case,) = cases(facts)
    return case


def test_a_job_with_all_its_papers_has_no_case() -> None:
    assert cases(CLEAN) == []


def test_a_finished_job_without_a_card_waits_for_its_technician() -> None:
    case = only(replace(CLEAN, cards=(), sign_offs=()))
    assert case.key == f"complete_no_card:{JOB.id.hex()}"
    assert case.says == "complete, no card: Finch & Co panel fault, completed Mon 2 Mar 08:55 by Ben"
    assert (case.value, case.charges) == (17100, ("job:labour", "job:call-out"))
    assert (case.since, case.until, case.waits_for) == (at("Mon 08:55"), None, "Ben")
    assert case.step == Step(verb="chase 1008 ben", words="chase Ben")
    assert case.evidence == (
        "completed Mon 2 Mar 08:55 by Ben, no card",
        "labour: 1.75 h × £72.00",
        "call-out: call-out",
    )


def test_elsewhere_the_reference_keeps_its_site() -> None:
    case = only(replace(CLEAN, cards=(), series="MAN"))
    assert case.step == Step(verb="chase LDN-1008 ben", words="chase Ben")


def test_a_void_card_is_none_and_a_card_of_the_job_serves_all_its_visits() -> None:
    assert reasons(replace(CLEAN, cards=(replace(CARD, void=True),))) == ["complete_no_card"]
    assert reasons(replace(CLEAN, cards=(replace(CARD, visit=None),))) == []


def test_each_finished_visit_needs_its_card() -> None:
    amy = folded("Mon 09:00 release", "Mon 09:20 arrive", "Mon 10:00 complete", name="two", number=2, technician=AMY.id)
    case = only(replace(CLEAN, visits=(*CLEAN.visits, amy)))
    assert (case.waits_for, case.since) == ("Amy", at("Mon 10:00"))
    both = only(replace(CLEAN, visits=(*CLEAN.visits, amy), cards=()))
    assert both.waits_for == "Amy and Ben"


def test_no_card_no_invoice_holds_from_the_day_the_company_says_so() -> None:
    started = Policies(
        [
            Policy(id=id_of("a"), name="card_required", value=False),
            Policy(id=id_of("b"), name="card_required", value=True, start=date(2026, 3, 3)),
        ]
    )
    assert reasons(replace(CLEAN, cards=(), sign_offs=(), policies=started)) == []
    late = replace(CLEAN, visits=(folded(*DONE[:2], "Tue 08:55 complete"),), cards=(), policies=started)
    assert reasons(late) == ["complete_no_card"]


@pytest.mark.parametrize("column", [each for each in Column if each not in (Column.COMPLETE, Column.SIGNED_OFF)])
def test_papers_are_asked_for_only_when_the_job_is_complete(column: Column) -> None:
    bare = replace(CLEAN, cards=(), sign_offs=(), labour=(), column=column)
    assert reasons(bare) == []


def test_work_from_before_the_cut_over_is_nobodys_business_here() -> None:
    bare = replace(CLEAN, cards=(), sign_offs=(), labour=())
    live = policy("cut_over", "2026-03-03", start=date(2026, 3, 3))
    assert reasons(replace(bare, policies=live)) == []
    assert reasons(replace(bare, policies=policy("cut_over", "2026-03-02"))) == ["complete_no_card"]
    assert reasons(replace(bare, job=replace(JOB, elsewhere_until=date(2026, 3, 3)))) == []


def test_imported_work_after_the_cut_over_wants_a_card_from_the_office() -> None:
    imported = replace(CLEAN, job=replace(JOB, finished_on=date(2026, 3, 2)), visits=(), cards=(), sign_offs=(), labour=())
    case = only(imported)
    assert (case.reason, case.step) == (
        "complete_no_card",
        Step(verb="chase 1008 office", words="chase the office"),
    )


def test_a_card_without_a_sign_off_waits_for_the_client() -> None:
    case = only(replace(CLEAN, sign_offs=()))
    assert (case.reason, case.waits_for, case.value) == ("card_no_sign_off", "client", 17100)
    assert case.says == "card without sign-off: Finch & Co panel fault, card of Mon 2 Mar 09:00"
    assert case.step == Step(verb="chase 1008 client", words="chase the client")
    assert (case.since, case.until) == (at("Mon 09:00"), None)


def test_the_contract_says_which_sign_off_may_bill() -> None:
    remote = replace(SIGNED, how="remote", name="")
    assert reasons(replace(CLEAN, sign_offs=(remote,))) == []
    strict = replace(CARE, sign_off_kinds=("signed",))
    case = only(replace(CLEAN, sign_offs=(remote,), contract=strict, charges=(replace(LABOUR, covered_by="contract"),)))
    assert case.says == "sign-off remote: Finch & Co panel fault (only signed may bill)"


def test_a_refusal_says_by_whom_and_why_and_is_never_deemed_signed() -> None:
    refused = replace(SIGNED, how="refused", reason="not working")
    case = only(replace(CLEAN, sign_offs=(refused,), policies=policy("deem_days", 7)))
    assert case.says.startswith("sign-off refused by A Patel: not working: Finch & Co")
    assert case.until is None


def test_a_sign_off_that_will_be_deemed_ends_the_case_on_that_day() -> None:
    case = only(replace(CLEAN, sign_offs=(), policies=policy("deem_days", 7)))
    assert case.until == at("2026-03-09 00:00")
    assert case.says.endswith("deemed signed on 9 Mar 2026")


def test_without_the_policy_nobody_need_sign() -> None:
    assert reasons(replace(CLEAN, sign_offs=(), policies=policy("sign_off_required", False))) == []


def test_a_card_with_nothing_on_it_is_worth_what_such_a_job_usually_is() -> None:
    case = only(replace(CLEAN, labour=(), charges=(CALL_OUT,)))
    assert (case.reason, case.value) == ("no_labour_no_parts", 7200)
    assert case.step == Step(verb="chase 1008 ben", words="ask Ben for the hours")
    longer = only(replace(CLEAN, labour=(), charges=(), job=replace(JOB, planned_minutes=90)))
    assert (longer.value, longer.evidence) == (10800, ("about 1 h 30 × £72.00 an hour",))


def test_nothing_used_is_said_once_and_then_nobody_asks() -> None:
    assert reasons(replace(CLEAN, labour=(), cards=(replace(CARD, nothing_used=True),))) == []
    part = PartUsed(id=id_of("part"), job=JOB.id, name="lead")
    assert reasons(replace(CLEAN, labour=(), parts=(part,))) == []
    assert reasons(replace(CLEAN, labour=(replace(HOURS, void=True),))) == ["no_labour_no_parts"]


def test_an_order_number_that_is_wanted_is_asked_of_the_client() -> None:
    wants = replace(FINCH, order_required=True)
    case = only(replace(CLEAN, client=wants))
    assert (case.reason, case.value, case.waits_for) == ("order_missing", 17100, "client")
    assert case.says == "no order number: Finch & Co panel fault, completed Mon 2 Mar 08:55"
    assert reasons(replace(CLEAN, client=wants, job=replace(JOB, order_number="4500118"))) == []
    assert reasons(replace(CLEAN, payer=wants)) == ["order_missing"]


def test_the_contracts_order_serves_its_jobs_until_it_runs_out() -> None:
    covered = (replace(CALL_OUT, covered_by="contract", amount=0), LABOUR)
    agreed = replace(CARE, order_required=True, order_number="4500091", order_until=date(2026, 3, 3))
    facts = replace(CLEAN, contract=agreed, charges=covered)
    assert reasons(facts) == []
    case = only(replace(facts, contract=replace(agreed, order_until=date(2026, 3, 2))))
    assert case.says == "order 4500091 ran out before 2 Mar 2026: Finch & Co panel fault, done later"
    assert case.charges == ("job:labour",)


def test_covered_work_needs_no_order_number() -> None:
    free = (replace(LABOUR, amount=0, covered_by="contract"),)
    assert reasons(replace(CLEAN, client=replace(FINCH, order_required=True), charges=free)) == []


def test_hours_without_a_price_are_worth_what_an_hour_usually_is() -> None:
    gap = Unpriced("job:labour", JOB.id, None, "labour", "1 h 35 of labour has no rate")
    case = only(replace(CLEAN, unpriced=(gap,), charges=(replace(LABOUR, amount=0), CALL_OUT)))
    assert (case.reason, case.value, case.charges) == ("no_rate", 9500, ("job:labour",))
    assert case.says == "no price for 1 h 35 of labour: Finch & Co panel fault"
    assert case.step == Step(verb="rate labour ", words="set a rate for labour")


def test_work_outside_a_clients_contracts_is_to_be_agreed_unless_they_gave_an_order() -> None:
    nothing = Coverage(reason="contract LDN-C204 does not cover this asset on 2 Mar 2026")
    facts = replace(CLEAN, contracts=(CARE,), coverage=nothing)
    case = only(facts)
    assert (case.reason, case.value) == ("nothing_covers", 17100)
    assert case.says == "contract LDN-C204 does not cover this asset on 2 Mar 2026: Finch & Co panel fault"
    assert case.step == Step(verb="chase 1008 client", words="agree £171.00 with the client")
    assert reasons(replace(facts, job=replace(JOB, order_number="4500118"))) == []
    assert reasons(replace(facts, job=replace(JOB, goodwill="our mistake"))) == []
    assert reasons(replace(facts, contracts=(replace(CARE, end=date(2026, 1, 1)),))) == []
    assert reasons(replace(facts, charges=(LABOUR, replace(CALL_OUT, covered_by="contract", amount=0)))) == []


def test_when_several_contracts_cover_it_a_person_chooses() -> None:
    either = Coverage(reason="contract A and contract B each cover it", among=(id_of("a"), id_of("b")))
    case = only(replace(CLEAN, contracts=(CARE,), coverage=either))
    assert case.reason == "several_cover"
    assert case.step == Step(verb="under 1008 ", words="choose the contract")


STAY = Interval(at("Mon 07:25"), at("Mon 08:45"))


def test_claimed_presence_without_a_trail_near_it_asks_the_technician() -> None:
    away = Presence(visit=id_of("visit"), fixes=38, nearest=3240)
    case = only(replace(CLEAN, presence=(away,)))
    assert case.key == f"presence_without_trail:{JOB.id.hex()}:{id_of('visit').hex()}"
    assert case.says == (
        "Ben on site 07:20–08:55 by the record, the trail came no nearer than 3.2 km (38 fixes): Finch & Co panel fault"
    )
    assert (case.value, case.charges, case.waits_for) == (12600, ("job:labour",), "Ben")
    assert case.step == Step(verb="chase 1008 ben", words="ask Ben")


def test_a_trail_that_came_near_or_a_subcontractor_raises_nothing() -> None:
    near = Presence(visit=id_of("visit"), fixes=38, nearest=250)
    assert reasons(replace(CLEAN, presence=(near,))) == []
    silent = replace(CLEAN, presence=(Presence(visit=id_of("visit")),))
    assert only(silent).says.startswith("Ben on site 07:20–08:55 by the record, there is no trail from that time")
    assert reasons(replace(silent, technicians={BEN.id: replace(BEN, subcontractor=True)})) == []


def test_more_hours_on_the_card_than_on_site_are_valued_by_their_share() -> None:
    four_hours = replace(HOURS, minutes=240)
    seen = Presence(visit=id_of("visit"), fixes=90, on_site=(STAY,), nearest=8)
    charge = replace(LABOUR, amount=28800, quantity="4")
    case = only(replace(CLEAN, labour=(four_hours,), presence=(seen,), charges=(charge, CALL_OUT)))
    assert case.reason == "card_minutes_over_gps"
    assert case.says == "GPS says 1 h 20 on site, card says 4 h: Finch & Co panel fault"
    assert case.value == 19200  # 2 h 40 of 4 h
    assert case.step == Step(verb="chase 1008 ben", words="ask Ben about 2 h 40")
    assert "on site by GPS 07:25–08:45" in case.evidence


def test_a_gap_within_the_policy_is_let_pass() -> None:
    seen = Presence(visit=id_of("visit"), fixes=90, on_site=(STAY,), nearest=8)
    assert reasons(replace(CLEAN, presence=(seen,))) == []
    assert reasons(replace(CLEAN, presence=(seen,), policies=policy("gap_minutes", 14))) == ["card_minutes_over_gps"]


def test_two_technicians_sent_to_one_job_are_said_and_the_later_may_be_taken_off() -> None:
    ben = folded("Mon 08:30 release", name="one")
    amy = folded("Mon 08:40 release", name="two", number=2, technician=AMY.id)
    case = only(replace(CLEAN, column=Column.DISPATCHED, visits=(ben, amy)))
    assert case.says == "Ben (dispatched) and Amy (dispatched) both on 1008: Finch & Co panel fault"
    assert (case.step, case.since) == (Step(verb="off amy ", words="take Amy off"), at("Mon 08:40"))


def test_an_event_that_does_not_fit_is_told_with_where_the_visit_was() -> None:
    told = ("Mon 08:30 release", "Mon 09:00 depart", "Mon 10:05 complete", "Mon 10:10 sign")
    facts = replace(CLEAN, column=Column.EN_ROUTE, visits=(folded(*told),), events=events(*told))
    case = only(facts)
    assert case.key == f"event_misfit:{JOB.id.hex()}:{id_of('visit').hex()}"
    assert case.says == "1008/1: “complete” at Mon 2 Mar 10:05 does not fit, it was en route then (and 1 other)"
    assert len(case.evidence) == 2
    assert reasons(replace(facts, column=Column.CLOSED)) == []


def test_what_stands_behind_a_fence_is_one_case_a_fence_and_a_credit_when_we_owe() -> None:
    owed = Fenced(charge=LABOUR, fence="locked", until=date(2026, 4, 1))
    more = Fenced(charge=CALL_OUT, fence="locked", until=date(2026, 4, 1))
    back = Fenced(charge=replace(LABOUR, key="old", amount=-1933), fence="elsewhere", until=date(2026, 3, 1))
    elsewhere, locked = cases(replace(CLEAN, column=Column.CLOSED, charges=(), fenced=(owed, more, back)))
    assert (locked.says, locked.value, locked.credit) == ("1008: £171.00 for a time locked until 1 Apr 2026", 17100, False)
    assert (elsewhere.says, elsewhere.value, elsewhere.credit) == (
        "1008: we owe £19.33 for a time billed elsewhere until 1 Mar 2026",
        1933,
        True,
    )
    assert locked.since == at("2026-03-02 00:00")


def test_every_case_bears_a_known_reason_its_key_and_words() -> None:
    wants = replace(FINCH, order_required=True, email="")
    worst = replace(CLEAN, client=wants, sign_offs=(), labour=(), contracts=(CARE,), presence=(Presence(visit=id_of("visit")),))
    found = cases(worst)
    assert len(found) >= 4
    for case in found:
        assert case.reason in REASONS
        assert case.key.startswith(f"{case.reason}:{JOB.id.hex()}")
        assert case.says
        assert case.step is not None
        assert case.client == FINCH.id


def test_the_same_facts_give_the_same_cases_and_no_two_share_a_key() -> None:
    facts = replace(CLEAN, cards=(), sign_offs=(), labour=(), contracts=(CARE,))
    again = cases(replace(facts, charges=facts.charges[::-1]))
    assert [case.key for case in cases(facts)] == [case.key for case in again]
    assert len({case.key for case in again}) == len(again)
    assert len(JOB_CHECKS) == len(set(JOB_CHECKS))
