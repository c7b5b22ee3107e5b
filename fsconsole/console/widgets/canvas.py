"""Canvas: the base of everything drawn here, which repaints the lines that changed and no others.

It stands apart because speed over a slow line comes from one rule kept in one place: before painting, every
line of every block says in a key what it would show; only where that key differs from what stands on the
screen is anything refreshed. There is no layout on a change of data and no widget per row.

Always: two lines with the same key and width look the same.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.filter import ANSIToTruecolor, LineFilter
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from fsconsole.console.glyphs import ASCII, plain
from fsconsole.console.text import clean, clip, width
from fsconsole.console.themes import Look, bare_look

#: A piece of a line: text and the role it is drawn in.
Piece = tuple[str, str]
_BARE = bare_look()
#: Drawn pieces of lines kept by each canvas: a few screens' worth. A list that is looked at all day brings new ones all day.
_KEEP = 1024


class Spot(NamedTuple):
    """A visible thing the cursor can go to: its cell on the canvas, and what goes there."""

    x: int
    y: int
    go: Callable[[], object]


class Canvas(Widget):
    """A widget of lines. A subclass gives ``blocks`` (side by side), a ``key`` per line and ``draw``.

    ``settle()`` after any change of data or state: it asks for all keys again and refreshes what differs.
    """

    #: The role beneath every piece; its background fills the widget.
    BASE = "normal"
    #: Whether letters are being typed into it, so that no letter is a verb while it has the keyboard.
    takes_typing = False
    DEFAULT_CSS = """
    Canvas { width: 1fr; height: 1fr; background: $background; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._keys: list[list[Hashable]] = []
        self._blocks: list[tuple[int, int]] = []
        self._shape: tuple[int, int] = (0, 0)
        self._drawn: dict[tuple[int, Hashable], list[Segment]] = {}
        self._inks: dict[str, Style] = {}
        self._jumps: dict[int, list[tuple[int, str]]] = {}

    # What a subclass says.

    def line_told(self) -> str:
        """The line under the cursor as text, its parts apart by tabs; '' when there is none."""
        return ""

    def marked_told(self) -> list[str]:
        """The marked lines as such text, in their order."""
        return []

    def spots(self) -> Sequence[Spot]:
        """What the cursor can go to among what is visible, in the order in which it is read."""
        return ()

    def prepare(self, width: int, height: int) -> None:
        """Called before keys are asked for: fetch what is visible, decide what goes where."""

    def blocks(self, width: int) -> list[tuple[int, int]]:
        """(x, cells) of each block of the lines, left to right, filling the width."""
        return [(0, width)]

    def key(self, block: int, y: int) -> Hashable:
        """Everything that decides how this line of this block looks."""
        raise NotImplementedError

    def keys(self, blocks: int, height: int) -> list[list[Hashable]]:
        """The keys of all lines, block by block; asked once for each change, after ``prepare``."""
        return [[self.key(block, y) for y in range(height)] for block in range(blocks)]

    def draw(self, key: Any, cells: int) -> list[Segment]:
        """The segments, exactly ``cells`` wide, of a line with this key."""
        raise NotImplementedError

    # What it does with it.

    @property
    def look(self) -> Look:
        """How things look now."""
        return getattr(self.app, "look", _BARE)

    def settle(self) -> None:
        """Repaints the lines whose key is no longer what stands on the screen."""
        size = self.size
        if not self.is_mounted or not size.width or not size.height:
            return
        before, blocks = self._keys, self._blocks
        same_shape = self._shape == (size.width, size.height)
        self._ask(size.width, size.height)
        if not same_shape or blocks != self._blocks:
            self.refresh()
            return
        regions: list[Region] = []
        for (x, cells), old, new in zip(blocks, before, self._keys, strict=True):
            if old is new or old == new:
                continue
            start = -1
            for y, (was, now) in enumerate(zip(old, new, strict=True)):
                if was == now:
                    if start >= 0:
                        regions.append(Region(x, start, cells, y - start))
                        start = -1
                elif start < 0:
                    start = y
            if start >= 0:
                regions.append(Region(x, start, cells, size.height - start))
        if regions:
            self._redraw(regions)

    def _redraw(self, regions: Sequence[Region]) -> None:
        at_once = getattr(self.app, "drawn_at_once", None)
        if at_once is None or not at_once(self, regions):
            self.refresh(*regions)

    def _ask(self, width: int, height: int) -> None:
        self.prepare(width, height)
        self._blocks = self.blocks(width)
        self._keys = self.keys(len(self._blocks), height)
        self._shape = (width, height)

    def render_line(self, y: int) -> Strip:
        size = self.size
        if self._shape != (size.width, size.height):
            self._ask(size.width, size.height)
        segments: list[Segment] = []
        for (_, cells), keys in zip(self._blocks, self._keys, strict=True):
            segments += self._drawn_once(keys[y] if y < len(keys) else None, cells)
        strip = Strip(segments, size.width)
        return self._labelled(strip, self._jumps[y]) if y in self._jumps else strip

    def _drawn_once(self, key: Hashable, cells: int) -> list[Segment]:
        """What ``draw`` says, asked once for as long as it is remembered."""
        if len(self._drawn) > _KEEP:
            self._drawn.clear()
        if (drawn := self._drawn.get((cells, key))) is None:
            drawn = self._drawn[cells, key] = self.draw(key, cells)
        return drawn

    def piece(self, region: Region) -> list[list[Segment]] | None:
        """The segments of each line of a region that is one block's, as Textual would draw them; None where it would add
        to them (labels stand there, a filter is on), or where this is no block of a layout that still holds."""
        if self._shape != (self.size.width, self.size.height) or (self._jumps and self._jumps.keys() & set(region.line_range)):
            return None
        span = region.x, region.width
        if span not in self._blocks or self.get_line_filters():
            return None
        keys, found = self._keys[self._blocks.index(span)], []
        for y in region.line_range:
            found.append(self._drawn_once(keys[y], region.width))
        return found

    def label(self, labels: Iterable[tuple[int, int, str]]) -> None:
        """Writes (x, y, words) over what is drawn, until other labels, or none, are given."""
        before, self._jumps = self._jumps, {}
        for x, y, words in labels:
            self._jumps.setdefault(y, []).append((x, words))
        lines = sorted(y for y in {*before, *self._jumps} if before.get(y) != self._jumps.get(y))
        if lines:
            self._redraw([Region(0, y, self.size.width, 1) for y in lines])

    def _labelled(self, strip: Strip, labels: Sequence[tuple[int, str]]) -> Strip:
        style = self.ink("chosen") + Style(bold=True)
        for x, words in labels:
            end = min(x + len(words), strip.cell_length)
            if x < end:
                label = Strip([Segment(words[: end - x], style)], end - x)
                strip = Strip.join([strip.crop(0, x), label, strip.crop(end, strip.cell_length)])
        return strip

    def relook(self) -> None:
        """Another look was put on: everything is drawn anew."""
        self._drawn.clear()
        self._inks.clear()
        self._shape = (0, 0)
        self.refresh()

    def notify_style_update(self) -> None:
        self._drawn.clear()
        self._inks.clear()
        super().notify_style_update()

    def watch_has_focus(self, has_focus: bool) -> None:
        super().watch_has_focus(has_focus)
        # Not on the events: those come here before Textual has noted who has the keyboard.
        self.settle()

    # Drawing.

    def ink(self, role: str) -> Style:
        """The style of a role on this widget's own background."""
        style = self._inks.get(role)
        if style is None:
            look = self.look
            ground = None if look.ansi else self.background_colors[1].rich_color
            style = Style(bgcolor=ground) + look.style(self.BASE) + look.style(role)
            for one in super().get_line_filters():
                if isinstance(one, ANSIToTruecolor):
                    style = one.truecolor_style(style, self.background_colors[1].rich_color)
            self._inks[role] = style
        return style

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Without the one that gives a palette's colours their true values: ``ink`` has done that once for each role, and
        doing it to each line again was a third of what drawing one costs."""
        return [one for one in super().get_line_filters() if not isinstance(one, ANSIToTruecolor)]

    def said(self, text: str) -> str:
        """``text`` as it will be drawn: safe, and in ASCII where only that is wanted. To be measured, it is asked for first."""
        return plain(clean(text)) if self.look.glyphs is ASCII else clean(text)

    def spread(self, cells: int, left: Iterable[Piece], right: Sequence[Piece] = (), over: str | None = None) -> list[Segment]:
        """A line: ``left`` clipped to what ``right`` leaves; ``over`` draws all of it in one role (the cursor's)."""
        whole = self.ink(over) if over else None
        normal = whole or self.ink(self.BASE)
        if self.look.glyphs is ASCII:
            left = [(plain(text), role) for text, role in left]
            right = [(plain(text), role) for text, role in right]
        room = cells - sum(width(text) for text, _ in right)
        if right and room < 0:
            return self.spread(cells, right, (), over)
        segments: list[Segment] = []

        def put(text: str, style: Style) -> None:
            if segments and segments[-1].style == style:
                segments[-1] = Segment(segments[-1].text + text, style)
            else:
                segments.append(Segment(text, style))

        mark = self.look.glyphs.ellipsis
        for text, role in left:
            if room <= 0:
                break
            taken = clip(text, room, mark)
            if taken:
                put(taken, whole or self.ink(role))
            room -= width(taken)
            if taken != text:
                break
        if room > 0:
            put(" " * room, normal)
        for text, role in right:
            if text:
                put(text, whole or self.ink(role))
        return segments

    def blank(self, cells: int) -> list[Segment]:
        return [Segment(" " * cells, self.ink(self.BASE))]
