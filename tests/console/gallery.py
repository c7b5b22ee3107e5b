
"""Every widget filled with made-up rows, to be looked at: ``python -m tests.console.gallery board --theme paper``.

``--svg FILE --size 120x40`` draws one picture instead of opening the terminal.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from textual.app import App, ComposeResult
from textual.containers import Horizontal

from fsconsole.console import keys, messages
from fsconsole.console.dialogs import Choice, Confirm, PickOne
from fsconsole.console.keymap import Keymap
from fsconsole.console.themes import apply_look, choose, load_looks
from fsconsole.console.widgets.board import Board
from fsconsole.console.widgets.command_line import CommandLine, Completion, Verdict
from fsconsole.console.widgets.day import Day, DayLine, DaySpan
from fsconsole.console.widgets.detail import Detail, DetailLine, Section
from fsconsole.console.widgets.form import Form, FormField, Resolved, Suggestion
from fsconsole.console.widgets.rows import ListRows, Row, RowField, Rows
from fsconsole.console.widgets.top_line import NamesLine, ScreenName, SiteSeen, TopFigures, TopLine

NOW = datetime(2026, 3, 3, 9, 42, tzinfo=UTC)
THEMES = Path(__file__).parents[2] / "themes"
ORDER = ("logged", "scheduled", "dispatched", "en route", "on site", "waiting parts", "complete", "signed off", "parked")


class CardRow(NamedTuple):
    job: bytes
    ref: str
    client: str
    location: str
    title: str
    kind: str
    column: str
    technician: str
    due_at: int | None
    due_what: str
    since: int | None
    value: int
    estimate: bool
    stuck: str
    priority: int
    told: str
    booked_from: int | None
    area: str
    version: int


class Lane(NamedTuple):
    column: str
    jobs: int
    value: int
    estimate: bool
    worst_due: int | None
    stuck: int
    version: int = 0


def ms(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)


def card(number: int, client: str, location: str, title: str, column: str, **more: object) -> CardRow:
    left = more.pop("left", None)
    since = more.pop("since", 30)
    booked = more.pop("booked", None)
    known: dict[str, object] = {
        "kind": "repair", "technician": "", "due_what": "respond", "value": 26500, "estimate": column not in ("complete", "signed off"),
        "stuck": "", "priority": 3, "told": "", "area": "north", "version": 1,
    }  # fmt: skip
    known |= more
    return CardRow(
        job=b"%016d" % number,
        ref=str(number),
        client=client,
        location=location,
        title=title,
        column=column,
        due_at=None if left is None else ms(NOW + timedelta(minutes=int(str(left)))),
        since=ms(NOW - timedelta(minutes=int(str(since)))),
        booked_from=None if booked is None else ms(NOW.replace(hour=int(str(booked)), minute=0)),
        **known,  # type: ignore[arg-type]
    )


def made_up() -> list[CardRow]:
    return [
        card(1042, "Acme", "Unit 3", "Boiler down", "logged", left=48, since=72),
        card(1043, "Kent Data", "Hall 2", "UPS beeping", "logged", left=200, since=12),
        card(1044, "日本電機 UK", "Tokyo House", "空調 alarm", "logged", left=260, since=5),
        card(1045, "Dale Schools", "Pool", "Pump noisy", "logged", left=-12, since=500),
        card(1046, "Moss Lane", "Gate", "Barrier stuck 🚧 open", "logged", left=400),
        card(1047, "Bell Foods", "Plant 1", "Drain smell", "logged"),
        card(1039, "Bell Foods", "Plant 2", "Chiller alarm", "dispatched", left=130, technician="ben", booked=14, told="sent"),
        card(1040, "Moss Lane", "Main", "Door won't lock", "dispatched", left=240, technician="zoe", booked=15, told="ack"),
        card(1041, "Orme Hotel", "Kitchen", "Extractor trips", "dispatched", left=35, technician="ada", booked=10, told="told"),
        card(1038, "Ives Bank", "Branch 7", "ATM door", "dispatched", left=600, technician="sam", booked=16, told="sent", since=150),
        card(1031, "Hart Clinic", "Surgery", "Quarterly PM", "en route", left=18, technician="amy", since=14),
        card(1033, "Ives Bank", "Branch 2", "CCTV offline", "en route", left=31, technician="sam", since=70, stuck="silent 22m"),
        card(1034, "Acme", "HQ", "Rads cold", "en route", left=190, technician="raj", since=3),
        card(1027, "Orme Hotel", "Lobby", "AC leak", "on site", left=80, technician="raj", since=65, due_what="restore"),
        card(1029, "Kent Data", "Hall 1", "UPS swap", "on site", left=40, technician="ola", since=20, due_what="restore"),
        card(1011, "Acme", "HQ", "Compressor", "waiting parts", left=2900, due_what="parts", technician="zoe", since=5000),
        card(1015, "Gray Print", "Works", "Drum unit", "waiting parts", technician="sam", since=16000, stuck="no date"),
        card(1008, "Finch & Co", "Reading", "Panel fault", "complete", technician="ben", since=47, stuck="no card", value=26500),
        card(1010, "Orme Hotel", "Roof", "Filters", "complete", technician="ben", since=1500, value=31200),
        card(1012, "Hart Clinic", "X-ray", "Chiller low flow", "complete", technician="amy", since=8000, value=118000),
        card(998, "Dale Schools", "Main", "Fire panel PM", "signed off", technician="raj", since=3000, value=41000),
        card(1001, "Bell Foods", "Plant 1", "Chiller PM", "signed off", technician="zoe", since=600, value=51800, stuck="no order"),
        card(990, "Gray Print", "Works", "Meter swap", "parked", left=4000, due_what="wake", stuck="no access"),
    ]  # fmt: skip


def many(count: int) -> list[CardRow]:
    titles = ("Boiler down", "UPS beeping", "Chiller alarm", "Door won't lock", "Quarterly PM", "CCTV offline")
    clients = ("Acme", "Kent Data", "Bell Foods", "Moss Lane", "Hart Clinic", "Ives Bank", "Orme Hotel")
    columns = tuple(c for c in ORDER if c not in ("parked", "scheduled"))
    return [
        card(
            10000 + i, clients[i % 7], f"Unit {i % 13}", titles[i % 6], columns[i % 7],
            left=i * 3 - 200, technician=("amy", "ben", "raj", "zoe")[i % 4] if i % 7 else "", since=i % 900,
        )
        for i in range(count)
    ]  # fmt: skip


class Jobs:
    """A BoardProvider over rows at hand."""

    def __init__(self, rows: Sequence[CardRow]) -> None:
        self.asked: list[tuple[str, int, int]] = []
        self.set(rows)

    def set(self, rows: Sequence[CardRow]) -> None:
        far = 1 << 62
        self.by: dict[str, list[CardRow]] = {column: [] for column in ORDER}
        for row in sorted(rows, key=lambda r: (r.due_at or far, r.ref)):
            self.by[row.column].append(row)
        self.index = {row.job: (column, i) for column, held in self.by.items() for i, row in enumerate(held)}

    def all(self) -> list[CardRow]:
        return [row for rows in self.by.values() for row in rows]

    def lanes(self) -> list[Lane]:
        return [
            Lane(
                column,
                len(rows),
                sum(r.value for r in rows),
                column not in ("complete", "signed off"),
                min((r.due_at for r in rows if r.due_at and r.due_what in ("respond", "restore")), default=None),
                sum(bool(r.stuck) for r in rows),
            )
            for column, rows in self.by.items()
        ]

    def rows(self, column: str, offset: int, limit: int) -> list[CardRow]:
        self.asked.append((column, offset, limit))
        return self.by[column][offset : offset + limit]

    def place(self, job: bytes) -> tuple[str, int] | None:
        return self.index.get(job)

    def change(self, job: bytes, **fields: object) -> None:
        rows = [row._replace(version=row.version + 1, **fields) if row.job == job else row for row in self.all()]  # type: ignore[arg-type]
        self.set(rows)


class Staff:
    """A DayProvider."""

    def hours(self) -> tuple[datetime, datetime]:
        return NOW.replace(hour=7, minute=0), NOW.replace(hour=18, minute=0)

    def lines(self) -> list[DayLine]:
        def at(hour: int, minute: int = 0) -> datetime:
            return NOW.replace(hour=hour, minute=minute)

        return [
            DayLine(b"ada", "Ada", "gas, F-gas", (DaySpan(at(7, 30), at(8), "drive"), DaySpan(at(8), at(9, 30), "work", "0987")), NOW, False, 1, 4, NOW - timedelta(seconds=12)),
            DayLine(
                b"amy", "Amy", "gas",
                (DaySpan(at(7, 30), at(8, 10), "drive"), DaySpan(at(8, 10), at(9), "work", "0985"), DaySpan(at(9), at(9, 50), "drive"),
                 DaySpan(at(9, 50), at(11, 10), "plan", "1031"), DaySpan(at(11, 30), at(13, 30), "plan", "1044")),
                at(11, 10), False, 2, 5, NOW - timedelta(seconds=8),
            ),
            DayLine(b"raj", "Raj", "F-gas, IPAF", (DaySpan(at(8, 35), at(10, 40), "work", "1027"), DaySpan(at(11, 10), at(12, 40), "plan", "1046")), at(10, 40), True, 1, 4, NOW - timedelta(seconds=31)),
            DayLine(b"sam", "Sam", "IT", (DaySpan(at(8, 30), at(9, 42), "drive"),), None, False, 0, 3, NOW - timedelta(minutes=22), True),
            DayLine(b"zoe", "Zoe", "", (DaySpan(at(7), at(13), "absent", "absent until 13:00"), DaySpan(at(15), at(16, 40), "plan", "1040")), at(13), False, 0, 2, None, False, "on call tonight"),
        ]  # fmt: skip


EXCEPTION_FIELDS = (
    RowField("value", "£ at risk", 10, "right", role="money"),
    RowField("age", "age", 5, "right", drop=3, role="dim"),
    RowField("says", "what is wrong", 20, grow=3),
    RowField("thing", "job / contract", 14, grow=1, drop=4, role="dim"),
    RowField("owner", "owner", 6, drop=6, role="dim"),
    RowField("waits", "waits for", 10, drop=5, role="dim"),
    RowField("step", "next step (.)", 16, grow=1, role="key"),
)


def cases() -> list[Row]:
    told = (
        ("1,160.00", "1 d", "complete, no card: Finch & Co panel fault", "1008  left 08:55 Mon", "jo", "Ben 2x", "chase Ben"),
        ("954.79", "6 d", "order 4500091 has £241.60 left, draft £1,196.39", "LDN-C204 Acme, Apr–Jun", "—", "client", "split over two"),
        ("512.62", "9 d", "meter not read for February (mono, 3 devices)", "LDN-C118 Gray Print", "—", "client", "estimate 14,200"),
        ("410.00", "3 d", "two offices wrote the price of 0998", "0998  Dale Schools", "—", "—", "keep LDN £410"),
        ("192.00", "1 d", "GPS says 1 h 20 on site, card says 4 h", "0993  Hart Clinic", "jo", "—", "three hours"),
    )  # fmt: skip
    return [Row(f"case{i}", 1, (c[0], c[1], (c[2], "normal"), *c[3:])) for i, c in enumerate(told)]


class Line:
    """A LineProvider that knows two verbs."""

    def complete(self, text: str, at: int) -> list[Completion]:
        start = text.rfind(" ", 0, at) + 1
        names = (("ada", "free now, 12 min away"), ("amy", "ends about 11:10"), ("ben", "no PCB in the van"))
        return [Completion(start, name + " ", words) for name, words in names if name.startswith(text[start:at])]

    def judge(self, text: str) -> Verdict:
        if text.startswith("d ") and len(text.split()) > 2:
            return Verdict("would arrive 09:56, in time · nothing moves", True)
        return Verdict("which job?" if text.strip() == "d" else "")


class Intake:
    """A FormProvider with one client."""

    def resolve(self, key: str, typed: Mapping[str, str]) -> Resolved:
        text = typed.get(key, "")
        if key == "client" and text:
            if text.lower().startswith("ac"):
                found = (
                    Suggestion("Acme Ltd", "Slough · 3 open jobs · LDN-C204"),
                    Suggestion("Acorn Foods", "Reading · no contract"),
                )
                return Resolved("Acme Ltd, Slough · Care Plus", "acme", "fine", True, found)
            return Resolved(f"new client “{text}”", None, "soon")
        if key == "location" and typed.get("client"):
            return Resolved("Unit 3, SL1 4DX · gate code 4411", "unit3", "fine")
        if key == "asset" and text:
            return Resolved("Vaillant ecoTEC 838 s/n 21-0093 · labour + parts covered", "a", "fine")
        if key == "priority":
            return Resolved("respond by 10:30 ▲ 48m", 1, "soon") if text else Resolved()
        return Resolved(value=text)

    def notices(self, typed: Mapping[str, str]) -> list[tuple[str, str]]:
        return (
            [("third call on this boiler in 30 days", "soon"), ("order 4500118 has £1,160 left", "dim")]
            if typed.get("asset")
            else []
        )


INTAKE_FIELDS = (
    FormField("client", "client", "name, number, postcode or serial", True),
    FormField("location", "location"),
    FormField("asset", "asset", "serial or words"),
    FormField("title", "what is wrong", "", True),
    FormField("priority", "priority", "1 to 5"),
    FormField("reported", "reported by"),
    FormField("order", "order number"),
)


def job_story() -> list[Section]:
    return [
        Section("1042  Acme Ltd · Unit 3, Slough SL1 4DX", (
            DetailLine("asset", "Vaillant ecoTEC 838 s/n 21-0093"),
            DetailLine("contract", "LDN-C204 Care Plus: labour + parts covered"),
            DetailLine("promise", "reported 08:30, respond by 10:30  ▲ 48m", "soon"),
            DetailLine("order", "4500118", figure="£1,160 left"),
            DetailLine("access", "Gate code 4411. Ring twice; the caretaker is hard of hearing and the side door sticks in the wet."),
        )),
        Section("Best to send", (
            DetailLine("Ada", "12 min, free now, gas ticket, has PCB", "fine"),
            DetailLine("Amy", "21 min, ends about 11:10"),
            DetailLine("Ben", "34 min, no PCB", "dim"),
        )),
        Section("History", tuple(DetailLine(f"{d} Feb", "PCB replaced by Ben, 1 h 35", figure="£126.00") for d in (26, 17, 4))),
    ]  # fmt: skip


def figures() -> TopFigures:
    return TopFigures(
        "LDN", NOW, 1, 3, "£4,812", 17, "£31,440", 19, "synced", "",
        (SiteSeen("LDS", "synced", "4s"), SiteSeen("MAN", "behind", "2h")),
    )  # fmt: skip


NAMES = tuple(
    ScreenName(key.shown, key.action[4:-2], key.words, 17 if key.words == "Exceptions" else 0)
    for key in keys.KEYS
    if key.action.startswith("go(")
)


class Gallery(App):
    """One of the views, with a look on."""

    CSS = """
    Screen { layers: base; }
    #side { width: 60; }
    #below { height: 8; }
    """
    ENABLE_COMMAND_PALETTE = False
    BINDINGS = [*keys.bindings("app"), ("t", "theme", "theme")]

    def __init__(
        self, view: str = "board", theme: str = "night", count: int = 0, ascii: bool = False, no_color: bool = False
    ) -> None:
        self.looks, self.complaints = load_looks([THEMES])
        self.view = view
        self.jobs = Jobs(many(count) if count else made_up())
        self.heard: list[object] = []
        super().__init__()
        self.animation_level = "none"
        apply_look(self, choose(self.looks, theme, ascii=ascii, no_color=no_color))

    def compose(self) -> ComposeResult:
        yield TopLine(zone=UTC, id="top")
        yield NamesLine(NAMES, here=self.view, id="names")
        if self.view == "board":
            board = Board(self.jobs, lambda: NOW, id="board")
            if self.size.width >= 180:
                yield Horizontal(board, Detail(job_story(), rule="left", id="side"))
            else:
                yield board
                if self.size.height >= 36:
                    yield Detail(job_story(), rule="top", id="below")
        elif self.view == "day":
            yield Day(Staff(), lambda: NOW, id="day")
        elif self.view == "exceptions":
            yield Rows(ListRows(cases()), EXCEPTION_FIELDS, sort=("value", True), id="rows")
            yield Detail(job_story(), rule="top", id="below")
        elif self.view == "form":
            yield Form(Intake(), INTAKE_FIELDS, title="Log a job", typed={"client": "ac", "asset": "21-0093"}, id="form")
        elif self.view == "detail":
            yield Detail(job_story(), id="detail")
        else:
            yield Board(self.jobs, lambda: NOW, id="board")
        hints = Keymap().hints("app", "move") + (Keymap().hints("exceptions") if self.view == "exceptions" else [])
        yield CommandLine(Line(), hints, history=["en amy", "d 1039 ben"], id="line")

    def on_mount(self) -> None:
        self.query_one(TopLine).say(figures())
        names = self.query_one(NamesLine)
        names.say(self.view, view="my area · by promise")
        self.call_after_refresh(self._start)
        if self.view == "pick":
            self.push_screen(PickOne("Who goes to 1042, Acme · Unit 3?", [
                Choice("ada", "Ada", "12 min, free now, gas ticket, has PCB"), Choice("amy", "Amy", "21 min, ends about 11:10"),
                Choice("ben", "Ben", "34 min, no PCB"),
            ]))  # fmt: skip
        if self.view == "confirm":
            self.push_screen(Confirm("Waive £192.00 of 0993, Hart Clinic?", reason=True))
        if self.view == "line":
            self.query_one(CommandLine).open(":", "d 1042 a")

    def _start(self) -> None:
        if self.focused is not None:
            return
        for kind in (Board, Day, Rows, Form, Detail):
            found = self.query(kind)
            if found:
                self.screen.set_focus(found.first())
                break

    def action_command(self) -> None:
        self.query_one(CommandLine).open(":")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return not (action in keys.FIRST and getattr(self.focused, "takes_typing", False))

    def action_theme(self) -> None:
        names = sorted(self.looks)
        at = names.index(self.look.name) if self.look.name in names else -1  # type: ignore[has-type]
        apply_look(self, self.looks[names[(at + 1) % len(names)]])

    def on_card_reached(self, message: messages.CardReached) -> None:
        self.heard.append(message)

    def on_card_opened(self, message: messages.CardOpened) -> None:
        self.heard.append(message)

    def on_line_entered(self, message: messages.LineEntered) -> None:
        self.heard.append(message)
        self.query_one(CommandLine).say(f"would do: {message.text}")


VIEWS = ("board", "day", "exceptions", "form", "detail", "pick", "confirm", "line")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("view", nargs="?", default="board", choices=VIEWS)
    parser.add_argument("--theme", default="night")
    parser.add_argument("--count", type=int, default=0)
    parser.add_argument("--ascii", action="store_true")
    parser.add_argument("--no-color", action="store_true")
    parser.add_argument("--svg")
    parser.add_argument("--size", default="120x40")
    options = parser.parse_args()
    app = Gallery(options.view, options.theme, options.count, options.ascii, options.no_color)
    if not options.svg:
        app.run()
        return
    import asyncio

    async def draw() -> None:
        width, height = map(int, options.size.split("x"))
        async with app.run_test(size=(width, height)) as pilot:
            await pilot.pause(0.1)
            svg = app.export_screenshot().replace("Fira Code", "DejaVu Sans Mono")
            Path(options.svg).write_text(svg, "utf-8")

    asyncio.run(draw())


if __name__ == "__main__":
    main()
