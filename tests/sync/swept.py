"""Processes of a site killed at one statement after the other of save, frame, publish and read.

Run by test_killing: ``python -m tests.sync.swept HOME OTHER FIRST STEP``. For every n, the site at OTHER saves and exchanges whole;
then a process of the site at HOME does, and is killed as its n-th statement begins; the next one ends what it left. Its output
says what was confirmed.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

from fsconsole.changes.batch import Act
from fsconsole.places import Home
from fsconsole.store.opening import open_store
from fsconsole.store.record import save
from fsconsole.store.tables import put
from fsconsole.sync.exchange import exchange


def work(home: Home, kill_at: int | None) -> None:
    store = open_store(home.store)
    left = [kill_at if kill_at is not None else -1]

    def count(statement: str) -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    if kill_at is not None:
        store.raw.set_trace_callback(count)
    for _ in range(2):
        row = os.urandom(16)
        save(store, Act(os.urandom(16), "amy", "log"), [put("job", row, title="Boiler")], datetime.now(UTC))
        os.write(1, f"{row.hex()}\n".encode())
        exchange(store, home, datetime.now(UTC))
    store.close()


def child(home: Home, kill_at: int | None) -> bool:
    """Whether a process that does the work came to its end."""
    number = os.fork()
    if number == 0:
        work(home, kill_at)
        os._exit(0)
    return os.waitpid(number, 0)[1] == 0


def main() -> None:
    home, other = (Home(Path(word), Path(word)) for word in sys.argv[1:3])
    at, step = int(sys.argv[3]), int(sys.argv[4])
    while True:
        assert child(other, None)
        if child(home, at):
            break
        # The next process takes up what the killed one left, so that each is killed in the same work.
        assert child(home, None)
        at += step
    os.write(1, f"killed {at}\n".encode())


if __name__ == "__main__":
    main()
