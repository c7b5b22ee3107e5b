"""The demo: a made-up company at work at two sites, with a screen or without. It holds no second implementation of anything.

    story      the day as a file tells it: who types what when
    driving    streets, positions, the track files that phones write
    player     one site's people: lines through the verbs, files into the drop folder
    company    both sites: founded, imported, joined, the days before
    headless   the day stepped through virtual time
    live       the day beside an open console, a process for each site
    outcome    what it came to at both sites
"""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import sys
import tempfile
from datetime import datetime, time
from pathlib import Path
from types import FrameType

from fsconsole.errors import UsageError


def run_demo(args: argparse.Namespace) -> int:
    """``fsconsole demo``: exit status 0, or 1 when a run without a screen ends with two sites that differ."""
    if args.hours <= 0 or args.rate <= 0:
        raise UsageError("--hours and --rate are above 0.", "For example: fsconsole demo --headless --hours 4")
    if not args.headless and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("The demo's console needs a terminal.", "Without one: fsconsole demo --headless")
    root = _root(args.keep)
    try:
        return _headless(args, root) if args.headless else _live(args, root)
    finally:
        if not args.keep:
            shutil.rmtree(root, ignore_errors=True)


def _root(keep: str) -> Path:
    if not keep:
        return Path(tempfile.mkdtemp(prefix="fsconsole-demo-"))
    root = Path(keep).expanduser().absolute()
    if root.exists() and any(root.iterdir()):
        raise UsageError(f"{root} is not empty.", "Give --keep a new folder.")
    root.mkdir(parents=True, exist_ok=True)
    return root


def _headless(args: argparse.Namespace, root: Path) -> int:
    from fsconsole.demo.headless import on_stderr, run_day
    from fsconsole.demo.outcome import in_words

    day = run_day(root, hours=args.hours, seed=args.seed, say=on_stderr)
    if sys.stderr.isatty():
        on_stderr("")
    print(json.dumps(day, ensure_ascii=False, indent=2) if args.json else in_words(day, "GBP"))
    return 0 if day["equal"] else 1


#: Business time at which the console opens: the morning has been played, the board is full.
OPENS = time(9)


def _live(args: argparse.Namespace, root: Path) -> int:
    from fsconsole.console.start import open_console
    from fsconsole.demo.company import FIRST, Folders, script
    from fsconsole.demo.headless import on_stderr
    from fsconsole.demo.live import people
    from fsconsole.demo.story import read_story, tellings

    opens = prepare(root, args.seed)
    if sys.stderr.isatty():
        on_stderr("")
    signal.signal(signal.SIGTERM, _end)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, _end)
    home = Folders(root).home(FIRST)
    told = tellings(read_story(script()), FIRST, opens, args.rate)
    with people(root, args.seed, opens, args.rate, remove=not args.keep):
        return open_console(argparse.Namespace(**{**vars(args), "home": str(home.data), "fresh": True, "tellings": told}), home)


def prepare(root: Path, seed: int) -> datetime:
    """Both sites as they stand when the console opens, written down for the processes that play on; the business instant."""
    from fsconsole.demo.company import Folders, in_step, make_company
    from fsconsole.demo.headless import on_stderr, play

    folders = Folders(root)
    story, sites = make_company(folders, seed, on_stderr)
    opens = story.at(story.day, OPENS.isoformat())
    on_stderr("the morning")
    play(folders, story, sites, opens)
    in_step(sites)
    for site in sites:
        site.player.keep(folders.played(site.store.code))
        site.store.close()
    return opens


def _end(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
