from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from fsconsole.console.text import about, ago, clean, clip, day_word, late_by, pad, span, width, wrap
from fsconsole.console.widgets.board_card import corner
from fsconsole.console.widgets.edit_line import EditLine

NOW = datetime(2026, 3, 3, 9, 42, tzinfo=UTC)


@given(st.text())
def test_clean_text_has_nothing_a_terminal_would_obey(text: str) -> None:
    cleaned = clean(text)
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 or ord(c) in range(0x202A, 0x202F) for c in cleaned)
    assert clean(cleaned) == cleaned


def test_an_escape_sequence_in_a_name_becomes_harmless_words() -> None:
    assert clean("Acme\x1b]0;owned\x07 Ltd\r\n") == "Acme ]0;owned  Ltd "
    assert clean("\u202eevil") == "evil"


@given(st.text(), st.integers(1, 40))
def test_padded_text_takes_exactly_the_cells_it_was_given(text: str, cells: int) -> None:
    for align in ("left", "right", "centre"):
        assert width(pad(clean(text), cells, align)) == cells


@given(st.text(), st.integers(0, 40))
def test_clipping_never_halves_a_wide_character(text: str, cells: int) -> None:
    assert width(clip(clean(text), cells)) <= cells


@given(st.text())
def test_widths_agree_with_the_ones_textual_draws_by(text: str) -> None:
    assert width(clean(text)) == cell_len(clean(text))


@given(st.text(), st.integers(2, 30))
def test_wrapped_lines_fit_and_lose_no_word(text: str, cells: int) -> None:
    text = clean(text)
    lines = wrap(text, cells)
    assert all(width(line) <= cells for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_times_are_said_in_few_cells() -> None:
    assert [span(m) for m in (0, 48, 60, 130, 600, 2879, 2880, -12)] == ["0m", "48m", "1h00", "2h10", "10h", "47h", "2 d", "12m"]
    assert ago(NOW - timedelta(seconds=12), NOW) == "12 s"
    assert ago(NOW - timedelta(days=3), NOW) == "3 d"


def test_a_day_is_a_time_today_a_weekday_this_week_and_a_date_beyond() -> None:
    assert day_word(NOW.replace(hour=14, minute=0), NOW) == "14:00"
    assert day_word(NOW + timedelta(days=2), NOW) == "Thu"
    assert day_word(NOW + timedelta(days=9), NOW) == "12 Mar"
    assert day_word(NOW + timedelta(days=400), NOW) == "7 Apr 2027"


def test_typing_editing_and_pasting_keep_one_line() -> None:
    line = EditLine("d 1042 amy")
    assert line.press("ctrl+w", None)
    assert line.text == "d 1042 "
    line.insert("ada\nben")
    assert line.text == "d 1042 ada ben"
    assert line.press("home", None)
    assert line.press("delete", None)
    assert line.text == " 1042 ada ben"
    assert not line.press("f5", None)


@given(st.text(), st.integers(0, 60), st.integers(3, 40))
def test_the_caret_is_always_in_what_is_shown(text: str, at: int, cells: int) -> None:
    text = clean(text)
    before, under, after = EditLine(text, min(at, len(text))).view(cells)
    assert width(before) + width(under) + width(after) <= max(cells, 2)


def test_what_is_left_is_said_in_words_that_seldom_change_and_never_promise_more_than_there_is() -> None:
    words = [about(minutes) for minutes in range(48 * 60)]
    assert words[4:16] == ["<5m", *["5m"] * 5, *["10m"] * 5, "15m"]
    assert len(dict.fromkeys(words[:60])) == 6  # in an hour six words
    assert " ".join(about(minutes) for minutes in (44, 45, 59, 60, 89, 90, 119, 120)) == "30m 45m 45m 1h 1h 1h30 1h30 2h"


def test_how_late_is_said_coarser_still() -> None:
    assert [late_by(minutes) for minutes in (-1, -14, -15, -29, -30, -59, -60, -119, -120, -2880)] == (
        ["<15", "<15", "15m", "15m", "30m", "30m", "1h", "1h", "2h", "2 d"]
    )


def test_the_last_minutes_of_a_promise_are_counted_one_by_one() -> None:
    row = SimpleNamespace(due_at=int(NOW.timestamp() * 1000) + 90 * 60_000, due_what="respond", stuck="")
    said = [corner(row, NOW + timedelta(minutes=90 - left), UTC)[0] for left in (6, 4, 3, 2, 1, 0, -1)]
    assert said == ["5m", "4m", "3m", "2m", "1m", "0m", "<15"]
