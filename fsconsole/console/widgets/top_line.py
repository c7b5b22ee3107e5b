"""The top of every screen: money first, then time, then sync; and the line that names the screens.

It stands apart because it is the one line of truth: it stands the same on every screen.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any, NamedTuple

from rich.segment import Segment

from fsconsole.console.text import clean, width
from fsconsole.console.widgets.canvas import Canvas, Piece


class SiteSeen(NamedTuple):
    """Another site: ``state`` is synced, moving, behind or stopped; ``words`` its age or why: ``4s``, ``gap at 118``."""

    code: str
    state: str
    words: str


class TopFigures(NamedTuple):
    """What the top line says. Amounts as words (``£4,812``); ``up`` is how the sum at risk moved, empty if it did not."""

    site: str
    at: datetime
    late: int = 0
    soon: int = 0
    risk: str = ""
    cases: int = 0
    unbilled: str = ""
    oldest_days: int = 0
    sync: str = "synced"  # of this site with the folder: synced, moving, behind, stopped
    sync_words: str = ""
    sites: tuple[SiteSeen, ...] = ()
    read_only: bool = False
    message: str = ""  # stands at the end when there is room, such as "a newer version wrote here"


#: States that are drawn in the ink of another: what is on its way is as it should be.
ROLES = {"moving": "synced"}


class TopLine(Canvas):
    """``TopLine(zone=...)``; ``say(figures)`` repaints it only where its words changed. Two densities by width."""

    BASE = "top"
    DEFAULT_CSS = "TopLine { height: 1; }"

    def __init__(self, *, zone: tzinfo, id: str | None = None) -> None:
        super().__init__(id=id)
        self.zone = zone
        self.figures: TopFigures | None = None
        self._digits = (0, 0)  # of the late and the soon, at the most so far: what stands behind them need not move

    def say(self, figures: TopFigures) -> None:
        self.figures = figures
        late, soon = self._digits
        self._digits = max(late, len(str(figures.late))), max(soon, len(str(figures.soon)))
        self.settle()

    def key(self, block: int, y: int) -> Hashable:
        figures = self.figures
        if figures is None:
            return None
        at = figures.at.astimezone(self.zone)
        minute = f"{at:%a} {at.day} {at:%b %H:%M}"
        return (minute, self._digits, figures._replace(at=_EPOCH))

    def draw(self, key: Any, cells: int) -> list[Segment]:
        if not isinstance(key, tuple):
            return self.blank(cells)
        minute, digits, f = key
        for wide, gap in ((True, "   "), (True, "  "), (False, "   "), (False, "  ")):
            groups = self._groups(minute, f, wide, digits)
            if _cells(groups, gap) <= cells:
                break
        if _cells(groups, gap) > cells:
            # Sync in one mark, the worst of all sites: which site and how long is told on its own screen.
            states = [seen.state for seen in f.sites] + [f.sync]
            worst = next((state for state in ("stopped", "behind", "moving") if state in states), "synced")
            for words in (f.sync_words, ""):
                groups = self._groups(minute, f._replace(sites=(), sync=worst, sync_words=words), False, digits)
                if _cells(groups, gap) <= cells:
                    break
        # What does not fit goes from the end: the message, then sync; money and promises stay.
        while len(groups) > 2 and _cells(groups, gap) > cells:
            groups.pop()
        pieces: list[Piece] = [(" ", "top")]
        for index, group in enumerate(groups):
            pieces += [(gap, "top")] if index else []
            pieces += group
        return self.spread(cells, pieces)

    def _groups(self, minute: str, f: TopFigures, wide: bool, digits: tuple[int, int]) -> list[list[Piece]]:
        g = self.look.glyphs
        clock = minute if wide else minute[-5:]
        groups: list[list[Piece]] = [[(f"{clean(f.site)} ", "strong"), (clock, "top")]]
        if f.read_only:
            groups.append([("READ ONLY", "soon")])
        sla: list[Piece] = [("SLA ", "top")]
        if f.late:
            sla.append((f"{g.late}{f.late}" + (" late" if wide else ""), "top_alarm"))
        if f.soon:
            sla.append(((" " if f.late else "") + f"{g.soon}{f.soon}" + (" soon" if wide else ""), "soon"))
        if not f.late and not f.soon:
            sla.append(("in time", "fine"))
        elif wide and f.late and f.soon:
            sla.append((" " * (sum(digits) - len(f"{f.late}{f.soon}")), "top"))
        groups.append(sla)
        if f.risk:
            risk: list[Piece] = [("at risk ", "top"), (clean(f.risk), "strong")]
            if f.cases:
                risk.append((f" in {f.cases}" if wide else f" {g.dot}{f.cases}", "top"))
            groups.append(risk)
        if f.unbilled:
            old = f" (oldest {f.oldest_days} d)" if wide and f.oldest_days else ""
            groups.append([("unbilled ", "top"), (clean(f.unbilled), "strong"), (old, "top")])
        groups.append(self._sync(f, wide))
        if f.message:
            groups.append([(clean(f.message), "soon")])
        return [[(self.said(text), role) for text, role in group] for group in groups]

    def _sync(self, f: TopFigures, wide: bool) -> list[Piece]:
        g = self.look.glyphs
        mark = {"synced": g.synced, "moving": g.moving, "behind": g.behind, "stopped": g.stopped}
        own = f.sync if f.sync in mark else "behind"
        pieces: list[Piece] = [("sync ", "top"), (mark[own], ROLES.get(own, own))]
        if f.sync_words and (wide or own == "stopped"):
            pieces.append((f" {clean(f.sync_words)}", "top"))
        for seen in f.sites:
            # Where there is little room, a site in sync is the one thing that need not be said.
            if wide or seen.state not in ("synced", "moving"):
                state = seen.state if seen.state in mark else "behind"
                role = ROLES.get(state, state)
                pieces.append((f" {mark[state]}" if seen.state != own or f.sync_words else "", role))
                pieces.append((f" {clean(seen.code)} {clean(seen.words)}", "top" if state in ("synced", "moving") else role))
        return pieces


class ScreenName(NamedTuple):
    """A screen in the names line; ``count`` 0 is not shown."""

    key: str
    name: str
    words: str
    count: int = 0  # type: ignore[assignment]


class NamesLine(Canvas):
    """``NamesLine(names)``: F2 Board, F3 Day ...; ``say(here, names, view)`` marks where one is and what is filtered."""

    DEFAULT_CSS = "NamesLine { height: 1; }"

    def __init__(self, names: Sequence[ScreenName] = (), *, here: str = "", id: str | None = None) -> None:
        super().__init__(id=id)
        self.names = tuple(names)
        self.here = here
        self.view = ""

    def say(self, here: str, names: Sequence[ScreenName] | None = None, view: str = "") -> None:
        self.here, self.view = here, view
        if names is not None:
            self.names = tuple(names)
        self.settle()

    def key(self, block: int, y: int) -> Hashable:
        return (self.names, self.here, self.view)

    def draw(self, key: Any, cells: int) -> list[Segment]:
        view: list[Piece] = [(f"{clean(self.view)} ", "dim")] if self.view else []
        full = [self._name_pieces(name, True) for name in self.names]
        room = cells - 1
        if sum(width(t) for p in full for t, _ in p) + 2 * len(full) + sum(width(t) for t, _ in view) > room:
            # Only the key, except where one is: the rest is under ?.
            full = [self._name_pieces(name, name.name == self.here) for name in self.names]
        gap = "  " if sum(width(t) for p in full for t, _ in p) + 2 * len(full) <= room else " "
        pieces: list[Piece] = [(" ", "normal")]
        for index, group in enumerate(full):
            pieces += [(gap, "normal")] if index else []
            pieces += group
        if sum(width(t) for t, _ in pieces) + sum(width(t) for t, _ in view) > cells:
            view = []
        return self.spread(cells, pieces, view)

    def _name_pieces(self, name: ScreenName, worded: bool) -> list[Piece]:
        here = name.name == self.here
        pieces: list[Piece] = [(name.key, "key")]
        if worded:
            pieces.append((f" {name.words}", "here" if here else "hint"))
        if name.count:
            pieces.append((f" {name.count}" if worded else f"·{name.count}", "strong"))
        if here:
            glyph = self.look.glyphs.right
            pieces.insert(0, (glyph, "key"))
        return pieces


_EPOCH = datetime.min.replace(tzinfo=UTC)


def _cells(groups: Sequence[Sequence[Piece]], gap: str) -> int:
    return 2 + sum(width(text) for group in groups for text, _ in group) + len(gap) * (len(groups) - 1)
