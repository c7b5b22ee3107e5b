"""Messages, read again: what was done and what was refused, the newest first."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Container

from fsconsole.console.screens.base import View
from fsconsole.console.text import clean, wrap
from fsconsole.console.widgets.rows import ListRows, Row, RowField, Rows
from fsconsole.store.queries.narrow import holds

_ROLES = {"warn": "refused", "error": "refused", "good": "said"}
_WORDS = {"warn": "refused", "error": "failed", "good": "done", "info": "said"}


class SaidView(View):
    """``:messages``."""

    words = "Messages"
    PLACES = ("app",)
    LEAVE_OUT = ("step",)
    NARROWS = ("how",)

    def body(self) -> ComposeResult:
        self.list = Rows(
            self._listed(),
            (RowField("at", "When", 9), RowField("how", "", 8), RowField("what", "What", 30, grow=1)),
            empty="Nothing was said yet.",
            id="main",
        )
        with Container(id="body"):
            yield self.list

    def _rows(self) -> list[Row]:
        cells = max(20, self.app.size.width - 26)
        rows: list[Row] = []
        zone = self.console.desk.zone
        said = [one for one in self.console.said if holds(self.filter_words, {"how": _WORDS.get(one.level, "")}, one.words)]
        for index, one in enumerate(reversed(said)):
            at = f"{one.at.astimezone(zone):%H:%M:%S}"
            for part, words in enumerate(wrap(clean(one.words), cells)):
                head: tuple[str, tuple[str, str]] = (at, (_WORDS.get(one.level, ""), _ROLES.get(one.level, "dim")))
                lead = head if part == 0 else ("", ("", "dim"))
                rows.append(Row(f"{index}/{part}", hash(words), (*lead, words)))
        return rows

    def reload(self) -> None:
        self.list.set_provider(self._listed())

    def _listed(self) -> ListRows:
        return ListRows(self._rows(), counts=lambda row: str(row.id).endswith("/0"))

    def take_filter(self, words: str) -> str:
        self.filter_words = words
        listed = self._listed()
        self.list.set_provider(listed)
        return f"{listed.counted(listed.count())} of {len(self.console.said)}"
