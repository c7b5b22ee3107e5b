"""What is wrong with contracts, clients, technicians and single rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from fsconsole.rules.billable import Unpriced
from fsconsole.rules.checks import CLIENT, CONTRACT, REASONS, ROW, SITE, TECHNICIAN, cases
from fsconsole.rules.checks import JOB as WORK
from fsconsole.rules.draft import contract_charges, difference
from fsconsole.rules.facts import ClientFacts, Contested, ContractFacts, Facts, RowFacts, TechnicianFacts
from fsconsole.rules.policy import Policies
from fsconsole.values.bill import Charge, ExceptionCase, IssuedLine, Step
from fsconsole.values.terms import Contract, Cover, Policy, Term
from fsconsole.values.work import Asset, Contact

from .build import BEN, FINCH, JOB, PANEL, at, folded, id_of

CARE = Contract(id=id_of("care"), ref="LDN-C204", client=FINCH.id, start=date(2026, 1, 1), end=date(2026, 7, 1))
FEE = Term(id=id_of("fee"), contract=CARE.id, kind="per asset", amount=29000, every=3, unit="month", timing="advance")
COVER = Cover(id=id_of("cover"), contract=CARE.id, asset=PANEL.id)


def due(through: date, **more: Any) -> tuple[Charge, ...]:
    given: dict[str, Any] = {"covers": [COVER], "client": FINCH}
    return tuple(contract_charges(CARE, [FEE], [PANEL], through, **{**given, **more}))


AGREED = ContractFacts(
    contract=CARE, client=FINCH, payer=FINCH, terms=(FEE,), covers=(COVER,), assets=(PANEL,), charges=due(date(2026, 6, 1)),
    series="LDN",
)  # fmt: skip


def only(facts: Facts) -> ExceptionCase:
    (case,) = cases(facts)
    return case


def test_each_period_is_a_case_from_the_day_after_it_fell_due() -> None:
    first, second = cases(AGREED)
    assert first.key == f"contract_period_unbilled:{CARE.id.hex()}:2026-01-01"
    assert first.says == "C204 Finch & Co: Jan–Mar 2026 not billed, £290.00 was due on 1 Jan 2026"
    assert (first.value, first.since) == (29000, at("2026-01-02 00:00"))
    assert first.step == Step(verb="bill C204", words="bill it")
    assert second.since == at("2026-04-02 00:00")


def test_a_period_in_arrears_falls_due_when_it_is_over() -> None:
    arrears = replace(FEE, timing="arrears")
    charges = tuple(contract_charges(CARE, [arrears], [PANEL], date(2026, 1, 1), covers=[COVER], client=FINCH))
    assert only(replace(AGREED, terms=(arrears,), charges=charges)).since == at("2026-04-02 00:00")


def test_what_was_issued_is_no_case_and_a_credit_neither() -> None:
    line = IssuedLine(
        id=id_of("line"), key=AGREED.charges[0].key, contract=CARE.id, amount=29000, start=date(2026, 1, 1), end=date(2026, 4, 1)
    )
    rest = tuple(difference(AGREED.charges, [line]))
    assert [case.since for case in cases(replace(AGREED, charges=rest, issued=(line,)))] == [at("2026-04-02 00:00")]
    assert cases(replace(AGREED, charges=(replace(AGREED.charges[0], amount=-500),))) == []


def orders(facts: ContractFacts) -> list[ExceptionCase]:
    return [case for case in cases(facts) if case.reason == "order_missing"]


def test_an_order_number_that_is_wanted_is_asked_for_from_when_the_first_charge_is_due() -> None:
    (case,) = orders(replace(AGREED, contract=replace(CARE, order_required=True)))
    assert (case.says, case.value) == ("C204 Finch & Co: no order number for what is due from 1 Jan 2026", 58000)
    assert (case.since, case.step) == (at("2026-01-01 00:00"), Step(verb="chase C204 client", words="ask for an order"))
    assert orders(AGREED) == []


def test_an_order_that_runs_out_holds_up_only_what_comes_after() -> None:
    (case,) = orders(replace(AGREED, contract=replace(CARE, order_number="4500091", order_until=date(2026, 4, 1))))
    assert (case.says, case.value) == ("C204 Finch & Co: order 4500091 ran out before 1 Apr 2026", 29000)
    assert case.since == at("2026-04-01 00:00")


def test_an_order_that_is_too_small_says_what_is_left_and_holds_up_what_does_not_fit() -> None:
    ceiling = replace(CARE, order_number="4500091", order_ceiling=100000)
    facts = replace(AGREED, contract=ceiling, on_order=60000)
    (case,) = orders(facts)
    assert case.says == "C204 Finch & Co: order 4500091 has £400.00 left, £580.00 is to be billed"
    assert (case.value, case.since) == (29000, at("2026-04-01 00:00"))
    assert orders(replace(facts, on_order=42000)) == []
    assert orders(replace(facts, on_order=None)) == []


def test_a_term_that_contradicts_itself_is_said_and_stops_nothing_else() -> None:
    odd = Unpriced("x:fixed", None, CARE.id, "fixed", "Care: it ends before it starts")
    case = next(case for case in cases(replace(AGREED, unpriced=(odd,))) if case.reason == "contradiction")
    assert case.says == "C204 Finch & Co: Care: it ends before it starts"
    assert len(cases(replace(AGREED, unpriced=(odd,)))) == len(cases(AGREED)) + 1


def test_equipment_that_is_gone_and_was_billed_on_is_a_credit_by_the_day() -> None:
    gone = replace(PANEL, removed=date(2026, 2, 10))
    line = IssuedLine(
        id=id_of("line"), key=AGREED.charges[0].key, contract=CARE.id, amount=29000, start=date(2026, 1, 1), end=date(2026, 4, 1)
    )
    case = only(replace(AGREED, assets=(gone,), charges=(), issued=(line,)))
    assert case.key == f"asset_gone_billed:{CARE.id.hex()}:{PANEL.id.hex()}"
    assert (case.credit, case.value) == (True, 16111)  # 50 of 90 days of £290.00
    assert case.says == "Acme P100 s/n 21-0093 is gone since 10 Feb 2026 and billed on under C204 Finch & Co"
    assert case.step == Step(verb="drop C204 21-0093 2026-02-10", words="take it off and credit")
    assert case.evidence == ("£161.11 was billed for 10 Feb – 31 Mar 2026",)


def test_equipment_that_left_after_its_cover_ended_or_was_never_billed_is_no_credit() -> None:
    gone = replace(PANEL, removed=date(2026, 2, 10))
    line = IssuedLine(
        id=id_of("line"), key=AGREED.charges[0].key, contract=CARE.id, amount=29000, start=date(2026, 1, 1), end=date(2026, 4, 1)
    )
    assert cases(replace(AGREED, assets=(gone,), charges=(), issued=())) == []
    ended = replace(COVER, end=date(2026, 2, 10))
    assert cases(replace(AGREED, assets=(gone,), covers=(ended,), charges=(), issued=(line,))) == []
    fixed = replace(FEE, kind="fixed")
    assert cases(replace(AGREED, assets=(gone,), terms=(fixed,), charges=(), issued=(line,))) == []


UPS = Asset(id=id_of("ups"), ref="LDN-A9", client=FINCH.id, location=id_of("reading"), kind="UPS", installed=date(2026, 2, 1))
THEIRS = ClientFacts(
    client=FINCH, assets=(PANEL, UPS), contracts=(CARE,), terms=(FEE,), covers=(COVER,), charges=due(date(2026, 1, 1)),
    series="LDN",
)  # fmt: skip


def test_equipment_on_no_contract_counts_from_its_installation() -> None:
    case = only(THEIRS)
    assert case.key == f"asset_uncovered:{UPS.id.hex()}"
    assert case.says == "UPS at Finch & Co is on no contract"
    assert (case.value, case.since) == (29000, at("2026-02-01 00:00"))
    assert case.step == Step(verb="cover C204 A9", words="put it on C204")


def test_equipment_on_no_contract_is_worth_what_its_sibling_brings_else_what_the_company_says() -> None:
    assert only(THEIRS).evidence[0] == "C204 takes £290.00 a quarter for each"
    twin = replace(PANEL, id=id_of("twin"), kind="UPS")
    alike = Cover(id=id_of("alike"), contract=CARE.id, asset=twin.id, amount=12000)
    case = only(replace(THEIRS, assets=(PANEL, UPS, twin), covers=(COVER, alike)))
    assert (case.value, case.evidence[0]) == (12000, "C204 takes £120.00 a quarter for UPS equipment like it")
    fixed = replace(FEE, kind="fixed", every=1)
    case = only(replace(THEIRS, assets=(PANEL, UPS, twin), covers=(COVER, alike), terms=(fixed,)))
    assert (case.value, case.evidence[0]) == (14500, "C204 takes £290.00 a month for 2 assets: £145.00 for one")
    case = only(replace(THEIRS, terms=(), policies=Policies([Policy(id=id_of("p"), name="asset_fees", value={"UPS": 4200})])))
    assert (case.value, case.evidence[0]) == (4200, "policy asset_fees: £42.00 a period for UPS equipment")
    case = only(replace(THEIRS, terms=()))
    assert case.value == 0
    assert "policy asset_fees UPS=AMOUNT" in case.evidence[0]


def test_equipment_counts_only_when_its_warranty_or_last_cover_has_ended() -> None:
    young = replace(UPS, warranty_until=date(2026, 5, 1))
    assert only(replace(THEIRS, assets=(young,))).since == at("2026-05-01 00:00")
    once = replace(COVER, id=id_of("once"), asset=UPS.id, end=date(2026, 3, 1))
    assert only(replace(THEIRS, covers=(COVER, once))).since == at("2026-03-01 00:00")


def test_equipment_that_is_covered_gone_or_at_a_client_without_contracts_is_no_case() -> None:
    there = Cover(id=id_of("there"), contract=CARE.id, location=UPS.location)
    assert cases(replace(THEIRS, contracts=(replace(CARE, end=None),), covers=(COVER, there))) == []
    assert cases(replace(THEIRS, assets=(PANEL, replace(UPS, removed=date(2026, 2, 5))))) == []
    all_of_it = Cover(id=id_of("all"), contract=CARE.id)
    assert cases(replace(THEIRS, covers=(COVER, all_of_it))) == []
    assert cases(replace(THEIRS, contracts=(), covers=(), terms=())) == []


def test_a_client_with_something_to_pay_and_nobody_to_send_it_to_is_one_case() -> None:
    nobody = replace(FINCH, email="")
    case = only(replace(THEIRS, client=nobody, assets=()))
    assert case.key == f"no_ap_contact:{FINCH.id.hex()}"
    assert case.says == "Finch & Co has nobody to send invoices to: 1 line waits"
    assert (case.value, case.step) == (29000, Step(verb="contact K8 ap ", words="add an accounts-payable contact"))
    assert case.since == at("2026-01-01 00:00")


def test_a_payable_contact_with_an_address_or_nothing_to_pay_raises_nothing() -> None:
    nobody = replace(FINCH, email="")
    jo = Contact(id=id_of("jo"), client=FINCH.id, name="Jo", role="Accounts Payable", email="jo@finch.example")
    bare = replace(THEIRS, client=nobody, assets=())
    assert cases(replace(bare, contacts=(jo,))) == []
    assert only(replace(bare, contacts=(replace(jo, email=""),))).says.startswith("Jo at Finch & Co has no e-mail address")
    assert cases(replace(bare, contacts=(replace(jo, role="site"),))) != []
    assert cases(replace(bare, charges=())) == []


def test_a_technician_on_the_way_to_two_jobs_is_said_with_both() -> None:
    one = folded("Mon 08:30 release", "Mon 09:20 arrive", name="one")
    two = folded("Mon 09:30 release", "Mon 09:40 depart", name="two", job=id_of("other"))
    facts = TechnicianFacts(
        technician=BEN, visits=(two, one), refs={JOB.id: "LDN-1008", id_of("other"): "LDN-1010"}, series="LDN"
    )
    case = only(facts)
    assert case.says == "Ben is on site at 1008 and en route at 1010"
    assert (case.since, case.job) == (at("Mon 09:40"), id_of("other"))
    assert case.step == Step(verb="c 1008 ", words="say how 1008 ended")
    assert cases(replace(facts, visits=(one, two))) == [case]


def test_times_on_site_that_overlap_are_asked_about() -> None:
    one = folded("Mon 08:30 release", "Mon 09:20 arrive", "Mon 10:40 complete", name="one")
    two = folded("Mon 09:30 release", "Mon 10:20 arrive", "Mon 11:00 complete", name="two", job=id_of("other"))
    refs = {JOB.id: "LDN-1008", id_of("other"): "MAN-77"}
    case = only(TechnicianFacts(technician=BEN, visits=(one, two), refs=refs, series="LDN"))
    assert case.says == "Ben was at 1008 and at MAN-77 from Mon 2 Mar 10:20–10:40"
    assert case.step == Step(verb="chase MAN-77 ben", words="ask Ben")


PRICE = Contested(field="order_number", kept="4500118", kept_by="LDN", lost=(("MAN", "4500181"),), at=at("Mon 09:00"))
ROW_OF_JOB = RowFacts(thing=JOB.id, kind="job", ref="LDN-1008", words="Finch & Co panel fault", job=JOB.id, series="LDN")


def test_a_field_written_at_two_sites_says_both_values_and_who_wrote_them() -> None:
    case = only(replace(ROW_OF_JOB, contested=(PRICE,), charges=due(date(2026, 1, 1))))
    assert case.key == f"contested_edit:{JOB.id.hex()}:order_number"
    assert case.says == "LDN and MAN both wrote the order number of 1008: “4500118” stands, not “4500181”"
    assert case.step == Step(verb="keep 1008 LDN", words="keep “4500118”")
    assert (case.value, case.since, case.evidence) == (29000, at("Mon 09:00"), ("LDN: “4500118”", "MAN: “4500181”"))


def test_two_things_with_one_reference_are_shown_to_the_owner() -> None:
    case = only(replace(ROW_OF_JOB, namesakes=("Orme Hotel AC leak",)))
    assert case.says == "LDN-1008 is the reference of Finch & Co panel fault and of Orme Hotel AC leak"
    assert REASONS[case.reason].role == "owner"


def test_every_reason_is_found_by_some_check() -> None:
    names = {check.__name__ for checks in (WORK, CONTRACT, CLIENT, TECHNICIAN, ROW, SITE) for check in checks}
    for reason, about in REASONS.items():
        # A contradiction is what stopped the checks: flow/settle raises that case itself.
        assert reason == "contradiction" or any(name.endswith(reason) for name in names), reason
        assert about.words
        assert about.help.endswith(".")
