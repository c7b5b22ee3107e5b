"""Any size at any time, and an end without warning: the screen is the one a fresh start shows, and the session is there again."""

from __future__ import annotations

import os
import random
import signal
from pathlib import Path

import pytest

from tests.console.robot import Seat, furnished, proved, put_away
from tests.console.terminal import differing


def storm(seat: Seat, dice: random.Random, times: int) -> None:
    """Sizes at random, one each twentieth of a second; the terminal's own way of reflowing is not what is looked at."""
    for _ in range(times):
        seat.program.resize(dice.randint(1, 250), dice.randint(1, 80))
        seat.program.quiet(0.05, 0.05)
    seat.take()


def settle_at(seat: Seat, width: int, height: int) -> None:
    seat.size = (width, height)
    seat.program.resize(width, height)
    seat.program.quiet(0.5, 3)
    seat.take()
    seat.terminal.resize(height, width)
    seat.program.send("\x0c")
    seat.look(0.4)


@pytest.mark.parametrize(("seed", "times"), [(1, 6), pytest.param(2, 300, marks=pytest.mark.long), pytest.param(3, 300, marks=pytest.mark.long)])
def test_a_storm_of_sizes_ends_in_the_screen_of_a_fresh_start(seed: int, times: int, tmp_path: Path) -> None:
    home, dice = put_away(furnished(tmp_path), tmp_path), random.Random(seed)
    size = dice.choice([(80, 24), (120, 40), (200, 50)])
    with Seat(home, size=size) as fresh:
        fresh.look(0.4)
        with Seat(home, size=(100, 30)) as seat:
            for key in ("f4", "f7", "f2") if times > 6 else ("f7", "f2"):
                seat.press(key)
                storm(seat, dice, times)
                settle_at(seat, 100, 30)
                seat.check()
                if key == "f7":
                    before = seat.terminal.rows()
                    seat.press("down")
                    assert seat.terminal.rows() != before, "the keyboard is where it was"
                    seat.press("up")
            settle_at(seat, *size)
            seat.check()
            assert differing(seat.terminal, fresh.terminal) == []
            seat.leave()
        fresh.leave()
    proved(home)


@pytest.mark.long
def test_after_a_kill_the_view_the_cursor_the_filter_and_a_half_filled_call_are_there_again(tmp_path: Path) -> None:
    home = put_away(furnished(tmp_path), tmp_path)
    with Seat(home, fresh=False) as seat:
        seat.press("f7", "slash")
        seat.type("finch\r")
        seat.press("f5", "down", "n")
        seat.type("finch\tdoor is stuck")
        seat.look(0.3)
        seat.program.quiet(7.0, 7.0)
        os.kill(seat.program.pid, signal.SIGKILL)
    with Seat(home, fresh=False) as seat:
        seat.until("▸F5")
        seat.press("f7")
        assert "/finch" in seat.until("▸F7")[1], seat.story()
        seat.press("n")
        seat.until("door is stuck")
        seat.press("escape")
        seat.leave()
    proved(home)
