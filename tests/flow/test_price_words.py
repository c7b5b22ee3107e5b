"""What price prints for people: 80 columns, every amount beside its reason, totals at a glance, all fields told."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import pytest

from fsconsole.errors import BadInput, UsageError
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
        words = fields(kind)
        assert _names(own) <= set(words.split()), kind
        assert {one.name for one in TERM} <= {word.rstrip(",") for word in words.split()}, kind
    assert _names(TERM) <= set(fields("term").split())
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


def said(text: str, through: str = "") -> str:
    """What price says of a text: its words, or its refusal."""
    try:
        return in_words(price_bytes(text.encode(), "t.toml", date.fromisoformat(through) if through else None))
    except BadInput as wrong:
        return str(wrong)


HALF_A_YEAR = '[contract]\nfrom = 2025-01-01\nuntil = 2025-07-01\n[[term]]\nname = "care"\namount = 300.00\n'


def test_a_suspension_added_at_the_end_says_so_on_its_line_and_among_the_dates() -> None:
    words = said(
        HALF_A_YEAR + 'suspension = "added at the end"\n[[revision]]\non = 2025-03-01\nwhat = "suspend"\nuntil = 2025-04-01\n'
    )
    told = " ".join(words.split())
    assert "care: £300.00 for Jul 2025, in advance; 31 days added at the end for the suspension of Mar 2025" in told
    assert "2025-08-01 runs on: care, with 31 Jul 2025 as its last day: 31 days added at the end" in told
    assert told.count("31 days added") == 2


@pytest.mark.parametrize(
    ("text", "through", "says"),
    [
        (HALF_A_YEAR, "2024-06-01", "nothing to bill: it starts on 2025-01-01, after the day asked for"),
        (HALF_A_YEAR.replace("2025-07-01", "2025-01-01"), "", "it starts and ends on 2025-01-01, so it has no day"),
        (HALF_A_YEAR.replace("2025-07-01", "2024-07-01"), "", "t.toml:3, contract.until: “2024-07-01”: that is before it starts"),
        (HALF_A_YEAR + 'holidays = "GB"\n', "", "t.toml:7, term.holidays: “GB”: expected the days themselves"),
        (HALF_A_YEAR + 'kind = "sla"\nhours = "9-5"\n', "", "t.toml:8, term.hours: “9-5”: expected hours such as Mon-Fri 09:00"),
    ],
)
def test_days_and_hours_that_mean_nothing_are_told_with_their_reason(text: str, through: str, says: str) -> None:
    assert says in " ".join(said(text, through).split())


def test_columns_stay_apart_whatever_the_amounts() -> None:
    words = said(HALF_A_YEAR.replace("300.00", "1234567890123.00").replace("until", "tax = 20\nuntil"))
    line = next(line for line in words.splitlines() if line.startswith("2025 "))
    assert line.split()[1:4] == ["£7,407,407,340,738.00", "£1,481,481,468,147.60", "£8,888,888,808,885.60"]
