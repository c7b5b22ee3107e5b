"""A job's whole story: whose and what, visits with hours three ways, card, charges and why, exceptions, notes, who did what.

It stands apart because it is what one reads while the client is on the telephone; letters act on it as on the board.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from textual.app import ComposeResult
from textual.containers import Container

from fsconsole.console.screens.base import Chosen, View
from fsconsole.console.screens.client import warranty
from fsconsole.console.telling import NO_PROMISE, clock_words, left_words, next_step, order_words, repeat_words, short
from fsconsole.console.text import span
from fsconsole.console.widgets.detail import Detail, DetailLine, Section
from fsconsole.flow.attachments import size_words, state_of
from fsconsole.flow.exception import step_words
from fsconsole.flow.story import Story, VisitStory, story
from fsconsole.store.instants import instant
from fsconsole.store.queries import jobs
from fsconsole.store.queries.board import card
from fsconsole.values.money import show

#: From this width the audit trail stands beside the story.
BESIDE = 150


class JobView(View):
    """One job; opened from anywhere by enter."""

    view = "job"
    words = "Job"
    PLACES = ("app",)
    DEFAULT_CSS = """
    JobView #body { layout: horizontal; }
    JobView #past { display: none; width: 2fr; }
    JobView #main { width: 3fr; }
    JobView.-beside #past { display: block; }
    """

    def __init__(self, row: bytes) -> None:
        super().__init__()
        self.row = row
        self.told: Story | None = None

    def body(self) -> ComposeResult:
        self.main = Detail(labels=13, id="main")
        self.past = Detail(labels=16, rule="left", id="past")
        with Container(id="body"):
            yield self.main
            yield self.past

    def on_mount(self) -> None:
        super().on_mount()
        self.reload()

    def on_resize(self, event: Any) -> None:
        super().on_resize(event)
        self.set_class(event.size.width >= BESIDE, "-beside")
        self._tell()

    def reload(self) -> None:
        self.told = story(self.console.store, self.row, self.console.desk.now)
        self._tell()

    def tick(self) -> None:
        if self.told and any(one.state == "awaited" for one in self.told.files):
            now = jobs.files(self.console.store, self.row)
            self.told = self.told._replace(files=tuple(now))
        self._tell()

    def chosen(self) -> Chosen | None:
        row = card(self.console.store, self.row)
        if row is None:
            return None
        return Chosen("job", short(self.console.desk, row.ref), self.row, bool(row.technician), row.column)

    def step(self) -> str:
        return next_step(self.console.desk, self.row)

    def tells(self) -> str:
        return self.told.job.ref if self.told else ""

    def _tell(self) -> None:
        if not self.is_mounted:
            return
        if self.told is None:
            self.main.say([Section("This job is not here.", (DetailLine("", "It may have been merged into another."),))])
            return
        past = self._past(self.told)
        beside = self.has_class("-beside")
        self.main.say([*self._sections(self.told), *([] if beside else past)], from_top=False)
        self.past.say(past if beside else (), from_top=False)

    # What it says.

    def _at(self, at: datetime | None) -> str:
        return clock_words(self.console.desk, at) if at else "—"

    def _sections(self, told: Story) -> list[Section]:
        return [
            section
            for section in (
                self._head(told),
                self._cases(told),
                self._visits(told),
                self._card(told),
                self._files(told),
                self._charges(told),
                self._notes(told),
            )
            if section is not None
        ]

    def _head(self, told: Story) -> Section:
        desk, job = self.console.desk, told.job
        row = told.card
        promise, role = left_words(desk, row.due_at, row.due_what) if row else ("", "dim")
        order, order_role = order_words(desk, job.id)
        again = repeat_words(desk, job.id)
        location, asset = told.location, told.asset
        lines = [
            DetailLine(
                "client", told.client.name if told.client else "—", "strong", told.client.phone if told.client else "", "dim"
            ),
            DetailLine(
                "where", ", ".join(p for p in (location.name, location.address, location.postcode) if p) if location else "—"
            ),
        ]
        if location and location.access_notes:
            lines.append(DetailLine("access", location.access_notes))
        lines += [
            DetailLine("contact", f"{one.name}, {one.role}" if one.role else one.name, "normal", one.phone, "dim")
            for one in told.contacts[:2]
        ]
        if asset:
            until = warranty(asset.warranty_until.isoformat() if asset.warranty_until else None, desk.today.isoformat())
            words = " ".join(
                p for p in (asset.maker, asset.model or asset.kind, f"s/n {asset.serial}" if asset.serial else "") if p
            )
            lines.append(DetailLine("asset", words, "normal", until, "dim"))
        if told.contract:
            lines.append(DetailLine("contract", f"{short(desk, told.contract.ref)} {told.contract.name}"))
        if told.covered:
            lines.append(DetailLine("covered", told.covered))
        by = f" by {job.reported_by.removeprefix('by ')}" if job.reported_by else ""
        lines.append(
            DetailLine(
                "reported",
                f"{self._at(job.reported_at)}{by}",
                "normal",
                f"priority {job.priority}" if job.priority else "",
                "dim",
            )
        )
        if promise:
            targets = [
                f"{name} by {self._at(at)}"
                for name, at in (("respond", told.respond_by), ("restore", told.restore_by))
                if at and not promise.startswith(name)  # said already, with what is left of it
            ]
            if promise == NO_PROMISE and targets:
                promise = "no clock runs now"
            lines.append(DetailLine("promise", promise, role, ", ".join(targets), "dim"))
        if again:
            lines.append(DetailLine("again", again, "soon"))
        if order:
            lines.append(DetailLine("order", order, order_role))
        if job.client_job:
            lines.append(DetailLine("their job", job.client_job))
        if job.details:
            lines.append(DetailLine("said", job.details))
        for words, label in ((job.cancelled, "cancelled"), (job.goodwill, "goodwill"), (job.written_off, "written off")):
            if words:
                lines.append(DetailLine(label, words, "soon"))
        if job.parked_until:
            lines.append(DetailLine("parked", f"until {job.parked_until:%a %d %b}: {job.parked_why}", "soon"))
        glyph, word, _ = self.console.look.glyphs.column(row.column if row else "")
        return Section(f"{job.ref}  {glyph} {word}   {job.title}", tuple(lines))

    def _cases(self, told: Story) -> Section | None:
        if not told.cases:
            return None
        lines = []
        for case in told.cases:
            worth = show(case.value, self.console.store.currency) if case.value else ""
            lines.append(DetailLine("", case.says, "stuck", f"−{worth}" if case.credit and worth else worth))
            who = [f"owner {case.owner}" if case.owner else "", f"waits for {case.waits_for}" if case.waits_for else ""]
            chased = f"chased {case.chased}x" if case.chased else ""
            snoozed = f"snoozed until {case.snoozed_until}" if case.snoozed_until else ""
            step = f"next: {step_words(case) or case.step_verb}" if case.step_verb else ""
            rest = "   ".join(part for part in (step, *who, chased, snoozed) if part)
            if rest:
                lines.append(DetailLine("", f"{self.console.look.glyphs.dot} {rest}", "dim"))
        return Section(f"Exceptions {len(told.cases)}", tuple(lines))

    def _visits(self, told: Story) -> Section:
        if not told.visits:
            return Section("Visits", (DetailLine("", "Nobody has been sent yet.", "dim"),))
        lines: list[DetailLine] = []
        for visit in told.visits:
            booked = f"booked {self._at(visit.booked_from)}" if visit.booked_from and not visit.arrived else ""
            on_site = f"{self._at(visit.arrived)}–{self._at(visit.left) if visit.left else 'now'}" if visit.arrived else ""
            said = [visit.name or "nobody", visit.outcome or visit.state, visit.told, booked, on_site]
            lines.append(DetailLine(f"visit {visit.number}", "  ".join(part for part in said if part)))
            if visit.arrived:
                lines.append(DetailLine("hours", *self._three_ways(told, visit)))
            lines += [DetailLine("", words, "stuck") for words in visit.misfits]
        return Section("Visits", tuple(lines))

    def _three_ways(self, told: Story, visit: VisitStory) -> tuple[str, str]:
        """Hours by the trail, by the card and as billed, on one line."""
        claimed = sum(one.minutes for one in told.labour if one.visit == visit.visit and one.kind != "travel")
        gps = span(visit.trail) if visit.trail is not None else "no trail"
        card_ = span(claimed) if claimed else "none recorded"
        clock = span(visit.on_site) if visit.on_site else "—"
        wide = visit.trail is not None and claimed and abs(visit.trail - claimed) > max(15, claimed // 4)
        return f"by GPS {gps}   by the buttons {clock}   by the card {card_}", "stuck" if wide else "dim"

    def _card(self, told: Story) -> Section | None:
        currency = self.console.store.currency
        lines = [
            DetailLine(
                "card",
                " · ".join(part for part in (one.found, one.done, "nothing used" if one.nothing_used else "") if part) or "in",
                "normal",
                self._at(one.at),
                "dim",
            )
            for one in told.cards
        ]
        lines += [
            DetailLine(one.kind or "labour", one.note or self._at(one.start), "normal", span(one.minutes), "normal")
            for one in told.labour
        ]
        for part in told.parts:
            quantity = f"{part.quantity / 1000:g} × " if part.quantity != 1000 else ""
            serial = f" s/n {part.serial}" if part.serial else ""
            lines.append(
                DetailLine(
                    "part",
                    f"{quantity}{part.name}{serial}",
                    "normal",
                    show(part.price, currency) if part.price is not None else "",
                )
            )
        lines += [
            DetailLine(
                "sign-off", " ".join(part for part in (one.how, one.name, one.reason) if part), "normal", self._at(one.at), "dim"
            )
            for one in told.sign_offs
        ]
        return Section("What was done", tuple(lines)) if lines else None

    def _files(self, told: Story) -> Section | None:
        if not told.files:
            return None
        lines = []
        for one in told.files:
            state = state_of(one)
            words = "   ".join(part for part in (one.kind, size_words(one.size), one.by, state) if part)
            at = self._at(instant(one.at)) if one.at else ""
            lines.append(DetailLine(at, one.name, "dim" if state else "normal", words, "soon" if state else "dim"))
        return Section(f"Files {len(lines)}", tuple(lines))

    def _charges(self, told: Story) -> Section | None:
        if not told.charges:
            return None
        currency, dot = self.console.store.currency, self.console.look.glyphs.dot
        lines = []
        for one in told.charges:
            money = one.currency or currency
            mark = "~" if one.estimate else ""
            amount = f"({show(one.notional, money)})" if one.covered_by else f"{mark}{show(one.amount, money)}"
            lines.append(
                DetailLine(
                    one.kind, one.reason, "dim" if one.covered_by else "normal", amount, "dim" if one.covered_by else "money"
                )
            )
            state = []
            if one.covered_by:
                state.append(
                    f"covered by {one.covered_by}; costs us {show(one.cost, money)}"
                    if one.cost
                    else f"covered by {one.covered_by}"
                )
            if one.billed:
                state.append(f"billed {show(one.billed, money)}")
            if one.rest and not one.estimate and one.rest != one.amount:
                state.append(f"{show(one.rest, money)} still to {'bill' if one.rest > 0 else 'credit'}")
            if one.fence:
                state.append(one.fence)
            if one.held_by:
                state.append(f"held by: {one.held_by}")
            if state:
                lines.append(DetailLine("", f"{dot} " + f" {dot} ".join(state), "stuck" if one.held_by else "dim"))
        total = show(told.amount, currency)
        covered = f", {show(told.notional, currency)} covered" if told.notional else ""
        left = f", {show(told.rest, currency)} to bill" if told.rest else ""
        return Section(f"Worth {total}{covered}{left}", tuple(lines))

    def _notes(self, told: Story) -> Section | None:
        lines = [DetailLine(self._at(instant(note.at)) if note.at else "", f"{note.text} ({note.by})") for note in told.notes]
        lines += [
            DetailLine(
                "before",
                f"{short(self.console.desk, one.ref)} {one.title}, {one.column}",
                "dim",
                self._at(instant(one.reported_at)) if one.reported_at else "",
                "dim",
            )
            for one in told.earlier[:6]
        ]
        return Section("Notes and calls before", tuple(lines)) if lines else None

    def _past(self, told: Story) -> list[Section]:
        lines = []
        for one in told.history[:120]:
            lines.append(DetailLine(f"{self._at(one.at)}", one.typed or "imported", "normal", f"{one.by} {one.site}", "dim"))
            lines += [DetailLine("", words, "dim") for words in one.wrote[:6]]
        return [Section("Who did what", tuple(lines))] if lines else []
