"""Every kind of term is said in a sentence with its numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from fsconsole.inbox.terms_file import read_terms
from fsconsole.inbox.terms_known import TERM_KINDS
from fsconsole.rules.term_words import term_words
from fsconsole.values.terms import Term
from fsconsole.values.work import Id

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "price"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*/*.toml")), ids=lambda path: path.stem)
def test_each_term_of_a_file_is_said_with_a_number(path: Path) -> None:
    read, _ = read_terms(path.read_bytes(), path.name)
    assert read is not None
    for term in read.agreement.terms:
        words = term_words(term, read.agreement.money)
        assert any(letter.isdigit() for letter in words) or not term.details, words


def test_each_kind_of_term_has_words() -> None:
    for kind in TERM_KINDS:
        assert term_words(Term(id=Id(b"1"), kind=kind, amount=9000), "GBP")


@pytest.mark.parametrize(
    ("kind", "details", "words"),
    [
        ("meter", {"price": "0.0042", "included": "5000", "unit": "copy"},
         "£0.0042 a copy beyond 5000 included, each month, a reading that is missing is waited for"),
        ("hours", {"included": 600, "price": "95", "carry": 2, "hours": "Mon-Fri 09:00-17:00", "after_hours": "2"},
         "10 h included each month, £95.00 an hour beyond, carried over for 2 periods, outside Mon-Fri 09:00-17:00 × 2"),
        ("sla", {"respond": 60, "restore": 240, "percent": "5", "cap": "20", "claim": "claimed"},
         "there within 1 h and mended within 4 h, or 5% of the fee credited for each breach, at most 20%, when it is claimed"),
        ("time", {"price": "72", "step": 15, "call_out": 4500, "markup": "25"},
         "£72.00 an hour, in steps of 15 minutes, call-out £45.00, parts at cost + 25%"),
        ("time", {"price": "68", "step": 30, "round": "down"}, "£68.00 an hour, in steps of 30 minutes rounded down"),
        ("retention", {"percent": "5", "of": ["works"], "limit": 45000,
                       "releases": [{"on": "2026-02-23", "percent": "50"}, {"on": "2026-10-13"}]},
         "5% of works held back, at most £450.00; released: 50% on 23 Feb 2026 and the rest on 13 Oct 2026"),
        ("milestone", {"milestones": [{"name": "first fix", "on": "2026-01-26", "amount": 360000}, {"name": "done", "percent": "40"}]},
         "in 2 milestones: first fix £3,600.00 on 26 Jan 2026 and done 40%"),
    ],
)  # fmt: skip
def test_a_term_is_said_as_a_person_would(kind: str, details: dict[str, object], words: str) -> None:
    assert term_words(Term(id=Id(b"1"), kind=kind, details=details), "GBP") == words


def test_a_season_a_trial_and_a_day_to_bill_on_are_said() -> None:
    said = {"trial": [14, "day"], "season": [4, 5, 10], "bill_day": 15, "counted": "last day"}
    term = Term(id=Id(b"t"), amount=21000, proration="working days", details=said)
    assert term_words(term, "GBP") == (
        "£210.00 a month, in advance, part periods by working days, the first 14 days free, only in Apr, May and Oct, "
        "billed on day 15 of the month, of units those there on the last day for a whole period"
    )
    assert "a period of 4-4-5 weeks" in term_words(Term(id=Id(b"t"), amount=100, unit="week", every=13, details={"weeks": [4, 4, 5]}), "GBP")
