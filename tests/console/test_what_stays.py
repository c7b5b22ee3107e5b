"""A console that is open all day: what screens that were opened and closed leave behind, and when it is collected.

It stands apart because it counts objects, not cells: whoever holds a closed screen fails here, whatever it shows.
"""

from __future__ import annotations

import ctypes
import gc
import subprocess
import sys
import weakref
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from rich.segment import Segment
from textual._styles_cache import StylesCache
from textual.geometry import Region
from textual.message_pump import MessagePump
from textual.pilot import Pilot
from textual.strip import Strip

from fsconsole.console import tidy
from fsconsole.console.widgets import canvas
from fsconsole.console.widgets.map_scene import Track
from fsconsole.console.widgets.map_things import Fixes
from tests.console.company import typed
from tests.console.test_walk import STEPS
from tests.console.worked import worked

#: What a round may leave: answers kept by the name of what was asked, until their cache is full. A screen is thousands.
SOME = 300


async def walk(pilot: Pilot[Any]) -> None:
    """To every screen and question, and back to the first one."""
    for _, keys in STEPS:
        for key in keys:
            await pilot.press(*(typed(f"{key}\n") if key[:1] == ":" else (key,)))
    await pilot.press("escape", "f2")
    await pilot.pause()


def living() -> tuple[Counter[str], int]:
    """Screens, widgets and the lines that Textual keeps of them, by type; and how many objects there are in all."""
    gc.collect()
    found = gc.get_objects()
    return Counter(type(one).__name__ for one in found if isinstance(one, (MessagePump, StylesCache, Strip))), len(found)


async def test_screens_that_were_closed_are_gone(tmp_path: Path) -> None:
    app, _ = worked(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await walk(pilot)
        kept, objects = living()
        await walk(pilot)
        await walk(pilot)
        more, most = living()
    lines, more_lines = kept.pop("Strip"), more.pop("Strip")
    assert more == kept
    assert more_lines <= lines * 1.1
    assert most <= objects + 2 * SOME


class Left:
    """A screen and its widgets hold each other, so that only a search finds out that nobody else holds them."""

    def __init__(self) -> None:
        self.other = self


def test_what_is_left_is_collected_while_nobody_types(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tidy, "WORTH", 0)
    gc.collect()
    left = Left()
    seen = weakref.ref(left)
    del left
    assert not tidy.tidy(tidy.QUIET / 2)
    assert seen() is not None
    assert tidy.tidy(tidy.QUIET)
    assert seen() is None


def test_regions_of_layouts_long_gone_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tidy, "WORTH", 0)
    for x in range(tidy.MANY + 1):
        Region(x, 0, 10, 1).intersection(Region(0, 0, 80, 24))
    assert Region.intersection.cache_info().currsize > tidy.MANY
    assert tidy.tidy(tidy.QUIET)
    assert not Region.intersection.cache_info().currsize


async def test_lines_that_were_drawn_over_are_gone_without_being_looked_for(tmp_path: Path) -> None:
    app, _ = worked(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await walk(pilot)
        gc.collect()
        gc.disable()
        try:
            for key in ("f2", "down", "right", "f5", "down", "end", "f7", "down", "home", "f3", "down", "f2"):
                await pilot.press(key)
            gc.set_debug(gc.DEBUG_SAVEALL)
            gc.collect()
            left = Counter(type(one).__name__ for one in gc.garbage)
        finally:
            gc.set_debug(0)
            gc.garbage.clear()
            gc.enable()
    assert app.thrifty
    assert left["Strip"] == 0


def test_texts_long_gone_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tidy, "WORTH", 0)
    for number in range(tidy.MANY + 1):
        Segment(f"工事 {number}").split_cells(2)
    assert tidy.tidy(tidy.QUIET)
    assert not Segment._split_cells.cache_info().currsize


def test_nothing_is_looked_for_where_little_can_have_been_left() -> None:
    gc.collect()
    assert not tidy.tidy(tidy.QUIET)


HEAPS = """
import ctypes, re, sys, threading
from fsconsole.console import tidy
if sys.argv[2] == "tidy":
    tidy.begin()
kept = []
one = threading.Thread(target=lambda: kept.extend(bytes(2_000) for _ in range(500)))
one.start()
one.join()
library = ctypes.CDLL(None)
library.fopen.restype = ctypes.c_void_p
file = ctypes.c_void_p(library.fopen(sys.argv[1].encode(), b"w"))
library.malloc_info(0, file)
library.fclose(file)
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_info"), reason="the C library tells nothing of its heaps")
@pytest.mark.parametrize(("how", "heaps"), [("untidy", 2), ("tidy", 1)])
def test_what_another_thread_has_done_with_is_there_for_the_screens(how: str, heaps: int, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", HEAPS, str(tmp_path / "told"), how], check=True)
    assert (tmp_path / "told").read_text().count("<heap nr=") == heaps


def test_a_day_of_trails_takes_a_few_bytes_a_fix() -> None:
    day = [(515_000_000 + 900 * n, -1_200_000 - 900 * n, 1_772_500_000_000 + 60_000 * n) for n in range(600)]
    fixes, track = Fixes(iter(day)), Track(day)
    assert [fixes[0], fixes[-1], *fixes[5:8], *fixes] == [day[0], day[-1], *day[5:8], *day]
    with pytest.raises(IndexError):
        fixes[len(day)]
    held = [fixes._numbers, track.x, track.y, track.at]
    assert len(track.at) == len(day)
    assert sum(len(numbers) * numbers.itemsize for numbers in held) == 48 * len(day)


async def test_a_list_that_changes_all_day_keeps_the_lines_of_a_few_screens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(canvas, "_KEEP", 100)
    app, _ = worked(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("f5")
        await pilot.pause()
        rows = app.screen.list
        most = 0
        for mark in range(20):
            for y in range(rows.size.height):
                rows._drawn[80, (mark, y)] = []
            rows.refresh()
            await pilot.pause()
            most = max(most, len(rows._drawn))
    assert 0 < most <= 100 + 2 * 24


async def test_a_key_is_known_to_have_been_pressed(tmp_path: Path) -> None:
    app, _ = worked(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        assert not app.pressed_at
        await pilot.press("down")
        assert app.pressed_at
