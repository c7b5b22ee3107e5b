"""What is only taken off a line waits with that line: every screen, the top line, the reports and the run say one figure."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from fsconsole.flow.agreement import agreement
from fsconsole.flow.imports import import_file
from fsconsole.flow.invoice import bill_all
from fsconsole.store.queries import ageing, money, reports
from fsconsole.store.queries.exceptions import figures, open_cases
from tests.company import Company, company

HEAD = '[contract]\nref = "C9"\nclient = "Finch & Co"\nfrom = 2026-01-05\n'
WORKS = (
    '[[term]]\nname = "works"\nkind = "milestone"\nmilestones = [{ name = "first fix", on = 2026-01-26, amount = 3600.00 },'
    ' { name = "done", on = 2026-02-16, amount = 90.00 }]\n'
)
RETAINED = '[[term]]\nname = "held back"\nkind = "retention"\nof = ["works"]\npercent = 5\nlimit = 180.00\n'
TOGETHER = '[[discount]]\nname = "welcome"\namount = 180.00\noff = "all together"\nperiods = 1\n'


@pytest.fixture
def acme(tmp_path: Path) -> Company:
    return company(tmp_path)


def agreed(acme: Company, folder: Path, terms: str) -> None:
    """A project that is due by now, held for want of an order; what else could be billed is billed."""
    acme.do("contact K2 ap ap@finch.example", "bill C204")
    path = folder / "works.toml"
    path.write_text(HEAD + terms)
    report = import_file(acme.desk, "agreements", path, elsewhere_until=date(1990, 1, 1))
    assert not report.rejects, report.rejects


@pytest.mark.parametrize("terms", [WORKS + RETAINED, WORKS + TOGETHER], ids=["retention", "discount of several lines"])
def test_a_line_that_is_held_holds_what_is_taken_off_it_in_every_figure(acme: Company, tmp_path: Path, terms: str) -> None:
    agreed(acme, tmp_path, terms)
    (draft,) = money.drafts(acme.store, acme.now)
    assert draft.held == draft.amount == 351000
    assert sum(row.held for row in ageing.unbilled_by_age(acme.store, acme.now)) == 351000
    kept = [one["amount"] for one in bill_all(acme.desk, acme.desk.today) if one["held"]]
    assert sum(kept) == 351000
    top = figures(acme.store, acme.now)
    assert (top.unbilled, top.credits) == (351000, 0)
    leaks = [one for one in reports.leaks(acme.store, acme.now) if one.cause not in ("asset_uncovered", "notice_near")]
    assert {one.cause for one in leaks} == {"order_missing"}
    assert sum(one.amount for one in leaks) == 351000
    (case,) = [each for each in open_cases(acme.store, acme.now) if each.reason == "order_missing"]
    assert case.value == 351000
    beside = sum(each.value for each in open_cases(acme.store, acme.now) if each.reason in ("asset_uncovered", "notice_near"))
    assert top.at_risk - beside == 351000


def test_what_is_taken_off_a_line_that_went_out_already_is_owed_to_the_client(acme: Company, tmp_path: Path) -> None:
    agreed(acme, tmp_path, WORKS)
    acme.do("order C9 4711", "bill C9")
    (tmp_path / "works.toml").write_text(HEAD + 'order_number = "4711"\n' + WORKS + RETAINED)
    assert not import_file(acme.desk, "agreements", tmp_path / "works.toml", elsewhere_until=date(1990, 1, 1)).rejects
    top = figures(acme.store, acme.now)
    assert (top.unbilled, top.credits) == (0, 18000)


def test_a_draft_is_approved_for_what_it_comes_to(acme: Company, tmp_path: Path) -> None:
    agreed(acme, tmp_path, WORKS + RETAINED)
    acme.do("policy approve_above 2500", "order C9 4711")
    (case,) = [each for each in open_cases(acme.store, acme.now) if each.reason == "unapproved"]
    assert (case.value, case.step_words) == (342000, "approve its lines")
    assert acme.do("approve K2").words.endswith("£3,510.00 in all")
    assert not [each for each in open_cases(acme.store, acme.now) if each.reason == "unapproved"]


def test_what_is_taken_off_a_line_stands_right_behind_it_on_the_draft_and_on_the_document(acme: Company, tmp_path: Path) -> None:
    agreed(acme, tmp_path, WORKS + RETAINED)
    (draft,) = money.drafts(acme.store, acme.now)
    lines = money.draft_lines(acme.store, acme.now, *draft.draft)
    assert [line.amount for line in lines] == [360000, -18000, 9000]
    (case,) = [each for each in open_cases(acme.store, acme.now) if each.reason == "order_missing"]
    assert [line.split(" due ")[0] for line in case.evidence] == ["£3,600.00", "−£180.00", "£90.00"]
    acme.do("order C9 4711", "bill C9")
    (paper,) = [one for one in money.invoices(acme.store) if one.client == "Finch & Co"]
    assert [line.amount for line in money.invoice_lines(acme.store, paper.invoice)] == [360000, -18000, 9000]


def test_the_next_bill_of_a_contract_is_all_that_falls_due_on_its_day(acme: Company, tmp_path: Path) -> None:
    ahead = WORKS.replace("2026-01-26", "2026-04-13").replace("2026-02-16", "2026-05-18")
    agreed(acme, tmp_path, ahead + RETAINED)
    rows = acme.store.sql("SELECT n.next_start, n.next_amount FROM contract_now n JOIN contract c ON c.id = n.contract WHERE c.ref = 'C9'")
    assert rows == [("2026-04-13", 342000)]


def test_a_contracts_own_screen_counts_what_is_taken_off_with_its_line_and_not_before_its_day(acme: Company, tmp_path: Path) -> None:
    later = WORKS.replace("2026-02-16, amount = 90.00", "2026-04-13, amount = 2400.00")
    agreed(acme, tmp_path, later + RETAINED.replace("limit = 180.00", "limit = 300.00"))
    (row,) = acme.store.sql("SELECT id FROM contract WHERE ref = 'C9'")
    told = agreement(acme.store, row[0], acme.now)
    assert told is not None
    assert told.unbilled == 342000
    assert [(line.amount, line.state) for line in told.periods] == [
        (360000, "held"), (-18000, "held"), (240000, "open"), (-12000, "open"),
    ]  # fmt: skip
