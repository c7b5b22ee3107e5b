"""Taking a call: who, what, where and on which equipment, understood as it is typed; parked when the next call comes.

It stands apart because it is filled while somebody waits on the line: nothing opens, nothing jumps, and all that
is known of the caller stands beside it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from textual import events
from textual.app import ComposeResult
from textual.containers import Container

from fsconsole.console import keys, messages
from fsconsole.console.screens.base import View
from fsconsole.console.telling import clock_words, left_words, short
from fsconsole.console.widgets.detail import Detail, DetailLine, Section
from fsconsole.console.widgets.form import Form, FormField, Resolved, Suggestion
from fsconsole.desk import Desk
from fsconsole.errors import FsError, Refused
from fsconsole.flow import finding
from fsconsole.store.queries import things
from fsconsole.store.rows import fetch
from fsconsole.values.work import Asset, Client, Location

FIELDS = (
    FormField("who", "Who calls", "name, telephone, postcode, serial, their order", required=True),
    FormField("what", "What is wrong", "in their words", required=True),
    FormField("where", "Where", "which of their places"),
    FormField("asset", "Equipment", "serial number, or what it is"),
    FormField("priority", "Priority", "1 first … 5; else 3"),
    FormField("order", "Their order", "order number"),
    FormField("by", "Reported by", "name"),
    FormField("for", "Promised", "14:00-16:00, fri 9:00-12:00"),
)
WIDE = 110
POSTCODE = re.compile(r"\b([A-Z]{1,2}\d[A-Z\d]?)\s*(\d[A-Z]{2})\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class New:
    """Something that will be added when the form is sent."""

    words: str


@dataclass(slots=True)
class Meant:
    """What the whole form means just now."""

    client: Client | New | None = None
    place: Location | New | None = None
    asset: Asset | New | None = None
    clients: list[Suggestion] = field(default_factory=list)
    places: list[Location] = field(default_factory=list)
    assets: list[things.AssetRow] = field(default_factory=list)
    trouble: dict[str, str] = field(default_factory=dict)
    notices: list[tuple[str, str]] = field(default_factory=list)
    call: Any = None


class CallProvider:
    """A FormProvider: each field understood in the light of the others; asks, and changes nothing."""

    def __init__(self, desk: Desk, told: Callable[[], object] = lambda: None) -> None:
        self.desk = desk
        self.told = told  # called when what is typed means something else
        self._for: tuple[tuple[str, str], ...] | None = None
        self._meant = Meant()

    def meant(self, typed: Mapping[str, str]) -> Meant:
        """Everything the fields mean together; worked out once for what is typed."""
        key = tuple(sorted((name, text.strip()) for name, text in typed.items()))
        if key != self._for:
            self._for, self._meant = key, self._understand({name: text.strip() for name, text in typed.items()})
            self.told()
        return self._meant

    def forget(self) -> None:
        """The store changed: what is typed is understood anew."""
        self._for = None

    def resolve(self, key: str, typed: Mapping[str, str]) -> Resolved:
        meant, text = self.meant(typed), typed.get(key, "").strip()
        trouble = meant.trouble.get(key, "")
        match key:
            case "who":
                return self._who(meant, text, trouble)
            case "where":
                return self._where(meant, text, trouble)
            case "asset":
                return self._asset(meant, text, trouble)
            case "priority" if text:
                good = text in ("1", "2", "3", "4", "5")
                return Resolved("" if good else "a number from 1 to 5", role="refused", ok=good)
            case "order" if not text and meant.call is not None and meant.call.client.order_required:
                return Resolved("they want an order number on the invoice", role="soon")
            case "for" if text:
                return Resolved(trouble, role="refused", ok=not trouble)
        return Resolved()

    def notices(self, typed: Mapping[str, str]) -> Sequence[tuple[str, str]]:
        return self.meant(typed).notices

    # Fields.

    def _who(self, meant: Meant, text: str, trouble: str) -> Resolved:
        found = tuple(meant.clients)
        if not text:
            return Resolved()
        if trouble:
            return Resolved(trouble, role="soon", ok=False, suggestions=found)
        if isinstance(meant.client, New):
            return Resolved("new: is added when this is sent", meant.client, "soon", suggestions=found)
        if meant.client is not None:
            client = meant.client
            return Resolved(f"{client.name}  {short(self.desk, client.ref)}", client, "fine", suggestions=found)
        return Resolved("which of them?", role="soon", ok=False, suggestions=found)

    def _where(self, meant: Meant, text: str, trouble: str) -> Resolved:
        places = tuple(
            Suggestion(one.name or one.postcode or short(self.desk, one.ref), f"{one.address} {one.postcode}".strip())
            for one in meant.places[:8]
        )
        if isinstance(meant.place, New):
            return Resolved("new: is added when this is sent", meant.place, "soon", suggestions=places)
        if meant.place is not None:
            place = meant.place
            words = ", ".join(part for part in (place.name, place.address, place.postcode) if part)
            return Resolved(words, place, "fine", suggestions=places if text else ())
        if meant.client is None:
            return Resolved()
        return Resolved(trouble or "which place?", role="soon", ok=False, suggestions=places)

    def _asset(self, meant: Meant, text: str, trouble: str) -> Resolved:
        offers = tuple(
            Suggestion(one.serial or short(self.desk, one.ref), f"{one.maker} {one.model or one.kind} at {one.location}".strip())
            for one in meant.assets[:8]
        )
        if isinstance(meant.asset, New):
            return Resolved("new: is added when this is sent", meant.asset, "soon", suggestions=offers)
        if meant.asset is not None:
            return Resolved(f"{meant.asset.maker} {meant.asset.model or meant.asset.kind}".strip(), meant.asset, "fine")
        if text:
            return Resolved(trouble or "which of these?", role="soon", ok=False, suggestions=offers)
        return Resolved(f"{len(meant.assets)} there" if meant.assets else "", suggestions=offers)

    # Understanding.

    def _understand(self, typed: dict[str, str]) -> Meant:
        meant = Meant()
        if not typed.get("who"):
            return meant
        place, asset = self._caller(meant, typed["who"])
        if meant.client is None:
            return meant
        self._place(meant, typed.get("where", ""), place)
        self._thing(meant, typed.get("asset", ""), asset)
        if isinstance(meant.client, Client) and isinstance(meant.asset, Asset) and meant.place is None and meant.asset.location:
            meant.place = fetch(self.desk.store, "location", meant.asset.location)
        self._follows(meant, typed)
        return meant

    def _caller(self, meant: Meant, text: str) -> tuple[bytes | None, bytes | None]:
        """Finds the client; returns (place, asset) when what was typed names one of those."""
        desk = self.desk
        named = finding.clients_like(desk, text.split())
        meant.clients = [
            Suggestion(one.name, f"{short(desk, one.ref)}  {one.phone} {one.postcode}".rstrip()) for one in named[:6]
        ]
        if len(named) == 1:
            meant.client = named[0]
            meant.clients = []
            return None, None
        from fsconsole.flow.caller import search

        hits = [hit for hit in search(desk.store, text, 10) if hit.client] if not named or len(text) > 3 else []
        owners = {hit.client for hit in hits}
        if not named and len(owners) == 1:
            meant.client = fetch(desk.store, "client", next(iter(owners)))
            rows = {kind: [hit.row for hit in hits if hit.kind == kind] for kind in ("location", "asset")}
            only = {kind: found[0] if len(found) == 1 else None for kind, found in rows.items()}
            return only["location"], only["asset"]
        if not named:
            meant.clients = [
                Suggestion(short(desk, hit.ref) or hit.name, f"{hit.kind} {hit.name}, {hit.says}") for hit in hits[:6]
            ]
        if named or hits:
            meant.trouble["who"] = f"{len(named) or len(owners)} clients: which? (↓ or more letters)"
        elif re.fullmatch(r"[\d\s+()-]{6,}", text):
            meant.trouble["who"] = "nobody here has this number; type their name"
        elif len(text) > 2:
            meant.client = New(text)
        return None, None

    def _place(self, meant: Meant, text: str, named: bytes | None) -> None:
        if isinstance(meant.client, New):
            meant.place = New(text) if text else None
            meant.trouble["where"] = "a new client needs a place: type its name and postcode"
            return
        assert meant.client is not None
        meant.places = finding.locations_of(self.desk, meant.client.id)
        if text:
            try:
                meant.place = finding.location(self.desk, meant.client.id, text)
            except Refused:
                squeezed = things.squeezed(text)
                like = [one for one in meant.places if squeezed in things.squeezed(f"{one.name} {one.address} {one.postcode}")]
                meant.places = like or meant.places
                meant.place = None if like else New(text)
        elif named is not None:
            meant.place = fetch(self.desk.store, "location", named)
        elif len(meant.places) == 1:
            meant.place = meant.places[0]
        else:
            many = f"which of {len(meant.places)} places? (↓)" if meant.places else "no place yet: type its name and postcode"
            meant.trouble["where"] = many

    def _thing(self, meant: Meant, text: str, named: bytes | None) -> None:
        if named is not None and not text:
            meant.asset = fetch(self.desk.store, "asset", named)
            return
        if isinstance(meant.client, New):
            meant.asset = New(text) if text else None
            return
        assert meant.client is not None
        place = meant.place.id if isinstance(meant.place, Location) else None
        store = self.desk.store
        meant.assets = things.assets(store, text, client=meant.client.id, location=place, limit=9)
        if not text:
            return
        if not meant.assets and place is not None:
            meant.assets = things.assets(store, text, client=meant.client.id, limit=9)
        exact = [one for one in meant.assets if one.serial.lower() == text.lower() or short(self.desk, one.ref) == text.upper()]
        if len(exact or meant.assets) == 1:
            meant.asset = fetch(store, "asset", (exact or meant.assets)[0].asset)
        elif not meant.assets:
            meant.asset = New(text)

    def _follows(self, meant: Meant, typed: Mapping[str, str]) -> None:
        """Cover, promises and warnings, once the caller and the place are known."""
        if not isinstance(meant.client, Client) or not isinstance(meant.place, Location):
            return
        from fsconsole.flow.intake import consider

        asset = meant.asset if isinstance(meant.asset, Asset) else None
        try:
            call = consider(self.desk, meant.client, meant.place, asset, order_number=typed.get("order", ""))
        except FsError as error:
            meant.notices.append((str(error), "refused"))
            return
        meant.call = call
        agreed = f"{short(self.desk, call.contract.ref)} {call.contract.name}: " if call.contract else ""
        promises = [
            f"{name} by {clock_words(self.desk, at)}"
            for name, at in (("respond", call.respond_by), ("working again", call.restore_by))
            if at
        ]
        meant.notices.append((agreed + (call.borne.reason or "the client pays"), "fine" if call.borne.labour else "normal"))
        if promises:
            meant.notices.append((", ".join(promises), "normal"))
        meant.notices += [(words[:1].upper() + words[1:], "soon") for words in call.notices]


class LogForm(View):
    """``n``; esc parks it, ctrl+g parks it and begins another."""

    view = "log"
    words = "Log a job"
    BINDINGS = [("ctrl+g", "another", "park this call and begin another")]
    DEFAULT_CSS = """
    LogForm #body { layout: vertical; }
    LogForm #main { height: 3fr; }
    LogForm #sheet { height: 2fr; }
    LogForm.-wide #body { layout: horizontal; }
    LogForm.-wide #main { width: 3fr; height: 1fr; }
    LogForm.-wide #sheet { width: 2fr; height: 1fr; }
    """

    def __init__(self, typed: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self.first = typed
        self._sent: Mapping[str, str] = {}

    def body(self) -> ComposeResult:
        taken = self.first if self.first is not None else (self.console.parked.pop() if self.console.parked else {})
        self.provider = CallProvider(self.console.desk, lambda: self.call_later(self._caller))
        title = "A call taken up again" if taken and self.first is None else "A call"
        self.form = Form(self.provider, FIELDS, title=title, typed=taken, id="main")
        self.sheet = Detail(rule="top", labels=11, focusable=False, id="sheet")
        self._sheet_for: bytes | None = None
        with Container(id="body"):
            yield self.form
            yield self.sheet

    def on_mount(self) -> None:
        super().on_mount()
        self._caller()

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        wide = event.size.width >= WIDE
        self.set_class(wide, "-wide")
        self.sheet.rule = "left" if wide else "top"

    def hints(self) -> list[keys.Hint]:
        return [*self.console.keymap.hints("form"), keys.Hint("^G", "park, another call", 2)]

    def tells(self) -> str:
        many = len(self.console.parked)
        return f"{many} parked" if many else ""

    def half_filled(self) -> bool:
        return bool(self.half_typed())

    def half_typed(self) -> dict[str, str]:
        """What is typed so far, by field."""
        return {key: text for key, text in self.form.typed().items() if text.strip()} if self.is_mounted else {}

    def _caller(self) -> None:
        """What is known of the caller, beside the form."""
        if not self.is_mounted:
            return
        client = self.provider.meant(self.form.typed()).client
        row = client.id if isinstance(client, Client) else None
        if row == self._sheet_for:
            return
        self._sheet_for = row
        self.sheet.say(caller_told(self.console.desk, row) if row is not None else ())

    # Sending and parking.

    def park(self) -> None:
        """Keeps what is typed for later."""
        if self.half_filled():
            self.console.parked.append(self.half_typed())

    def on_form_parked(self, event: messages.FormParked) -> None:
        kept = self.half_filled()
        self.park()
        self.console.pop_screen()
        self.console.say("The call is parked; n takes it up again." if kept else "No call was logged.")

    def action_another(self) -> None:
        if not self.half_filled():
            if self.console.parked:
                self.form.fill({**{one.key: "" for one in FIELDS}, **self.console.parked.pop()}, at="who")
                self._caller()
                self.show_top()
            return
        typed = {key: text for key, text in self.form.typed().items() if text.strip()}
        self.console.parked.insert(0, typed)
        self.form.fill({one.key: "" for one in FIELDS}, at="who")
        self._sheet_for = None
        self.sheet.say(())
        self.show_top()
        self.console.say("Parked; ^G on an empty form takes it up again.")

    def on_form_filled(self, event: messages.FormFilled) -> None:
        typed = _trimmed(event.typed)
        self._sent = typed

        def wanted() -> bool:
            """Whether this is still what the form says, and was sent last."""
            return self.is_mounted and self._sent is typed and _trimmed(self.form.typed()) == typed

        self.console.waiting.when_free(f"the call, {typed['what']}", lambda: self._log(typed), wanted)

    def _log(self, typed: Mapping[str, str]) -> None:
        """Logs the call and closes the form, or says in it what is amiss."""
        meant = self.provider.meant(typed)
        done = self._send(meant, typed)
        if done is None:
            self.provider.forget()  # what was new may be there by now
            last = self.console.said[-1].words if self.console.said else "It was refused."
            self.form.complain(last)
            return
        view = self.console.screen_stack[-2] if len(self.console.screen_stack) > 2 else None
        self.console.pop_screen()
        self.console.say(f"{done.words}   {self.console.look.glyphs.dot} d sends someone", "good")
        if (find := getattr(view, "find", None)) is not None:
            find(done.row)

    def _send(self, meant: Meant, typed: Mapping[str, str]) -> Any:
        """Adds what is new and logs the job, all of it one act: whoever takes it back takes the whole call back."""
        from fsconsole.flow import intake, register

        console, desk = self.console, self.console.desk
        client, place, asset = meant.client, meant.place, meant.asset
        title = typed["what"][:1].upper() + typed["what"][1:]
        within = desk.ids()
        called = client.words if isinstance(client, New) else short(desk, client.ref) if isinstance(client, Client) else ""
        line = f"log {called} {title}"
        if isinstance(client, New):
            name = client.words
            made = console.perform(line, lambda desk: register.add_client(desk, name), within=within)
            client = fetch(desk.store, "client", made.row) if made else None
        if not isinstance(client, Client):
            return None
        owner = client
        if isinstance(place, New):
            words = _placed(place.words)
            made = console.perform(line, lambda desk: register.add_location(desk, owner, words), within=within)
            place = fetch(desk.store, "location", made.row) if made else None
            if place is None:
                return None
        where = place if isinstance(place, Location) else None
        if isinstance(asset, New):
            thing = _named(asset.words) + (f" @{where.ref}" if where else "")
            made = console.perform(line, lambda desk: register.add_asset(desk, owner, thing), within=within)
            asset = fetch(desk.store, "asset", made.row) if made else None
            if asset is None:
                return None
        what = asset if isinstance(asset, Asset) else None
        given: dict[str, Any] = {"order_number": typed.get("order", ""), "reported_by": typed.get("by", "")}
        if typed.get("priority"):
            given["priority"] = intake.urgency(typed["priority"])
        if typed.get("for"):
            try:
                given["promised_from"], given["promised_until"] = intake._window(desk, typed["for"])
            except FsError as error:
                console.say(str(error), "warn")
                return None
        given.update(client=owner, title=title, location=where, asset=what)
        return console.perform(line, lambda desk: intake.create_job(desk, **given), within=within)


def _trimmed(typed: Mapping[str, str]) -> dict[str, str]:
    return {key: text.strip() for key, text in typed.items()}


def _placed(words: str) -> str:
    """A new place's words as the verb takes them: a postcode at the end is one."""
    found = POSTCODE.search(words)
    if not found:
        return words
    name = words[: found.start()].strip(" ,") or found[0].upper()
    return f"{name} postcode:{found[1].upper()}{found[2].upper()}"


