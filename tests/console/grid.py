"""What a screen shows, as plain text: the compositor's strips without their colours, kept in files.

Set UPDATE_GRIDS=1 to write the files anew, then look at the difference before committing it.
"""

from __future__ import annotations

import difflib
import os
import re
from pathlib import Path

from rich.segment import Segment
from textual.app import App
from textual.geometry import Region

GRIDS = Path(__file__).parent / "grids"


def lines_of(app: App) -> list[list[Segment]]:
    """The segments of every line of the screen on top."""
    screen = app.screen
    width, height = screen.size
    strips = screen._compositor.render_strips(screen.size)
    return [list(strip.crop(0, width)) for strip in strips[:height]]


def grid(app: App) -> str:
    """The screen on top as plain text, one line per line, without trailing spaces."""
    return "\n".join("".join(segment.text for segment in line).rstrip() for line in lines_of(app)) + "\n"


def part(app: App, region: Region) -> str:
    """The plain text of a region of the screen."""
    strips = app.screen._compositor.render_strips(app.screen.size)
    return "\n".join("".join(s.text for s in strips[y].crop(region.x, region.right)).rstrip() for y in region.line_range)


def steady(text: str) -> str:
    """A screen as it looks whatever verbs there are: help says how many lines it has, and each new verb is one."""
    return re.sub(r"(?<= of )\d+$", "###", text, flags=re.MULTILINE) if "help on " in text else text


def assert_grid(app: App, name: str) -> None:
    """Compares the screen with ``grids/<name>.txt``; says line by line what differs."""
    assert_record(steady(grid(app)), name)


def assert_record(now: str, name: str) -> None:
    """Compares a text with ``grids/<name>.txt``, or keeps it there when UPDATE_GRIDS is set."""
    path = GRIDS / f"{name}.txt"
    if os.environ.get("UPDATE_GRIDS"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(now, "utf-8")
        return
    assert path.exists(), f"{path.name} is not there yet; run with UPDATE_GRIDS=1 and look at it"
    before = path.read_text("utf-8")
    if now != before:
        told = "\n".join(difflib.unified_diff(before.splitlines(), now.splitlines(), "kept", "now", lineterm=""))
        raise AssertionError(f"{name} looks different (UPDATE_GRIDS=1 keeps the new look):\n{told}")
