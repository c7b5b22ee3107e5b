"""A glyph, a word and a colour role for every state and mark, in Unicode and in ASCII.

It stands apart so that no meaning is ever carried by colour alone: whoever draws a state draws all three.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import NamedTuple


class Sign(NamedTuple):
    """How a state looks. ``short`` is its word where there is little room; ``role`` names its colour in a Look."""

    glyph: str
    ascii: str
    word: str
    short: str
    role: str


#: By the column's word (values.work.Column).
COLUMNS: dict[str, Sign] = {
    "logged": Sign("○", "o", "logged", "logged", "logged"),
    "scheduled": Sign("◷", "t", "scheduled", "sched", "scheduled"),
    "dispatched": Sign("◔", "d", "dispatched", "sent", "dispatched"),
    "en route": Sign("→", ">", "en route", "route", "en_route"),
    "on site": Sign("●", "@", "on site", "site", "on_site"),
    "waiting parts": Sign("‖", "=", "waiting parts", "parts", "waiting_parts"),
    "complete": Sign("◆", "c", "complete", "done", "complete"),
    "signed off": Sign("✓", "s", "signed off", "signed", "signed_off"),
    "closed": Sign("■", "#", "closed", "closed", "closed"),
    "parked": Sign("◌", "p", "parked", "parked", "parked"),
}
UNKNOWN = Sign("?", "?", "unknown", "?", "normal")


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The marks. A field's name is its meaning; the ASCII set keeps every one at the same width."""

    cursor: str = "▌"
    marked: str = "✓"
    changed: str = "•"
    late: str = "▼"
    soon: str = "▲"
    stuck: str = "◆"
    more: str = "⋮"
    ellipsis: str = "…"
    dot: str = "·"
    dash: str = "—"
    bar: str = "│"
    rule: str = "─"
    cross: str = "┼"
    foot: str = "┴"
    top: str = "┬"
    up: str = "▲"
    down: str = "▼"
    synced: str = "●"
    moving: str = "○"
    behind: str = "◌"
    stopped: str = "✗"
    working: str = "█"
    planned: str = "▓"
    driving: str = "▒"
    absent: str = "·"
    now: str = "│"
    silent: str = "?"
    right: str = "▸"
    caret: str = "▏"
    chosen: str = "▸"
    news: str = "»"

    def column(self, name: str) -> tuple[str, str, str]:
        """(glyph, word, role) of a column."""
        sign = COLUMNS.get(name, UNKNOWN)
        return (sign.ascii if self is ASCII else sign.glyph), sign.word, sign.role


#: What our own words are drawn with where only ASCII is wanted, cell for cell. Letters of names are left alone.
_PAIRS = '▌> ✓+ •* ▼! ▲^ ◆# ⋮: …~ ·. —- –- −- │| ─- ┼+ ┴+ ┬+ ●* ◌o ✗x █# ▓= ▒~ ▸> ▏| ○o ◷t ◔d →> ‖= ■# ↑^ ↓v ←< ⇧^ “" ”" ’\' ×x'
_MONEY = {"£": "GBP ", "€": "EUR ", "¥": "JPY ", "₹": "INR "}
_PLAIN = str.maketrans({pair[0]: pair[1] for pair in _PAIRS.split()} | _MONEY)


def plain(text: str) -> str:
    """``text`` with our own signs in ASCII, at the same width; signs of money become the currency's letters."""
    return text if text.isascii() else text.translate(_PLAIN)


UNICODE = Glyphs()
ASCII = Glyphs(
    cursor=">", marked="+", changed="*", late="!", soon="^", stuck="#", more=":", ellipsis="~", dot=".", dash="-",
    bar="|", rule="-", cross="+", foot="+", top="+", up="^", down="v", synced="*", moving="~", behind="o", stopped="x",
    working="#", planned="=", driving="~", absent=".", now="|", silent="?", right=">", caret="|", chosen=">", news=":",
)  # fmt: skip


def legend(glyphs: Glyphs) -> list[tuple[str, str]]:
    """(glyph, what it says) of every mark a person meets on the board, for the help screen."""
    words = {
        "cursor": "you are here",
        "marked": "marked",
        "changed": "changed a moment ago",
        "late": "late",
        "soon": "the promise is nearly gone",
        "stuck": "stuck, and why",
        "more": "more than fits here",
        "synced": "in sync",
        "moving": "on its way to another site, or from there",
        "behind": "not heard for a while",
        "stopped": "stopped, and why",
        "news": "news or an answer, in the line above the keys",
    }
    marks = [(getattr(glyphs, field.name), words[field.name]) for field in fields(glyphs) if field.name in words]
    return marks + [glyphs.column(name)[:2] for name in COLUMNS]
