"""A price file read to values; what is wrong named with its line, its field and what was expected."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsconsole.inbox.terms_called import CALLED, like
from fsconsole.inbox.terms_fields import Field, Setting, WrongValue, anchor, every, money, span
from fsconsole.inbox.terms_file import read_terms
from fsconsole.inbox.terms_known import SECTIONS, TERM_KINDS
from fsconsole.inbox.toml_lines import line_at, lines_of
from fsconsole.values.work import Id

WHOLE = """\
[contract]
client = "Acme"
from = 2025-01-31
currency = "GBP"
timezone = "Europe/London"
every = "quarter"

[[term]]
name = "care fee"
amount = 300.00
in = "arrears"
anchor = "calendar"

[[term]]
name = "hire"
amount = 12
every = "2 weeks"
last_day = 2025-06-30
"""


def wrong(text: str) -> list[tuple[int, str, str]]:
    _, rejects = read_terms(text.encode())
    return [(one.line, one.field, one.reason) for one in rejects]


def test_a_file_becomes_a_contract_and_its_terms() -> None:
    read, rejects = read_terms(WHOLE.encode())
    assert rejects == []
    assert read is not None
    fee, hire = read.agreement.terms
    assert (fee.amount, fee.every, fee.unit, fee.timing, fee.anchor_on) == (30000, 3, "month", "arrears", date(2001, 1, 1))
    assert (hire.amount, hire.every, hire.unit, hire.end) == (1200, 2, "week", date(2025, 7, 1))
    assert read.agreement.contract.client == Id(b"Acme")
    assert read.agreement.money == "GBP"


@pytest.mark.parametrize(
    ("was", "becomes", "line", "field", "reason"),
    [
        ("anchor = ", "anchr = ", 12, "term.anchr", "there is no field “anchr” here; did you mean anchor?"),
        ("300.00", "300.005", 10, "term.amount", "expected an amount with at most 2 decimals in GBP"),
        ("300.00", '"lots"', 10, "term.amount", "expected an amount such as 300.00"),
        ('"arrears"', '"arears"', 11, "term.in", "expected one of advance, arrears; did you mean arrears?"),
        ("2025-01-31", '"31/01/2025"', 3, "contract.from", "expected a day such as 2025-01-31"),
        ('"GBP"', '"pounds"', 4, "contract.currency", "expected a currency of three capitals such as GBP"),
        ('"Europe/London"', '"Europe/Lodon"', 5, "contract.timezone", "expected a time zone such as Europe/London"),
        ('"2 weeks"', '"fortnit"', 17, "term.every", "expected how often: month, 3 months, quarter, year, half month, 2 weeks, 10 days"),
        ('name = "hire"', "", 14, "term", "name is missing: what it is called"),
        ('name = "hire"', 'name = "care fee"', 15, "term.name", "there is another term of this name; give each its own"),
        ("[contract]", "[contrat]", 1, "contrat", "there is no section “contrat”; did you mean contract?"),
        ("anchor =", 'kind = "fixd"\nanchor =', 12, "term.kind", ""),
    ],
)
def test_what_is_wrong_is_named_with_its_line_its_field_and_what_was_expected(
    was: str, becomes: str, line: int, field: str, reason: str
) -> None:
    (found,) = wrong(WHOLE.replace(was, becomes, 1))
    assert found[:2] == (line, field)
    assert reason in found[2]


def _said(about: tuple[Field, ...]) -> set[str]:
    return {word for one in about for word in (one.name, *one.choices)} | {word for one in about for word in _said(one.fields)}


def test_what_other_systems_call_a_thing_leads_to_a_name_that_there_is() -> None:
    tables = (*(one.fields for one in SECTIONS.values()), *TERM_KINDS.values())
    known = {*SECTIONS, *TERM_KINDS} | {word for table in tables for word in _said(table)}
    for ours, theirs in CALLED:
        name = ours.split(", or ")[0]
        assert name in known, f"there is no {name}"
        for word in theirs.split():
            assert like(word, [name]), f"{word} does not lead to {name}"


def test_a_kind_nobody_knows_is_told_which_there_are() -> None:
    ((_, _, reason),) = wrong(WHOLE.replace("anchor =", 'kind = "fixd"\nanchor =', 1))
    assert "did you mean fixed?" in reason
    assert "per asset" in reason


def test_a_revision_of_a_term_that_is_not_there_is_named() -> None:
    ((line, field, reason),) = wrong(WHOLE + '\n[[revision]]\non = 2025-02-01\nwhat = "end"\nterm = "care fees"\n')
    assert (line, field) == (23, "revision.term")
    assert reason == "there is no such term; did you mean care fee?; there are care fee, hire"


def test_what_is_not_toml_is_one_reject_with_its_line() -> None:
    ((line, _, reason),) = wrong(WHOLE.replace("anchor = ", "anchor ="[:-1] + " is ", 1))
    assert line == 12
    assert reason.startswith("not TOML: ")
    assert wrong("\udcff".encode("utf-8", "surrogatepass").decode("latin-1")) != []


def test_an_instant_is_a_day_where_the_contract_is() -> None:
    text = WHOLE.replace("Europe/London", "Pacific/Auckland") + '\n[[revision]]\non = 2025-07-31T19:30:00Z\nwhat = "end"\n'
    read, rejects = read_terms(text.encode())
    assert rejects == []
    assert read is not None
    assert read.agreement.revisions[0].start == date(2025, 8, 1)


def test_a_local_time_is_read_in_the_contract_s_zone_of_that_day() -> None:
    read, _ = read_terms(WHOLE.encode())
    assert read is not None
    assert read.agreement.instant(datetime(2025, 7, 1, 9, 0)) == datetime(2025, 7, 1, 8, 0, tzinfo=UTC)  # noqa: DTZ001 - local
    assert read.agreement.instant(datetime(2025, 1, 1, 9, 0)) == datetime(2025, 1, 1, 9, 0, tzinfo=UTC)  # noqa: DTZ001 - local


def test_lines_are_found_in_arrays_inline_tables_and_long_strings() -> None:
    lines = lines_of('[a]\nx = [\n  1,\n  "]",\n]\ny = """\n[b]\n"""\n[[c]]\nz = { k = 1 }\n[[c]]\n"z w" = 2\n[c.d]\ne = 1\n')
    assert lines[("a", "y")] == 6
    assert ("b",) not in lines
    assert lines[("c", 1)] == 11
    assert lines[("c", 1, "z w")] == 12
    assert lines[("c", 1, "d", "e")] == 14
    assert line_at(lines, ("c", 0, "z", "k")) == 10


@given(st.binary(max_size=300) | st.text(alphabet='[]{}="\n.,# abctermno0123456789-', max_size=200).map(str.encode))
def test_no_bytes_stop_the_reader(data: bytes) -> None:
    read, rejects = read_terms(data)
    assert read is not None or rejects


@given(st.integers(0, len(WHOLE)), st.text(max_size=5))
def test_a_file_torn_or_mistyped_anywhere_is_values_or_rejects(at: int, typed: str) -> None:
    read, rejects = read_terms((WHOLE[:at] + typed + WHOLE[at:]).encode("utf-8", "surrogatepass"))
    assert read is not None or rejects
    read, rejects = read_terms(WHOLE[:at].encode())
    assert read is not None or rejects


def test_amounts_are_exact_and_in_the_currency_s_own_units() -> None:
    assert money(Decimal("0.29"), Setting()) == 29
    assert money(300, Setting("JPY")) == 300
    assert money("1.234", Setting("KWD")) == 1234
    for bad in (True, "1e999999999", Decimal("NaN"), [], 1.5):
        with pytest.raises(WrongValue):
            money(bad, Setting())


def test_how_often_how_long_and_on_which_day_are_read_as_people_write_them() -> None:
    setting = Setting()
    assert [every(text, setting) for text in ("month", "quarterly", "3 months", "fortnight", "every 10 days", "year")] == [
        (1, "month"), (3, "month"), (3, "month"), (2, "week"), (10, "day"), (1, "year"),
    ]  # fmt: skip
    assert [span(text, setting) for text in ("90 days", "3 months", "1 year", "2 weeks", 30)] == [
        (90, "day"), (3, "month"), (12, "month"), (14, "day"), (30, "day"),
    ]  # fmt: skip
    assert [anchor(raw, setting) for raw in (31, "Monday", "sun", "calendar", date(2025, 3, 6))] == [31, 1, 7, "calendar", date(2025, 3, 6)]
    for bad in (0, 32, "", "s", True):
        with pytest.raises(WrongValue):
            anchor(bad, setting)


def test_numbers_of_a_term_that_mean_nothing_are_told_with_their_line_and_field() -> None:
    text = """\
