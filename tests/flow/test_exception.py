"""Decisions on what holds charges up."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from fsconsole.changes.stamp import make
from fsconsole.errors import Refused
from fsconsole.flow import exception
from fsconsole.flow.settle import settle
from fsconsole.store import derive
from fsconsole.store.queries import exceptions as cases
from fsconsole.store.record import save
from fsconsole.store.rows import fetch, fetch_all
from fsconsole.store.tables import KINDS, put
from tests.company import Company, company


@pytest.fixture
def acme(tmp_path: Path) -> Company:
    one = company(tmp_path)
    one.do("d 1008 ben", "en ben", "a ben", "c ben")
    return one


def reasons(one: Company, text: str) -> set[str]:
    return {case.reason for case in exception.cases_meant(one.desk, text)}


def test_a_case_is_named_by_its_thing_its_reason_or_its_key(acme: Company) -> None:
    assert reasons(acme, "1008") == {"complete_no_card", "order_missing"}
    assert reasons(acme, "LDN-1008/order") == {"order_missing"}
    assert reasons(acme, "1008/no_card") == {"complete_no_card"}
    assert reasons(acme, "K2") == {"no_ap_contact"}
    assert reasons(acme, "C204") == {"contract_period_unbilled"}
    (key,) = acme.store.sql("SELECT key FROM case_now WHERE reason = 'order_missing'")[0]
    assert exception.case_meant(acme.desk, key).key == key
    assert exception.case_meant(acme.desk, key[:14]).key == key
    with pytest.raises(Refused, match="no open exception case"):
        exception.cases_meant(acme.desk, "order")  # too short to name a key


def test_what_may_mean_several_reasons_lists_them(acme: Company) -> None:
    with pytest.raises(Refused, match="1008/complete_no_card \\(complete, no card\\)"):
        exception.case_meant(acme.desk, "1008")
    oldest = exception.case_meant(acme.desk, "C204")  # one reason, three periods: the oldest
    assert oldest.key.endswith("2026-01-01")


def test_of_several_cases_of_a_reason_each_has_a_name_people_can_type(acme: Company) -> None:
    several = exception.cases_meant(acme.desk, "C204")
    names = {exception.name_of(acme.desk, one): one.key for one in several}
    assert set(names) == {f"C204/contract_period_unbilled/2026-0{month}-02" for month in (1, 2, 3)}
    for name, key in names.items():
        assert exception.case_meant(acme.desk, name).key == key
    acme.do("waive C204/contract_period_unbilled/2026-02-02 agreed by phone")
    rest = exception.cases_meant(acme.desk, "C204")
    assert names["C204/contract_period_unbilled/2026-02-02"] not in {one.key for one in rest}
    assert len(rest) == 2


def test_cases_that_began_on_one_day_are_told_apart_by_their_place(acme: Company) -> None:
    """Two terms of one contract move in the same period: neither is named by what only the store knows."""
    acme.do("policy moved_percent 5")
    values = {"name": "Extra", "amount": 1000, "every": 1, "unit": "month", "timing": "advance", "proration": "actual"}
    term = put("term", acme.desk.ids(), contract=acme.ids["c204"], kind="fixed", start=date(2026, 1, 1), **values)
    save(acme.store, acme.desk.act("import"), [term], acme.now)
    settle(acme.store, acme.now)
    acme.do("bill C204", "revise C204 400.00 2026-04-01 Care", "revise C204 20.00 2026-04-01 Extra")
    acme.wait(30 * 24 * 60)
    with pytest.raises(Refused) as refused:
        acme.do("bill C204")
    assert "amount_moved:" not in refused.value.instead
    assert "C204/amount_moved/2026-04-01/" in refused.value.instead
    moved = [one for one in exception.cases_meant(acme.desk, "C204/amount_moved") if one.since]
    names = [exception.name_of(acme.desk, one) for one in moved]
    assert sorted(names) == ["C204/amount_moved/2026-04-01/1", "C204/amount_moved/2026-04-01/2"]
    assert {exception.case_meant(acme.desk, name).key for name in names} == {one.key for one in moved}


def test_a_decision_has_the_same_row_at_every_site(acme: Company) -> None:
    acme.do("own 1008/order_missing ann")
    acme.do("z 1008/order_missing 2d")
    (decision,) = fetch_all(acme.store, "decision")
    assert decision.id == exception.decision_id(decision.key)
    assert (decision.owner, str(decision.snoozed_until)) == ("ann", "2026-03-05")
    assert exception.decision_id("a") != exception.decision_id("b")


def test_chasing_takes_the_case_that_waits_for_whom(acme: Company) -> None:
    acme.do("chase 1008 ben by phone", "chase 1008 client", "chase 1008")
    found = {chase.key.split(":")[0]: (chase.whom, chase.how) for chase in fetch_all(acme.store, "chase", order="stamp LIMIT 2")}
    assert found == {"complete_no_card": ("ben", "by phone"), "order_missing": ("client", "")}


def test_owning_and_snoozing_take_everything_about_a_thing(acme: Company) -> None:
    assert acme.do("own C204").words == "3 cases of C204: jo's"
    assert acme.do("z C204 fri").words == "3 cases of C204: hidden until Fri 6 Mar"
    assert acme.do("own C204 nobody").words == "3 cases of C204: nobody's"
    with pytest.raises(Refused, match="not to come"):
        acme.do("z C204 today")


def contested(one: Company) -> None:
    """MAN wrote priority 4 on 1008 without having read ours."""
    save(one.store, one.desk.act("import"), [put("site", one.desk.ids(), code="MAN", number=2)], one.now)
    number = next(column.number for name, column in KINDS[30].columns.items() if name == "priority")
    with one.store.writing() as conn:
        (clock,) = conn.execute("SELECT c_priority FROM job WHERE ref = 'LDN-1008'").fetchone()
        lost = make(int(one.now.timestamp() * 1000) - 5000, 0, 2)
        conn.execute("INSERT INTO contested VALUES (?, ?, ?, 30, 4, ?)", (one.ids["older"], number, lost, clock))
        derive.mark(conn, derive.ROW, [one.ids["older"]])
    settle(one.store, one.now)


def test_one_key_keeps_either_of_two_values_and_both_tell_who_wrote_them(acme: Company) -> None:
    contested(acme)
    one = next(each for each in cases.cases_about(acme.store, acme.now, acme.ids["older"]) if each.reason == "contested_edit")
    assert all("Mar" in line for line in one.evidence), one.evidence
    line = exception.other_value(acme.desk, one.key)
    stands = acme.store.sql("SELECT priority FROM job WHERE id = ?", (acme.ids["older"],))
    acme.do(line)
    assert acme.store.sql("SELECT priority FROM job WHERE id = ?", (acme.ids["older"],)) != stands
    with pytest.raises(Refused, match="nothing was written at two sites"):
        exception.other_value(acme.desk, one.key)



def test_keeping_one_of_two_values_writes_it_again_and_settles_the_case(acme: Company) -> None:
    contested(acme)
    assert "contested_edit" in reasons(acme, "1008")
    with pytest.raises(Refused, match="Choose LDN or MAN"):
        acme.do("keep 1008 LDS")
    assert acme.do("keep 1008 man").words == "1008: the priority is “4”, as MAN wrote"
    assert fetch(acme.store, "job", acme.ids["older"]).priority == 4
    assert "contested_edit" not in reasons(acme, "1008")


def test_keeping_what_stands_settles_it_too(acme: Company) -> None:
    contested(acme)
    acme.do("keep 1008 LDN")
    assert fetch(acme.store, "job", acme.ids["older"]).priority == 3
    assert "contested_edit" not in reasons(acme, "1008")


def test_a_step_names_its_own_case(acme: Company) -> None:
    keys = {row[0].split(":")[0]: row[0] for row in acme.store.sql("SELECT key FROM case_now ORDER BY key")}
    assert exception.step_of(acme.desk, keys["order_missing"]) == "chase 1008/order_missing client"
    assert exception.step_of(acme.desk, keys["contract_period_unbilled"]) == "bill C204"
    assert exception.step_of(acme.desk, keys["no_ap_contact"]) == "contact K2 ap "
