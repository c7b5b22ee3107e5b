"""Plays one site's share of the story: people type lines through the verbs, technicians drive and leave a trail.

It stands apart because it is the only part of the demo that acts, and it acts as people do: nothing but typed lines and
the files that phones write.

Always: a refusal is counted and said, never raised. Who is refused tries again a few minutes later, three times at most;
then what would have followed on that visit does not happen.
"""

from __future__ import annotations

import heapq
import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any

from fsconsole import verbs
from fsconsole.changes.stamp import site_of
from fsconsole.clock import Clock
from fsconsole.demo.driving import Driver, Leg, write_track
from fsconsole.demo.story import Cue, Story, cues_of
from fsconsole.desk import Desk, Done
from fsconsole.errors import FsError, Refused, StoreError
from fsconsole.flow.settle import settle
from fsconsole.flow.tracks import follow_folder
from fsconsole.store.opening import Store
from fsconsole.store.queries.exceptions import open_cases
from fsconsole.store.rows import fetch_all
from fsconsole.values.work import Technician

AGAIN = timedelta(minutes=4)
TRIES = 3
#: How much of the equipment on no contract is still talked about with its owners.
KEPT = 4


@dataclass(slots=True)
class Played:
    """What happened so far; kept in a file so that another process can play on."""

    until: datetime
    refs: dict[str, str] = field(default_factory=dict)
    delay: dict[str, float] = field(default_factory=dict)  # minutes, by chain
    tries: Counter[str] = field(default_factory=Counter)
    acts: Counter[str] = field(default_factory=Counter)  # by verb
    refused: list[dict[str, str]] = field(default_factory=list)
    fixes: int = 0


