"""A reading that a person put right or took back stays so, whatever file says it again."""

from __future__ import annotations

from pathlib import Path

import pytest

from fsconsole.errors import Refused
from fsconsole.flow.imports import Report, import_file
from fsconsole.flow.settle import settle
from tests.company import Company, company

METER = """[contract]
ref = "M-1"
client = "Acme Ltd"
from = 2025-11-01
[[term]]
name = "copies"
kind = "meter"
in = "arrears"
meters = [{ name = "mono", price = 0.01 }]
[[asset]]
name = "ecoTEC 838"
serial = "21-0093"
term = "copies"
[[reading]]
asset = "ecoTEC 838"
meter = "mono"
on = 2025-11-01
value = 1000
[[reading]]
asset = "ecoTEC 838"
meter = "mono"
on = 2025-12-01
value = 2000
"""


def taken(there: Company, folder: Path) -> Report:
    (folder / "m.toml").write_text(METER, encoding="utf-8")
    report = import_file(there.desk, "agreements", folder / "m.toml", elsewhere_until=None)
    settle(there.store, there.now)
    assert not report.rejects, report.in_words()
    return report


def stand(there: Company) -> list[tuple[str, int]]:
    return [(day, value // 1000) for day, value in there.store.sql("SELECT day, value FROM reading WHERE void = 0 ORDER BY 1, 2")]


def test_a_reading_put_right_is_not_undone_by_the_file_imported_again(tmp_path: Path) -> None:
    there = company(tmp_path)
    taken(there, tmp_path)
    there.do("reading 21-0093 2500 mono 2025-12-01")
    right = [("2025-11-01", 1000), ("2025-12-01", 2500)]
    assert stand(there) == right
    again = taken(there, tmp_path)
    assert stand(there) == right
    assert (again.added, again.updated) == (0, 0)
    assert any("taken back by a person" in note and "1 Dec 2025" in note for note in again.notes)


def test_what_an_undo_of_the_import_took_back_the_next_import_brings_again(tmp_path: Path) -> None:
    there = company(tmp_path)
    taken(there, tmp_path)
    there.do("u")
    assert stand(there) == []
    taken(there, tmp_path)
    assert stand(there) == [("2025-11-01", 1000), ("2025-12-01", 2000)]


def test_a_reading_marked_wrong_counts_for_nothing_until_that_is_undone(tmp_path: Path) -> None:
    there = company(tmp_path)
    taken(there, tmp_path)
    said = there.do("reading 21-0093 wrong mono 2025-12-01").words
    assert "2000" in said
    assert stand(there) == [("2025-11-01", 1000)]
    taken(there, tmp_path)
    assert stand(there) == [("2025-11-01", 1000)]
    there.do("u")
    assert stand(there) == [("2025-11-01", 1000), ("2025-12-01", 2000)]


def test_marking_wrong_what_was_never_read_says_when_it_was(tmp_path: Path) -> None:
    there = company(tmp_path)
    taken(there, tmp_path)
    with pytest.raises(Refused, match="not read on 5 Jan 2026") as caught:
        there.do("reading 21-0093 wrong 2026-01-05")
    assert "1 Dec 2025" in str(caught.value)


def test_a_table_of_readings_from_another_file_does_not_bring_back_what_was_marked_wrong(tmp_path: Path) -> None:
    there = company(tmp_path)
    for name in ("march.csv", "copier.csv"):
        (tmp_path / name).write_text("serial,meter,reading,date\n21-0093,mono,1200,2026-02-01\n")
    assert not import_file(there.desk, "readings", tmp_path / "march.csv").rejects
    there.do("reading 21-0093 wrong mono 2026-02-01")
    import_file(there.desk, "readings", tmp_path / "copier.csv")
    assert stand(there) == []
