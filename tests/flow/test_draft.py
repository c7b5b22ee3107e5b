"""What people decide about drafts: grouping, approval by digest, holding back, closing a month; and the reports."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import pytest

from fsconsole import verbs
from fsconsole.desk import Desk
from fsconsole.errors import Refused
from fsconsole.flow import draft, report
from fsconsole.flow.invoice import bill_all
from fsconsole.flow.settle import settle
from fsconsole.store import derive
from fsconsole.store.opening import open_store
from fsconsole.store.queries import exceptions, money, reports
from fsconsole.store.record import save
from fsconsole.store.rows import fetch_all
from fsconsole.store.tables import put
from tests.company import Company, company


@pytest.fixture
def acme(tmp_path: Path) -> Company:
    return company(tmp_path)


def billable_job(one: Company, place: str, order: str) -> str:
    """A job at a place of Acme's that their order pays for, done and signed."""
    ref = one.do(f"log acme door jammed @{place} po:{order}").ref.removeprefix("LDN-")
    one.do(f"d {ref} ben", "en ben", "a ben", f"labour {ref} 1h", f"card {ref} freed", "c ben", f'sg {ref} "A Patel"')
    return ref


def names(one: Company) -> set[str]:
    return {draft.name_of(one.desk, each) for each in money.drafts(one.store, one.now)}


def test_drafts_are_grouped_as_the_client_wants_and_issued_so(acme: Company) -> None:
    first, second = billable_job(acme, "hq", "77"), billable_job(acme, "hq", "78")
    assert names(acme) == {"K1", "K1/77", "K1/78"}
    acme.do("grouping acme payer")
    assert names(acme) == {"K1"}
    (row,) = money.drafts(acme.store, acme.now)
    assert row.amount == 87000 + 2 * 11700
    acme.do("grouping acme location")
    assert names(acme) == {"K1", "K1/77/L2", "K1/78/L2"}
    acme.do("grouping acme job")
    assert names(acme) == {"K1/C204", f"K1/77/{first}", f"K1/78/{second}"}
    issued = bill_all(acme.desk, acme.desk.today, issue=True)
    assert sorted(one["amount"] for one in issued) == [11700, 11700, 87000]
    assert names(acme) == set()
    with pytest.raises(Refused, match="an invoice for each job already"):
        acme.do("grouping acme job")


def test_all_of_a_payers_orders_on_one_invoice_are_issued_as_one(acme: Company) -> None:
    billable_job(acme, "hq", "77"), billable_job(acme, "hq", "78")
    acme.do("grouping acme payer")
    (issued,) = bill_all(acme.desk, acme.desk.today, issue=True)
    assert issued["amount"] == 87000 + 2 * 11700


def test_an_approval_is_of_each_line_as_it_stands(acme: Company) -> None:
    acme.do("policy approve_above 500.00")
    with pytest.raises(Refused, match="above £500.00 and not approved"):
        acme.do("bill C204")
    acme.do("approve K1")
    with pytest.raises(Refused, match="approved as it stands"):
        acme.do("approve K1")
    acme.do("revise C204 310.00 2026-03-01")
    (case,) = [one for one in exceptions.open_cases(acme.store, acme.now) if one.reason == "unapproved"]
    assert case.value == 31000  # the two lines that did not change stay approved
    acme.do("approve C204", "bill C204")
    assert acme.store.sql("SELECT net FROM invoice") == [(89000,)]


def test_approving_is_the_owners_and_undone_like_anything(acme: Company) -> None:
    clerk = Desk(acme.store, acme.clock, acme.desk.ids, "kim", role="billing")
    from fsconsole import verbs

    with pytest.raises(Refused, match="role owner"):
        verbs.run(clerk, "approve K1")
    acme.do("approve K1", "u")
    acme.do("approve K1")


