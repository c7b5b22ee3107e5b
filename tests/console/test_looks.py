from pathlib import Path

import pytest
from textual.color import Color

from fsconsole.console.glyphs import ASCII, COLUMNS, UNICODE
from fsconsole.console.keymap import Keymap
from fsconsole.console.text import width
from fsconsole.console.themes import ROLES, bare_look, choose, load_look, load_looks
from fsconsole.console.widgets.hints import hint_pieces
from fsconsole.values.work import Column

THEMES = Path(__file__).parents[2] / "themes"
LOOKS, COMPLAINTS = load_looks([THEMES])


def test_the_six_themes_load_without_a_complaint() -> None:
    assert not COMPLAINTS
    assert set(LOOKS) == {"night", "paper", "contrast", "amber", "deuteran", "ansi16"}


@pytest.mark.parametrize("name", sorted(LOOKS))
def test_every_theme_says_every_role_and_shows_the_cursor(name: str) -> None:
    look = LOOKS[name]
    assert set(look.styles) == set(ROLES)
    for role in ("cursor", "chosen", "caret"):
        style = look.style(role)
        assert style.reverse or style.bgcolor is not None


@pytest.mark.parametrize("name", sorted(set(LOOKS) - {"ansi16"}))
def test_words_can_be_read_on_their_ground(name: str) -> None:
    look = LOOKS[name]
    ground = Color.parse(look.ground["background"])
    for role in ("normal", "strong", "dim", "late", "soon", "fine", "stuck", "money", "key", "hint"):
        style = look.style(role)
        back = Color.from_rich_color(style.bgcolor) if style.bgcolor else ground
        needed = 7 if name == "contrast" else 4.5
        assert _contrast(Color.from_rich_color(style.color), back) >= needed, role


def _contrast(one: Color, other: Color) -> float:
    """The ratio of WCAG 2.2, 1.4.3."""

    def light(color: Color) -> float:
        parts = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in color.normalized]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_late_and_fine_differ_in_the_deuteran_theme_by_more_than_red_and_green() -> None:
    late, fine = (Color.from_rich_color(LOOKS["deuteran"].style(role).color) for role in ("late", "fine"))
    assert late.r > late.b
    assert fine.b > fine.r


def test_a_bad_colour_is_told_with_file_line_and_key_and_the_rest_still_works() -> None:
    text = 'name = "mine"\nlike = "night"\n\n[roles]\nlate = "bold #zz"\nlaet = "red"\nsoon = "#ffaa00"\n'
    look, complaints = load_look(text, "mine.toml", LOOKS)
    assert look is not None
    assert [(c.file, c.line, c.key) for c in complaints] == [("mine.toml", 5, "roles.late"), ("mine.toml", 6, "roles.laet")]
    assert look.style("late") == LOOKS["night"].style("late")
    assert look.style("soon").color.name == "#ffaa00"


@pytest.mark.parametrize(
    "text", ["name = ", 'name = "UPPER"', "roles = 3", 'ground = "x"', "dark = 1", "like = 4", "[roles]\nlate = 3"]
)
def test_a_broken_theme_is_complaints_and_never_a_traceback(text: str) -> None:
    _, complaints = load_look(text, "x.toml", LOOKS)
    assert complaints
    assert all(str(c).startswith("x.toml") for c in complaints)


def test_a_terminal_of_sixteen_colours_gets_its_own_theme_and_no_color_gets_none() -> None:
    assert choose(LOOKS, "night", colours="standard").name == "ansi16"
    plain = choose(LOOKS, "night", no_color=True)
    assert all(style.color is None and style.bgcolor is None for style in plain.styles.values())
    assert plain.style("cursor").reverse
    assert choose({}, "night").name == bare_look().name


def test_both_sets_of_glyphs_say_the_same_in_the_same_cells() -> None:
    for name in COLUMNS:
        assert width(UNICODE.column(name)[0]) == width(ASCII.column(name)[0]) == 1
        assert ASCII.column(name)[0].isascii()
    for field in UNICODE.__dataclass_fields__:
        one, other = getattr(UNICODE, field), getattr(ASCII, field)
        assert other.isascii()
        assert width(one) == width(other) == 1


def test_every_column_of_the_board_has_a_sign_and_a_role() -> None:
    assert set(COLUMNS) == {column.value for column in Column}
    assert all(sign.role in ROLES for sign in COLUMNS.values())
    assert len({sign.glyph for sign in COLUMNS.values()}) == len({sign.ascii for sign in COLUMNS.values()}) == len(COLUMNS)


def test_hints_drop_by_priority_and_never_overflow() -> None:
    hints = Keymap().hints
    told = hints("app", "move")
    for cells in range(0, 140, 7):
        pieces = hint_pieces(told, cells)
        assert sum(width(text) for text, _ in pieces) <= cells
    assert any(text.strip() == "new job" for text, _ in hint_pieces(told, 30))
    assert "undo" not in [h.words for h in hints("app", leave_out=["undo"])]
