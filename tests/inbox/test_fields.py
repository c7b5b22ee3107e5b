"""Cells: one text to one value, and a sentence when it cannot be."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsconsole.inbox import fields, words

LONDON = ZoneInfo("Europe/London")
IDES = date(2026, 3, 15)


@pytest.mark.parametrize(
    "text",
    ["2026-03-15", "15/03/2026", "15.3.26", "15-03-2026", "15-Mar-26", "15 March 2026", "15th Mar 2026", "March 15, 2026",
     "Sun 15 Mar 2026", "2026/3/15", "20260315", "15 mars 2026", "15. März 2026", "46096", "46096.75", "2026-03-15 14:30:00",
     "15/03/2026 2:30 PM", "2026-Mar-15"],
)  # fmt: skip
def test_one_day_in_many_spellings(text):
    assert fields.day(text) == IDES


@pytest.mark.parametrize("text", ["", " ", "-", "n/a", "N/A", "NULL", "0000-00-00", "00/00/0000", "—"])
def test_what_says_nothing_is_no_day(text):
    assert fields.day(text) is None
    assert fields.instant(text, LONDON) is None
    assert fields.amount(text) is None


@pytest.mark.parametrize(
    ("text", "says"),
    [("31/02/2026", "not in the calendar, read as day/month/year"), ("soon", "write it like 2026-03-15"), ("1/1/0026", "year 26"),
     ("15/03/2026 25:10", "no such time"), ("15/03/2026 noonish", "does not end in a time")],
)  # fmt: skip
def test_a_day_that_cannot_be_says_how_to_write_it(text, says):
    with pytest.raises(ValueError, match=says):
        fields.instant(text, LONDON)


def test_days_are_never_guessed_against_their_column():
    assert fields.day("03/04/2026", "dmy") == date(2026, 4, 3)
    assert fields.day("03/04/2026", "mdy") == date(2026, 3, 4)
    with pytest.raises(ValueError, match="month/day/year"):
        fields.day("15/03/2026", "mdy")


def test_the_order_of_a_column_follows_from_its_own_cells():
    assert fields.date_order(["03/04/26", "13/04/26"]) == ("dmy", False)
    assert fields.date_order(["03/04/26", "04/13/26"]) == ("mdy", False)
    assert fields.date_order(["2026-03-04"]) == ("ymd", False)
    assert fields.date_order(["03/04/26", "03-Apr-26"], "mdy") == ("mdy", True)
    assert fields.date_order(["13/04/26", "14/04/26", "04/15/26"]) == ("dmy", True)
    assert fields.date_order(["", "04/04/26"], "dmy") == ("dmy", False)


@pytest.mark.parametrize("order", ["dmy", "mdy", "ymd"])
@given(day=st.dates(date(1970, 1, 1), date(2068, 12, 31)))
def test_a_day_written_in_an_order_is_read_in_it(order, day):
    text = {"dmy": f"{day.day}/{day.month}/{day.year}", "mdy": f"{day:%m/%d/%y}", "ymd": f"{day:%y-%m-%d}"}[order]
    assert fields.day(text, order) == day


def test_instants_are_local_unless_they_say_otherwise():
    assert fields.instant("15/07/2026 09:30", LONDON) == datetime(2026, 7, 15, 8, 30, tzinfo=UTC)
    assert fields.instant("2026-07-15T09:30:00+02:00", LONDON) == datetime(2026, 7, 15, 7, 30, tzinfo=UTC)
    assert fields.instant("2026-07-15 09:30:15.250Z", LONDON) == datetime(2026, 7, 15, 9, 30, 15, 250_000, tzinfo=UTC)
    assert fields.instant("2026-07-15", LONDON) == datetime(2026, 7, 14, 23, 0, tzinfo=UTC)
    assert fields.instant("1773648000", LONDON) == datetime(2026, 3, 16, 8, 0, tzinfo=UTC)
    assert fields.instant("1773648000500", LONDON) == datetime(2026, 3, 16, 8, 0, 0, 500_000, tzinfo=UTC)


def test_a_day_said_with_an_offset_is_the_local_day():
    assert fields.day("2026-07-15T23:30:00Z", "dmy", LONDON) == date(2026, 7, 16)


@pytest.mark.parametrize(
    ("text", "value"),
    [("1234.5", "1234.5"), ("£1,234.50", "1234.50"), ("1.234,50 €", "1234.50"), ("EUR 1 234,50", "1234.50"),
     ("1'234.50", "1234.50"), ("1\u00a0234,50", "1234.50"), ("(12.00)", "-12"), ("12.00-", "-12"), ("-£12", "-12"), ("£-12",
     "-12"),
     ("\u221212", "-12"), ("12.00 CR", "-12"), ("12 DR", "12"), ("1,00,000.00", "100000"), ("1.234.567", "1234567"),
     ("0,125", "0.125"),
     (".5", "0.5"), ("kr 1 200,00", "1200"), ("1,234", "1234"), ("$ (1,200.00)", "-1200"), ("+7", "7")],
)  # fmt: skip
def test_amounts_in_many_spellings(text, value):
    assert fields.amount(text) == Decimal(value)


def test_a_mark_that_can_be_read_both_ways_follows_the_column():
    assert fields.amount("1,234", ",") == Decimal("1.234")
    assert fields.amount("1.234", ",") == 1234
    assert fields.decimal_mark(["1.234", "12,50"]) == ","
    assert fields.decimal_mark(["1,234", "12.50", "n/a"]) == "."
    assert fields.decimal_mark(["1,234"], ",") == ","


@pytest.mark.parametrize("text", ["abc", "TBC", "12..5", "1,23,4", "12 apples", "1e9", "9" * 20, "1-2"])
def test_what_is_no_amount_is_refused_with_the_text_in_it(text):
    with pytest.raises(ValueError, match=text):
        fields.amount(text)


def test_money_is_in_minor_units_of_its_currency():
    assert fields.money("12.345") == 1235
    assert fields.money("-12.345") == -1235
    assert fields.money("1200", "JPY") == 1200


@given(st.integers(-(10**12), 10**12), st.sampled_from([(",", "."), (".", ","), (" ", ","), ("'", ".")]))
def test_an_amount_written_with_any_separators_comes_back(pence, marks):
    group, point = marks
    body = f"{abs(pence) // 100:,}".replace(",", group) + point + f"{abs(pence) % 100:02}"
    assert fields.money(("-" if pence < 0 else "") + body, "GBP", "." if point == "." else ",") == pence


def test_quantities_are_in_thousandths():
    assert [fields.quantity(text) for text in ("1", "1.5", "0,25 m", "2 hrs", "-3")] == [1000, 1500, 250, 2000, -3000]


def test_yes_and_no_in_several_languages():
    assert [fields.yes(t) for t in ("Y", "Yes", "x", "1", "Ja")] == [True] * 5
    assert [fields.yes(t) for t in ("N", "no", "0", "FALSE")] == [False] * 4
    with pytest.raises(ValueError, match="neither yes nor no"):
        fields.yes("maybe")


def test_spellings_of_one_number_are_found_by_the_same_digits():
    spellings = ["+44 (0)20 7946 0123", "0044 20 7946 0123", "020 7946 0123 ext 4", "(020) 79460123", "02079460123x12"]
    assert {fields.phone_digits(text) for text in spellings} == {"079460123"}
    assert fields.phones("020 7946 0123 / 07700 900123") == ("079460123", "700900123")


def test_postcodes_have_one_spelling():
    assert [fields.postcode(t) for t in ("sw1a1aa", "SW1A  1AA", "m1 1ae", "80331", "k1a 0b1")] == [
        "SW1A 1AA", "SW1A 1AA", "M1 1AE", "80331", "K1A 0B1",
    ]  # fmt: skip


def test_pins_are_degrees_times_ten_million_in_range():
    assert fields.latitude("51.5074") == 515_074_000
    assert fields.longitude("-0,1278") == -1_278_000
    assert fields.latitude("51°30'26\"N") == 515_072_222
    assert fields.longitude("0°7'39.9\"W") == -1_277_500
    with pytest.raises(ValueError, match="not a latitude"):
        fields.latitude("91")
    with pytest.raises(ValueError, match="columns exchanged"):
        fields.latitude("0.12W")
    with pytest.raises(ValueError, match="not set"):
        fields.pin(0, 0)
    with pytest.raises(ValueError, match="beside it"):
        fields.pin(1, None)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [("Open", "open"), ("IN PROGRESS", "open"), ("Awaiting parts", "open"), ("Not completed", "open"), ("Completed", "complete"),
     ("Complete - to be invoiced", "complete"), ("Awaiting invoice", "complete"), ("Invoiced", "closed"), ("Closed", "closed"),
     ("Cancelled by client", "cancelled"), ("Job done", "complete"), ("", None)],
)  # fmt: skip
def test_states_of_other_systems_have_four_meanings(text, meaning):
    assert words.status(text) == meaning


def test_priorities_by_word_code_and_number():
    assert [words.priority(t) for t in ("URGENT", "P2", "normal", "Low", "5", "Very High", "1 - Emergency", "Priority 4",
    "")] == [
        1, 2, 3, 4, 5, 1, 1, 4, None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "every"),
    [("Monthly", (1, "month")), ("quarterly", (3, "month")), ("per annum", (1, "year")), ("p.a.", (1, "year")), ("12", (12,
    "month")),
     ("every 3 months", (3, "month")), ("Half-Yearly", (6, "month")), ("2 weeks", (2, "week")), ("2 quarters", (6, "month"))],
)  # fmt: skip
def test_how_often_in_words_and_numbers(text, every):
    assert words.cadence(text) == every


def test_promised_times_in_minutes():
    assert [words.hours(t) for t in ("4", "4h", "4 hours", "90 min", "1:30", "1 day", "1h 30m", "NBD", "")] == [
        240, 240, 240, 90, 90, 480, 90, 480, None,
    ]  # fmt: skip
    assert words.minutes("45") == 45
    with pytest.raises(ValueError, match="length of time"):
        words.hours("as soon as possible")


READERS = [
    fields.day, lambda t: fields.instant(t, LONDON), fields.amount, fields.money, fields.quantity, fields.whole, fields.yes,
    fields.phones, fields.phone_digits, fields.postcode, fields.latitude, fields.longitude, words.status, words.priority,
    words.job_kind, words.cadence, words.timing, words.hours, words.minutes, words.day_time, words.several, words.document,
    words.term_kind, words.rate_kind, words.proration, words.plain,
]  # fmt: skip
LIKELY = st.text("0123456789.,-/: '()£€+TZapmWN°\"", max_size=24)


@pytest.mark.parametrize("reads", READERS)
@given(text=LIKELY | st.text(max_size=24))
def test_any_text_is_a_value_or_a_sentence(reads, text):
    try:
        reads(text)
    except ValueError as error:
        said = str(error)
    else:
        said = "“"
    assert "“" in said


@given(st.lists(LIKELY, max_size=10))
def test_any_samples_have_an_order_and_a_mark(samples):
    assert fields.date_order(samples).order in ("dmy", "mdy", "ymd")
    assert fields.decimal_mark(samples) in (".", ",")


@pytest.mark.parametrize(
    ("text", "rule"),
    [("30/360 US", "30/360 us"), ("actual/360", "year360"), ("365.25", "actual/365.25"), ("Working Days", "working days"),
     ("months begun", "months begun"), ("30-day months", "thirty"), ("365 days", "year365"), ("by days", "actual"), ("No", "none")],
)  # fmt: skip
def test_a_way_to_prorate_is_the_one_that_is_written_and_not_one_like_it(text, rule):
    assert words.proration(text) == rule
