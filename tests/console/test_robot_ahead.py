"""Hands faster than the screen: what is typed in one go means what it would mean key by key."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.console.robot import SENDS, Seat, furnished, put_away


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return put_away(furnished(tmp_path), tmp_path)


def test_a_line_typed_right_behind_a_screens_key_is_that_line(home: Path) -> None:
    screens = ("f7", "f5", "f3", "f8", "f4", "f6", "f9", "f2")
    with Seat(home) as seat:
        for name in (*screens, *screens):
            seat.type(f"{SENDS[name]}:n 1042 {name} amy owns it\r")
        seat.type(":messages\r")
        said = seat.until("messages" if False else "What", 20)
        said = seat.look(0.4)
        noted = [line for line in said if "noted:" in line]
        assert len(noted) == 2 * len(screens), seat.story()
        assert len([line for line in said if "11:00:00" in line]) == len(noted), "something else was done\n" + seat.story()
        seat.check()
        seat.leave()


def test_a_call_typed_in_one_go_is_logged_word_for_word(home: Path) -> None:
    with Seat(home) as seat:
        seat.type("nfinch\tdoor adrift, key with amy\x05")
        seat.until("Door adrift, key with amy", 20)
        seat.check()
        seat.leave()


def test_what_is_typed_behind_the_palettes_choice_goes_to_what_it_opened(home: Path) -> None:
    with Seat(home) as seat:
        seat.type("\x10new job\rfinch\tno light at all\x05")
        seat.until("No light at all", 20)
        seat.check()
        seat.leave()
