"""One walk through every screen at each size, in the colours that such a terminal has, kept as ``grids/walk-*.txt``.

It stands apart because it looks at what reaches the terminal: signs, attributes and colours, not only words.

Set UPDATE_GRIDS=1 to write the files anew, then look at the difference before committing it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import pytest
from rich.color import ColorSystem
from rich.style import Style
from textual.app import App
from textual.color import Color

from fsconsole.console.glyphs import COLUMNS, UNICODE
from fsconsole.console.shadow import Shadow
from fsconsole.console.text import width
from fsconsole.console.themes import ROLES, Look, choose, load_looks
from tests.console.grid import assert_record, lines_of, steady
from tests.console.terminal import Terminal
from tests.console.test_looks import _contrast as contrast
from tests.console.worked import worked

LOOKS, _ = load_looks([Path(__file__).parents[2] / "themes"])
#: Each screen and the keys that lead there from the one before; a word with a colon is entered as a line.
STEPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("board, marked", ("space", "down")),
    ("jump letters", ("f",)),
    ("command line", ("escape", "colon", *"dispa")),
    ("filter", ("escape", "slash", "a")),
    ("job", ("escape", "enter")),
    ("acts to take back", ("f2", "U")),
    ("palette", ("escape", "ctrl+p", *"dispa")),
    ("help", ("escape", "question_mark")),
    ("themes", ("f2", ":theme")),
    ("messages", ("escape", ":messages")),
    ("policies", ("f2", ":policies")),
    ("day", ("f3",)),
    ("technician", ("enter",)),
    ("map", ("f4",)),
    ("map, a technician", ("tab",)),
    ("clients", ("f5",)),
    ("client", ("enter",)),
    ("contracts", ("f6",)),
    ("contract", ("enter",)),
    ("exceptions", ("f7",)),
    ("exceptions by cause", ("c",)),
    ("reports", ("c", "r")),
    ("money", ("f8",)),
    ("draft", ("enter",)),
    ("why a line", ("x",)),
    ("invoices", ("f8", ":bill C204", "right")),
    ("invoice", ("enter",)),
    ("sites", ("f9",)),
    ("alerts", ("exclamation_mark",)),
    ("find", ("ctrl+f", "f")),
    ("a call", ("escape", "f2", "n", "f")),
)
#: Screens on which nothing is chosen: there is only text to read, or nothing yet. The map's thing is told by bold words.
READ = {"job", "messages", "map", "map, a technician", "alerts"}
SIGNS = {getattr(UNICODE, one.name) for one in fields(UNICODE)} | {sign.glyph for sign in COLUMNS.values()}
SIGNS -= {" ", UNICODE.dot, UNICODE.dash, UNICODE.ellipsis, UNICODE.bar, UNICODE.rule, UNICODE.cross}
CURSORS = {"cursor", "cursor_away", "chosen", "caret"}
WARNS = {"late", "soon", "stuck", "refused", "top_alarm", "behind", "stopped"}
#: What may stand behind 38 and 48 in each: 5 is one of 256 colours, 2 is red, green and blue.
KINDS: dict[ColorSystem, set[str]] = {
    ColorSystem.STANDARD: set(),
    ColorSystem.EIGHT_BIT: {"5"},
    ColorSystem.TRUECOLOR: {"2", "5"},
}
STATES = {sign.role for sign in COLUMNS.values()}
SGR = re.compile(r"\x1b\[([\d;]*)m")


class Size(NamedTuple):
    """A terminal: its size, its colours, and the look that is on there."""

    wide: int
    high: int
    colours: ColorSystem
    look: str

    def __str__(self) -> str:
        return f"{self.wide}x{self.high}-{self.colours.name.lower()}"


WALKS = (
    Size(80, 24, ColorSystem.STANDARD, "night"),
    Size(120, 40, ColorSystem.EIGHT_BIT, "deuteran"),
    Size(200, 50, ColorSystem.TRUECOLOR, "paper"),
)
#: A look in which every role has a colour of its own, so that a drawn cell tells its role.
ORDER = tuple(ROLES)
PROBE = Look(name="probe", styles={role: Style(color=f"#01{at:02x}01") for at, role in enumerate(ORDER)})


class Run(NamedTuple):
    """Cells of one row in one role."""

    y: int
    x: int
    text: str
    role: str


@dataclass
class Seen:
    """A screen: what the terminal shows, what was written to it, and which role each cell was drawn in."""

    name: str
    terminal: list[str]
    attributes: list[str]
    written: str
    bare: str  # the same without colour, in ASCII; on the smallest terminal only
    runs: list[Run]

    def row(self, y: int) -> list[Run]:
        return [run for run in self.runs if run.y == y]

    def pens(self, y: int) -> list[str]:
        """What each cell of a row is drawn with: its letter and its attributes."""
        return [pen for count, pen in re.findall(r"(\d+)(\S+)", self.attributes[y]) for _ in range(int(count))]


def looked(app: App, look: Look) -> None:
    """Has everything on the screen drawn in another look, without asking Textual for another theme."""
    app.look = look  # type: ignore[attr-defined]
    for screen in app.screen_stack[-2:]:  # a question stands over the screen that asked it
        screen.refresh()
        for widget in screen.walk_children():
            if (relook := getattr(widget, "relook", None)) is not None:
                relook()


def written(app: App, shadow: Shadow) -> str:
    """What would be written for the screen on top."""
    size = app.screen.size
    if (shadow.width, shadow.height) != (size.width, size.height):
        shadow.resize(size.width, size.height)
    for y, line in enumerate(lines_of(app)):
        shadow.put(0, y, line)
    return shadow.changes()


def role_runs(app: App) -> Iterator[Run]:
    for y, line in enumerate(lines_of(app)):
        x = 0
        for text, style, _ in line:
            told = style.color.triplet if style is not None and style.color is not None else None
            if told is not None and (told.red, told.blue) == (1, 1) and told.green < len(ORDER):
                yield Run(y, x, text, ORDER[told.green])
            x += width(text)


def attributes(terminal: Terminal, palette: dict[str, str]) -> list[str]:
    """Row by row: how many cells, a letter for their colours, and b(old) d(im) r(everse) u(nderlined) behind it."""
    rows = []
    for row in terminal.rows():
        told = []
        for cell in row:
            if len(cell) == 2:
                fore, back, marks = "default", str(cell[1]), ""
            else:
                _, fore, back, bold, _, under, dim, _, turned = (str(one) if isinstance(one, str) else one for one in cell)
                marks = "".join(sign for sign, on in zip("bdru", (bold, dim, turned, under), strict=True) if on)
            told.append(palette.setdefault(f"{fore} on {back}", _letter(len(palette))) + marks)
        rows.append(" ".join(f"{len(list(cells))}{pen}" for pen, cells in groupby(told)))
    return rows


def _letter(at: int) -> str:
    return chr(ord("A") + at) if at < 26 else _letter(at // 26 - 1) + chr(ord("A") + at % 26)


async def walk(folder: Path, size: Size) -> tuple[list[Seen], dict[str, str]]:
    """Every screen in turn, by its keys; and the palette of the attributes."""
    look = choose(LOOKS, size.look, colours=size.colours.name.lower())
    app, _ = worked(folder)
    app.look = look
    shadow, terminal = Shadow(size.colours, True), Terminal(size.wide, size.high)
    palette: dict[str, str] = {}
    seen = []
    async with app.run_test(size=(size.wide, size.high)) as pilot:
        await pilot.pause(0.3)
        for name, pressed in STEPS:
            for key in pressed:
                if key.startswith(":"):
                    app.typed(key[1:])
                else:
                    await pilot.press(key)
            app.watcher._top_at = float("-inf")
            app.watcher.figures()  # now, not when its clock would
            await pilot.pause()
            sent = written(app, shadow)
            terminal.feed(sent)
            looked(app, PROBE)
            runs = list(role_runs(app))
            bare = ""
            if size is WALKS[0]:
                looked(app, look.without_colour().with_ascii())
                bare = written(app, Shadow(None, True))
            looked(app, look)
            shown = [line.rstrip() for line in terminal.display]
            seen.append(Seen(name, shown, attributes(terminal, palette), sent, bare, runs))
    return seen, palette


def record(seen: Sequence[Seen], palette: dict[str, str]) -> str:
    told = ["Colours: " + ", ".join(f"{letter} {pair}" for pair, letter in palette.items())]
    for one in seen:
        told += ["", f"== {one.name}", *steady("\n".join(one.terminal)).split("\n"), f"-- {one.name}: cells, colours, b(old) d(im) r(everse) u(nderlined)"]
        told += one.attributes
    return "\n".join(told) + "\n"


@pytest.mark.parametrize("size", WALKS, ids=str)
async def test_every_screen_looks_as_recorded_in_the_colours_of_its_terminal(tmp_path: Path, size: Size) -> None:
    seen, palette = await walk(tmp_path, size)
    for one in seen:
        only_colours_of(one, size.colours)
        cursor_seen(one)
        told_without_colour(one)
        if one.bare:
            told_bare(one)
    assert_record(record(seen, palette), f"walk-{size}")


def only_colours_of(one: Seen, colours: ColorSystem) -> None:
    """No colour is asked for that such a terminal does not have."""
    kinds = set()
    for told in SGR.findall(one.written):
        codes = iter(told.split(";"))
        for code in codes:
            if code in ("38", "48"):
                kinds.add(kind := next(codes))
                for _ in range(3 if kind == "2" else 1):
                    next(codes)
    assert kinds <= KINDS[colours], one.name


def cursor_seen(one: Seen) -> None:
    """Where the cursor is has a sign, or an attribute that the rows around it lack."""
    places = [run for run in one.runs if run.role in CURSORS]
    assert places or one.name in READ, f"{one.name}: no cursor"
    card = {(run.y, x) for run in places for x in range(run.x, run.x + width(run.text))}
    for run in places:
        rows = [y for y in (run.y - 1, run.y + 1) if 0 <= y < len(one.attributes) and (y, run.x) not in card]
        signed = any(sign in other.text for other in one.row(run.y) for sign in (UNICODE.cursor, UNICODE.chosen))
        assert signed or one.pens(run.y)[run.x] not in [one.pens(y)[run.x] for y in rows], f"{one.name}: {run}"


def told_without_colour(one: Seen) -> None:
    """Every state and every warning has a sign or a word in its row: without colours it says the same."""
    for run in one.runs:
        if run.role in STATES | WARNS and run.text.strip():
            row = "".join(other.text for other in one.row(run.y) if other.role == run.role)
            said = any(sign in row for sign in SIGNS) or re.search(r"[A-Za-z]{3}", row)
            assert said or re.search(r"[a-z]{4}", "".join(other.text for other in one.row(run.y))), f"{one.name}: {run}"


def told_bare(one: Seen) -> None:
    """Under NO_COLOR no colour is written; with --ascii our own words and signs are ASCII. Amounts keep their currency's sign."""
    codes = {code for told in SGR.findall(one.bare) for code in told.split(";")}
    assert codes <= {"", "0", "1", "2", "3", "4", "7", "22", "23", "24", "27"}, f"{one.name}: {codes}"
    assert {letter for letter in one.bare if ord(letter) > 126} <= {"£"}, one.name


@pytest.mark.parametrize("name", sorted(LOOKS))
def test_the_cursor_stands_out_and_can_be_read_in_every_theme(name: str) -> None:
    look = LOOKS[name]
    for role in ("cursor", "chosen", "caret", "cursor_away"):
        style, plain = look.style(role), look.without_colour().style(role)
        assert plain.reverse or plain.underline, role
        if style.reverse or style.underline:
            continue
        fore, back = Color.from_rich_color(style.color), Color.from_rich_color(style.bgcolor)
        assert contrast(fore, back) >= 4.5, role
        assert contrast(back, Color.parse(look.ground["background"])) >= (1.3 if role == "cursor_away" else 3), role