def test_what_is_waived_of_a_contract_is_drafted_no_more(acme: Company) -> None:
    (january,) = [one.key for one in exceptions.open_cases(acme.store, acme.now) if one.key.endswith("2026-01-01")]
    acme.do(f"waive {january} agreed free of charge")
    assert [row.amount for row in money.drafts(acme.store, acme.now)] == [58000]
    found = reports.month(acme.store, acme.now, date(2026, 1, 1), date(2026, 2, 1))
    assert [(row.state, row.amount) for row in found.rows] == [("waived", 29000)]
    assert found.complete
    acme.do("u")
    assert [row.amount for row in money.drafts(acme.store, acme.now)] == [87000]


def test_a_month_is_closed_when_every_obligation_of_it_is_dealt_with(acme: Company) -> None:
    acme.do("contact K2 ap a@finch.example", "order 1008 77")
    acme.do("d 1008 ben", "en ben", "a ben", "labour 1008 1h", "c ben")  # March: held, no card
    with pytest.raises(Refused, match="February 2026 is not complete: 1 obligation open, £290.00"):
        acme.do("lock feb")
    with pytest.raises(Refused, match="March 2026 is not over"):
        acme.do("lock 2026-03")
    acme.do("bill C204", "lock 2026-02")
    march = reports.month(acme.store, acme.now, date(2026, 3, 1), date(2026, 4, 1))
    assert march.complete  # billed in advance, or held with the reason
    assert {row.reason for row in march.held} >= {"complete_no_card"}
    assert march.billed == 29000
    with pytest.raises(Refused, match="closed for all days before 1 Mar 2026 already"):
        acme.do("lock 2026-01")

    # A price mended today does not reopen it: the difference is one exception with its value.
    save(acme.store, acme.desk.act("mend"), [put("term", acme.ids["term"], amount=30000)], acme.now)
    settle(acme.store, acme.now)
    behind = [one for one in exceptions.open_cases(acme.store, acme.now) if one.reason == "behind_fence"]
    assert [(one.value, one.credit) for one in behind] == [(2000, False)]
    assert [row.amount for row in money.drafts(acme.store, acme.now, payer=acme.ids["acme"])] == [1000]  # March alone


def february(one: Company) -> reports.Month:
    return reports.month(one.store, one.now, date(2026, 2, 1), date(2026, 3, 1))


def test_a_month_that_was_closed_by_force_is_not_complete(acme: Company) -> None:
    acme.do("lock 2026-02 !! year end")
    assert [(row.state, row.amount, row.reason) for row in february(acme).rows] == [("open", 29000, "behind_fence")]
    told = report.month(acme.desk, "2026-02")
    assert not told.good
    assert "behind the fence" in told.words
    # January and February, £580.00, are no smaller a leak because the books are closed.
    leak = {row["cause"]: row["amount"] for row in report.leakage(acme.desk, "cause").data["rows"]}
    assert leak["behind a fence"] == 58000


def test_what_is_behind_a_closed_month_goes_out_in_the_open_one_with_a_reason(acme: Company) -> None:
    acme.do("lock 2026-02 !! year end")
    assert "1 line, £290.00" in acme.do("bill C204").words  # March alone
    with pytest.raises(Refused, match=r"2 lines, £580\.00 of LDN-C204 belong to a month that is closed") as told:
        acme.do("bill C204")
    assert told.value.guard
    assert "2 lines, £580.00" in acme.do("bill C204 !! found in the drawer").words
    paper = fetch_all(acme.store, "invoice", number="LDN-I0002")[0]
    assert (paper.issued_on, paper.custom) == (date(2026, 3, 3), {"override": "found in the drawer"})
    assert february(acme).complete
    assert [case for case in exceptions.open_cases(acme.store, acme.now) if case.reason == "behind_fence"] == []
    with pytest.raises(Refused, match="Nothing of LDN-C204"):
        acme.do("bill C204 !! again")


def test_what_was_waived_before_or_behind_the_fence_stays_waived(acme: Company) -> None:
    first = min(exceptions.cases_about(acme.store, acme.now, acme.ids["c204"]), key=lambda case: case.since or 0)
    acme.do(f"waive {first.key} a present", "lock 2026-02 !! year end")
    (behind,) = [case for case in exceptions.open_cases(acme.store, acme.now) if case.reason == "behind_fence"]
    assert behind.value == 29000  # February alone
    acme.do(f"waive {behind.key} too small")
    assert [row.state for row in february(acme).rows] == ["waived"]
    assert february(acme).complete


