"""A file never moves a contract to another client, nor makes two contracts one; credits go to whom was billed."""

from __future__ import annotations

from pathlib import Path

import pytest

from fsconsole.flow.imports import Report, import_file
from fsconsole.flow.settle import settle
from tests.company import Company, company


def agreement(there: Company, folder: Path, text: str, name: str = "care.toml") -> Report:
    (folder / name).write_text(text, encoding="utf-8")
    report = import_file(there.desk, "agreements", folder / name)
    settle(there.store, there.now)
    return report


def owed(there: Company) -> dict[str, int]:
    """What is to be billed now, credits as negative, by the payer's name."""
    return dict(
        there.store.sql(
            "SELECT c.name, sum(n.amount) FROM charge_now n JOIN client c ON c.id = n.payer"
            " WHERE n.billable_from <= '2026-03-03' AND n.job IS NULL GROUP BY 1 HAVING sum(n.amount) != 0"
        )
    )


def test_an_agreement_that_names_another_client_is_refused_with_its_line_and_the_way(tmp_path: Path) -> None:
    there = company(tmp_path)
    there.do("bill C204")
    text = '[contract]\nref = "LDN-C204"\nclient = "Nobody Yet Ltd"\nfrom = 2025-01-01\n[[term]]\nname = "care fee"\namount = 1.00\n'
    report = agreement(there, tmp_path, text)
    assert (report.added, report.updated, report.rejected) == (0, 0, 1)
    (reject,) = report.rejects
    assert reject.line == 3
    assert "Acme Ltd" in reject.reason
    assert "transfer" in reject.reason
    assert there.store.one("SELECT 1 FROM client WHERE name = 'Nobody Yet Ltd'") is None
    assert owed(there) == {}


def test_a_line_of_a_contract_file_that_names_another_client_is_refused_with_its_terms(tmp_path: Path) -> None:
    there = company(tmp_path)
    before = there.store.sql("SELECT id, amount FROM term ORDER BY id")
    path = tmp_path / "contracts.csv"
    path.write_text("contract,client,term,amount,every,start\nLDN-C204,Finch & Co,Care Plus,1.00,month,2026-01-01\n")
    report = import_file(there.desk, "contracts", path)
    assert report.rejected
    assert "Acme Ltd" in report.rejects[0].reason
    assert there.store.sql("SELECT id, amount FROM term ORDER BY id") == before
    assert there.store.one("SELECT client FROM contract") == (there.ids["acme"],)


def test_a_contract_that_changes_hands_line_by_line_keeps_client_terms_and_covers(tmp_path: Path) -> None:
    there = company(tmp_path)
    path = tmp_path / "contracts.csv"
    head = "contract,client,term,amount,every,start\n"
    path.write_text(head + "C-9,Acme Ltd,Care,100.00,month,2026-01-01\n")
    assert not import_file(there.desk, "contracts", path).rejected
    path.write_text(head + "C-9,Finch & Co,Care,1.00,month,2026-01-01\n")
    assert import_file(there.desk, "contracts", path).rejected
    assert there.store.sql("SELECT t.amount, k.client FROM term t JOIN contract k ON k.id = t.contract WHERE k.ref = 'C-9'") == [
        (10000, there.ids["acme"])
    ]


def test_a_credit_goes_to_whom_was_billed_though_another_pays_now(tmp_path: Path) -> None:
    there = company(tmp_path)
    there.do("bill C204")  # to Acme
    moved = '[[revision]]\non = 2026-01-01\nwhat = "transfer"\nclient = "Finch & Co"\n'
    text = '[contract]\nref = "LDN-C204"\nclient = "Acme Ltd"\nfrom = 2026-01-01\n[[term]]\nname = "Care Plus"\namount = 100.00\n'
    assert not agreement(there, tmp_path, text + moved).rejects
    assert owed(there) == {"Acme Ltd": -57000}
    there.do("bill C204")
    assert owed(there) == {}
    assert there.store.sql("SELECT c.name FROM invoice i JOIN client c ON c.id = i.client WHERE i.kind = 'credit note'") == [
        ("Acme Ltd",)
    ]


