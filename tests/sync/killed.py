"""A process that saves, frames, publishes and reads until it is killed; it says on its output what was confirmed.

Run by test_killing: ``python -m tests.sync.killed HOME SEED``.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from fsconsole.changes.batch import Act
from fsconsole.places import Home
from fsconsole.store.opening import open_store
from fsconsole.store.record import save
from fsconsole.store.tables import put
from fsconsole.sync.exchange import exchange


def main() -> None:
    home = Home(Path(sys.argv[1]), Path(sys.argv[1]))
    random = Random(int(sys.argv[2]))
    store = open_store(home.store)
    while True:
        now = datetime.now(UTC)
        for _ in range(random.randrange(1, 4)):
            row = random.randbytes(16)
            save(store, Act(random.randbytes(16), "amy", "log"), [put("job", row, title=f"{sys.argv[2]}")], now)
            print(row.hex(), flush=True)
        exchange(store, home, now)


if __name__ == "__main__":
    main()
