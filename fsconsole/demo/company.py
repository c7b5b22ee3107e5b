"""Makes the made-up company's two sites: founded, imported, invited, joined, the days before played.

It stands apart because a real company starts in the same order: policies and the cut-over first, then who, where and
what, then what was agreed, then history, what was billed, what is open.

Always: everything comes in through import and the verbs.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from random import Random

from fsconsole.clock import FixedClock, ids_from
from fsconsole.demo.player import Player
from fsconsole.demo.story import Story, read_story
from fsconsole.desk import Desk
from fsconsole.errors import BadInput
from fsconsole.flow.imports import Report, import_file
from fsconsole.flow.numbers import set_next_number
from fsconsole.flow.settle import settle
from fsconsole.places import Home, home_at, shipped
from fsconsole.settings import Settings, write_settings
from fsconsole.store.opening import Store
from fsconsole.sync.exchange import exchange
from fsconsole.sync.founding import found, invite, join

Say = Callable[[str], None]

NAME = "Northgate Equipment Services"
FIRST, SECOND = "LDN", "LDS"
#: Kind and file, in the order in which one names what another brought.
FILES = (
    ("policies", "policies"), ("clients", "clients"), ("locations", "locations"), ("postcodes", "postcodes"),
    ("contacts", "contacts"), ("assets", "assets"), ("technicians", "technicians"), ("vehicles", "vehicles"),
    ("parts", "parts"), ("stock", "stock"), ("contracts", "contracts"), ("rates", "rates"), ("jobs", "jobs_history"),
    ("jobs", "jobs_open"), ("invoices", "invoices"), ("payments", "payments"), ("readings", "readings"),
    # A metered fleet, a retainer, a prepaid block, an SLA that credits, a fee that follows an index, a suspension.
    ("agreements", "agreements/C1005"), ("agreements", "agreements/C1031"), ("agreements", "agreements/C1032"),
    ("agreements", "agreements/C1033"), ("agreements", "agreements/C1034"), ("agreements", "agreements/C1035"),
    # Works with a retention, a promise missed, meters in doubt, time rounded down: what a clerk is asked about.
    ("agreements", "agreements/C1036"), ("agreements", "agreements/C1037"), ("agreements", "agreements/C1038"),
    ("agreements", "agreements/C1039"),
)  # fmt: skip
NEXT_INVOICE = 20455
#: How long before the demo day the company moved to this program: the story's oldest visits come after.
BEFORE = timedelta(days=5)


@dataclass(slots=True)
class Folders:
    """Where everything of one demo lies."""

    root: Path

    @property
    def shared(self) -> Path:
        return self.root / "shared"

    def home(self, code: str) -> Home:
        return home_at(self.root / code)

    def share(self, code: str) -> Path:
        """The shared folder as one site sees it: a link that goes away while the site is cut off."""
        return self.root / f"{code}-share"

    def drop(self, code: str) -> Path:
        """Where the phones of a site's people leave their track files."""
        return self.root / f"{code}-tracks"

    def played(self, code: str) -> Path:
        return self.root / f"{code}-played.json"

    def connect(self, code: str, on: bool) -> None:
        """Puts the shared folder in or out of a site's reach. Without links (some systems) it stays in reach."""
        link = self.share(code)
        if on and not link.exists():
            try:
                os.symlink(self.shared, link, target_is_directory=True)
            except OSError:
                link.mkdir(exist_ok=True)
        elif not on and link.is_symlink():
            link.unlink()


@dataclass(slots=True)
class Site:
    """One site of the demo, open."""

    home: Home
    store: Store
    clock: FixedClock
    player: Player


def script() -> Path:
    path = shipped("fixtures") / "day" / "script.toml"
    if not path.is_file():
        raise BadInput("the demo's company is not here", file=str(path), instead="Install the package anew.")
    return path


