"""One piece of equipment: what it is, whose, under what, its meter, and every job on it."""

from __future__ import annotations

from collections.abc import Sequence

from fsconsole.console.screens.client import warranty
from fsconsole.console.screens.phrases import date_of, lines, section
from fsconsole.console.screens.sheets import JobsSheet
from fsconsole.console.widgets.canvas import Piece
from fsconsole.console.widgets.detail import DetailLine, Section
from fsconsole.store.queries import things
from fsconsole.store.rows import fetch, fetch_all
from fsconsole.values.work import Asset, Client, Location, Reading


class AssetView(JobsSheet):
    """An asset and its jobs."""

    view = "clients"
    words = "Asset"
    OF = "asset"

    @property
    def thing(self) -> Asset | None:
        found: Asset | None = fetch(self.store, "asset", self.row)
        return found

    def head(self) -> Sequence[Piece]:
        one = self.thing
        if one is None:
            return [("This asset is gone.", "soon")]
        return [(one.title, "strong"), (f"   {self.how_open()}", "dim"), ("   gone" if one.removed else "", "soon")]

    def facts(self) -> Sequence[Section]:
        one = self.thing
        if one is None:
            return []
        client: Client | None = fetch(self.store, "client", one.client) if one.client else None
        place: Location | None = fetch(self.store, "location", one.location) if one.location else None
        here = things.assets(self.store, one.serial, location=one.location, limit=50) if one.serial else []
        contract = next((each.contract for each in here if each.asset == one.id), "")
        readings: list[Reading] = fetch_all(self.store, "reading", "asset = ? AND void = 0", [one.id], order="day DESC LIMIT 6")
        return [
            *section(
                one.title,
                lines(
                    ("client", client.name if client else ""),
                    ("stands at", f"{place.name} {place.postcode}".strip() if place else ""),
                    ("access", place.access_notes if place else "", "soon"),
                    ("kind", one.kind),
                    ("reference", one.ref),
                    ("contract", things.short(self.store, contract) if contract else "on no contract"),
                    ("installed", date_of(one.installed)),
                    (
                        "warranty",
                        warranty(one.warranty_until.isoformat() if one.warranty_until else None, self.today.isoformat()),
                    ),
                    ("gone", f"since {date_of(one.removed)}" if one.removed else "", "soon"),
                    *((str(key), str(value)) for key, value in one.custom.items() if value not in ("", None)),
                ),
            ),
            *section(
                "Readings",
                tuple(
                    DetailLine(
                        date_of(each.day),
                        f"{each.meter}{' (estimated)' if each.estimated else ''}",
                        "normal",
                        f"{each.value // 1000:,}",
                    )
                    for each in readings
                ),
            ),
        ]

    def call(self) -> dict[str, str]:
        one = self.thing
        client: Client | None = fetch(self.store, "client", one.client) if one and one.client else None
        return {"who": client.name, "asset": one.serial or things.short(self.store, one.ref)} if one and client else {}
