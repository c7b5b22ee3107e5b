"""The demo day without a screen: both sites in one process, stepped through virtual time.

It stands apart because a script, a test and CI want the outcome, the same every time.

Always: the same seed and hours print the same; no wall clock and no unseeded chance can reach the outcome.
"""

from __future__ import annotations

import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

from fsconsole.demo.company import Folders, Say, Site, in_step, make_company
from fsconsole.demo.outcome import Outcome, differences, outcome_of
from fsconsole.demo.story import Story
from fsconsole.flow.settle import settle
from fsconsole.sync.exchange import exchange

STEP = timedelta(minutes=2)
EXCHANGED_EVERY = 3  # steps


def run_day(root: Path, *, hours: float, seed: int, say: Say) -> Outcome:
    """The outcome of so many business hours from the opening of the demo day at both sites.

    {seed, hours, from, until, equal, differences, sites: [see outcome_of]}
    """
    folders = Folders(root)
    watch = Stopwatch(say)
    story, sites = make_company(folders, seed, say)
    watch.lap("set up")
    until = story.start + timedelta(hours=hours)
    play(folders, story, sites, until)
    watch.lap("played")
    for site in sites:
        folders.connect(site.store.code, on=True)
    in_step(sites)
    outcomes = [outcome_of(site.store, until, site.player) for site in sites]
    watch.lap("exchanged and compared")
    differing = differences(outcomes)
    for site in sites:
        site.store.close()
    return {
        "seed": seed,
        "hours": hours,
        "from": _local(story, story.start),
        "until": _local(story, until),
        "equal": not differing,
        "differences": differing,
        "sites": outcomes,
    }


def play(folders: Folders, story: Story, sites: list[Site], until: datetime) -> None:
    """Both sites, step by step from where their clocks stand; each exchanges every third step unless it is cut off."""
    now, steps = sites[0].clock.now(), 0
    while now < until:
        now, steps = min(now + STEP, until), steps + 1
        for site in sites:
            folders.connect(site.store.code, on=not story.apart_now(site.store.code, now))
            site.player.play(now)
        if steps % EXCHANGED_EVERY == 0:
            for site in sites:
                site.player.follow()
                exchange(site.store, site.home, site.clock.now())
                settle(site.store, site.clock.now())


def _local(story: Story, at: datetime) -> str:
    return f"{at.astimezone(story.zone):%Y-%m-%d %H:%M}"


class Stopwatch:
    """Says on stderr what took how long; no part of the outcome."""

    def __init__(self, say: Say) -> None:
        self.say, self.since = say, time.monotonic()

    def lap(self, what: str) -> None:
        now = time.monotonic()
        self.say(f"{what} in {now - self.since:.1f} s")
        self.since = now


def on_stderr(words: str) -> None:
    """One line on stderr: rewritten on a terminal, one after the other in a log."""
    if sys.stderr.isatty():
        print(f"\r\x1b[2K{words}", end="", file=sys.stderr, flush=True)
    else:
        print(words, file=sys.stderr, flush=True)
