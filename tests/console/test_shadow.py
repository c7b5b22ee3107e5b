"""What the terminal shows after writing only what changed is what writing everything would have shown."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from fsconsole.console.shadow import Shadow
from tests.console.terminal import Terminal, differing, stock

WIDTH, HEIGHT = 24, 9
CUTS = (0, 7, 8, 15, WIDTH)
PIECES = (
    "a",
    "Boiler down",
    "  ",
    " ",
    "x y",
    "日本電機",
    "空調 ",
    "é",
    "e\u0301te\u0301",
    "─│┌┐",
    "▲48m",
    "⠿⡇",
    "🚧",
    "ﾊﾝ",
    "        ",
)
STYLES = (
    None,
    Style(),
    Style(color="#d0d0d0", bgcolor="#101418"),
    Style(color="#ff5f5f", bgcolor="#101418", bold=True),
    Style(color="#888888", bgcolor="#101418", dim=True),
    Style(color="#d0d0d0", bgcolor="#303a44"),
    Style(color="bright_red", bgcolor="blue", italic=True),
    Style(reverse=True),
    Style(color="#5fafff", underline=True),
    Style(color="yellow", strike=True, bold=True, dim=True),
)
SYSTEMS = (ColorSystem.TRUECOLOR, ColorSystem.EIGHT_BIT, ColorSystem.STANDARD)

segments = st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from(STYLES)).map(lambda pair: Segment(*pair)), max_size=5)
updates = st.lists(st.tuples(st.integers(0, HEIGHT - 1), st.integers(0, len(CUTS) - 2), segments), min_size=1, max_size=12)


def line(shadow: Shadow, terminal: Terminal, y: int, text: str, style: Style | None = None) -> int:
    """Puts a line, plays the changes; returns the bytes they took."""
    shadow.put(0, y, Strip([Segment(text, style)]).adjust_cell_length(shadow.width, style))
    before = terminal.heard
    terminal.feed(shadow.changes())
    return terminal.heard - before


def fresh(width: int = WIDTH, height: int = HEIGHT, colours: ColorSystem | None = SYSTEMS[0], erases: bool = True) -> Shadow:
    shadow = Shadow(colours, erases)
    shadow.resize(width, height)
    return shadow


@settings(max_examples=200, deadline=None)
@given(st.lists(updates, min_size=1, max_size=6), st.sampled_from(SYSTEMS), st.booleans(), st.integers(0, 5))
def test_any_updates_end_in_what_writing_everything_shows(
    frames: list[list[tuple[int, int, list[Segment]]]], colours: ColorSystem, erases: bool, forgets_at: int
) -> None:
    shadow, terminal = fresh(colours=colours, erases=erases), Terminal(WIDTH, HEIGHT)
    wanted = [[Strip([Segment(" " * (end - start))]) for start, end in pairwise(CUTS)] for _ in range(HEIGHT)]
    for number, frame in enumerate(frames):
        if number == forgets_at:
            shadow.forget()
        for y, part, given_segments in frame:
            start, end = CUTS[part], CUTS[part + 1]
            strip = Strip(given_segments).adjust_cell_length(end - start, Style(bgcolor="#101418"))
            wanted[y][part] = strip
            shadow.put(start, y, strip)
        terminal.feed(shadow.changes())
        lines = [[segment for strip in strips for segment in strip] for strips in wanted]
        assert differing(terminal, stock(lines, WIDTH, HEIGHT, colours)) == []
        assert shadow.changes() == ""


@settings(max_examples=60, deadline=None)
@given(st.integers(-6, 6), st.integers(0, 3), st.integers(5, 8), st.sampled_from(STYLES))
def test_rows_that_moved_are_moved_and_end_right(by: int, top: int, bottom: int, style: Style | None) -> None:
    shadow, terminal = fresh(60), Terminal(60, HEIGHT)
    names = [f"{number * 7919 % 997:<5} Unit {number} somebody’s 空調 and more words {number**3}" for number in range(40)]
    first, then = 12, 12 + by
    for start in (first, then):
        lines = []
        for y in range(HEIGHT):
            text = names[start + y] if top <= y <= bottom else f"stays {y}"
            lines.append(list(Strip([Segment(text, style)]).adjust_cell_length(60, style)))
            shadow.put(0, y, lines[-1])
        terminal.feed(shadow.changes())
        assert differing(terminal, stock(lines, 60, HEIGHT, ColorSystem.TRUECOLOR)) == []


def test_what_did_not_change_is_not_written() -> None:
    shadow, terminal = fresh(), Terminal(WIDTH, HEIGHT)
    assert line(shadow, terminal, 2, "Boiler down", STYLES[2]) > 0
    assert line(shadow, terminal, 2, "Boiler down", STYLES[2]) == 0


@pytest.mark.parametrize("colours", [ColorSystem.EIGHT_BIT, ColorSystem.STANDARD])
def test_one_changed_character_takes_thirty_bytes_at_most(colours: ColorSystem) -> None:
    shadow, terminal = fresh(120, 40, colours), Terminal(120, 40)
    line(shadow, terminal, 39, "x" * 90 + "1", STYLES[2])
    line(shadow, terminal, 3, "y" * 50, STYLES[5])
    assert 0 < line(shadow, terminal, 39, "x" * 90 + "2", STYLES[2]) <= 30


def test_words_of_two_looks_on_many_rows_take_one_change_of_pen_beside_the_one_in_hand() -> None:
    shadow, terminal = fresh(60, 12, ColorSystem.EIGHT_BIT), Terminal(60, 12)
    ground, late, soon = STYLES[2], STYLES[3], STYLES[5]

    def show(first: int) -> str:
        for y in range(1, 7):
            word = Segment(f"{first + y}m", late if y % 2 else soon)
            shadow.put(0, y, Strip([Segment(f"job {y} ", ground), word]).adjust_cell_length(60, ground))
        data = shadow.changes()
        terminal.feed(data)
        return data

    show(10)
    data = show(20)
    assert [row[6:9] for row in terminal.display[1:7]] == [f"{20 + y}m" for y in range(1, 7)]
    assert len(re.findall(r"\x1b\[[\d;]*m", data)) == 1


def test_a_list_that_moves_by_one_line_takes_a_fraction_of_its_frame() -> None:
    shadow, terminal = fresh(120, 40), Terminal(120, 40)
    style = STYLES[2]
    rows = [
        f"{n:>6} client {n * 7919 % 9973} of {n * 31 % 97} Street, {n % 13} open jobs, since {n * 13 % 28} Feb" for n in range(80)
    ]

    def show(first: int) -> int:
        for y in range(38):
            shadow.put(0, y + 1, Strip([Segment(rows[first + y], style)]).adjust_cell_length(120, style))
        before = terminal.heard
        terminal.feed(shadow.changes())
        return terminal.heard - before

    whole = show(0)
    assert show(1) < whole / 10
    assert show(0) < whole / 10
    assert [text[:30] for text in terminal.display[1:39]] == [row[:30] for row in rows[:38]]


def test_blanks_are_erased_with_their_ground_only_where_the_terminal_can() -> None:
    ground = Style(bgcolor="#203040")
    for erases, most in ((True, 700), (False, 6000)):
        shadow, terminal = fresh(120, 40, erases=erases), Terminal(120, 40)
        for y in range(40):
            shadow.put(0, y, [Segment("ab", ground), Segment(" " * 118, ground)])
        data = shadow.changes()
        assert len(data) < most
        assert erases or ("\x1b[K" not in data and "X" not in data)
        terminal.feed(data)
        assert {cell[-1] for row in terminal.rows() for cell in row if cell[0] == " "} == {"203040"}


def test_nothing_in_a_text_can_act_on_the_terminal() -> None:
    shadow = fresh()
    bad = "a\x1b]0;title\x07b\x9b2Jc\x00\r\nd\u202ee\u2066f\ud800g\u2028h\x7f"
    shadow.put(0, 0, [Segment(bad, None)])
    data = shadow.changes()
    terminal = Terminal(WIDTH, HEIGHT)
    terminal.feed(data)
    assert terminal.title == ""
    assert data.encode()  # no lone surrogate
    plain = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", data)
    assert not any(character < " " or "\x7f" <= character < "\xa0" or character in "\u202e\u2066\u2028" for character in plain)
    assert "a]0;titleb2Jcdef\ufffdg" in "".join(shadow.want[0][0])


def test_a_link_cannot_smuggle_anything_either() -> None:
    shadow = fresh()
    shadow.put(0, 0, [Segment("x", Style(link="https://e.org/\x1b\\\x1b[2J")), Segment("y")])
    assert "\x1b]8;;https://e.org/\\[2J\x1b\\x" in shadow.changes()


@pytest.mark.parametrize("cluster", ["👩‍🚒", "❤️", "👍🏽", "🇬🇧", "1️⃣"])
def test_behind_a_cluster_that_terminals_count_differently_the_place_is_told_anew(cluster: str) -> None:
    shadow, terminal = fresh(), Terminal(WIDTH, HEIGHT)
    strip = Strip([Segment("ab" + cluster), Segment("|cd")])
    wide = strip.cell_length - 5
    shadow.put(0, 0, strip)
    terminal.feed(shadow.changes())
    assert terminal.display[0][:2] == "ab"
    assert "".join(terminal.buffer[0][x].data for x in range(2 + wide, 5 + wide)) == "|cd"
    shadow.put(0, 0, Strip([Segment("xy...."), Segment("..")]))
    terminal.feed(shadow.changes())
    assert terminal.display[0].startswith("xy......")


def test_a_mark_joins_the_letter_before_it_even_from_the_next_segment() -> None:
    shadow, terminal = fresh(), Terminal(WIDTH, HEIGHT)
    for _ in range(2):
        shadow.put(0, 0, [Segment("cafe", STYLES[3]), Segment("\u0301 x", STYLES[2])])
        terminal.feed(shadow.changes())
        assert terminal.display[0].startswith("café x")


def test_half_of_a_wide_character_is_a_blank() -> None:
    shadow, terminal = fresh(), Terminal(WIDTH, HEIGHT)
    shadow.put(0, 0, [Segment("日本電")])
    shadow.put(3, 0, [Segment("x")])
    shadow.put(WIDTH - 1, 1, [Segment("機")])
    terminal.feed(shadow.changes())
    assert terminal.display[0].startswith("日 x電")
    assert terminal.display[1] == " " * WIDTH


def test_without_colours_there_are_attributes_only() -> None:
    shadow = fresh(colours=None)
    shadow.put(0, 0, [Segment("late", STYLES[3]), Segment(" fine", STYLES[5])])
    data = shadow.changes()
    assert "\x1b[1mlate \x1b[mfine" in data
    assert "38;" not in data
    assert "48;" not in data


def test_styles_without_end_do_not_fill_the_memory() -> None:
    shadow, terminal = fresh(), Terminal(WIDTH, HEIGHT)
    for number in range(20_000):
        style = Style(color=f"#{number:06x}", bgcolor="#000000")
        shadow.put(0, 0, [Segment("x", style)])
        if number % 500 == 0:
            terminal.feed(shadow.changes())
    terminal.feed(shadow.changes())
    assert terminal.buffer[0][0].fg == "004e1f"
    assert len(shadow._pens) <= 16_385
    assert len(shadow._styles) <= 4096


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(STYLES), min_size=6, max_size=6),
    st.lists(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(("7 ", "45", "1h", "  ", "空"))), max_size=8), min_size=8, max_size=40),
    st.sampled_from(SYSTEMS),
    st.integers(0, 40),
)
def test_words_that_change_at_the_same_places_again_and_again_stand_right(
    looks: list[Style | None], frames: list[list[tuple[int, str]]], colours: ColorSystem, forgets_at: int
) -> None:
    """However the places are gone to: by a move, over what stands between, back to the one that the terminal keeps."""
    shadow, terminal = fresh(colours=colours), Terminal(WIDTH, HEIGHT)
    places = list(zip((2, 20, 8, 2, 14, 8), (0, 0, 3, 4, 7, 8), looks, strict=True))
    grid = [[Segment(" ")] * WIDTH for _ in range(HEIGHT)]
    for number, frame in enumerate(frames):
        if number == forgets_at:
            shadow.forget()
        for place, word in frame:
            x, y, style = places[place]
            shadow.put(x, y, [Segment(word, style)])
            grid[y][x : x + 2] = [Segment(word, style), Segment("")] if len(word) == 1 else [Segment(one, style) for one in word]
        terminal.feed(shadow.changes())
        lines = [[one for one in row if one.text] for row in grid]
        assert differing(terminal, stock(lines, WIDTH, HEIGHT, colours)) == []


def test_a_clock_in_a_colour_of_its_own_is_gone_back_to_in_four_bytes() -> None:
    shadow, terminal = fresh(120, 40, ColorSystem.EIGHT_BIT), Terminal(120, 40)
    clock, late = STYLES[5], STYLES[3]
    spent = []
    for minute in range(10, 40):
        shadow.put(19, 0, [Segment(f"09:{minute}", clock)])
        shadow.put(40, 5 + minute % 7, [Segment(f"{minute}m", late)])
        before = terminal.heard
        terminal.feed(shadow.changes())
        spent.append(terminal.heard - before)
    assert terminal.display[0][19:24] == "09:39"
    # To the clock and its minute, and to a word elsewhere and its figure: 5 and 26 at most.
    assert sorted(spent[5:])[len(spent[5:]) // 2] <= 31
