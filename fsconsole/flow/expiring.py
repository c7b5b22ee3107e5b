"""What is not kept for good: photos and papers past the days that the policy allows.

It stands apart from attachments because settling calls it, once a day. Trails expire in ``trails``.
"""

from __future__ import annotations

from datetime import date, timedelta

from fsconsole.rules.policy import Policies
from fsconsole.store.opening import Store
from fsconsole.store.rows import fetch_all


def expire_files(store: Store, today: date) -> int:
    """Destroys files older than the policy allows, at every site alike; their records stay. Returns how many went."""
    days = Policies(fetch_all(store, "policy")).on(today).files_days
    if not days:
        return 0
    before = (today - timedelta(days=days)).isoformat()
    with store.writing() as conn:
        found = conn.execute(
            "UPDATE blob SET bytes = NULL WHERE kind = 'file' AND bytes IS NOT NULL AND NOT EXISTS"
            " (SELECT 1 FROM attachment a WHERE a.digest = blob.digest AND date(a.at / 1000, 'unixepoch') >= ?)",
            (before,),
        )
    return int(found.rowcount)
