"""Themes: TOML files become Looks, a style for every role, checked before Textual ever sees them.

It stands apart because a bad colour handed to Textual raises nothing then and ends the program later.

Always: what is wrong with a theme is a Complaint with file, line and key; the rest of the theme still works.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from rich.style import Style
from textual.app import App
from textual.color import Color, ColorParseError
from textual.theme import Theme

from fsconsole.console.glyphs import ASCII, UNICODE, Glyphs

#: Every role and what it is for. A theme says how each looks; the words before a colour are attributes.
ROLES: dict[str, str] = {
    "normal": "text that is fine",
    "strong": "what identifies a thing: its reference",
    "dim": "less important than its neighbour",
    "faint": "rules and separators",
    "title": "headings",
    "here": "the heading of where the cursor is",
    "money": "amounts",
    "estimate": "amounts that are not settled",
    "late": "a broken promise",
    "soon": "a promise nearly gone",
    "fine": "a promise in time, a thing in order",
    "stuck": "why something waits",
    "aged": "longer in its state than usual",
    "old": "far too long in its state",
    "logged": "state", "scheduled": "state", "dispatched": "state", "en_route": "state", "on_site": "state",
    "waiting_parts": "state", "complete": "state", "signed_off": "state", "closed": "state", "parked": "state",
    "cursor": "the card or row under the cursor",
    "cursor_away": "the same while the keyboard is elsewhere",
    "marked": "marked for a bulk verb",
    "changed": "changed a moment ago",
    "top": "the top line",
    "top_alarm": "danger on the top line",
    "key": "a key in the hints",
    "hint": "what a key does",
    "prompt": "the command line's prompt",
    "typed": "what is being typed",
    "caret": "the place in what is being typed",
    "said": "what was done",
    "refused": "why something was not done",
    "offer": "a completion or suggestion",
    "chosen": "the completion or suggestion that enter takes",
    "synced": "in sync",
    "behind": "not heard for a while",
    "stopped": "sync stopped",
    "bar_work": "at work, on the day",
    "bar_drive": "driving, on the day",
    "bar_plan": "planned, on the day",
    "now": "the line of now",
    "gap": "free time",
    "away": "absent",
}  # fmt: skip
GROUND = ("background", "surface", "panel", "foreground", "primary")
ATTRIBUTES = {"bold", "dim", "italic", "underline", "reverse", "strike"}
FALLBACK = "night"


class Complaint(NamedTuple):
    """What is wrong with a theme: ``line`` is 0 when the file as a whole is meant."""

    file: str
    line: int
    key: str
    says: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {self.key}: {self.says}" if self.key else f"{where}: {self.says}"


@dataclass(frozen=True, slots=True)
class Look:
    """How everything looks: a Rich style per role, the glyphs, and Textual's few ground colours."""

    name: str
    title: str = ""
    dark: bool = True
    ansi: bool = False  # uses the terminal's own 16 colours
    styles: Mapping[str, Style] = field(default_factory=dict)
    ground: Mapping[str, str] = field(default_factory=dict)
    glyphs: Glyphs = UNICODE

    def style(self, role: str) -> Style:
        """The style of a role; an unknown one is drawn as normal text."""
        return self.styles.get(role) or self.styles.get("normal") or Style.null()

    def with_ascii(self) -> Look:
        return replace(self, glyphs=ASCII)

    def without_colour(self) -> Look:
        """For NO_COLOR: attributes only. The cursor is reversed, so that it can be seen."""
        bare = {
            role: Style(bold=s.bold, underline=s.underline, italic=s.italic, reverse=s.reverse) for role, s in self.styles.items()
        }
        bare["cursor"] = bare["chosen"] = Style(reverse=True)
        bare["cursor_away"] = Style(underline=True)
        for role in ("late", "refused", "top_alarm", "stopped"):
            bare[role] = Style(bold=True)
        return replace(self, name=f"{self.name}-plain", ansi=True, styles=bare, ground={})

    def to_theme(self) -> Theme:
        """The Textual theme that goes with it, named ``fs-<name>``."""
        if not self.ansi:
            ground = dict(self.ground)
            return Theme(f"fs-{self.name}", ground.pop("primary", "#5fafff"), dark=self.dark, **ground)  # type: ignore[arg-type]
        plain = dict.fromkeys(("foreground", "background", "surface", "panel", "boost"), "ansi_default")
        hues = {
            "secondary": "ansi_cyan",
            "warning": "ansi_yellow",
            "error": "ansi_red",
            "success": "ansi_green",
            "accent": "ansi_green",
        }
        ends = ("ansi_black", "ansi_white") if self.dark else ("ansi_white", "ansi_black")
        variables = {"ansi-background": ends[0], "ansi-foreground": ends[1], "border-blurred": ends[0]}
        return Theme(f"fs-{self.name}", "ansi_blue", dark=self.dark, ansi=True, variables=variables, **plain, **hues)  # type: ignore[arg-type]