class Player:
    """One site at work. ``move`` sets a clock that stands still; None where the clock runs by itself."""

    def __init__(
        self,
        story: Story,
        store: Store,
        clock: Clock,
        ids: Callable[[], bytes],
        *,
        drop: Path,
        seed: int,
        start: datetime,
        move: Callable[[datetime], None] | None = None,
    ) -> None:
        self.story, self.store, self.clock, self.ids = story, store, clock, ids
        self.drop, self.seed, self.move = drop, seed, move
        self.site = store.code
        self.played = Played(start)
        self.drivers: dict[str, Driver] = {}
        self.cues = cues_of(story, self.site, seed)
        self.queue: list[tuple[datetime, int]] = []
        self._fill(start)

    def _fill(self, since: datetime) -> None:
        self.queue = [(at, n) for n, cue in enumerate(self.cues) if (at := self._due(cue)) > since]
        heapq.heapify(self.queue)

    def _due(self, cue: Cue) -> datetime:
        return cue.at + timedelta(minutes=self.played.delay.get(cue.chain, 0))

    # --- a stretch of time --------------------------------------------------------------------------------------------

    def play(self, until: datetime) -> int:
        """Everything due by ``until``, then the trails of that time; settles once. Returns how many lines were typed."""
        typed = 0
        while self.queue and self.queue[0][0] <= until:
            at, number = heapq.heappop(self.queue)
            cue = self.cues[number]
            if (due := self._due(cue)) > at:
                heapq.heappush(self.queue, (due, number))
            elif self.played.tries[cue.chain] <= TRIES:
                if self.move:
                    self.move(at)
                typed += self._play(cue, number)
        if self.move:
            self.move(until)
        self.drive(until)
        settle(self.store, self.clock.now())
        self.played.until = until
        return typed

    def next_at(self) -> datetime | None:
        """When somebody types next."""
        return self.queue[0][0] if self.queue else None

    def _play(self, cue: Cue, number: int) -> int:
        if cue.what == "home":
            self._home(cue.by)
        elif cue.what != "say":
            settle(self.store, self.clock.now())
            return sum(self._type(replace(cue, what="say", line=line)) is not None for line in self._at_the_queue(cue.what))
        else:
            done = self._type(cue)
            if done is None and cue.needed:
                self.played.tries[cue.chain] += 1
                self.played.delay[cue.chain] = self.played.delay.get(cue.chain, 0) + AGAIN.total_seconds() / 60
                heapq.heappush(self.queue, (self._due(cue), number))
            elif done is not None:
                if cue.gives:
                    self.played.refs[cue.gives] = done.ref
                if cue.job and cue.there:
                    self._set_out(cue)
                return 1
        return 0

    def _type(self, cue: Cue) -> Done | None:
        desk = Desk(self.store, self.clock, self.ids, cue.by, role=cue.role, settling=False)
        try:
            line = re.sub(r"\{(\w+)\}", lambda found: self._ref(found[1]), cue.line)
            done = verbs.run(desk, line)
        except StoreError:
            raise  # the disk or the store itself: not a person's affair
        except FsError as error:
            at = self.clock.now().astimezone(self.story.zone)
            self.played.refused.append({"at": f"{at:%Y-%m-%d %H:%M}", "by": cue.by, "line": cue.line, "why": error.why})
            return None
        self.played.acts[verbs.parse(line).verb.name] += 1
        return done

    def _ref(self, key: str) -> str:
        """The reference of a job: one that a call made, or one that the old system called so."""
        known = self.played.refs.get(key)
        if known is None:
            row = self.store.one(
                "SELECT j.ref FROM source_link l JOIN job j ON j.id = l.\"row\""
                " WHERE l.kind = 'job' AND l.key = ? AND j.ref != ''",
                (key,),
            )
            if row is None:
                raise Refused(f"The job “{key}” is not here.", "It may come from the other site later.")
            known = self.played.refs[key] = str(row[0])
        return known

    def _at_the_queue(self, what: str) -> list[str]:
        """What a clerk types after a look at the open cases."""
        here = self.store.site
        made = {row: (ref, site_of(stamp)) for table in ("asset", "contract", "job") for row, ref, stamp in self._made(table)}
        ours = [case for case in open_cases(self.store, self.clock.now(), sort="age") if made.get(case.thing, ("", 0))[1] == here]
        due = [case for case in ours if case.reason == "contract_period_unbilled"]
        if what == "declined":
            bare = [case.thing for case in ours if case.reason == "asset_uncovered"]
            return [f"waive {made[asset][0]} offered a contract, declined" for asset in bare[KEPT:]]
        if what == "friday":
            friday = self.story.day + timedelta(days=(4 - self.story.day.weekday()) % 7)
            contracts = dict.fromkeys(case.ref for case in sorted(due, key=lambda case: (case.value, case.key)))
            return [f"z {ref}/contract_period_unbilled {friday}" for ref in list(contracts)[: len(contracts) // 2]]
        lines = [f"waive {case.ref}/{case.reason} agreed by phone" for case in ours if case.reason == "nothing_covers"][:1]
        row = self.store.one(
            "SELECT ref FROM job_now WHERE column_ = 'signed off' AND stuck = '' AND value > 0 AND site = ?"
            " ORDER BY since, ref LIMIT 1",
            (self.store.site,),
        )
        return [*lines, f"bill {row[0]}"] if row else [*lines, *(f"bill {case.ref}" for case in due[:1])]

    def _made(self, table: str) -> list[tuple[bytes, str, int]]:
        """(id, reference, stamp of the reference) of everything of a kind: whose site gave it is who may bill it."""
        return self.store.sql(f'SELECT id, ref, c_ref FROM "{table}"')

    # --- in the field -------------------------------------------------------------------------------------------------

    def _driver(self, code: str) -> Driver | None:
        if code not in self.drivers:
            for one in fetch_all(self.store, "technician"):
                if one.lat is not None and one.lon is not None and self._is_ours(one):
                    self.drivers[one.code] = Driver(one.code, (one.lat, one.lon), (one.shift_start, one.shift_end))
        return self.drivers.get(code)

    def _is_ours(self, technician: Technician) -> bool:
        return any(one["code"] == technician.code and one["site"] == self.site for one in self.story.raw["technician"])

    def _set_out(self, cue: Cue) -> None:
        place = self.store.one("SELECT lat, lon FROM job_now WHERE ref = ? AND lat IS NOT NULL", (self._ref(cue.job),))
        driver = self._driver(cue.by)
        if driver and place and cue.there:
            delay = timedelta(minutes=self.played.delay.get(cue.chain, 0))
            there = cue.there + delay - timedelta(minutes=1)
            driver.drive((place[0], place[1]), self._due(cue), there, self._random(cue.by, cue.job))

    def _home(self, code: str) -> None:
        driver = self._driver(code)
        if driver:
            start = self.clock.now()
            driver.drive(driver.base, start, start + timedelta(minutes=35), self._random(code, "home"))

    def _random(self, *what: str) -> Random:
        return Random(" ".join((str(self.seed), *what)))

    def drive(self, until: datetime) -> None:
        """Writes what this site's phones wrote since."""
        for code in [one["code"] for one in self.story.raw["technician"] if one["site"] == self.site]:
            on = until.astimezone(self.story.zone).date()
            driver = self._driver(code)
            if driver is None or not self.story.leaves_trail(code, on):
                continue
            start, end = self._shift(driver, on)
            if driver.written and driver.written < start:
                driver.written = None
            self.played.fixes += write_track(driver, self.drop, start, min(until, end), self.seed)

    def follow(self) -> None:
        """Takes up what all phones wrote since the last look."""
        follow_folder(Desk(self.store, self.clock, self.ids, "tracker", settling=False), self.drop)
        settle(self.store, self.clock.now())

    def _shift(self, driver: Driver, on: date) -> tuple[datetime, datetime]:
        start, end = (
            datetime.combine(on, time.fromisoformat(clock or other), self.story.zone).astimezone(UTC)
            for clock, other in zip(driver.shift, ("07:30", "16:30"), strict=True)
        )
        return start, end

    # --- handing over to another process ------------------------------------------------------------------------------

    def keep(self, path: Path) -> None:
        """Writes down what was played."""
        played = self.played
        data: dict[str, Any] = {
            "until": played.until.isoformat(), "refs": played.refs, "delay": played.delay, "tries": dict(played.tries),
            "acts": dict(played.acts), "refused": played.refused, "fixes": played.fixes,
            "drivers": [
                {
                    "code": one.code, "base": one.base, "shift": one.shift,
                    "written": one.written.isoformat() if one.written else "",
                    "legs": [[leg.start.isoformat(), leg.end.isoformat(), leg.way] for leg in one.legs],
                }
                for one in self.drivers.values()
            ],
        }  # fmt: skip
        path.write_text(json.dumps(data), encoding="utf-8")

    def take_up(self, path: Path) -> None:
        """Plays on from where another process stopped."""
        data = json.loads(path.read_text(encoding="utf-8"))
        when = datetime.fromisoformat
        self.played = Played(
            until=when(data["until"]),
            refs=data["refs"],
            delay=data["delay"],
            tries=Counter(data["tries"]),
            acts=Counter(data["acts"]),
            refused=data["refused"],
            fixes=data["fixes"],
        )
        for one in data["drivers"]:
            legs = [Leg(when(start), when(end), tuple((lat, lon) for lat, lon in way)) for start, end, way in one["legs"]]
            written = when(one["written"]) if one["written"] else None
            self.drivers[one["code"]] = Driver(one["code"], tuple(one["base"]), tuple(one["shift"]), legs, written)
        self._fill(self.played.until)
