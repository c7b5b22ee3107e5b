"""Alerts: one stack of what needs an eye now, the most urgent first, each with whose it is and the step that mends it.

It stands apart from the exceptions because these are about today's promises and people, not about money.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from fsconsole.console.keys import Hint, bindings
from fsconsole.console.screens.base import Chosen
from fsconsole.console.screens.lists import ListView, QueryRows
from fsconsole.console.screens.phrases import age_of, plural
from fsconsole.console.telling import job_in_full
from fsconsole.console.widgets.canvas import Piece
from fsconsole.console.widgets.detail import DetailLine, Section
from fsconsole.console.widgets.rows import Row, RowField
from fsconsole.flow.alerts import Watch, stack
from fsconsole.store.instants import ms
from fsconsole.store.queries.narrow import holds

#: Kind -> (word, role).
KINDS = {
    "late": ("late", "late"), "soon": ("soon", "soon"), "silent": ("silent", "soon"), "overrun": ("longer than planned", "aged"),
    "parts": ("parts due", "soon"), "wake": ("wake", "soon"),
}  # fmt: skip


def brief(one: Watch) -> str:
    """What is wrong, without what stands in columns of its own: whom it is about, and how late."""
    about, _, _ = one.name.partition("/")
    says = one.alert.says.removeprefix(f"{about} {one.client}".strip()).removeprefix(": ")
    return re.sub(r", [^,]* (late|left)$", "", says).replace(" promised by ", " by ")


class AlertsView(ListView):
    """``!``. Enter opens the job, ``.`` takes the step, ``a`` claims, ``z`` sets aside for today."""

    view = "alerts"
    words = "Alerts"
    BELOW = 8
    EMPTY = "Nothing needs an eye now: no promise is nearly gone, nobody is silent."
    NO_MATCH = "No alert holds those words."
    NARROWS = ("kind", "client", "owner")
    LEAVE_OUT = ("sort", "new_job")
    BINDINGS = bindings("alerts")
    FIELDS = (
        RowField("priority", "P", 1, "right", role="dim"),
        RowField("kind", "alert", 8, grow=0),
        RowField("age", "since", 6, "right", drop=3),
        RowField("about", "about", 8, role="strong"),
        RowField("client", "client", 12, grow=2, drop=5),
        RowField("says", "what is wrong", 24, grow=4),
        RowField("owner", "claimed by", 10, drop=4),
        RowField("step", "next step (.)", 16, drop=2, role="key"),
    )

    def __init__(self) -> None:
        self.aside_too = False
        self._stack: list[Watch] | None = None
        super().__init__()

    def _all(self) -> list[Watch]:
        if self._stack is None:
            self._stack = stack(self.console.desk, suspended=self.aside_too)
        return self._stack

    def _left(self) -> list[Watch]:
        return [
            one
            for one in self._all()
            if holds(self.filter_words, {"kind": one.alert.kind, "client": one.client, "owner": one.owner}, one.alert.says)
        ]

    def provider(self) -> QueryRows:
        return QueryRows(
            lambda offset, limit: self._left()[offset : offset + limit],
            lambda: len(self._left()),
            lambda key: next((index for index, one in enumerate(self._left()) if one.key == key), None),
            self._row,
        )

    def everything(self) -> int:
        return len(self._all())

    def reload(self) -> None:
        self._stack = None
        super().reload()

    def _row(self, one: Watch) -> Row:
        alert = one.alert
        ago = ms(self.now) - ms(alert.since)
        age = age_of(ago) if ago >= 0 else f"in {age_of(-ago)}"
        owner = (f"until {one.until[8:]}", "dim") if one.until else one.owner
        about, _, _ = one.name.partition("/")
        step = alert.step.words if alert.step else ""
        cells = (str(alert.priority), KINDS[alert.kind], age, about, one.client, brief(one), owner, step)
        return Row(one.key, 0, cells, tuple(each for each in (alert.thing, alert.job) if each))

    def head(self) -> Sequence[Piece]:
        found = self._all()
        mine = sum(one.owner == self.console.desk.by for one in found)
        nobody = sum(not one.owner for one in found)
        return [
            (f"{self.how_many('alert')}", "title"),
            (f"   {plural(sum(one.alert.kind == 'late' for one in found), 'promise')} broken", "normal"),
            (f"   {nobody} nobody's, {mine} mine" if found else "", "dim"),
            ("   with those set aside" if self.aside_too else "", "here"),
        ]

    def sections(self, value: Watch) -> Sequence[Section]:
        first = Section("", (DetailLine("", value.alert.says, "strong"),))
        return [first, *(job_in_full(self.console.desk, value.alert.job) if value.alert.job else ())]

    def choice(self, value: Watch) -> Chosen | None:
        return Chosen("alert", value.name, value.alert.job or value.alert.thing)

    def step(self) -> str:
        value = self.value()
        return value.alert.step.verb if value is not None and value.alert.step is not None else ""

    def open_row(self, id: object, value: Watch) -> None:
        if value.alert.kind == "silent":
            self.console.open_thing("technician", value.alert.thing)
        elif value.alert.job:
            self.console.open_thing("job", value.alert.job)

    def hints(self) -> list[Hint]:
        return [*super().hints(), Hint("s", "with those set aside" if not self.aside_too else "without", 6)]

    def action_show_suspended(self) -> None:
        """With those set aside, or without."""
        self.aside_too = not self.aside_too
        self.reload()
