"""Settings: looks, keys and paths of this machine, in TOML. Rates, policies and calendars are synced data, not settings.

It stands apart because a typo here must cost one default, never the console.
"""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass, field, fields
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, get_type_hints

from fsconsole.errors import BadInput


@dataclass(slots=True)
class Settings:
    """Every setting with its default. Paths are text; '' means none."""

    theme: str = "night"
    ascii: bool = False
    mouse: bool = True
    shared: str = ""  # the shared folder through which sites exchange
    cards: str = ""  # the drop folder for job cards
    tracks: str = ""  # the drop folder for trails
    basemap: str = ""  # a .pmtiles file
    user: str = ""  # who acts when --as is not given; '' takes the login name
    sync_every: int = 5  # seconds between looks at the shared folder
    area: str = ""
    keymap: str = "default"  # or one that ships, such as vi
    keys: dict[str, str] = field(default_factory=dict)  # an action's id: its keys
    letters: dict[str, str] = field(default_factory=dict)  # a verb's name: its letter
    views: dict[str, str] = field(default_factory=dict)


def read_settings(path: Path) -> tuple[Settings, list[BadInput]]:
    """The settings in a file, with the default for each that is wrong, and what was wrong: file, line, key, expected."""
    settings = Settings()
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return settings, []
    except (OSError, UnicodeDecodeError) as error:
        return settings, [BadInput(f"the settings cannot be read ({error})", file=str(path), instead="The defaults are in use.")]
    given, problems = _parse(text, path)
    known = {one.name: one for one in fields(Settings)}
    hints = _hints()
    for key, value in given.items():
        line = _line_of(text, key)
        if key not in known:
            near = get_close_matches(key, known, 1)
            hint = f"Did you mean “{near[0]}”?" if near else f"Known settings: {', '.join(known)}."
            problems.append(BadInput("no such setting", file=str(path), line=line, field=key, instead=hint))
            continue
        expected = _expectation(hints[key], value)
        if expected:
            problems.append(
                BadInput(
                    f"expected {expected}, not {value!r}", file=str(path), line=line, field=key, instead="The default is in use."
                )
            )
            continue
        setattr(settings, key, value)
    return settings, problems


@cache
def _hints() -> dict[str, Any]:
    return get_type_hints(Settings)


def _parse(text: str, path: Path) -> tuple[dict[str, Any], list[BadInput]]:
    """The whole file, or, when a line of it is not TOML, the lines that are."""
    try:
        return tomllib.loads(text), []
    except tomllib.TOMLDecodeError as error:
        problem = BadInput(
            f"not TOML: {error}", file=str(path), line=_line_in(str(error)), instead='Write settings as key = "value".'
        )
    kept: dict[str, Any] = {}
    for line in text.splitlines():
        try:
            kept.update(tomllib.loads(line))
        except tomllib.TOMLDecodeError:
            continue
    return {key: value for key, value in kept.items() if not isinstance(value, dict)}, [problem]


def _expectation(hint: Any, value: Any) -> str:
    if hint is bool:
        return "" if isinstance(value, bool) else "true or false"
    if hint is int:
        return "" if isinstance(value, int) and not isinstance(value, bool) and value > 0 else "a whole number above 0"
    if hint is str:
        return "" if isinstance(value, str) else "text in quotes"
    good = isinstance(value, dict) and all(isinstance(one, str) for one in value.values())
    return "" if good else "a table of texts"


def _line_of(text: str, key: str) -> int:
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip().lstrip("[").strip()
        if stripped.startswith(key) and stripped[len(key) :].lstrip()[:1] in ("=", ".", "]"):
            return number
    return 0


def line_of(text: str, key: str) -> int:
    """The line of ``key = …`` (quoted or not, in whatever table) in the text of a TOML file; 0 when it is not there."""
    for number, line in enumerate(text.splitlines(), 1):
        name, equals, _ = line.partition("=")
        if equals and name.strip().strip("\"'") == key:
            return number
    return _line_of(text, key)


def _line_in(message: str) -> int:
    _, _, tail = message.partition("at line ")
    number = tail.split(",")[0].split(")")[0].strip()
    return int(number) if number.isdigit() else 0


def write_settings(path: Path, settings: Settings) -> None:
    """Writes the settings that differ from their defaults, whole or not at all."""
    import tomli_w

    default = Settings()
    differing = {key: value for key, value in asdict(settings).items() if value != getattr(default, key)}
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".toml.new")
    beside.write_text(tomli_w.dumps(differing), encoding="utf-8")
    beside.replace(path)
