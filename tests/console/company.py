"""A console over the small company of the tests, driven by the keys a person would press.

``typed("d 1042 amy")`` gives Pilot's names of the keys; ``console(tmp_path)`` the app and the company.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fsconsole.console.app import ConsoleApp
from fsconsole.console.themes import choose, load_looks
from fsconsole.places import Home, home_at, shipped
from fsconsole.settings import Settings
from tests.company import Company, company

NAMES = {
    " ": "space", ".": "full_stop", ":": "colon", "/": "slash", "@": "at", "!": "exclamation_mark", "-": "minus", "?": "question_mark",
    '"': "quotation_mark", ",": "comma", "#": "number_sign", "\n": "enter",
}  # fmt: skip
SIZES = [(80, 24), (120, 40), (200, 50)]


def typed(text: str) -> list[str]:
    """The keys that type a text."""
    return [NAMES.get(letter, letter) for letter in text]


def console(folder: Path, *, settings: Mapping[str, Any] | None = None, **how: Any) -> tuple[ConsoleApp, Company]:
    """A console of the small company in ``folder``; ``how`` goes to ConsoleApp."""
    firm = how.pop("firm", None) or company(folder)
    home: Home = home_at(folder)
    looks, complaints = load_looks([shipped("themes")])
    assert not complaints
    app = ConsoleApp(firm.desk, home, Settings(**(settings or {})), choose(looks, "night"), looks=looks, **how)
    return app, firm