[contract]
from = 2025-01-01
bill_day = 40
notice_to = "week"

[[term]]
name = "care"
amount = 10.00
season = [0, 13]
odd_days = "30"
weekend = ["Caturday"]
trial = "soon"
counted = "average"
every = "4-0-5 weeks"
"""
    _, rejects = read_terms(text.encode())
    assert sorted((one.line, one.field) for one in rejects) == [
        (3, "contract.bill_day"), (4, "contract.notice_to"), (9, "term.season"), (10, "term.odd_days"), (11, "term.weekend"),
        (12, "term.trial"), (13, "term.counted"), (14, "term.every"),
    ]  # fmt: skip


def test_a_change_before_the_contract_and_an_amount_below_nothing_are_told_with_their_lines_and_priced() -> None:
    text = """\
[contract]
from = 2025-03-01
until = 2025-04-01

[[term]]
name = "rebate"
amount = -10.00

[[revision]]
on = 2015-03-10
what = "price"
amount = -12.00

[[revision]]
on = 2025-03-10
what = "quantity"
quantity = 2
"""
    read, rejects = read_terms(text.encode())
    assert read is not None
    assert not rejects
    assert [(one.line, one.field, one.value) for one in read.notes] == [
        (10, "revision.on", "2015-03-10"), (7, "term.amount", "-10.00"), (12, "revision.amount", "-12.00"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "line", "field", "why"),
    [
        ("amount = -5.00", 8, "discount.amount", "an amount above 0"),
        ("percent = 101", 8, "discount.percent", "above 0 and up to 100"),
        ("percent = -3", 8, "discount.percent", "above 0 and up to 100"),
        ("amount = 5.00\nin_all = 0.00", 9, "discount.in_all", "an amount above 0"),
        ('percent = 5\noff = "all together"', 9, "discount.off", "only an amount without a term"),
    ],
)  # fmt: skip
def test_a_discount_that_cannot_be_is_told_with_its_line_and_field(said: str, line: int, field: str, why: str) -> None:
    text = f'[contract]\nfrom = 2025-01-01\n[[term]]\nname = "care"\namount = 100.00\n\n[[discount]]\n{said}\n'
    _, rejects = read_terms(text.encode(), "c.toml")
    assert any(one.line == line and one.field == field and why in one.reason for one in rejects), rejects
