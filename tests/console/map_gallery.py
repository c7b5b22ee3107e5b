"""Pictures of the map with made-up technicians in London, for a person to look at.

    python tests/console/map_gallery.py OUT_DIR [BASEMAP.pmtiles]

Writes SVG files of the panel at three sizes, in several themes and in ASCII.
"""

from __future__ import annotations

import asyncio
import random
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

from textual.app import App, ComposeResult

from fsconsole.console.themes import apply_look, choose, load_looks
from fsconsole.console.widgets.map import MapPanel
from fsconsole.console.widgets.map_things import JobPin, StayMark, TechnicianDot
from fsconsole.values.geo import place

MINUTE = 60_000
DAY = 1_772_524_800_000  # 3 March 2026, 08:00 in London
NOW = DAY + 102 * MINUTE
PEOPLE = ("Ada Byrne", "Amy Reed", "Ben Okafor", "Raj Patel", "Sam Lee", "Zoe Marsh", "Ola Nowak")
PLACES = (
    ("Acme Unit 3", 51.523, -0.158), ("Hart Clinic", 51.4975, -0.0870), ("Orme Hotel", 51.5115, -0.1190),
    ("Kent Data", 51.5055, -0.0200), ("Bell Foods", 51.4620, -0.1150), ("Moss Lane", 51.5480, -0.1030),
    ("Ives Bank", 51.5145, -0.0880), ("Gray Print", 51.5320, -0.0560), ("Dale Schools", 51.4780, -0.0250),
    ("Finch & Co", 51.4930, -0.1900),
)  # fmt: skip
COLUMNS = ("logged", "dispatched", "en route", "on site", "waiting parts", "complete")


def drive(rng: random.Random, start: tuple[float, float], stops: list[tuple[float, float]], silent: int = 0):
    """A day's fixes over the stops: along a street grid, every minute, resting at each."""
    lat, lon = start
    at = DAY - 25 * MINUTE
    trail, rests = [], []
    for to_lat, to_lon in stops:
        while at < NOW - silent * MINUTE and (abs(to_lat - lat) > 0.0008 or abs(to_lon - lon) > 0.0012):
            if rng.random() < 0.5 and abs(to_lat - lat) > 0.0008:
                lat += max(-0.0035, min(0.0035, to_lat - lat))
            else:
                lon += max(-0.0055, min(0.0055, to_lon - lon))
            lat, lon = lat + rng.gauss(0, 0.00015), lon + rng.gauss(0, 0.0002)
            at += MINUTE
            trail.append((*place(lat, lon), at))
        rest = rng.randint(12, 42)
        begin = at
        while at < NOW - silent * MINUTE and at < begin + rest * MINUTE:
            at += MINUTE
            trail.append((*place(lat + rng.gauss(0, 0.00003), lon + rng.gauss(0, 0.00004)), at))
        if at - begin >= 8 * MINUTE:
            rests.append((*place(lat, lon), begin, (at - begin) // MINUTE))
    return trail, rests


def london() -> dict:
    """What a screen would give the panel."""
    rng = random.Random(7)
    technicians, trails, stays = [], {}, []
    for index, name in enumerate(PEOPLE):
        id = bytes([index]) * 16
        silent = 22 if name.startswith("Sam") else 0
        stops = rng.sample(PLACES, 4)
        cafe = ("Costa, A4", stops[0][1] + 0.012, stops[0][2] + 0.02)
        route = [stops[0], cafe, *stops[1:]] if index % 3 == 1 else stops
        start = (51.505 + rng.uniform(-0.05, 0.05), -0.1 + rng.uniform(-0.08, 0.08))
        trail, rests = drive(rng, start, [(lat, lon) for _, lat, lon in route], silent)
        trails[id] = trail
        for (lat, lon, begin, minutes), (label, _, _) in zip(rests, route, strict=False):
            known = label != "Costa, A4"
            card = f"card {minutes + 1} min" if known and minutes > 20 else ""
            stays.append(StayMark(id, lat, lon, begin, minutes, label, known, card))
        last = trail[-1]
        state = f"on the way to {route[len(rests) % len(route)][0]}, promised 10:00"
        technicians.append(
            TechnicianDot(
                id, name[:3].lower(), name, *last, state, silent or None, f"{len(rests)} of {len(route)}"
            )
        )
    jobs = [
        JobPin(bytes([99, index] * 8), str(1027 + index), label, *place(lat, lon), COLUMNS[index % 6],
               "48 min left" if index % 4 else "late 0:12", index % 4 == 0)
        for index, (label, lat, lon) in enumerate(PLACES)
    ]  # fmt: skip
    return {
        "technicians": technicians, "trails": trails, "jobs": jobs, "stays": stays,
        "day": (DAY - 30 * MINUTE, DAY + 600 * MINUTE), "now": NOW,
    }  # fmt: skip


class Gallery(App):
    """The panel alone."""

    def __init__(self, look, basemap=None, data=None) -> None:
        super().__init__()
        apply_look(self, look)
        self.panel = MapPanel(basemap=basemap, zone=ZoneInfo("Europe/London"))
        self.given = data or london()

    def compose(self) -> ComposeResult:
        yield self.panel

    def on_mount(self) -> None:
        self.panel.set_data(**self.given)
        self.panel.focus()


async def picture(out: Path, name: str, size: tuple[int, int], keys: list[str], **app_arguments) -> None:
    app = Gallery(**app_arguments)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()
        svg = app.export_screenshot(title=name)
    # The fonts that the SVG names are not here; a monospaced one that has braille is.
    svg = svg.replace("Fira Code", "DejaVu Sans Mono").replace("<svg ", '<svg xml:space="preserve" ', 1)
    (out / f"{name}.svg").write_text(svg, "utf-8")


async def main(out: Path, basemap: str | None) -> None:
    out.mkdir(parents=True, exist_ok=True)
    looks, complaints = load_looks([Path(__file__).parents[2] / "themes"])
    assert not complaints, complaints
    night = choose(looks, "night")
    await picture(out, "map-80x24", (80, 24), [], look=night)
    await picture(out, "map-120x40", (120, 40), ["tab"], look=night)
    await picture(out, "map-200x50", (200, 50), ["tab", "tab"], look=night)
    await picture(out, "map-120x40-close", (120, 40), ["right", "plus", "plus", "plus"], look=night)
    await picture(out, "map-120x40-replay", (120, 40), ["left_square_bracket"] * 3, look=night)
    await picture(out, "map-120x40-paper", (120, 40), ["tab", "f"], look=choose(looks, "paper"))
    await picture(out, "map-80x24-ascii", (80, 24), ["right"], look=choose(looks, "night", ascii=True))
    plain = choose(looks, "night", no_color=True)
    await picture(out, "map-120x40-plain", (120, 40), ["right"], look=plain)
    if basemap:
        await picture(out, "map-120x40-basemap", (120, 40), ["tab"], look=night, basemap=basemap)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None))
