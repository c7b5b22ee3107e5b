"""A grid of dots: two by four of them in every character cell, drawn as Unicode braille.

It stands apart because it knows dots and nothing else: no map, no colours, no terminal.

Always: what lies outside the grid is clipped, never an error; a cell's ink is that of the last dot put in it.
Braille patterns are U+2800 plus one bit per dot (Unicode 16, chapter 21.1, "Braille Patterns").
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

Point = tuple[int, int]
#: The bit of each dot, by row * 2 + column inside a cell.
BITS = (0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80)
BRAILLE = tuple(chr(0x2800 + bits) for bits in range(256))
#: Where braille cannot be shown: one or two dots are a point, more a colon.
PLAIN = tuple(" " if not bits else "." if bits.bit_count() < 3 else ":" for bits in range(256))


class Dots:
    """``columns`` x ``rows`` cells, so ``2 * columns`` x ``4 * rows`` dots; (0, 0) is the top left one.

    ``bits[row * columns + column]`` holds a cell's dots, ``ink`` its ink: 1 to 255, 0 where nothing is.
    """

    def __init__(self, columns: int, rows: int) -> None:
        self.columns = max(0, columns)
        self.rows = max(0, rows)
        self.width = self.columns * 2
        self.height = self.rows * 4
        self.bits = bytearray(self.columns * self.rows)
        self.ink = bytearray(self.columns * self.rows)

    def dot(self, x: int, y: int, ink: int = 1) -> None:
        if 0 <= x < self.width and 0 <= y < self.height:
            cell = (y >> 2) * self.columns + (x >> 1)
            self.bits[cell] |= BITS[(y & 3) * 2 + (x & 1)]
            self.ink[cell] = ink

    def line(self, a: Point, b: Point, ink: int = 1, every: int = 1, start: int = 0) -> int:
        """A straight line, both ends included; ``every`` 2 puts every second dot, and so on.

        ``start`` is how many dots came before; the count after this line is returned, so that a
        dotted line keeps its rhythm over its corners.
        """
        clipped = clip(a, b, self.width, self.height)
        if clipped is None:
            return start + max(abs(b[0] - a[0]), abs(b[1] - a[1]))
        (x, y), (x_end, y_end) = clipped
        across, down = x_end - x, y_end - y
        steps = max(abs(across), abs(down))
        bits, inks, columns, table = self.bits, self.ink, self.columns, BITS
        if not steps:
            if start % every == 0:
                cell = (y >> 2) * columns + (x >> 1)
                bits[cell] |= table[(y & 3) * 2 + (x & 1)]
                inks[cell] = ink
            return start
        # Fixed point with half a dot added: one add and one shift per dot instead of a division.
        fixed_x, fixed_y = (x << 16) + 32768, (y << 16) + 32768
        step_x, step_y = (across << 16) // steps, (down << 16) // steps
        first = -start % every
        if first:
            fixed_x += step_x * first
            fixed_y += step_y * first
        step_x *= every
        step_y *= every
        for _ in range(first, steps, every):
            px, py = fixed_x >> 16, fixed_y >> 16
            cell = (py >> 2) * columns + (px >> 1)
            bits[cell] |= table[(py & 3) * 2 + (px & 1)]
            inks[cell] = ink
            fixed_x += step_x
            fixed_y += step_y
        if (start + steps) % every == 0:
            cell = (y_end >> 2) * columns + (x_end >> 1)
            bits[cell] |= table[(y_end & 3) * 2 + (x_end & 1)]
            inks[cell] = ink
        return start + steps

    def polyline(self, points: Sequence[Point], ink: int = 1, every: int = 1, start: int = 0) -> int:
        """Straight lines from point to point; returns the count of dots as :meth:`line` does."""
        for here, point in pairwise(points):
            if point != here:
                start = self.line(here, point, ink, every, start)
        return start

    def fill(self, rings: Sequence[Sequence[Point]], ink: int = 1) -> None:
        """Marks the cells whose middle lies within the rings (even-odd rule) with ``ink``, without any dot.

        Rings are closed by themselves. Cells keep the dots they have.
        """
        edges = [
            (a, b) if a[1] < b[1] else (b, a)
            for ring in rings
            for a, b in zip(ring, [*ring[1:], *ring[:1]], strict=True)
            if a[1] != b[1]
        ]
        if not edges:
            return
        top = max(0, min(a[1] for a, _ in edges) // 4)
        bottom = min(self.rows - 1, max(b[1] for _, b in edges) // 4)
        for row in range(top, bottom + 1):
            middle = row * 4 + 2
            crossings = sorted(
                a[0] + (b[0] - a[0]) * (middle - a[1]) / (b[1] - a[1])
                for a, b in edges
                if a[1] <= middle < b[1]
            )
            for enter, leave in zip(crossings[::2], crossings[1::2], strict=False):
                first = max(0, int(max(-1.0, enter)) + 1 >> 1)
                last = min(self.columns, int(min(self.width + 1.0, max(-1.0, leave))) + 1 >> 1)
                if first < last:
                    begin = row * self.columns + first
                    self.ink[begin : begin + last - first] = bytes([ink]) * (last - first)

    def text(self, row: int, glyphs: Sequence[str] = BRAILLE) -> str:
        """One row of cells in :data:`BRAILLE` or :data:`PLAIN` characters; a cell without dots is a blank."""
        cells = self.bits[row * self.columns : (row + 1) * self.columns]
        return "".join(glyphs[bits] if bits else " " for bits in cells)


def clip(a: Point, b: Point, width: int, height: int) -> tuple[Point, Point] | None:
    """The part of a line inside ``width`` x ``height`` dots, or None (Liang and Barsky, 1984)."""
    (ax, ay), (bx, by) = a, b
    right, bottom = width - 1, height - 1
    if 0 <= ax <= right and 0 <= bx <= right and 0 <= ay <= bottom and 0 <= by <= bottom:
        return a, b
    if right < 0 or bottom < 0 or (ax < 0 and bx < 0) or (ay < 0 and by < 0):
        return None
    if (ax > right and bx > right) or (ay > bottom and by > bottom):
        return None
    across, down = bx - ax, by - ay
    enter, leave = 0.0, 1.0
    for direction, room in ((-across, ax), (across, right - ax), (-down, ay), (down, bottom - ay)):
        if direction == 0:
            if room < 0:
                return None
            continue
        at = room / direction
        if direction < 0:
            enter = max(enter, at)
        else:
            leave = min(leave, at)
        if enter > leave:
            return None
    return (
        (_within(round(ax + enter * across), right), _within(round(ay + enter * down), bottom)),
        (_within(round(ax + leave * across), right), _within(round(ay + leave * down), bottom)),
    )


def _within(value: int, most: int) -> int:
    return 0 if value < 0 else most if value > most else value
