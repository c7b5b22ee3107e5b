"""One place: how to get in, who is there, what stands there, and its jobs."""

from __future__ import annotations

from collections.abc import Sequence

from fsconsole.console.screens.client import equipment_told
from fsconsole.console.screens.phrases import lines, section
from fsconsole.console.screens.sheets import JobsSheet
from fsconsole.console.widgets.canvas import Piece
from fsconsole.console.widgets.detail import DetailLine, Section
from fsconsole.store.queries import things
from fsconsole.store.rows import fetch
from fsconsole.values.work import Client, Location

PINS = {"given": "as given", "postcode": "from its postcode, so only roughly", "stay": "from where technicians stopped"}


class LocationView(JobsSheet):
    """A location and its jobs."""

    view = "clients"
    words = "Location"
    OF = "location"

    @property
    def place(self) -> Location | None:
        found: Location | None = fetch(self.store, "location", self.row)
        return found

    def head(self) -> Sequence[Piece]:
        one = self.place
        if one is None:
            return [("This location is gone.", "soon")]
        client: Client | None = fetch(self.store, "client", one.client) if one.client else None
        name = f"{client.name} · {one.name}" if client else one.name
        return [(name, "strong"), (f"  {one.postcode}", "normal"), (f"   {self.how_open()}", "dim")]

    def facts(self) -> Sequence[Section]:
        one = self.place
        if one is None:
            return []
        where = "none yet: pin " + things.short(self.store, one.ref) + " 51.50740,-0.12780"
        if one.lat is not None and one.lon is not None:
            place = f"{one.lat / 1e7:.5f}, {one.lon / 1e7:.5f}"
            where = ", ".join(word for word in (place, PINS.get(one.pin_from, one.pin_from)) if word)
        people = tuple(
            DetailLine(each.role or "contact", "  ".join(word for word in (each.name, each.phone, each.email) if word))
            for each in (things.contacts(self.store, one.client) if one.client else [])
            if each.location in ("", one.name)
        )
        return [
            *section(
                one.name or one.address,
                lines(
                    ("access", one.access_notes, "soon"),
                    ("address", ", ".join(word for word in (one.address, one.postcode) if word)),
                    ("telephone", one.phone),
                    ("area", one.area),
                    ("reference", one.ref),
                    ("pin", where),
                    *((str(key), str(value)) for key, value in one.custom.items() if value not in ("", None)),
                ),
            ),
            *section("Contacts", people),
            *equipment_told(self.store, self.now, location=self.row),
        ]

    def call(self) -> dict[str, str]:
        one = self.place
        client: Client | None = fetch(self.store, "client", one.client) if one and one.client else None
        return {"who": client.name, "where": one.name or one.postcode} if one and client else {}
