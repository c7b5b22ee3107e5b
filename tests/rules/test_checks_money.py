"""Reasons about money: who pays, what was credited, what moved, what a person decided, cash and numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from fsconsole.rules.checks import cases
from fsconsole.rules.coverage import Coverage
from fsconsole.rules.facts import ClientFacts, Disputed, Facts, SiteFacts, Taken, TechnicianFacts
from fsconsole.rules.policy import Policies
from fsconsole.values.bill import Charge, ExceptionCase, Invoice, IssuedLine, Payment
from fsconsole.values.period import Period
from fsconsole.values.terms import Contract, Cover, Policy, Term
from fsconsole.values.work import Part, PartUsed

from .build import BEN, FINCH, PANEL, at, id_of
from .test_checks_agreed import AGREED, CARE, COVER, FEE
from .test_checks_work import CALL_OUT, CARD, CLEAN, HOURS, LABOUR

PAYS = Charge(key="a:fixed:2026-01-01", contract=CARE.id, payer=FINCH.id, kind="fixed", amount=60000,
              period=Period(date(2026, 1, 1), date(2026, 2, 1)), billable_from=date(2026, 1, 1), reason="the fee")  # fmt: skip
OWES = ClientFacts(client=FINCH, charges=(PAYS,), refs={CARE.id: "C204"}, series="LDN")
PAPER = Invoice(id=id_of("paper"), number="LDN-I0001", client=FINCH.id, currency="GBP", gross=72000, issued_on=date(2026, 1, 5))
MONEY = Payment(id=id_of("money"), client=FINCH.id, amount=72000, currency="GBP", day=date(2026, 2, 2), reference="BACS 9")
CARE_COVERS = Coverage(
    labour="contract", parts="contract", call_out="contract", contract=CARE.id, reason="contract LDN-C204 covers"
)


def decided(**values: Any) -> Policies:
    return Policies([Policy(id=id_of(name), name=name, value=value) for name, value in values.items()])


def the(reason: str, facts: Facts) -> ExceptionCase:
    found = [each for each in cases(facts) if each.reason == reason]
    assert len(found) == 1, [each.says for each in cases(facts)]
    return found[0]


def told(reason: str, facts: Facts) -> tuple[str, int, str]:
    """(what it says, what it is worth, the step as typed)."""
    case = the(reason, facts)
    assert case.evidence or reason in ("order_missing",)
    return case.says, case.value, case.step.verb if case.step else ""


def test_work_soon_after_its_contract_ended_asks_for_the_renewal() -> None:
    over = Contract(id=id_of("over"), ref="LDN-C9", client=FINCH.id, end=date(2026, 2, 20))
    cover = Cover(id=id_of("c"), contract=over.id, asset=PANEL.id)
    facts = replace(CLEAN, asset=PANEL, contracts=(over,), covers=(cover,))
    assert told("contract_over", facts) == (
        "C9 ended on 19 Feb 2026, this was done 11 d later: Finch & Co panel fault", 17100, "chase 1008 client",
    )  # fmt: skip
    long_ago = replace(over, end=date(2025, 2, 20))
    assert not [each for each in cases(replace(facts, contracts=(long_ago,))) if each.reason == "contract_over"]


def test_cover_is_in_doubt_when_the_card_speaks_of_misuse_or_it_ended_while_the_job_ran() -> None:
    free = replace(LABOUR, amount=0, notional=12600, covered_by="contract")
    facts = replace(CLEAN, charges=(free,), coverage=CARE_COVERS, contracts=(CARE,), cards=(replace(CARD, done="misuse, reset"),))
    assert told("cover_doubtful", facts) == (
        "contract pays, and the card says “misuse, reset”: Finch & Co panel fault", 12600, "covered 1008 ",
    )  # fmt: skip
    under = replace(PANEL, warranty_until=date(2026, 3, 2))
    early = replace(facts.job, reported_at=at("2026-02-27 09:00"))
    ended = replace(facts, job=early, cards=(CARD,), asset=under)
    assert the("cover_doubtful", ended).says.startswith(
        "the warranty of Acme P100 s/n 21-0093 ended on 1 Mar 2026 while the job ran"
    )
    assert not cases(replace(facts, cards=(CARD,)))


def test_less_time_billed_than_worked_is_valued_at_its_own_rate() -> None:
    down = replace(LABOUR, quantity="1.5", amount=10800)
    assert told("time_written_down", replace(CLEAN, charges=(down, CALL_OUT))) == (
        "worked 1 h 35, billed 1 h 30: 5 min is given away: Finch & Co panel fault", 600, "waive 1008 ",
    )  # fmt: skip


def test_hours_and_parts_off_the_standard_of_their_kind_of_job() -> None:
    facts = replace(CLEAN, policies=decided(standard_minutes={"repair": 45}, standard_percent=50))
    assert told("off_standard", facts) == (
        "took 1 h 35, a repair usually takes 45 min: Finch & Co panel fault",
        5000,
        "chase 1008 ben",
    )
    assert not cases(replace(facts, policies=decided(standard_minutes={"repair": 90}, standard_percent=50)))


def test_hours_that_overlap_and_a_serial_used_twice_are_charged_twice() -> None:
    again = replace(HOURS, id=id_of("later"), start=at("Mon 08:20"), minutes=35)
    found = the("double_charge", replace(CLEAN, labour=(HOURS, again), charges=(replace(LABOUR, quantity="3"), CALL_OUT)))
    assert found.says == "Ben has 35 min from 08:20 on the card twice: Finch & Co panel fault"
    parts = tuple(PartUsed(id=id_of(name), job=CLEAN.job.id, name="Fan", serial="F-1") for name in ("one", "two"))
    assert the("double_charge", replace(CLEAN, parts=parts)).says == "Fan s/n F-1 is on it twice: Finch & Co panel fault"


def test_what_a_person_holds_back_holds_all_that_is_billable() -> None:
    assert told("held_back", replace(CLEAN, held="waits for the survey")) == (
        "held back: waits for the survey: 1008 Finch & Co panel fault", 17100, "free 1008",
    )  # fmt: skip


def test_what_was_credited_and_is_due_still_is_billed_again() -> None:
    (first, *_) = AGREED.charges
    lines = tuple(
        IssuedLine(id=id_of(f"l{n}"), invoice=id_of(f"i{n}"), key=first.key, contract=CARE.id, amount=sign * 29000)
        for n, sign in ((1, 1), (2, -1))
    )
    papers = (
        Invoice(id=id_of("i1"), number="LDN-I0001", issued_on=date(2026, 1, 2)),
        Invoice(id=id_of("i2"), number="LDN-I0002", kind="credit note", issued_on=date(2026, 1, 9)),
    )
    case = the("credit_not_rebilled", replace(AGREED, issued=lines, invoices=papers))
    assert (
        case.says
        == "£290.00 was billed and credited (LDN-I0001 and LDN-I0002), is due, and was not billed again: C204 Finch & Co"
    )
    assert (case.value, case.since) == (29000, at("2026-01-09 00:00"))
    periods = [
        each for each in cases(replace(AGREED, issued=lines, invoices=papers)) if each.reason == "contract_period_unbilled"
    ]
    assert [each.key.endswith("2026-01-01") for each in periods] == [False]  # one row for one cause


@pytest.mark.parametrize(
    ("renews", "says", "step"),
    [
        ("itself", "C204 Finch & Co renews itself after 30 Jun 2026 unless notice is given by 31 May 2026", "waive C204 "),
        ("by notice", "C204 Finch & Co ends on 30 Jun 2026 unless it is renewed by 31 May 2026", "renew C204"),
        ("", "C204 Finch & Co ends on 30 Jun 2026 and nothing follows", "chase C204 client"),
    ],
)
def test_the_last_day_to_give_notice_is_asked_about_beforehand(renews: str, says: str, step: str) -> None:
    contract = replace(CARE, renews=renews, renewal_months=12, notice_days=30)
    case = the("notice_near", replace(AGREED, contract=contract, through=date(2027, 1, 1)))
    assert (case.says, case.step.verb if case.step else "", case.value) == (says, step, 4 * 29000)
    assert case.since is not None
    assert case.until is not None
    assert (case.until - case.since).days == 31


def test_a_period_much_dearer_than_the_last_is_asked_about() -> None:
    first, second = AGREED.charges
    line = IssuedLine(
        id=id_of("line"), key=first.key, amount=20000, text="as agreed", start=date(2026, 1, 1), end=date(2026, 4, 1)
    )
    case = the("amount_moved", replace(AGREED, charges=(second,), issued=(line,)))
    assert case.says == "C204 Finch & Co: Apr–Jun 2026 is £290.00, £90.00 more than Jan–Mar 2026 (45 %)"
    assert (case.value, case.charges) == (9000, (second.key,))
    calm = replace(AGREED, charges=(second,), issued=(replace(line, amount=25000),))
    assert not [each for each in cases(calm) if each.reason == "amount_moved"]


def test_one_asset_on_two_contracts_is_charged_twice_from_the_day_both_hold() -> None:
    other = Contract(id=id_of("other"), ref="LDN-C300", client=FINCH.id, start=date(2026, 3, 1))
    facts = replace(
        OWES, charges=(), assets=(PANEL,), contracts=(CARE, other), terms=(FEE, replace(FEE, id=id_of("f2"), contract=other.id, amount=20000)),
        covers=(COVER, Cover(id=id_of("c2"), contract=other.id, asset=PANEL.id)),
    )  # fmt: skip
    assert told("double_charge", facts) == (
        "Acme P100 s/n 21-0093 is charged under C204 and C300 from 1 Mar 2026: Finch & Co", 20000, "drop C300 21-0093 2026-03-01",
    )  # fmt: skip


def test_a_large_draft_is_approved_from_the_day_it_is_too_large() -> None:
    small = replace(PAYS, key="b", amount=30000, billable_from=date(2025, 12, 1))
    facts = replace(OWES, charges=(small, PAYS), policies=decided(approve_above=70000))
    case = the("unapproved", facts)
    assert case.says == "a draft of £900.00 by 1 Jan 2026 is above £700.00 and not approved: Finch & Co"
    assert (case.value, case.since, case.step and case.step.verb) == (90000, at("2026-01-01 00:00"), "approve K8")
    assert the("unapproved", replace(facts, approved=frozenset({"b"}))).value == 60000
    assert not cases(replace(facts, approved=frozenset({"b", PAYS.key})))
    assert not cases(replace(facts, policies=decided(approve_above=90000)))


def test_a_job_below_the_margin_is_approved_by_itself() -> None:
    job = replace(PAYS, job=id_of("job"), contract=None, cost=50000)
    facts = replace(OWES, charges=(job,), refs={id_of("job"): "1008"}, policies=decided(approve_margin=20))
    assert told("unapproved", facts) == (
        "margin 16 % is below 20 %: 1008 brings £600.00 and costs £500.00",
        60000,
        "approve 1008",
    )


def test_a_disputed_line_stands_alone() -> None:
    line = IssuedLine(id=id_of("line"), invoice=PAPER.id, amount=29000, text="February")
    facts = replace(
        OWES, charges=(), documents=(PAPER,), disputes=(Disputed(invoice=PAPER, words="was away", amount=29000, line=line),)
    )
    assert told("disputed", facts) == ("Finch & Co disputes “February” on LDN-I0001: was away", 29000, "credit LDN-I0001 ")


def test_money_that_stands_nowhere_over_or_short_is_put_right() -> None:
    nowhere = replace(OWES, charges=(), documents=(PAPER,), payments=(MONEY,))
    case = the("cash_unapplied", nowhere)
    assert case.says == "£720.00 of 2 Feb 2026 “BACS 9” stands on no document: Finch & Co"
    assert (case.step and case.step.verb, case.credit) == (f"apply {MONEY.id.hex()[:12]} LDN-I0001", True)
    over = replace(nowhere, payments=(replace(MONEY, invoice=PAPER.id, amount=73000),))
    assert the("cash_unapplied", over).says == "LDN-I0001 was paid over by £10.00: Finch & Co"
    short = replace(nowhere, payments=(replace(MONEY, invoice=PAPER.id, amount=71950),))
    assert the("cash_unapplied", short).says == "LDN-I0001 was paid short by £0.50: Finch & Co"
    assert not cases(replace(nowhere, payments=(replace(MONEY, invoice=PAPER.id, amount=40000),)))  # part of it: no exception


def test_tax_is_left_out_only_with_a_number_or_a_certificate_that_holds() -> None:
    term = Term(id=id_of("rc"), contract=CARE.id, tax="reverse charge")
    facts = replace(OWES, terms=(term,), charges=(replace(PAYS, term=term.id),))
    assert told("tax_missing", facts) == ("reverse charge, and there is no tax number: Finch & Co", 60000, "chase K8 client")
    assert the("tax_missing", facts).since == datetime(2026, 1, 1, tzinfo=UTC)  # as old as the first line that it holds
    assert not cases(replace(facts, client=replace(FINCH, tax_id="GB 123456789")))
    lapsed = replace(OWES, client=replace(FINCH, custom={"exempt until": "2025-12-31"}))
    assert the("tax_missing", lapsed).says == "the exemption ran out on 31 Dec 2025: Finch & Co"


def test_parts_that_left_a_van_and_stand_on_no_job_are_worth_their_price() -> None:
    part = Part(id=id_of("pcb"), code="PCB-77", price=24900)
    facts = TechnicianFacts(
        technician=BEN, taken=(Taken(part=part, taken=3000, used=1000, since=at("Mon 18:00"), ref="LDN-1008"),)
    )
    assert told("parts_not_billed", replace(facts, series="LDN")) == (
        "2 × PCB-77 left Ben's van and stands on no job", 49800, "part 1008 PCB-77 x2",
    )  # fmt: skip
    assert not cases(replace(facts, taken=(Taken(part=part, taken=3000, used=3000),)))


def test_a_gap_in_a_series_and_a_number_given_twice_are_shown() -> None:
    site = SiteFacts(site=id_of("ldn"), code="LDN", missing={"LDN-I": (2, 3)}, twice=("LDN-I0009",))
    assert [each.says for each in cases(site)] == [
        "LDN-I0002 and LDN-I0003 of LDN's series are missing", "two documents bear the number LDN-I0009",
    ]  # fmt: skip


def test_what_is_worth_less_than_a_reasons_least_is_not_raised() -> None:
    held = replace(CLEAN, held="waits")
    assert not cases(replace(held, policies=decided(least={"held_back": 20000})))
    assert cases(replace(held, policies=decided(least={"held_back": 17100})))


def test_a_sign_off_is_asked_for_above_a_value_alone() -> None:
    unsigned = replace(CLEAN, sign_offs=())
    assert the("card_no_sign_off", unsigned).value == 17100
    assert not cases(replace(unsigned, policies=decided(sign_off_above=20000)))
    assert the("card_no_sign_off", replace(unsigned, policies=decided(sign_off_above=10000)))
