"""The demo with a screen: each site's people play in a process of their own, while the console is open on the first.

It stands apart because these processes share one business clock and must end with the console, however it ends.

``python -m fsconsole.demo.live SITE --root DIR --seed N`` plays one site. It stops when its standard input closes, which
is also what happens when the console is killed; then, with ``--remove``, it takes the folder away after itself.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from fsconsole.clock import clock_from, ids_from
from fsconsole.demo.company import FIRST, SECOND, Folders, script
from fsconsole.demo.player import Player
from fsconsole.demo.story import read_story
from fsconsole.errors import FsError
from fsconsole.flow.settle import settle
from fsconsole.store.opening import open_store
from fsconsole.sync.exchange import exchange

#: Wall seconds between two looks at the clock, and between two exchanges.
TICK, EXCHANGED_EVERY = 1.0, 3.0
#: Wall seconds that the console's process is given to take the folder away itself.
GRACE = 3.0


def play_site(code: str, root: Path, seed: int, stop: threading.Event) -> None:
    """Plays one site at the business time that ``FSCONSOLE_NOW`` gives, until told to stop."""
    folders = Folders(root)
    home = folders.home(code)
    store = open_store(home.store)
    clock = clock_from()
    story = read_story(script())
    player = Player(story, store, clock, ids_from(clock), drop=folders.drop(code), seed=seed, start=story.start)
    player.take_up(folders.played(code))
    exchanged = 0.0
    while not stop.wait(TICK):
        now = clock.now()
        folders.connect(code, on=not story.apart_now(code, now))
        try:
            player.play(now)
            player.follow()
            if time.monotonic() - exchanged >= EXCHANGED_EVERY:
                exchange(store, home, now)
                settle(store, now)
                exchanged = time.monotonic()
        except FsError as error:
            # Another process of this site was in the way, or the folder is out of reach: the next round tries again.
            print(f"{code} {now:%H:%M}: {error}", file=sys.stderr, flush=True)
    store.close()


@contextmanager
def people(root: Path, seed: int, now: datetime, rate: float, *, remove: bool) -> Iterator[None]:
    """Both sites' people at work in processes of their own while the block runs; the clock starts at ``now``."""
    os.environ["FSCONSOLE_NOW"] = f"{now.isoformat()}@{rate:g}~{time.time():.3f}"
    log = (root / "people.log").open("a", encoding="utf-8")
    children = []
    try:
        for code in (FIRST, SECOND):
            command = [sys.executable, "-m", "fsconsole.demo.live", code, "--root", str(root), "--seed", str(seed)]
            children.append(
                subprocess.Popen(
                    command + (["--remove"] if remove else []),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=log,
                    # Out of reach of the terminal's signals: they end when their standard input closes.
                    start_new_session=True,
                )
            )
        yield
    finally:
        for child in children:
            if child.stdin:
                child.stdin.close()
        for child in children:
            try:
                child.wait(timeout=10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        log.close()
        os.environ.pop("FSCONSOLE_NOW", None)


def main() -> int:
    """One site's people, as a process."""
    parser = argparse.ArgumentParser(prog="python -m fsconsole.demo.live", description="Plays one site of the demo.")
    parser.add_argument("site", choices=[FIRST, SECOND])
    parser.add_argument("--root", required=True, type=Path)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--remove", action="store_true", help="take the folder away when the console is gone")
    args = parser.parse_args()
    stop = threading.Event()

    def wait_for_the_end() -> None:
        sys.stdin.buffer.read()
        stop.set()

    threading.Thread(target=wait_for_the_end, daemon=True).start()
    play_site(args.site, args.root, args.seed, stop)
    if args.remove:
        parent = os.getppid()
        until = time.monotonic() + GRACE
        while args.root.exists() and parent != 1 and os.getppid() == parent and time.monotonic() < until:
            time.sleep(0.2)
        if os.getppid() != parent or parent == 1:
            shutil.rmtree(args.root, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
