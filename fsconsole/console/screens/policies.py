"""Policies: every decision of the company with what is in force, since when, and what it means; enter changes one.

It stands apart because these are dated and synced: what is decided here holds at every office from a day on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from fsconsole.console.keys import Hint
from fsconsole.console.screens.lists import ListView, QueryRows
from fsconsole.console.screens.phrases import date_of, lines, section
from fsconsole.console.widgets.canvas import Piece
from fsconsole.console.widgets.detail import DetailLine, Section
from fsconsole.console.widgets.rows import Row, RowField
from fsconsole.flow.policies import how, in_words
from fsconsole.rules import policy as rules
from fsconsole.store.queries.narrow import holds
from fsconsole.store.rows import fetch_all
from fsconsole.values.terms import Policy


class PolicyRow(NamedTuple):
    """One policy: what is in force today, since when it was decided, what comes next."""

    kind: rules.Kind
    now: Any
    since: date | None
    next: Policy | None
    dated: tuple[Policy, ...]


class PoliciesView(ListView):
    """Enter puts the policy on the command line with what it is now; ``from 2026-04-01`` at its end dates it."""

    view = "exceptions"
    words = "Policies"
    LEAVE_OUT = ("new_job", "sort", "step")
    BELOW = 5
    NARROWS = ("name",)
    NO_MATCH = "No policy holds those words."
    FIELDS = (
        RowField("name", "policy", 20, role="strong"),
        RowField("now", "in force", 20, grow=2),
        RowField("since", "since", 12, drop=2, role="dim"),
        RowField("next", "then", 23, drop=3, role="soon"),
        RowField("help", "what it means", 22, grow=4, drop=4, role="dim"),
    )

    def _rows(self) -> list[PolicyRow]:
        dated: list[Policy] = fetch_all(self.store, "policy")
        force = rules.Policies(dated).on(self.today)
        found = []
        for kind in rules.KINDS:
            mine = sorted((one for one in dated if one.name == kind.name), key=lambda one: (one.start or date.min, one.id))
            past = [one for one in mine if (one.start or date.min) <= self.today]
            ahead = [one for one in mine if one.start and one.start > self.today]
            since = past[-1].start if past else None
            row = PolicyRow(kind, getattr(force, kind.name), since, ahead[0] if ahead else None, tuple(mine))
            if holds(self.filter_words, {"name": kind.name}, kind.help):
                found.append(row)
        return found

    def provider(self) -> QueryRows:
        return QueryRows(
            lambda offset, limit: self._rows()[offset : offset + limit],
            lambda: len(self._rows()),
            lambda key: next((at for at, one in enumerate(self._rows()) if one.kind.name == key), None),
            self._row,
        )

    def everything(self) -> int:
        return len(rules.KINDS)

    def _row(self, one: PolicyRow) -> Row:
        default = one.now == one.kind.default
        then = f"{self._words(one.kind, one.next.value)} from {date_of(one.next.start)}" if one.next else ""
        since = date_of(one.since) or ("default" if default else "")
        cells = (one.kind.name, (self._words(one.kind, one.now), "dim" if default else "normal"), since, then, one.kind.help)
        return Row(one.kind.name, 0, cells)

    def _words(self, kind: rules.Kind, value: Any) -> str:
        return in_words(kind, value, self.store.currency)

    def head(self) -> Sequence[Piece]:
        changed = sum(1 for one in self._rows() if one.now != one.kind.default)
        return [(self.how_many("policy", "policies"), "title"), (f"   {changed} decided otherwise than the default", "dim")]

    def sections(self, value: PolicyRow) -> Sequence[Section]:
        dated = tuple(
            DetailLine(date_of(one.start) or "from ever", self._words(value.kind, one.value)) for one in reversed(value.dated)
        )  # fmt: skip
        facts = lines(
            ("means", value.kind.help),
            ("takes", value.kind.kind.replace("amount", f"amount in {self.store.currency}")),
            ("written", f"policy {value.kind.name} {how(value.kind)}"),
            ("default", self._words(value.kind, value.kind.default)),
        )
        return [*section(value.kind.name, facts), *section("Decided", dated)]

    def hints(self) -> list[Hint]:
        found = [hint for hint in super().hints() if hint.shown not in ("space", "d", "n", "⏎")]
        return [*([] if self.console.read_only else [Hint("⏎", "change it", 1)]), *found]

    def open_row(self, id: Any, value: PolicyRow) -> None:
        now = value.now
        if isinstance(now, Mapping) and not now:
            typed = ""
        elif isinstance(now, tuple):
            typed = ",".join(str(each) for each in now)
        else:
            typed = "0" if value.kind.money and not now else self._words(value.kind, now)
        self.console.ask(f"policy {value.kind.name} {typed}")
