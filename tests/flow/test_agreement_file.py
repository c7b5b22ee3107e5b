"""A price file taken into the store is priced there as it was before, and written again as a file that says the same."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from fsconsole.desk import Desk
from fsconsole.flow.agreed import agreed
from fsconsole.flow.agreement_file import price_file_of
from fsconsole.flow.gather import Known, contract_sheets
from fsconsole.flow.imports import import_file
from fsconsole.flow.price import price_bytes
from fsconsole.inbox.terms_file import read_terms
from fsconsole.rules.priced import Result, price
from tests.company import company

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "price"


def test_every_section_of_a_price_file_is_kept_somewhere() -> None:
    from fsconsole.flow.import_agreement import CLAUSES
    from fsconsole.flow.import_happened import ENTRIES
    from fsconsole.inbox.terms_known import SECTIONS
    from fsconsole.rules.priced import SECTIONS as QUESTIONS

    tables = {"contract", "zone", "term", "asset", "index", "reading", "issued", "expect"}
    assert set(SECTIONS) == {*CLAUSES, *ENTRIES, *QUESTIONS, *tables}


def in_scope() -> list[Path]:
    """Files that hold a contract; the others ask what needs none."""
    found = [*sorted((FOLDER / "cases").glob("*.toml")), *sorted((FOLDER / "examples").glob("*.toml"))]
    return [path for path in found if read_terms(path.read_bytes(), path.name)[0].agreement.terms]  # type: ignore[union-attr]


def told(result: Result) -> list[tuple[Any, ...]]:
    """Each charge by what it is about: the name of its term in place of the term's id.

    The company's own tax, 20 %, holds where a file says none.
    """
    agreement = result.agreement
    return [
        (
            agreement.title(one.term), about(one.key, result), one.kind, one.period, one.quantity, one.amount, one.notional,
            one.billable_from, agreement.title(one.payer), one.covered_by, one.estimate, one.tax or "20", one.reason,
        )
        for one in result.charges
    ]  # fmt: skip


def about(key: str, result: Result) -> str:
    """A key with the names of terms in place of their ids."""
    names = {term.id.hex(): term.name for term in result.agreement.terms}
    return ":".join(names.get(piece, piece) for piece in key.split(":"))


def rest(result: Result) -> list[tuple[Any, ...]]:
    return sorted((about(one.key, result), one.amount, one.billable_from or date.max) for one in result.difference)


def with_client(path: Path) -> bytes:
    """A file's text with a client, where it leaves out for whom it is agreed."""
    text = path.read_text(encoding="utf-8")
    if "client = " in text.partition("[[")[0]:
        return text.encode()
    return text.replace("[contract]", '[contract]\nclient = "Somebody Ltd"', 1).encode()


def taken(desk: Desk, path: Path) -> bytes:
    """Imports a price file, with nothing billed elsewhere; the id of its contract."""
    before = {row[0] for row in desk.store.sql("SELECT id FROM contract")}
    report = import_file(desk, "agreements", path, elsewhere_until=date(1990, 1, 1))
    assert not report.rejects, report.in_words()
    (new,) = {row[0] for row in desk.store.sql("SELECT id FROM contract")} - before
    return bytes(new)


def live(desk: Desk, contract: bytes, through: date | None) -> Result:
    known = Known(desk.store)
    agreement, wrong = agreed(contract_sheets(desk.store, [contract], known)[0], known)
    assert not wrong
    return price(agreement, through)


@pytest.mark.parametrize("path", in_scope(), ids=lambda path: path.stem)
def test_what_a_file_comes_to_is_what_its_contract_comes_to_in_the_store(path: Path, tmp_path: Path) -> None:
    there = company(tmp_path)
    there.do("policy lead_days 0")  # a price file knows no company, and bills in advance on the first day
    source = tmp_path / path.name
    source.write_bytes(with_client(path))
    filed = price_bytes(with_client(path), path.name).result
    contract = taken(there.desk, source)
    stored = live(there.desk, contract, filed.through)
    assert told(stored) == told(filed)
    assert rest(stored) == rest(filed)
    assert [(one.what, one.reason) for one in stored.problems] == [(one.what, one.reason) for one in filed.problems]
    written = price_bytes(price_file_of(there.store, contract).encode(), "written.toml", filed.through).result
    assert told(written) == told(filed)
    assert rest(written) == rest(filed)
    again = import_file(there.desk, "agreements", source, elsewhere_until=date(1990, 1, 1))
    assert (again.added, again.updated, again.created) == (0, 0, {}), again.in_words()


def test_a_contract_written_as_a_file_says_what_was_billed_elsewhere_and_asks_for_no_more_than_the_store(tmp_path: Path) -> None:
    there = company(tmp_path)
    contracts = tmp_path / "contracts.csv"
    contracts.write_text(
        "contract,client,term,amount,every,start,billed elsewhere until\nC-9,Acme Ltd,Care,100.00,month,2025-06-01,2026-02-01\n"
    )
    assert not import_file(there.desk, "contracts", contracts).rejects
    contract = there.store.sql("SELECT id FROM contract WHERE ref = 'C-9'")[0][0]
    written = price_file_of(there.store, contract)
    assert "elsewhere_until = 2026-02-01" in written
    priced = price_bytes(written.encode(), "c9.toml", date(2026, 3, 10)).result
    assert [one.amount for one in priced.difference] == [10000, 10000]  # February and March; the rest was billed elsewhere
    assert sum(one.totals.net for one in priced.to_issue) == 20000
    there.do("bill C-9")
    billed = price_bytes(price_file_of(there.store, contract).encode(), "c9.toml", date(2026, 3, 10)).result
    assert billed.difference == ()


def test_a_new_value_of_any_index_of_a_formula_drafts_its_contract_anew(tmp_path: Path) -> None:
    there = company(tmp_path)
    source = tmp_path / "formula.toml"
    source.write_text(
        """\
[contract]
ref = "C-77"
client = "Acme Ltd"
from = 2024-01-01
until = 2027-01-01

[[term]]
name = "upkeep"
amount = 4800.00
every = "year"

[[escalator]]
from = 2025-01-01
parts = [{ index = "wages", percent = 55, base = 112.0 }, { index = "materials", percent = 30, base = 125.0 }]
"""
    )
    assert not import_file(there.desk, "agreements", source, elsewhere_until=date(1990, 1, 1)).rejects
    contract = there.store.sql("SELECT id FROM contract WHERE ref = 'C-77'")[0][0]

    def drafted() -> list[int]:
        rows = there.store.sql("SELECT amount FROM charge_now WHERE contract = ? ORDER BY billable_from", (contract,))
        return [amount for (amount,) in rows]

    there.do("index materials 2025-01 130.0")
    kept = drafted()
    assert kept[:2] == [480000, 480000]
    there.do("index wages 2025-01 118.5")
    assert drafted()[:2] == [480000, 501081]
    assert [one.amount for one in live(there.desk, contract, date(2025, 6, 30)).charges] == [480000, 501081]