def apply_look(app: App, look: Look) -> None:
    """Puts a look on: registers and chooses its Textual theme, and every Canvas draws with it from now on."""
    theme = look.to_theme()
    app.look = look  # type: ignore[attr-defined]
    app.register_theme(theme)
    app.theme = theme.name
    if app.is_running:
        for screen in app.screen_stack:
            for widget in screen.walk_children():
                if (relook := getattr(widget, "relook", None)) is not None:
                    relook()


def load_look(text: str, file: str, like: Mapping[str, Look] | None = None) -> tuple[Look | None, list[Complaint]]:
    """One theme from the text of its TOML file; ``like`` are the looks it may build on.

    Returns (look, complaints). The look is None only when the file cannot be read as TOML or has no usable name.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        return None, [Complaint(file, int(found[1]) if found else 0, "", f"is not TOML: {error}")]
    complaints: list[Complaint] = []

    def complain(table: str, key: str, says: str) -> None:
        complaints.append(Complaint(file, _line_of(text, table, key), f"{table}.{key}" if table else key, says))

    known = {"name", "title", "dark", "ansi", "like", "ground", "roles"}
    for key in raw:
        if key not in known:
            complain("", key, f"is not known here; expected one of {', '.join(sorted(known))}")
    name = raw.get("name", Path(file).stem)
    if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9-]{1,32}", name):
        complain("", "name", 'expected small letters, digits and dashes, as in name = "my-theme"')
        return None, complaints
    for key in ("dark", "ansi"):
        if not isinstance(raw.get(key, False), bool):
            complain("", key, "expected true or false")
            raw.pop(key)
    base = (like or {}).get(raw.get("like", "")) if isinstance(raw.get("like", ""), str) else None
    if "like" in raw and base is None:
        complain(
            "",
            "like",
            f"there is no theme “{raw['like']}” to build on; there are {', '.join(sorted(like or {}))}",
        )
    styles = dict(base.styles) if base else {}
    ground = dict(base.ground) if base else {}
    for key, value in _table(raw, "ground", complain).items():
        if key not in GROUND:
            complain("ground", key, f"is not known; expected one of {', '.join(GROUND)}")
        elif _colour(value) is None:
            complain("ground", key, f"“{value}” is not a colour; write #rrggbb or a name such as ansi_blue")
        else:
            ground[key] = value
    given = _table(raw, "roles", complain)
    for key, value in given.items():
        if key not in ROLES:
            near = [role for role in ROLES if role.startswith(key[:3])]
            complain("roles", key, "is not a role" + (f"; did you mean {near[0]}?" if near else ""))
            continue
        style, says = _style(value)
        if says:
            complain("roles", key, says)
        if style is not None:
            styles[key] = style
    if base is None and (missing := [role for role in ROLES if role not in styles]):
        complain(
            "roles",
            "",
            f'says nothing about {", ".join(missing)}; add them, or like = "{FALLBACK}" to take the rest from there',
        )
    look = Look(
        name=name,
        title=str(raw.get("title", name)),
        dark=raw.get("dark", base.dark if base else True),
        ansi=raw.get("ansi", base.ansi if base else False),
        styles=styles,
        ground=ground,
    )
    return look, complaints


def load_looks(places: Iterable[Path]) -> tuple[dict[str, Look], list[Complaint]]:
    """Every theme in these folders, by name; a later folder's theme replaces an earlier one of the same name."""
    looks: dict[str, Look] = {}
    complaints: list[Complaint] = []
    for place in places:
        later: list[tuple[Path, str]] = []
        for path in sorted(place.glob("*.toml")):
            try:
                text = path.read_text("utf-8")
            except (OSError, UnicodeDecodeError) as error:
                complaints.append(Complaint(str(path), 0, "", f"cannot be read: {error}"))
                continue
            if re.search(r"(?m)^like\s*=", text):
                later.append((path, text))  # what it builds on must be there first
                continue
            _take(looks, complaints, path, text)
        for path, text in later:
            _take(looks, complaints, path, text)
    return looks, complaints


