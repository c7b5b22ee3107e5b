"""What is only taken off a line waits with that line: every screen, the top line, the reports and the run say one figure."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

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
    assert (case.value, case.step_words) == (342000, "approve £3,420.00")
    assert acme.do("approve K2").words.endswith("£3,510.00 in all")
    assert not [each for each in open_cases(acme.store, acme.now) if each.reason == "unapproved"]