def make_company(folders: Folders, seed: int, say: Say) -> tuple[Story, list[Site]]:
    """Both sites at the opening hour of the demo day, equal and settled; clocks stand still."""
    story = read_story(script())
    start = datetime.combine(story.day - BEFORE, time(7), story.zone).astimezone(UTC)
    folders.shared.mkdir(parents=True, exist_ok=True)
    say("London: the company's files")
    first = _first_site(folders, story, seed, start)
    _bring_in(first, story, say)
    exchange(first.store, first.home, first.clock.now())
    say("Leeds joins")
    second = _second_site(folders, story, seed, start, first)
    sites = [first, second]
    say("the days before")
    _days_before(story, sites)
    return story, sites


def _first_site(folders: Folders, story: Story, seed: int, start: datetime) -> Site:
    clock = FixedClock(start)
    ids = ids_from(clock, Random(f"{seed} {FIRST}"))
    folders.connect(FIRST, on=True)
    home = folders.home(FIRST)
    store = found(
        home,
        code=FIRST,
        name=NAME,
        shared=folders.share(FIRST),
        currency="GBP",
        timezone=story.raw["day"]["timezone"],
        now=start,
        ids=ids,
        by=story.raw["site"][FIRST]["dispatcher"],
    )
    return _site(folders, story, home, store, clock, ids, seed, start)


def _second_site(folders: Folders, story: Story, seed: int, start: datetime, first: Site) -> Site:
    clock = FixedClock(start + timedelta(minutes=30))
    ids = ids_from(clock, Random(f"{seed} {SECOND}"))
    first.clock.move(clock.now())
    made = invite(first.store, first.home, code=SECOND, role="billing", now=first.clock.now(), days=7)
    exchange(first.store, first.home, first.clock.now())
    folders.connect(SECOND, on=True)
    home = folders.home(SECOND)
    by = story.raw["site"][SECOND]["dispatcher"]
    store = join(home, shared=folders.share(SECOND), code=made.code, now=clock.now(), ids=ids, by=by, progress=None)
    site = _site(folders, story, home, store, clock, ids, seed, start)
    in_step([first, site])
    return site


def _site(
    folders: Folders,
    story: Story,
    home: Home,
    store: Store,
    clock: FixedClock,
    ids: Callable[[], bytes],
    seed: int,
    start: datetime,
) -> Site:
    code = store.code
    drop = folders.drop(code)
    drop.mkdir(exist_ok=True)
    by = story.raw["site"][code]["dispatcher"]
    write_settings(home.settings, Settings(shared=str(folders.share(code)), tracks=str(drop), user=by))
    player = Player(story, store, clock, ids, drop=drop, seed=seed, start=start, move=clock.move)
    return Site(home, store, clock, player)


def _bring_in(site: Site, story: Story, say: Say) -> None:
    """The company's files, each as one act, and the next invoice number."""
    by = story.raw["site"][FIRST]["dispatcher"]
    desk = Desk(site.store, site.clock, site.player.ids, by, settling=False)
    for kind, name in FILES:
        file = f"{name}.{'toml' if kind == 'agreements' else 'csv'}"
        report = import_file(desk, kind, shipped("fixtures") / "company" / file, source=name)
        if report.rejected:
            raise BadInput(f"{report.rejected} rows were refused: {_first_reject(report)}", file=file)
        say(f"{name.replace('_', ' ')}: {report.added:,}")
    set_next_number(desk, NEXT_INVOICE)
    settle(site.store, site.clock.now())


def _first_reject(report: Report) -> str:
    reject = report.rejects[0]
    return f"line {reject.line}, {reject.field} “{reject.value}”, {reject.reason}"


def _days_before(story: Story, sites: list[Site]) -> None:
    """What was booked and done since the company moved here, site by site, and exchanged once a day."""
    day = story.start - BEFORE + timedelta(hours=12)
    while day < story.start:
        for site in sites:
            site.player.play(day)
        in_step(sites)
        day += timedelta(days=1)
    for site in sites:
        site.player.play(story.start)
    in_step(sites)


def in_step(sites: list[Site]) -> None:
    """Exchanges until no site has anything new; then settles. Sites that are cut off stay as they are."""
    for site in sites:
        site.player.follow()
    for _ in range(4):
        for site in sites:
            exchange(site.store, site.home, site.clock.now())
    for site in sites:
        settle(site.store, site.clock.now())