def test_an_owner_opens_a_closed_month_again(acme: Company) -> None:
    acme.do("lock 2026-02 !! year end")
    with pytest.raises(Refused, match="closed for all days before 1 Mar 2026") as told:
        acme.do("unlock 2026-02")
    assert told.value.guard
    with pytest.raises(Refused, match="March 2026 is open"):
        acme.do("unlock 2026-03 !! why not")
    acme.do("unlock 2026-02 !! agreed with the accountant")
    # February is open again, January stays closed.
    assert "2 lines, £580.00" in acme.do("bill C204").words
    clerk = Desk(acme.store, acme.clock, acme.desk.ids, "kim", role="billing")
    with pytest.raises(Refused):
        verbs.run(clerk, "unlock 2026-01 !! please")


def test_the_leak_is_one_sum_by_whatever_it_is_shown(acme: Company) -> None:
    acme.do("contact K2 ap a@finch.example", "order 1008 77", "d 1008 ben", "en ben", "a ben", "c ben")
    billable_job(acme, "hq", "77")
    figures = exceptions.figures(acme.store, acme.now)
    totals = {by: report.leakage(acme.desk, by).data["total"] for by in reports.BY}
    assert len(set(totals.values())) == 1
    assert totals["cause"] >= figures.unbilled
    told = report.leakage(acme.desk, "cause")
    table = list(csv.DictReader(io.StringIO(told.as_csv())))
    assert sum(int(row["amount"]) for row in table) == totals["cause"]
    assert {row["cause"] for row in table} >= {"ready to bill", "complete, no card"}
    month = report.month(acme.desk, "2026-03")
    assert not month.good
    assert "March 2026 is not complete" in month.words


def test_a_spreadsheet_runs_nothing_that_a_client_is_called(acme: Company) -> None:
    save(acme.store, acme.desk.act("import"), [put("client", acme.ids["acme"], name="=1+1")], acme.now)
    settle(acme.store, acme.now)
    assert "'=1+1" in report.leakage(acme.desk, "client").as_csv()


def test_what_changed_since_a_person_looked_is_theirs_alone(acme: Company) -> None:
    (row,) = money.drafts(acme.store, acme.now)
    lines = money.draft_lines(acme.store, acme.now, *row.draft)
    assert draft.since_looked(acme.store, "jo", row.draft, lines).at is None
    draft.look(acme.store, "jo", row.draft, lines, acme.now)
    acme.do("revise C204 310.00 2026-03-01")
    fresh = money.draft_lines(acme.store, acme.now, *row.draft)
    found = draft.since_looked(acme.store, "jo", row.draft, fresh)
    assert [one.words for one in found.changes] == ["was £290.00"]
    assert draft.since_looked(acme.store, "kim", row.draft, fresh).at is None
    assert [one.words for one in draft.since_looked(acme.store, "jo", row.draft, fresh[:2]).changes] == ["gone"]


def test_a_price_that_another_console_changes_while_many_jobs_are_derived_counts_for_what_it_marked(
    acme: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    refs = [billable_job(acme, "hq", number) for number in ("77", "78")]
    monkeypatch.setattr("fsconsole.flow.settle.CHUNK", 1)
    other = open_store(acme.store.path)

    def meanwhile(done: int, total: int) -> None:
        if done == 1:
            save(other, acme.desk.act("rate"), [put("rate", acme.ids["labour"], amount=9000)], acme.now)
            with other.writing() as conn:
                derive.spread(conn)  # the other console has marked what rests on it, and this one is faster

    with acme.store.writing() as conn:
        derive.mark(conn, derive.JOB, [row for (row,) in acme.store.sql("SELECT id FROM job ORDER BY id DESC LIMIT 2")])
    settle(acme.store, acme.now, meanwhile)
    other.close()
    amounts = dict(acme.store.sql("SELECT j.ref, n.amount FROM charge_now n JOIN job j ON j.id = n.job WHERE n.kind = 'labour' AND n.estimate = 0"))
    assert {amounts[f"LDN-{ref}"] for ref in refs} == {9000}
