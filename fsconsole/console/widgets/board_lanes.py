"""Which lanes stand open, and how tall the cards in each may be.

It stands apart from the board because these are decisions about numbers alone: how much room, how much trouble.

Always: what stood open stays open while the width stays, so that a change of data never moves the lanes about.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from fsconsole.console.widgets.board_card import HEIGHTS, CardLike, LaneLike

#: Cells: the narrowest lane while all stand open, a lane while some are folded, the shelf of the folded, one list below.
NARROW, COMFORTABLE, SHELF, ONE_LIST = 15, 20, 17, 60
_FAR = 1 << 62


class LaidOut(NamedTuple):
    """A lane as laid out: lines of a card, lines from one card to the next, first row and number of rows visible."""

    column: str
    total: int
    lines: int
    step: int
    top: int
    visible: int
    rows: Sequence[CardLike]


def fold(columns: Sequence[LaneLike], width: int, here: str, opened: Sequence[str]) -> list[str]:
    """The columns that stand open: all if they fit, else the cursor's (``here``), what stood open (``opened``), and
    those whose promise breaks first. Below ONE_LIST cells only the cursor's."""
    names = [lane.column for lane in columns]
    if width < ONE_LIST:
        return [here] if here in names else names[:1]
    if width - len(names) + 1 >= len(names) * NARROW:
        return names
    room = max(1, (width - SHELF) // (COMFORTABLE + 1))
    kept = [name for name in opened if name in names][:room]
    if here in names and here not in kept:
        if len(kept) == room:
            worst = {lane.column: _FAR if lane.worst_due is None else lane.worst_due for lane in columns}
            kept.remove(max(kept, key=lambda name: (worst[name], name)))
        kept.append(here)
    for lane in sorted(columns, key=lambda lane: (_FAR if lane.worst_due is None else lane.worst_due, not lane.jobs)):
        if len(kept) < room and lane.column not in kept:
            kept.append(lane.column)
    return [name for name in names if name in kept]


def shares(lanes: Sequence[LaneLike], space: int, body: int) -> list[int]:
    """Cells of each open lane out of ``space``: an empty lane the least, one whose cards would have to shrink in a body
    of ``body`` lines twice the share of the others. The last one takes what is left over."""
    least = min(NARROW, space // max(1, len(lanes)))
    wants = [0 if not lane.jobs else 2 if lane.jobs * 4 > body else 1 for lane in lanes]
    if not any(wants):
        wants = [1] * len(lanes)
    spare = space - least * len(lanes)
    cells = [least + spare * want // sum(wants) for want in wants]
    cells[max(index for index, want in enumerate(wants) if want)] += space - sum(cells)
    return cells


def heights(total: int, body: int, at: int, top: int) -> tuple[int, int, int, int]:
    """(lines, step, top, visible) of ``total`` cards in ``body`` lines: the tallest cards with which all fit, one line
    each before any is hidden; then a window around row ``at`` that moves by half a page, so that a held key
    repaints the lane seldom, and a last line that says how many more."""
    for lines, gap in HEIGHTS:
        if total * (lines + gap) - gap <= body:
            return lines, lines + gap, 0, total
    visible = max(1, body - 1)
    at = max(0, min(at, total - 1))
    if not top <= at < top + visible:
        top = at - visible // 2
    return 1, 1, max(0, min(top, total - visible)), visible
