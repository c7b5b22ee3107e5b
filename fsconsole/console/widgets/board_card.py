"""How one card and one lane heading are drawn, at every size.

It stands apart from the board so that what a card says can be read, and changed, without the moving parts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any, NamedTuple, Protocol

from rich.segment import Segment

from fsconsole.console.text import about, clean, clip, day_word, late_by, minutes_until, span, width
from fsconsole.console.widgets.canvas import Canvas, Piece

#: (lines of a card, empty lines below it), tallest first.
HEIGHTS = ((4, 1), (3, 1), (2, 1), (2, 0), (1, 0))
#: Minutes left from which a promise is nearly gone.
SOON = 60
#: Minutes before a promise breaks in which each of them counts.
BY_MINUTE = 5
#: Cells that what is left takes at least on a card of one line.
STILL = 4
#: Minutes in a column after which a card is (longer than usual, far too long) there.
AGES: dict[str, tuple[int, int]] = {
    "logged": (60, 480), "dispatched": (120, 480), "en route": (60, 120), "on site": (180, 360),
    "waiting parts": (4320, 14400), "complete": (1440, 7200), "signed off": (2880, 10080), "parked": (10080, 43200),
}  # fmt: skip
#: What is said of a column, or of why a job is stuck, where the whole words do not fit.
SHORT = {
    "waiting parts": "parts", "complete, no card": "no card", "card, no sign-off": "unsigned", "nothing covers it": "no cover",
    "no labour and no parts": "no work", "order number missing": "no order", "nobody to send invoices to": "no payee",
    "on no contract": "no cover", "no trail near it": "no trail", "more hours than on site": "hours", "two at once": "2 at 1×",
    "written at two sites": "2 sites", "several cover it": "which?", "is it covered?": "cover?", "time written down": "cut",
    "off the standard": "unusual", "not approved": "approve", "contract over": "expired", "amount moved": "amount",
    "tax number missing": "no tax", "charged twice?": "twice?", "contradicts itself": "at odds",
}  # fmt: skip


class LaneLike(Protocol):
    """A column's heading: how many jobs, worth what (minor units; ``estimate``: not settled), its earliest promise
    (ms since 1970), how many are stuck; ``version`` rises with every change of one of its cards."""

    @property
    def column(self) -> str: ...
    @property
    def jobs(self) -> int: ...
    @property
    def value(self) -> int: ...
    @property
    def estimate(self) -> bool: ...
    @property
    def worst_due(self) -> int | None: ...
    @property
    def stuck(self) -> int: ...
    @property
    def version(self) -> int: ...


class CardLike(Protocol):
    """A job on the board. Hashable; instants are ms since 1970; ``value`` in minor units."""

    @property
    def job(self) -> bytes: ...
    @property
    def ref(self) -> str: ...
    @property
    def client(self) -> str: ...
    @property
    def location(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def column(self) -> str: ...
    @property
    def technician(self) -> str: ...
    @property
    def due_at(self) -> int | None: ...
    @property
    def due_what(self) -> str: ...
    @property
    def since(self) -> int | None: ...
    @property
    def value(self) -> int: ...
    @property
    def estimate(self) -> bool: ...
    @property
    def stuck(self) -> str: ...
    @property
    def priority(self) -> int: ...
    @property
    def told(self) -> str: ...
    @property
    def booked_from(self) -> int | None: ...
    @property
    def version(self) -> int: ...


class BoardProvider(Protocol):
    """Where the board's rows come from; all three are asked while drawing and must be quick.

    ``lanes()``: one LaneLike per column in the board's order: ``column, jobs, value, estimate, worst_due, stuck,
    version`` (rises with every change of one of its cards; 0: nobody knows).
    ``rows(column, offset, limit)``: CardLikes of a column, most urgent first: ``job, ref, client, location, title,
    column, technician, due_at, due_what, since, value, estimate, stuck, priority, told, booked_from, version``
    (``version`` changes when anything shown changes).
    ``place(job)``: (column, index) of a job under the present filter and order, or None.
    """

    def lanes(self) -> Sequence[LaneLike]: ...
    def rows(self, column: str, offset: int, limit: int) -> Sequence[CardLike]: ...
    def place(self, job: bytes) -> tuple[str, int] | None: ...


def instant(ms: int | None) -> datetime | None:
    """The instant of ``ms`` since 1970, in UTC."""
    return None if ms is None else datetime.fromtimestamp(ms / 1000, UTC)


def corner(row: Any, now: datetime, zone: tzinfo) -> tuple[str, str, str]:
    """(words, role, kind) of what is left of a promise: ``2h``, ``▲ 45m``, ``▼ 15m``, ``Thu`` for parts and waking.

    ``kind`` is late, soon, fine, day, stuck or nothing; the glyph is put before it where it is drawn.
    """
    due = instant(row.due_at)
    if due is None:
        return (row.stuck, "stuck", "stuck") if row.stuck else ("", "dim", "nothing")
    left = minutes_until(due, now)
    if row.due_what in ("parts", "wake"):
        return (f"{about(left)} over", "soon", "soon") if left < -1440 else (day_word(due, now, zone), "dim", "day")
    if left < 0:
        return late_by(left), "late", "late"
    # The last minutes of a promise count one by one; the rest is said in words that seldom change.
    words = span(left) if left < BY_MINUTE else about(left)
    return (words, "soon", "soon") if left < SOON else (words, "fine", "fine")


def status(row: CardLike, now: datetime, zone: tzinfo, money: Callable[[int], str]) -> tuple[str, str, str]:
    """(technician, words, role): who has it and how it stands there, in the last line of a card."""
    column, since, booked = row.column, instant(row.since), instant(row.booked_from)
    minutes = minutes_until(now, since) if since else 0
    aged, old = AGES.get(column, (1 << 30, 1 << 30))
    role = "old" if minutes >= old else "aged" if minutes >= aged else "dim"
    waited = about(minutes) if since else ""
    if row.stuck and row.due_at is not None:
        return row.technician, row.stuck, "stuck"
    if column == "logged":
        return row.technician, waited, role
    if column in ("scheduled", "dispatched"):
        at = day_word(booked, now, zone) if booked else ""
        return (
            row.technician,
            " ".join(word for word in (at, row.told if column == "dispatched" else "") if word),
            role,
        )
    if column in ("complete", "signed off", "closed"):
        amount = ("~" if row.estimate else "") + money(row.value) if row.value else ""
        return row.technician, " ".join(word for word in (amount, waited) if word), role
    return row.technician, waited, role


def header_line(
    canvas: Canvas,
    cells: int,
    y: int,
    head: int,
    column: str,
    count: int,
    value: str,
    estimate: bool,
    here: bool,
) -> list[Segment]:
    """Line ``y`` of a lane's heading: its name and count, then a rule that carries its value."""
    glyphs = canvas.look.glyphs
    if y == head - 1:
        amount = canvas.said(f" {'~' if estimate else ''}{value} ") if value else ""
        rule = glyphs.rule * max(0, cells - width(amount))
        return canvas.spread(cells, [(rule, "faint"), (amount, "estimate" if estimate else "money")])
    glyph, word, role = glyphs.column(column)
    number = f" {count:,}"
    room = max(1, cells - 3 - width(number))
    word = clip((word if width(word) <= room else SHORT.get(word, word)).upper(), room, glyphs.ellipsis)
    return canvas.spread(cells, [(f" {glyph} ", role), (word, "here" if here else "title"), (number, "strong")])


