"""The exception queue and the figures: each charge once, decisions respected, credits apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from fsconsole.store.queries import exceptions, money
from tests.company import Company, company
from tests.stories.test_every_reason import too_few_visits


@pytest.fixture
def acme(tmp_path: Path) -> Company:
    one = company(tmp_path)
    one.do("d 1008 ben", "en ben", "a ben", "c ben")
    return one


def at_risk(one: Company) -> int:
    return exceptions.figures(one.store, one.now).at_risk


def test_a_charge_held_by_two_cases_is_at_risk_once(acme: Company) -> None:
    held = [one.value for one in exceptions.open_cases(acme.store, acme.now) if one.reason != "contract_period_unbilled"]
    assert held == [4500, 4500, 4500]  # no card, no order number, nobody to send it to
    # Three periods of £290.00 and one call-out of £45.00.
    assert at_risk(acme) == 3 * 29000 + 4500


def test_a_case_that_begins_later_is_not_open_yet(acme: Company) -> None:
    ahead = acme.store.sql("SELECT count(*) FROM case_now WHERE reason = 'contract_period_unbilled'")[0][0]
    shown = [one for one in exceptions.open_cases(acme.store, acme.now) if one.reason == "contract_period_unbilled"]
    assert ahead > 3 == len(shown)


def test_snoozed_and_waived_do_not_count_until_they_come_back(acme: Company) -> None:
    before = exceptions.figures(acme.store, acme.now)
    acme.do("z C204 3d")
    assert at_risk(acme) == before.at_risk - 3 * 29000
    assert exceptions.figures(acme.store, acme.now).exceptions == before.exceptions - 3
    assert exceptions.count_cases(acme.store, acme.now, snoozed=True) == before.exceptions
    acme.wait(3 * 24 * 60)
    assert exceptions.figures(acme.store, acme.now).exceptions == before.exceptions

    acme.do("waive 1008/complete_no_card agreed", "waive 1008/order_missing agreed", "waive K2/no_ap_contact agreed")
    assert at_risk(acme) == 3 * 29000
    assert [one.reason for one in exceptions.decided(acme.store, acme.now)].count("order_missing") == 1


def test_a_waived_case_opens_again_when_it_comes_to_more(acme: Company) -> None:
    acme.do("waive 1008/order_missing agreed")
    assert "order_missing" not in {one.reason for one in exceptions.cases_about(acme.store, acme.now, acme.ids["older"])}
    acme.do("labour 1008 1h")
    found = {one.reason: one for one in exceptions.cases_about(acme.store, acme.now, acme.ids["older"])}
    assert found["order_missing"].value == 4500 + 7200


def test_what_we_owe_stands_apart(acme: Company) -> None:
    acme.do("contact K2 ap a@finch.example", "order 1008 77", "card 1008 done", "nil 1008", 'sg 1008 "A Finch"', "bill 1008")
    before = exceptions.figures(acme.store, acme.now)
    acme.do("goodwill 1008 our mistake")
    after = exceptions.figures(acme.store, acme.now)
    assert after.credits == before.credits + 4500
    assert after.at_risk == before.at_risk
    assert after.unbilled == before.unbilled


def test_a_credit_that_stands_on_a_draft_and_as_a_case_is_owed_once(tmp_path: Path) -> None:
    one = company(tmp_path)
    before = exceptions.figures(one.store, one.now)
    too_few_visits(one)
    (case,) = [each for each in exceptions.open_cases(one.store, one.now) if each.reason == "visit_minimum"]
    assert (case.credit, case.value) == (True, 18000)
    after = exceptions.figures(one.store, one.now)
    assert after.credits == before.credits + 18000
    one.do(f"z {case.key} 3d")
    assert exceptions.figures(one.store, one.now).credits == after.credits, "it stands on the draft all the same"


def test_a_row_says_who_owns_it_whom_it_waits_for_and_how_often_they_were_chased(acme: Company) -> None:
    acme.do("own 1008 ann", "chase 1008 ben by phone", "chase 1008 ben")
    one = next(one for one in exceptions.open_cases(acme.store, acme.now) if one.reason == "complete_no_card")
    assert (one.ref, one.client, one.owner, one.waits_for, one.chased) == ("LDN-1008", "Finch & Co", "ann", "Ben", 2)
    assert one.age is not None
    assert one.age > 0
    mine = exceptions.open_cases(acme.store, acme.now, owner="jo")
    assert one.key not in {row.key for row in mine}
    assert {row.owner for row in mine} == {""}
    assert exceptions.place(acme.store, acme.now, one.key) is not None
    assert exceptions.owners(acme.store) == ["ann"]


@pytest.mark.parametrize("sort", exceptions.SORTS)
def test_every_order_pages_through_every_case_once(acme: Company, sort: str) -> None:
    whole = exceptions.open_cases(acme.store, acme.now, sort=sort)
    pages = [exceptions.open_cases(acme.store, acme.now, sort=sort, offset=at, limit=2) for at in range(0, len(whole), 2)]
    assert [one for page in pages for one in page] == whole
    assert len({one.key for one in whole}) == exceptions.count_cases(acme.store, acme.now)


def test_words_filter_and_an_exclamation_mark_turns_round(acme: Company) -> None:
    finch = exceptions.open_cases(acme.store, acme.now, words="finch")
    assert {one.client for one in finch} == {"Finch & Co"}
    rest = exceptions.open_cases(acme.store, acme.now, words="!finch")
    assert len(finch) + len(rest) == exceptions.count_cases(acme.store, acme.now)


def test_a_draft_says_what_of_it_an_open_case_holds(acme: Company) -> None:
    found = {row.name: row for row in money.drafts(acme.store, acme.now)}
    assert (found["Acme Ltd"].amount, found["Acme Ltd"].held) == (87000, 0)  # the period case asks for nothing but the bill
    assert (found["Finch & Co"].amount, found["Finch & Co"].held) == (4500, 4500)
    assert money.count_drafts(acme.store, acme.now) == 2
    lines = money.draft_lines(acme.store, acme.now, acme.ids["finch"], "")
    assert [line.amount for line in lines] == [4500]
    assert lines[0].case_says


def test_promises_late_and_soon_are_counted_by_the_policy(acme: Company) -> None:
    # 1042 was reported at 08:30; its contract promises somebody within 2 working hours of 09:00.
    assert exceptions.figures(acme.store, acme.now)[:2] == (0, 0)
    acme.wait(60)
    assert exceptions.figures(acme.store, acme.now)[:2] == (0, 1)
    acme.wait(60)
    assert exceptions.figures(acme.store, acme.now)[:2] == (1, 0)
    acme.do("policy soon_minutes 400")
    assert exceptions.in_force(acme.store, "soon_minutes", "2026-03-03", 60) == 400