def _named(words: str) -> str:
    """New equipment's words as the verb takes them: one word with digits in it is a serial number."""
    *kind, last = words.split()
    if any(letter.isdigit() for letter in last):
        return f"{' '.join(kind) or 'equipment'} serial:{last}"
    return words


def visited(desk: Desk, at: datetime) -> str:
    """When a visit was: its day alone where only that is known, or where it is too long ago for the hour to matter."""
    there = at.astimezone(desk.zone)
    if (there.hour, there.minute) == (0, 0) or there.year != desk.today.year:
        return f"{there.day} {there:%b}" + ("" if there.year == desk.today.year else f" {there:%Y}")
    return clock_words(desk, at)


def caller_told(desk: Desk, client: bytes) -> list[Section]:
    """What is known of a caller: open jobs and their promises, last visits, contracts, balance, notes."""
    from fsconsole.flow.caller import balance_words, caller

    sheet = caller(desk.store, client, desk.now)
    if sheet is None:
        return []
    who = sheet.client
    currency = who.currency or desk.store.currency
    head = [DetailLine("balance", balance_words(sheet, currency))]
    head += [DetailLine("contract", f"{short(desk, one.ref)} {one.name}") for one in sheet.contracts[:4]] or [
        DetailLine("contract", "none", "dim")
    ]
    head += [DetailLine(one.role or "contact", one.name, "normal", one.phone, "dim") for one in sheet.contacts[:3]]
    jobs_ = []
    for one in sheet.open_jobs[:6]:
        promise, role = left_words(desk, one.due_at, one.due_what)
        jobs_.append(DetailLine(short(desk, one.ref), f"{one.title}, {one.column}", "normal", one.technician, "dim"))
        if one.due_at is not None:
            jobs_.append(DetailLine("promise", promise, role))
    last = [
        DetailLine(
            visited(desk, one.at) if one.at else "", f"{one.title} ({short(desk, one.ref)}, {one.technician or one.column})"
        )
        for one in sheet.last_visits[:4]
    ]
    found = [Section(f"{who.name}  {short(desk, who.ref)}", tuple(head))]
    found.append(Section(f"Open jobs {len(sheet.open_jobs)}", tuple(jobs_) or (DetailLine("", "none", "dim"),)))
    if last:
        found.append(Section("Last visits", tuple(last)))
    if sheet.notes:
        found.append(Section("Notes", tuple(DetailLine("", note.text) for note in sheet.notes[:3])))
    return found


__all__ = ["CallProvider", "LogForm", "caller_told"]