def card_line(
    canvas: Canvas,
    cells: int,
    row: CardLike,
    part: int,
    lines: int,
    words: tuple[str, str, str] | None,
    flags: tuple[int, bool, bool],
) -> list[Segment]:
    """Line ``part`` of a card of ``lines`` lines; ``words`` is its corner (first line) or status (last line)."""
    glyphs = canvas.look.glyphs
    here, marked, changed = flags
    over = {0: None, 1: "cursor_away", 2: "cursor"}[here]
    gutter: Piece = (glyphs.cursor, "strong") if here else (" ", "normal")
    if not here and part == 0 and changed:
        gutter = (glyphs.changed, "changed")
    where = clean(f"{row.client} {glyphs.dot} {row.location}" if row.location else row.client)
    if part == 0:
        ref: list[Piece] = [gutter, (clean(row.ref), "marked" if marked else "strong")]
        ref.append((glyphs.marked, "marked") if marked else (" ", "normal"))
        if here and changed:
            ref[-1] = (glyphs.changed if not marked else glyphs.marked, "changed")
        right = _corner_pieces(canvas, words or ("", "dim", "nothing"), row, cells - sum(width(t) for t, _ in ref), lines)
        if lines <= 2:
            ref.append((where if cells >= 32 else clean(row.client), "normal"))
            if lines == 1 and cells >= 44:
                ref.append((f"  {clean(row.title)}", "dim"))
        return canvas.spread(cells, ref, right, over)
    if lines > 2 and part == 1:
        return canvas.spread(cells, [gutter, (where, "normal")], (), over)
    if lines == 4 and part == 2:
        return canvas.spread(cells, [gutter, (clean(row.title), "dim")], (), over)
    who, said, role = words or ("", "", "dim")
    name: Piece = (clean(who), "normal") if who else (f"{glyphs.dash} unassigned", "soon")
    if lines == 4:
        return canvas.spread(cells, [gutter, name, (f" {clean(said)}" if said else "", role)], (), over)
    # Two and three lines: the title gives way to who has it.
    short: Piece = (f" {clip(name[0], 10, '')} ", name[1]) if who else (f" {glyphs.dash} ", "soon")
    tail: list[Piece] = [short]
    if cells >= 26 and said:
        tail = [(f" {name[0]}", name[1]), (f" {clean(said)} ", role)]
    return canvas.spread(cells, [gutter, (clean(row.title), "dim")], tail, over)


def _corner_pieces(canvas: Canvas, words: tuple[str, str, str], row: CardLike, room: int, lines: int) -> list[Piece]:
    glyphs = canvas.look.glyphs
    said, role, kind = words
    stuck: list[Piece] = [(glyphs.stuck, "stuck")] if row.stuck else []
    if kind == "nothing":
        return []
    if kind == "stuck" and lines == 1 and room < 32:
        return [(f" {glyphs.stuck}", "stuck")]  # whose job it is says more than half a reason; the detail says it whole
    if kind == "stuck":
        said = said if width(clean(said)) <= room - 3 else SHORT.get(said, said)
        return [(f" {glyphs.stuck} {clip(clean(said), max(1, room - 3), glyphs.ellipsis)}", "stuck")]
    said = {"late": glyphs.late, "soon": glyphs.soon}.get(kind, "") + said
    # On a card of one line the name stands before it, and must not move with every other word; nor the mark.
    said += " " * max(0, STILL - width(said)) if lines == 1 and kind in ("late", "soon", "fine") else ""
    return [(" ", "normal"), *stuck, (said, role)]


class Worst(NamedTuple):
    """A lane's earliest promise, as ``corner`` takes a card's."""

    due_at: int | None
    due_what: str = ""
    stuck: str = ""


def worst_of(lane: LaneLike) -> Worst:
    return Worst(lane.worst_due)
