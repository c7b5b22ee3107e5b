"""What holds of every price file there is: the laws of money, tried on each case and example."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pytest

from fsconsole.inbox.terms_file import read_terms
from fsconsole.rules.priced import Result, price
from fsconsole.values.bill import Invoice, IssuedLine
from fsconsole.values.work import Id

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "price"
FILES = sorted(FOLDER.glob("*/*.toml"))
CONTRACTS = [path for path in FILES if "[[term]]" in path.read_text(encoding="utf-8")]


def priced(path: Path) -> tuple[Result, date | None]:
    read, rejects = read_terms(path.read_bytes(), path.name)
    assert read is not None
    assert not rejects
    return price(read.agreement, read.through), read.through


def issued(result: Result, again: int = 0) -> tuple[IssuedLine, ...]:
    """What was to be issued, issued."""
    return tuple(
        IssuedLine(
            id=Id(b"new %d %05d" % (again, number)),
            invoice=Id(b"new"),
            key=one.key,
            contract=one.contract,
            amount=one.amount,
            start=one.period.start if one.period else one.billable_from,
            end=one.period.end if one.period else None,
            tax=one.tax,
        )
        for number, one in enumerate(result.difference)
        if not one.covered_by
    )


@pytest.mark.parametrize("path", CONTRACTS, ids=lambda path: path.stem)
def test_what_is_issued_is_not_drafted_again(path: Path) -> None:
    """Once is enough but for credits of what was billed: those follow what is billed now."""
    result, through = priced(path)
    rounds = 2 if any(term.kind == "sla" for term in result.agreement.terms) else 1
    for number in range(rounds):
        known = result.agreement
        result = price(replace(known, issued=(*known.issued, *issued(result, number))), through)
    assert not [one for one in result.difference if one.amount], [one.reason for one in result.difference]


@pytest.mark.parametrize("path", CONTRACTS, ids=lambda path: path.stem)
def test_a_voided_document_gives_its_periods_back(path: Path) -> None:
    result, through = priced(path)
    before = result.agreement
    void = Invoice(id=Id(b"new"), number="X", currency=before.money, void=True)
    after = replace(before, issued=(*before.issued, *issued(result)), invoices=(*before.invoices, void))
    again = price(after, through).difference
    assert [(one.key, one.amount) for one in again] == [(one.key, one.amount) for one in result.difference]


@pytest.mark.parametrize("path", CONTRACTS, ids=lambda path: path.stem)
def test_the_sums_of_every_document_hold(path: Path) -> None:
    """EN 16931: BR-CO-10, 13 (net is its lines), 14 (tax is that of its rates), 15 (gross)."""
    result, _ = priced(path)
    said = next(iter(result.agreement.of("contract")), {})
    for document in (*result.documents, *result.to_issue):
        totals = document.totals
        assert totals.gross == totals.net + totals.tax
        if said.get("prices", "exclusive") == "exclusive":
            assert totals.net == sum(one.amount for one in document.charges)
            assert totals.tax == sum(one.amount for one in totals.rates if not one.tax.withheld)
        if said.get("tax_rounding", "total") == "total":
            slack = Fraction(1 if said.get("prices") == "inclusive" else Fraction(1, 2))
            for one in totals.rates:
                exact = one.base * one.tax.percent / 100
                assert one.tax.compound or one.tax.unit or abs(one.amount - exact) <= slack
    assert result.totals.gross == sum(one.totals.gross for one in result.documents)


@pytest.mark.parametrize("path", CONTRACTS, ids=lambda path: path.stem)
def test_every_charge_is_billed_covered_or_held_and_says_why(path: Path) -> None:
    result, _ = priced(path)
    on_documents = {one.key for document in result.documents for one in document.charges}
    for charge in result.charges:
        assert charge.reason
        assert (charge.key in on_documents) or charge.covered_by or charge.estimate or not charge.amount
    assert len(on_documents) == sum(len(document.charges) for document in result.documents)


@pytest.mark.parametrize("path", CONTRACTS, ids=lambda path: path.stem)
def test_asked_for_a_day_later_it_bills_what_it_billed_and_perhaps_more(path: Path) -> None:
    result, _ = priced(path)
    limit = result.through
    if limit is None or limit > date(9000, 1, 1) or result.problems:
        return
    sooner, later = price(result.agreement, limit), price(result.agreement, limit + timedelta(days=1))
    known = {one.key: one.amount for one in later.charges}
    for one in sooner.charges:
        assert one.key in known
