"""Ctrl+P: every action, and jobs, technicians, clients and contracts by name.

It stands apart because Textual asks for a Provider class; what can be found is the app's to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from textual.command import DiscoveryHit, Hit, Hits, Provider

from fsconsole.console.keys import KEYS
from fsconsole.console.text import clean


class Found(NamedTuple):
    """Something the palette offers: ``take`` is called when it is chosen."""

    words: str
    more: str
    take: Callable[[], object]


def actions(run: Callable[[str], object], places: Iterable[str] = ("app", "board", "exceptions", "move")) -> list[Found]:
    """Every action of the key table, with its key; ``run(action)`` takes it."""
    wanted = set(places)

    def take(action: str) -> Callable[[], object]:
        return lambda: run(action)

    return [Found(key.words, key.shown, take(key.action)) for key in KEYS if key.where in wanted]


class ThingsProvider(Provider):
    """Asks the app: ``palette_actions() -> list[Found]`` and ``palette_things(query) -> list[Found]`` (at most some 30)."""

    async def discover(self) -> Hits:
        for found in self._asked("palette_actions"):
            yield DiscoveryHit(_plain(found.words), found.take, help=clean(found.more))

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for found in self._asked("palette_actions"):
            score = matcher.match(found.words)
            if score > 0:
                yield Hit(score, matcher.highlight(_plain(found.words)), found.take, help=clean(found.more))
        # Things were already matched by the index that found them; their own order counts.
        for place, found in enumerate(self._asked("palette_things", query)):
            yield Hit(0.9 - place / 100, _plain(found.words), found.take, help=clean(found.more))

    def _asked(self, name: str, *args: str) -> list[Found]:
        ask = getattr(self.app, name, None)
        return list(ask(*args)) if ask is not None else []


def _plain(words: str) -> str:
    # The palette reads strings as markup; a client's name must never be taken for one.
    return clean(words).replace("[", "\\[")
