"""The demo day's story as cues: who types which line at which business instant, at one site.

It stands apart because the story is a file that anybody can read and change; nothing here acts.

Always: the same file, site and seed give the same cues. Times are local in the file, UTC in the cues.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

Line = dict[str, Any]
#: How long a card takes to arrive after the technician has left, in minutes.
CARD_AFTER = (2, 6)
#: When the clerk goes through what may be billed.
CLERK_FROM, CLERK_EVERY = time(8, 20), timedelta(minutes=25)


@dataclass(frozen=True, slots=True)
class Cue:
    """One line that somebody types. ``{key}`` in it stands for the reference of a job.

    ``chain`` names the visit it belongs to: when one that is ``needed`` stays refused, the rest of its chain is dropped.
    ``what`` is say (the line), home (the technician drives home), or what a clerk does by looking at the queue: bill (the
    next thing that may be billed), declined (waives equipment whose owners want no contract), friday (puts contract
    periods off until Friday's run).
    """

    at: datetime
    by: str
    role: str
    line: str = ""
    what: str = "say"
    chain: str = ""
    needed: bool = False
    gives: str = ""  # the key of the job that a call makes
    job: str = ""  # where the technician drives once the line is done
    there: datetime | None = None


@dataclass(frozen=True, slots=True)
class Apart:
    """A stretch in which sites cannot reach the shared folder."""

    start: datetime
    until: datetime
    sites: frozenset[str]


@dataclass(slots=True)
class Story:
    """The whole file, with its times made instants."""

    raw: Line
    zone: ZoneInfo
    day: date
    start: datetime
    end: datetime
    apart: list[Apart] = field(default_factory=list)

    @property
    def seed(self) -> int:
        return int(self.raw["day"]["seed"])

    @property
    def sites(self) -> list[str]:
        return list(self.raw["site"])

    def at(self, on: date, clock: str) -> datetime:
        return datetime.combine(on, time.fromisoformat(clock), self.zone).astimezone(UTC)

    def site_of(self, technician: str) -> str:
        return next(str(one["site"]) for one in self.raw["technician"] if one["code"] == technician)

    def leaves_trail(self, technician: str, on: date) -> bool:
        """Whether a technician carries a tracker that day: the names of the track files say so."""
        tracks = next(one.get("tracks", []) for one in self.raw["technician"] if one["code"] == technician)
        return any(f"{on:%Y%m%d}" in name or (name.endswith(f"{on:%Y-%m}.rec") and on == self.day) for name in tracks)

    def apart_now(self, site: str, at: datetime) -> bool:
        return any(site in one.sites and one.start <= at < one.until for one in self.apart)


def read_story(path: Path) -> Story:
    """The story in a file; its format is told at the top of ``fixtures/day/script.toml``."""
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    head = raw["day"]
    zone, day = ZoneInfo(head["timezone"]), head["date"]
    start, end = (
        datetime.combine(day, time.fromisoformat(head[name]), zone).astimezone(UTC) for name in ("start", "end")
    )
    story = Story(raw, zone, day, start, end)
    for one in raw["moment"]:
        if one["what"] == "apart":
            sites = frozenset([one["site"]] if "site" in one else raw["site"])
            story.apart.append(Apart(story.at(day, one["at"]), story.at(day, one["until"]), sites))
    return story


def tellings(story: Story, site: str, opens: datetime, rate: float) -> list[tuple[datetime, str]]:
    """(instant, words): what whoever watches the demo at this site is told about what happens there, in order of time."""
    pace = "a minute passes each second" if rate == 60 else f"time runs {rate:g} times as fast"
    found = [(opens, f"A demo: {pace}, and others work along. ? has the keys.")]
    for one in story.raw["moment"]:
        if one["what"] == "apart" and one.get("site", site) == site and "told" in one:
            found += [(story.at(story.day, one["at"]), one["told"]), (story.at(story.day, one["until"]), one["after"])]
    return [(at, words) for at, words in found if at >= opens]


def cues_of(story: Story, site: str, seed: int) -> list[Cue]:
    """Everything that the people of one site type, in order of time."""
    found = [*_calls(story, site), *_bookings(story, site), *_moments(story, site), *_absences(story, site), *_clerk(story, site)]
    mine = [one for one in story.raw["visit"] if story.site_of(one["who"]) == site]
    for who in sorted({one["who"] for one in mine}):
        theirs = [one for one in mine if one["who"] == who]
        for on in sorted({one["on"] for one in theirs}):
            found += _day_of(story, site, seed, sorted((one for one in theirs if one["on"] == on), key=lambda one: one["leave"]))
    return sorted(found, key=lambda cue: cue.at)  # a stable sort: what was said at once keeps its order


def _dispatcher(story: Story, site: str) -> str:
    return str(story.raw["site"][site]["dispatcher"])


def _calls(story: Story, site: str) -> Iterator[Cue]:
    for one in story.raw["call"]:
        if one["site"] == site:
            order = f" po:{one['order']}" if one.get("order") else ""
            yield Cue(story.at(story.day, one["at"]), _dispatcher(story, site), "billing", one["say"] + order, gives=one["job"])


def _bookings(story: Story, site: str) -> Iterator[Cue]:
    for one in story.raw["booking"]:
        if one["site"] == site:
            start = datetime.fromisoformat(one["start"])
            line = f"b {{{one['job']}}} {one['who']} {start:%Y-%m-%d} {start:%H:%M}"
            yield Cue(story.at(one["on"], one["at"]), _dispatcher(story, site), "billing", line)


def _absences(story: Story, site: str) -> Iterator[Cue]:
    for one in story.raw["technician"]:
        if one["site"] == site and one.get("absent"):
            line = f"sick {one['code']} {story.day + timedelta(days=1):%Y-%m-%d} {one['absent']}"
            yield Cue(story.start + timedelta(minutes=2), _dispatcher(story, site), "billing", line)


def _moments(story: Story, site: str) -> Iterator[Cue]:
    says = {
        "say": "{say}",
        "note": "n {{{job}}} {text}",
        "chase": "chase {{{job}}} {text}",
        "waive": "waive {{{job}}} {text}",
        "snooze": "snooze {{{job}}} {until}",
        "order": "order {{{job}}} {value}",
    }
    edits = {"priority": "pri {{{job}}} {value}", "title": "title {{{job}}} {value}", "order_number": "order {{{job}}} {value}"}
    for one in story.raw["moment"]:
        if one.get("site") != site or one["what"] == "apart":
            continue
        form = edits[one["field"]] if one["what"] == "edit" else says[one["what"]]
        yield Cue(story.at(story.day, one["at"]), _dispatcher(story, site), "billing", form.format(**one))


def _clerk(story: Story, site: str) -> Iterator[Cue]:
    name = story.raw["site"][site].get("clerk")
    if not name:
        return
    yield Cue(story.at(story.day - timedelta(days=4), "09:00"), name, "billing", what="declined")
    yield Cue(story.at(story.day - timedelta(days=1), "16:30"), name, "billing", what="friday")
    at = datetime.combine(story.day, CLERK_FROM, story.zone).astimezone(UTC)
    while at < story.end:
        yield Cue(at, name, "billing", what="bill")
        at += CLERK_EVERY


def _day_of(story: Story, site: str, seed: int, visits: list[Line]) -> Iterator[Cue]:
    """One technician's day, visit after visit, each moved by the seed but never before the one before it has ended."""
    free = story.at(visits[0]["on"], "00:00")
    for one in visits:
        random = Random(f"{seed} {one['who']} {one['job']} {one['on']}")
        send, leave, arrive = (story.at(one["on"], one[name]) for name in ("send", "leave", "arrive"))
        slack = int(story.raw["day"]["slack"]) if one["on"] == story.day else 0
        drive = arrive - leave + timedelta(minutes=random.randint(-slack, slack))
        leave += timedelta(minutes=random.randint(-slack, slack))
        leave = max(leave, send + timedelta(minutes=2), free + timedelta(minutes=1))
        arrive = leave + max(drive, timedelta(minutes=3))
        free = arrive + timedelta(minutes=one["minutes"])
        yield from _visit(story, site, one, random, send, leave, arrive, free)
    yield Cue(free + timedelta(minutes=12), visits[0]["who"], "field", what="home")


def _visit(
    story: Story, site: str, one: Line, random: Random, send: datetime, leave: datetime, arrive: datetime, end: datetime
) -> Iterator[Cue]:
    who, job, style = one["who"], f"{{{one['job']}}}", story.raw["site"][site]
    boss, chain = _dispatcher(story, site), f"{one['on']} {who} {one['job']}"
    minute = timedelta(minutes=1)
    booked = any(b["job"] == one["job"] and b["who"] == who for b in story.raw["booking"])
    if not booked and random.random() < style["books"] and leave - send > 3 * minute:
        yield Cue(send, boss, "billing", f"b {job} {who} {arrive.astimezone(story.zone):%Y-%m-%d %H:%M}", chain=chain)
        send += minute
    yield Cue(send, boss, "billing", f"d {job} {who}", chain=chain, needed=True)
    last = max(leave - minute, send)
    draw, typed = random.random(), minute * random.randint(*style["acknowledges"])
    if draw < style["told"]:
        yield Cue(min(send + 2 * minute, last), boss, "billing", f"told {job}", chain=chain)
    else:
        after = minute * one["ack"] + (typed if draw > style["told"] + style["late"] else 30 * minute)
        yield Cue(min(send + after, last), who, "field", f"ack {job}", chain=chain)
    yield Cue(leave, who, "field", f"en {job}", chain=chain, needed=True, job=one["job"], there=arrive)
    yield Cue(arrive, who, "field", f"a {job}", chain=chain, needed=True)
    yield Cue(end, who, "field", _ending(one, job), chain=chain, needed=True)
    card = end + minute * random.randint(*CARD_AFTER)
    for line in _card(one, job, round((arrive - leave) / minute)):
        yield Cue(card, who, "field", line, chain=chain)


def _ending(one: Line, job: str) -> str:
    """How the technician left."""
    match one["then"]:
        case "complete":
            return f"c {job}"
        case "waiting parts":
            return f"wp {job} {one['needs']}" + (f" eta {one['eta']}" if "eta" in one else "")
        case "no access":
            return f"na {job} {one['wake']} {one['why']}"
        case _:
            return f"rn {job} {one['wake']} {one['why']}"


def _card(one: Line, job: str, drive: int) -> Iterator[str]:
    """What the card brings: time, travel, parts, what was found and done, who signed. No words, no card."""
    if one["then"] == "no access" or (one["then"] == "complete" and not one.get("found")):
        return
    minutes = one.get("claims", one.get("labour", one["minutes"]))
    if minutes:
        yield f"labour {job} {minutes}"
        yield f"labour {job} {drive} travel"
    for code, quantity in one.get("parts", {}).items():
        yield f"part {job} {code} x{quantity}"
    if one.get("found"):
        yield f"card {job} {one['found']}. {one['done']}."
    if one.get("sign"):
        yield f'sg {job} "{one["sign"]}"'
