"""What price prints for people: 80 columns, every amount beside its reason, totals at a glance, all fields told."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from fsconsole.errors import UsageError
from fsconsole.flow.price import as_data, examples, examples_in_words, fields, in_words, price_bytes, price_file
from fsconsole.inbox.terms_fields import Field
from fsconsole.inbox.terms_known import SECTIONS, TERM, TERM_KINDS

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "price"
YEAR = b"""
[contract]
client = "Acme Laundries"
from = 2025-07-01
until = 2026-07-01
tax = 20
payment = "30 days"
[[term]]
name = "care fee"
amount = 300.00
[[issued]]
term = "care fee"
from = 2025-07-01
amount = 300.00
tax = 20
invoice = "1001"
"""


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*/*.toml")), ids=lambda path: path.stem)
def test_a_result_fits_eighty_columns_and_says_every_amount_it_bills(path: Path) -> None:
    priced = price_file(path)
    text = in_words(priced)
    for line in text.splitlines():
        assert len(line) <= 80 or " " not in line.strip(), line
    flat = " ".join(text.split())
    for charge in priced.result.charges:
        assert " ".join(charge.reason.split()) in flat


def test_a_year_is_told_by_calendar_year_with_tax_and_the_rest_to_issue() -> None:
    text = in_words(price_bytes(YEAR))
    assert "2025-07-01  £360.00 = £300.00 + £60.00 tax, due 2025-07-31" in text
    assert "2025             £1,800.00       £360.00     £2,160.00  6 documents" in text
    assert "together         £3,600.00       £720.00     £4,320.00  12 documents" in text
    assert "Not issued yet: £3,300.00 + £660.00 tax = £3,960.00" in text


def _names(about: tuple[Field, ...]) -> set[str]:
    return {one.name for one in about} | {name for one in about for name in _names(one.fields)}


def test_the_reference_tells_every_field_of_every_section_and_kind() -> None:
    for name, about in SECTIONS.items():
        if name == "term":
            continue
        words = fields(name).split()
        assert _names(about.fields) <= set(words), name
    for kind, own in TERM_KINDS.items():
        assert _names((*own, *TERM)) <= set(fields(kind).split()), kind
    listed = fields()
    assert all(f"  {name} " in listed for name in SECTIONS)
    assert all(len(line) <= 80 for line in listed.splitlines())


def test_a_field_reference_that_there_is_not_is_refused_with_what_there_is() -> None:
    with pytest.raises(UsageError, match="did you mean meter"):
        fields("metre")


def test_every_example_is_listed_with_what_it_is_about() -> None:
    listed = examples_in_words()
    assert all(name in listed for name in examples())
    assert all(len(line) <= 80 for line in listed.splitlines())


def test_what_a_file_may_expect_is_told_as_json_prints_it() -> None:
    told = fields("expect")
    for name in as_data(price_bytes(YEAR).result):
        assert name in told or name == "tax_says", name
    assert all(len(line) <= 80 for line in told.splitlines())


def test_a_file_without_a_term_says_that_nothing_is_billed() -> None:
    assert "There is no [[term]], so nothing is billed" in in_words(price_bytes(b"[contract]\nfrom = 2025-01-01\n"))


def test_a_file_that_is_piped_in_is_priced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(YEAR)))
    assert price_file(Path("-")).result.totals.gross == price_bytes(YEAR).result.totals.gross
