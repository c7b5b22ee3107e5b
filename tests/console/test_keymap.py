"""The keys in force: what ships, what a person may change, and what is refused with a sentence."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from fsconsole.console.keymap import SHIPPED, Keymap, keymap_of, shown
from fsconsole.console.keys import KEYS, bindings, undeliverable
from fsconsole.console.start import complaints
from fsconsole.doctor import examine
from fsconsole.places import Home
from fsconsole.settings import Settings, read_settings
from tests.console.company import SIZES, console, typed
from tests.console.grid import assert_grid, grid


def asked(folder: Path, text: str) -> tuple[Keymap, list[str]]:
    """The keymap of a settings file with this text."""
    file = folder / "settings.toml"
    file.write_text(text)
    settings, problems = read_settings(file)
    assert not problems
    return keymap_of(settings, file, SHIPPED)


def test_ids_are_unique_and_every_key_that_ships_arrives_in_every_terminal() -> None:
    assert len({key.id for key in KEYS}) == len(KEYS)
    assert all(binding.id for binding in bindings("app", "move"))  # type: ignore[union-attr]
    kept = {"ctrl+q"}  # the usual way out, beside q
    vi, wrong = keymap_of(Settings(keymap="vi"), Path("settings.toml"), SHIPPED)
    assert wrong == []
    for key in (*KEYS, *vi.keys):
        for one in key.keys.split(","):
            assert one in kept or not undeliverable(one), (key.id, one)


def test_the_vi_keymap_moves_by_hjkl_and_the_verbs_it_displaces_take_their_capitals() -> None:
    vi, _ = keymap_of(Settings(keymap="vi"), Path("settings.toml"), SHIPPED)
    by_id = {key.id: key for key in vi.keys}
    assert by_id["move.down"].keys == "down,j"
    assert by_id["move.down"].shown == "↓ j"
    letters = {letter: verb.name for letter, verb in vi.letters("job").items()}
    assert letters["J"] == "card"
    assert letters["L"] == "labour"
    assert not {"h", "j", "k", "l"} & set(letters)
    assert {letter: verb.name for letter, verb in vi.letters("exception").items()}["H"] == "chase"


def test_a_persons_own_keys_stand_over_the_keymap_they_name(tmp_path: Path) -> None:
    mine, complaints = asked(tmp_path, 'keymap = "vi"\n[keys]\n"app.undo_which" = "Z"\n[letters]\n"take off" = "k"\n')
    assert len(complaints) == 1  # k is up in vi
    assert {key.id: key.keys for key in mine.keys}["app.undo_which"] == "Z"
    assert {key.id: key.keys for key in mine.keys}["move.up"] == "up,k"


@pytest.mark.parametrize(
    ("entry", "line", "says"),
    [
        ('"app.undoo" = "x"', 3, "is not an action; did you mean app.undo"),
        ('"app.undo" = "ctrl+h"', 3, "is Backspace"),
        ('"app.undo" = "alt+u"', 3, "is not told from Esc"),
        ('"app.undo" = "ctrl+shift+u"', 3, "arrives without Shift"),
        ('"app.undo" = "ctrl+1"', 3, "is not sent by most terminals"),
        ('"app.undo" = "ctlr+u"', 3, "is no key"),
        ('"app.find" = "U"', 3, "U is already “undo an earlier act, by name” (app.undo_which)"),
        ('"app.find" = "e"', 3, "e is already the letter of the verb “en route”"),
        ('"move.down" = "down,w"', 3, "w is already the letter of the verb “waiting parts”"),
        ('"line.leave" = "x"', 3, "would be typed there"),
    ],
)
def test_a_key_that_cannot_be_is_refused_with_file_line_and_key(tmp_path: Path, entry: str, line: int, says: str) -> None:
    mine, complaints = asked(tmp_path, f'theme = "night"\n[keys]\n{entry}\n')
    assert len(complaints) == 1
    assert complaints[0].startswith(f"{tmp_path / 'settings.toml'}:{line}: ")
    assert says in complaints[0]
    assert mine.keys == Keymap().keys  # what was refused costs nothing but itself


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ('card = "e"', "e is already the letter of the verb “en route”"),
        ('card = "y"', "y is already “copy”"),
        ('card = "7"', "is not one letter"),
        ('carrd = "X"', "did you mean card?"),
    ],
)
def test_a_verbs_letter_is_checked_like_a_key(tmp_path: Path, entry: str, says: str) -> None:
    mine, complaints = asked(tmp_path, f"[letters]\n{entry}\n")
    assert len(complaints) == 1
    assert ":2: " in complaints[0]
    assert says in complaints[0]
    assert mine.letters("job") == Keymap().letters("job")


def test_an_unknown_keymap_names_those_that_ship(tmp_path: Path) -> None:
    mine, complaints = asked(tmp_path, 'keymap = "emacs"\n')
    assert "there are default, vi" in complaints[0]
    assert ":1: keymap:" in complaints[0]
    assert mine.keys == Keymap().keys


def test_signs_are_written_as_they_stand_on_the_key(tmp_path: Path) -> None:
    mine, wrong = asked(tmp_path, "[keys]\n\"app.swap\" = \"',-\"\n")
    assert wrong == []
    assert {key.id: key.keys for key in mine.keys}["app.swap"] == "apostrophe,minus"
    assert shown("apostrophe,minus") == "' -"


async def test_in_vi_keys_the_cursor_moves_and_capitals_do_the_verbs(tmp_path: Path) -> None:
    app, firm = console(tmp_path, settings={"keymap": "vi"})
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.2)
        board = app.here.board  # type: ignore[union-attr]
        firm.do("log finch second job", "log finch third job")
        app.spread()
        await pilot.pause(0.1)
        first = board.cursor
        await pilot.press("j")
        assert board.cursor != first
        await pilot.press("k")
        assert board.cursor == first
        await pilot.press("G")
        last = board.cursor
        await pilot.press("g", "g")
        assert board.cursor != last
        await pilot.press("J")
        assert app.here.line.text.startswith("card ")  # type: ignore[union-attr]


async def test_what_is_wrong_with_a_keymap_is_told_on_the_first_screen(tmp_path: Path) -> None:
    app, _ = console(tmp_path, settings={"keys": {"app.undo": "ctrl+i", "app.redoo": "x"}})
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.3)
        shown_ = grid(app).splitlines()[-2]
        assert "app.redoo" in shown_
        assert "1 more" in "".join(one.words for one in app.said) + shown_
        assert any("is Tab" in one.words for one in app.said)


async def test_help_shows_the_keys_in_force(tmp_path: Path) -> None:
    app, _ = console(tmp_path, settings={"keymap": "vi"})
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.2)
        await pilot.press("question_mark", *typed("/column left\n"))
        await pilot.pause(0.1)
        assert "← h" in grid(app)
        assert "board.left" in grid(app)


# Jump letters.


@pytest.mark.parametrize("size", SIZES)
async def test_letters_stand_on_every_card_and_typing_one_puts_the_cursor_there(tmp_path: Path, size: tuple[int, int]) -> None:
    app, firm = console(tmp_path)
    firm.do(*(f"log finch thing {number}" for number in range(1, 6)))
    async with app.run_test(size=size) as pilot:
        await pilot.pause(0.2)
        board = app.here.board  # type: ignore[union-attr]
        before = board.cursor
        await pilot.press("f")
        await pilot.pause(0.05)
        assert_grid(app, f"app-jump-{size[0]}x{size[1]}")
        await pilot.press("s")
        assert board.cursor != before
        assert app.here.line.kind == ""  # type: ignore[union-attr]
        assert not board._jumps


async def test_a_capital_goes_in_and_esc_takes_the_letters_off(tmp_path: Path) -> None:
    from fsconsole.console.screens.client import ClientView

    app, _ = console(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("f5", "f", "escape")
        await pilot.pause(0.2)
        assert not app.here.list._jumps  # type: ignore[union-attr]
        await pilot.press("f", "S")
        await pilot.pause(0.1)
        assert isinstance(app.here, ClientView)


@pytest.mark.parametrize("view", ["f3", "f4", "f7", "f8", "question_mark"])
async def test_every_screen_with_rows_or_pins_can_be_jumped_on(tmp_path: Path, view: str) -> None:
    from tests.console.worked import worked

    app, _ = worked(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press(view)
        await pilot.pause(0.4)
        await pilot.press("f")
        assert app.here.line.kind == "f", [one.words for one in app.said]  # type: ignore[union-attr]
        await pilot.press("a")
        assert app.here.line.kind == ""  # type: ignore[union-attr]
        assert not [one for one in app.said if one.level == "error"]


def test_no_label_begins_another_however_many_there_are() -> None:
    from fsconsole.console.jump import labels

    for count in (0, 1, 26, 27, 60, 300, 676):
        found = labels(count)
        assert len(found) == len(set(found)) == count
        assert not any(one != other and other.startswith(one) for one in found for other in found)


def test_the_doctor_tells_of_keys_and_themes_that_the_console_would_complain_of(tmp_path: Path) -> None:
    home = Home(tmp_path, tmp_path)
    home.settings.write_text('theme = "sunset"\n[keys]\n"app.jump" = "ctrl+m"\n', encoding="utf-8")
    home.themes.mkdir()
    (home.themes / "mine.toml").write_text("x = [", encoding="utf-8")
    told = [one.says for one in examine(home, datetime(2026, 3, 3, tzinfo=UTC), complaints(home)) if one.what == "looks"]
    assert [word in " ".join(told) for word in ("ctrl+m", "mine.toml", "sunset")] == [True] * 3