def test_a_price_written_over_for_periods_that_are_billed_is_told_with_its_sum(tmp_path: Path) -> None:
    there = company(tmp_path)
    there.do("bill C204")
    text = '[contract]\nref = "LDN-C204"\nclient = "Acme Ltd"\nfrom = 2026-01-01\n[[term]]\nname = "Care Plus"\namount = 280.00\n'
    report = agreement(there, tmp_path, text)
    assert not report.rejects
    assert report.updated
    (note,) = [one for one in report.notes if "billed already" in one]
    assert "£30.00 is to be credited" in note
    assert "3 periods" in note
    assert owed(there) == {"Acme Ltd": -3000}


CARE = '[contract]\nclient = "Acme Ltd"\nfrom = 2026-01-01\n[[term]]\nname = "fee"\namount = {}\n{}'
RISE = '[[revision]]\non = 2026-02-01\nwhat = "price"\namount = 120.00\n'


def test_two_files_without_a_reference_are_not_guessed_to_be_one_contract(tmp_path: Path) -> None:
    there = company(tmp_path)
    assert not agreement(there, tmp_path, CARE.format("100.00", RISE), "north.toml").rejects
    stood = there.store.sql("SELECT id FROM entry WHERE void = 0")
    second = agreement(there, tmp_path, CARE.format("70.00", RISE.replace("120", "80")), "south.toml")
    assert "north.toml" in second.rejects[0].reason
    assert "ref" in second.rejects[0].reason
    assert there.store.sql("SELECT id FROM entry WHERE void = 0") == stood
    again = agreement(there, tmp_path, CARE.format("100.00", RISE), "north.toml")
    assert (again.added, again.updated, again.rejected) == (0, 0, 0)
    named = agreement(there, tmp_path, CARE.format("70.00", "").replace("from", 'ref = "S-1"\nfrom', 1), "south.toml")
    assert not named.rejects
    assert there.store.one("SELECT count(*) FROM contract") == (3,)


@pytest.mark.parametrize("ref", ["LDN-C205", "ldn-c205"])
def test_a_file_by_another_name_that_says_which_contract_it_is_changes_that_one(tmp_path: Path, ref: str) -> None:
    there = company(tmp_path)
    agreement(there, tmp_path, CARE.format("100.00", ""), "north.toml")
    there.store.one("SELECT 1")
    known = there.store.one("SELECT ref FROM contract WHERE ref != 'LDN-C204'")
    assert known is not None
    said = known[0] if ref.isupper() else known[0].lower()
    report = agreement(there, tmp_path, CARE.format("110.00", "").replace("from", f'ref = "{said}"\nfrom', 1), "other.toml")
    assert not report.rejects
    assert report.updated
    assert there.store.one("SELECT count(*) FROM contract") == (2,)


@pytest.mark.parametrize(("said", "is_"), [("location", "location"), ("per site", "location"), ("PO number", "order"), ("", "")])
def test_what_shares_an_invoice_is_a_column_of_clients(tmp_path: Path, said: str, is_: str) -> None:
    there = company(tmp_path)
    path = tmp_path / "clients.csv"
    path.write_text(f"name,phone,grouping\nNew & Sons,020 7946 0000,{said}\n")
    report = import_file(there.desk, "clients", path)
    assert not report.rejects
    assert there.store.one("SELECT grouping FROM client WHERE name = 'New & Sons'") == (is_,)


def test_a_way_to_group_that_nobody_knows_is_refused_with_those_there_are(tmp_path: Path) -> None:
    there = company(tmp_path)
    path = tmp_path / "clients.csv"
    path.write_text("name,phone,invoice grouping\nNew & Sons,020 7946 0000,colour\n")
    (reject,) = import_file(there.desk, "clients", path).rejects
    assert reject.line == 2
    assert "payer, order, location, contract, job" in reject.reason
