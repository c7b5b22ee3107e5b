"""Words and widths for a terminal: safe text, cell-exact clipping and padding, short words for time.

It stands apart because every cell on the screen passes through here, and one wide character measured
wrongly shifts a whole line.

Always: ``len`` is never a width, and nothing this module returns can steer a terminal.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from functools import lru_cache

from rich.cells import get_character_cell_size

#: C0 and C1 controls, line and paragraph separators.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
#: Joiners, selectors, marks of direction and other characters without a width of their own: terminals disagree
#: about what they join, and marks of direction can make a line read as something it is not.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\ufff0-\ufffb\U0001f3fb-\U0001f3ff\U000e0000-\U000e0fff]"
)
#: Texts remembered by each function here: a few screens' worth.
KEPT = 2048
_PLAIN = re.compile("[ -~]*").fullmatch


@lru_cache(KEPT)
def clean(text: str) -> str:
    """``text`` on one line and without anything a terminal would obey: controls become a space, unseen characters go."""
    if _PLAIN(text):
        return text
    text = _UNSEEN.sub("", _CONTROLS.sub(" ", text))
    # A lone surrogate cannot be written to a terminal at all.
    return text.encode("utf-8", "replace").decode("utf-8")


@lru_cache(KEPT)
def width(text: str) -> int:
    """Cells that ``text`` takes: 2 for wide characters, 0 for combining ones."""
    if text.isascii():
        return len(text)
    return sum(get_character_cell_size(character) for character in text)


@lru_cache(KEPT)
def clip(text: str, cells: int, mark: str = "…") -> str:
    """``text`` in at most ``cells`` cells; what is cut off ends in ``mark``. A wide character is never halved."""
    if width(text) <= cells:
        return text
    if cells <= 0:
        return ""
    mark = mark if width(mark) < cells or cells == 1 else ""
    room = cells - width(mark)
    kept = 0
    for index, character in enumerate(text):
        kept += get_character_cell_size(character)
        if kept > room:
            return text[:index].rstrip(" ·,-–") + mark
    return text


def pad(text: str, cells: int, align: str = "left", mark: str = "…") -> str:
    """``text`` in exactly ``cells`` cells, clipped or filled with spaces; ``align`` is left, right or centre."""
    text = clip(text, cells, mark)
    gap = cells - width(text)
    if gap <= 0:
        return text
    if align == "right":
        return " " * gap + text
    if align == "centre":
        return " " * (gap // 2) + text + " " * (gap - gap // 2)
    return text + " " * gap


def wrap(text: str, cells: int) -> list[str]:
    """``text`` broken at spaces into lines of at most ``cells`` cells; a word longer than a line is broken."""
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        joined = f"{line} {word}" if line else word
        if width(joined) <= cells:
            line = joined
            continue
        if line:
            lines.append(line)
        while width(word) > cells > 0:
            head = clip(word, cells, "") or word[0]
            lines.append(head)
            word = word[len(head) :]
        line = word
    lines.append(line)
    return lines


def span(minutes: int) -> str:
    """A length of time in at most five cells: ``48m``, ``2h10``, ``14h``, ``3 d``."""
    minutes = abs(minutes)
    if minutes < 60:
        return f"{minutes}m"
    if minutes < 600:
        return f"{minutes // 60}h{minutes % 60:02d}"
    if minutes < 48 * 60:
        return f"{minutes // 60}h"
    return f"{minutes // 1440} d"


def about(minutes: int) -> str:
    """A length of time as a card says it, in words that seldom change: ``<5m``, ``10m``, ``45m``, ``1h30``, ``2h``, ``3 d``.

    Rounded down: to five minutes below a quarter of an hour, to quarters below an hour, to half hours below two. A board
    of a hundred cards would otherwise be written anew every minute; what is told of the chosen one says the minute.
    """
    minutes = abs(minutes)
    if minutes < 5:
        return "<5m"
    if minutes < 60:
        return f"{minutes - minutes % (5 if minutes < 15 else 15)}m"
    if minutes < 48 * 60:
        return f"{minutes // 60}h" + ("30" if minutes < 120 and minutes % 60 >= 30 else "")
    return span(minutes)


def late_by(minutes: int) -> str:
    """How late something is, as a card says it: ``<15``, ``15m``, ``30m``, ``1h``, ``2h``, ``3 d``.

    Coarser than what is left: who is late is known by the mark, who is later by the order. Never more than three cells
    before two days have passed: the name beside it need not move.
    """
    minutes = abs(minutes)
    if minutes < 60:
        return "<15" if minutes < 15 else "15m" if minutes < 30 else "30m"
    return f"{minutes // 60}h" if minutes < 48 * 60 else span(minutes)


def minutes_until(due: datetime, now: datetime) -> int:
    """Whole minutes from ``now`` to ``due``; negative once it has passed."""
    return int((due - now).total_seconds() // 60)


def ago(then: datetime, now: datetime) -> str:
    """How long ago: ``12 s``, ``48m``, ``3 d``."""
    seconds = max(0, int((now - then).total_seconds()))
    return f"{seconds} s" if seconds < 60 else span(seconds // 60)


def day_word(instant: datetime, now: datetime, zone: tzinfo = UTC) -> str:
    """The clock time of an instant today (``14:00``), its weekday within six days (``Thu``), else its day (``12 Mar``)."""
    local, today = instant.astimezone(zone), now.astimezone(zone)
    days = (local.date() - today.date()).days
    if days == 0:
        return f"{local:%H:%M}"
    if 0 < days <= 6:
        return f"{local:%a}"
    return f"{local.day} {local:%b}" + ("" if local.year == today.year else f" {local:%Y}")
