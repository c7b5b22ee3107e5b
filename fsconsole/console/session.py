"""What a console remembers from one session to the next, as plain JSON in the home.

It stands apart because a session that cannot be read or kept costs nothing but itself.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fsconsole.console.app import ConsoleApp


def read(path: Path) -> tuple[dict[str, Any], str]:
    """(what was kept, what was wrong with it): view, views, parked, lines. Nothing kept is nothing wrong."""
    try:
        kept = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}, ""
    except (OSError, ValueError) as error:
        return {}, f"The last session could not be read ({type(error).__name__}); this one begins fresh."
    if not isinstance(kept, dict) or not isinstance(kept.get("views", {}), dict):
        return {}, "The last session could not be understood; this one begins fresh."
    parked = [{str(key): str(text) for key, text in one.items()} for one in kept.get("parked") or () if isinstance(one, dict)]
    return {**kept, "parked": parked, "lines": [str(one) for one in kept.get("lines") or ()]}, ""


def write(path: Path, kept: dict[str, Any]) -> None:
    """Keeps a session, whole or not at all; one that cannot be kept is no reason to stay."""
    beside = path.with_suffix(".new")
    try:
        beside.write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")
        beside.replace(path)
    except (OSError, TypeError, ValueError):
        return


def keep(app: ConsoleApp) -> None:
    """Writes what brings this session back, if that is anything else than what was written before."""
    views = dict(app._kept.get("views", {}))
    for name, screen in app._installed_screens.items():
        if getattr(screen, "is_mounted", False) and (kept := getattr(screen, "kept", None)) is not None:
            views[name] = kept()
    half = [typed() for screen in app.screen_stack if (typed := getattr(screen, "half_typed", None)) is not None]
    now = {"view": app._view, "views": views, "parked": [*app.parked, *filter(None, half)], "lines": app.lines}
    if now != app.remembered:
        write(app.home.state, now)
        app.remembered = now