def _take(looks: dict[str, Look], complaints: list[Complaint], path: Path, text: str) -> None:
    look, said = load_look(text, str(path), looks)
    complaints += said
    if look is not None:
        looks[look.name] = look


def choose(
    looks: Mapping[str, Look],
    wanted: str,
    *,
    colours: str = "truecolor",
    no_color: bool = False,
    ascii: bool = False,
) -> Look:
    """The look to start with: the wanted one, ``ansi16`` on a 16-colour terminal, without colour under NO_COLOR.

    ``colours`` is Rich's word for the terminal (standard, 256, truecolor).
    """
    look = looks.get(wanted) or looks.get(FALLBACK) or next(iter(looks.values()), None) or bare_look()
    if colours == "standard" and not look.ansi:
        look = looks.get("ansi16", look)
    if no_color:
        look = look.without_colour()
    return look.with_ascii() if ascii else look


def bare_look() -> Look:
    """A look without any theme file: the terminal's own colours, attributes for what matters."""
    styles = {role: Style() for role in ROLES}
    bold = (
        "strong",
        "title",
        "here",
        "late",
        "soon",
        "stuck",
        "key",
        "refused",
        "changed",
        "marked",
        "top_alarm",
        "chosen",
    )
    styles |= {role: Style(bold=True) for role in bold}
    styles |= {
        "cursor": Style(reverse=True),
        "cursor_away": Style(underline=True),
        "caret": Style(reverse=True),
    }
    return Look(name="bare", title="Bare", ansi=True, styles=styles)


def _table(raw: dict[str, Any], key: str, complain: Any) -> dict[str, Any]:
    table = raw.get(key, {})
    if isinstance(table, dict):
        return table
    complain("", key, f"expected a table: [{key}]")
    return {}


def _colour(text: object) -> Color | None:
    if not isinstance(text, str):
        return None
    try:
        return Color.parse(text)
    except ColorParseError:
        return None


def _style(text: object) -> tuple[Style | None, str]:
    """(style, complaint) of ``bold #ff8700 on #303030``."""
    if not isinstance(text, str):
        return None, 'expected text, as in "bold #ff8700"'
    attributes: dict[str, bool] = {}
    colours: list[Color | None] = [None, None]
    at = 0
    for word in text.split():
        if word == "on":
            at = 1
        elif word in ATTRIBUTES:
            attributes[word] = True
        elif (colour := _colour(word)) is not None:
            colours[at] = colour
        else:
            return (
                None,
                f"“{word}” is neither a colour (#rrggbb, ansi_red) nor one of {', '.join(sorted(ATTRIBUTES))}",
            )
    fore, back = (None if c is None or c.ansi == -1 else c.rich_color for c in colours)
    return Style(color=fore, bgcolor=back, **attributes), ""  # type: ignore[arg-type]


def _line_of(text: str, table: str, key: str) -> int:
    """The line on which a key of a table stands, counted from 1; the table's own line when the key is not there."""
    here, found = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        if head := re.match(r"\s*\[([^\]]+)\]", line):
            here = head[1].strip()
            if here == table:
                found = number
        elif here == table and key and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", line):
            return number
    return found
