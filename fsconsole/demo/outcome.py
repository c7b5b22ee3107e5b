"""What the day came to at each site, in the words of the business, and whether both sites ended with the same.

It stands apart because it only reads: the same queries that the screens ask.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any

from fsconsole.demo.player import Player
from fsconsole.store.opening import Store
from fsconsole.store.queries.board import OPEN, lanes
from fsconsole.store.queries.exceptions import count_cases, figures, open_cases
from fsconsole.store.tables import KINDS, Merge
from fsconsole.values.money import show

Outcome = dict[str, Any]


def outcome_of(store: Store, now: datetime, player: Player | None = None) -> Outcome:
    """One site's outcome. Money is in minor units; ``columns`` are jobs by column, ``exceptions`` open cases by reason.

    ``lines``, ``refused`` and ``fixes`` are what this site's own people typed, were refused, and their phones wrote.
    """
    top = figures(store, now)
    cases = open_cases(store, now, limit=count_cases(store, now))
    found = lanes(store, columns=(*OPEN, "closed"))
    outcome: Outcome = {
        "code": store.code,
        "clients": _count(store, "client"),
        "locations": _count(store, "location"),
        "assets": _count(store, "asset"),
        "contracts": _count(store, "contract"),
        "technicians": _count(store, "technician"),
        "jobs": _count(store, "job"),
        "columns": {lane.column: lane.jobs for lane in found},
        "values": {lane.column: lane.value for lane in found},
        "late": top.late,
        "soon": top.soon,
        "unbilled": top.unbilled,
        "at_risk": top.at_risk,
        "credits": top.credits,
        "exceptions": dict(sorted(Counter(case.reason for case in cases).items())),
        "visits_completed": store.sql("SELECT count(*) FROM event WHERE what = 'complete' AND void = 0")[0][0],
        "cards": _count(store, "card"),
        "labour_minutes": store.sql("SELECT coalesce(sum(minutes), 0) FROM labour WHERE void = 0")[0][0],
        "parts_used": _count(store, "part_used"),
        "sign_offs": _count(store, "sign_off"),
        "chased": _count(store, "chase"),
        "contested": store.sql("SELECT count(DISTINCT row) FROM contested")[0][0],
        "invoices": store.sql("SELECT count(*) FROM invoice WHERE void = 0 AND origin != 'imported'")[0][0],
        "invoiced": store.sql("SELECT coalesce(sum(net), 0) FROM invoice WHERE void = 0 AND origin != 'imported'")[0][0],
        "payments": _count(store, "payment"),
        "digest": digest(store),
    }
    if player is not None:
        outcome |= {
            "lines": sum(player.played.acts.values()),
            "verbs": dict(sorted(player.played.acts.items())),
            "refused": player.played.refused,
            "fixes": player.played.fixes,
        }
    return outcome


def _count(store: Store, kind: str) -> int:
    model = next(one for one in KINDS.values() if one._meta.table_name == kind)
    alive = "void = 0" if model.merge is Merge.FACT else "gone = 0"
    alive += " AND merged_into IS NULL" if "merged_into" in model.columns else ""
    return int(store.sql(f'SELECT count(*) FROM "{kind}" WHERE {alive}')[0][0])


def digests(store: Store) -> dict[str, str]:
    """A digest of each synced table: every row, every column, every clock."""
    found = {}
    for model in sorted(KINDS.values(), key=lambda one: one.kind):
        name = str(model._meta.table_name)
        columns = ", ".join(f'"{field.column_name}"' for field in model._meta.sorted_fields)
        state = blake2b(digest_size=8)
        for row in store.raw.execute(f'SELECT {columns} FROM "{name}" ORDER BY id'):
            state.update(repr(row).encode())
        found[name] = state.hexdigest()
    return found


def digest(store: Store) -> str:
    """One digest of all synced tables."""
    return blake2b("".join(digests(store).values()).encode(), digest_size=8).hexdigest()


#: What must be the same at both sites; the rest is each site's own share of the day.
SHARED = (
    "clients", "locations", "assets", "contracts", "technicians", "jobs", "columns", "values", "unbilled", "at_risk", "credits",
    "exceptions", "visits_completed", "cards", "labour_minutes", "parts_used", "sign_offs", "chased", "invoices", "invoiced",
    "payments", "digest",
)  # fmt: skip


def differences(outcomes: Sequence[Outcome]) -> list[str]:
    """The figures in which sites differ; none when they ended equal."""
    first = outcomes[0]
    return [name for name in SHARED if any(one[name] != first[name] for one in outcomes[1:])]


def in_words(day: Outcome, currency: str) -> str:
    """The whole day for a person to read."""
    lines = [f"{day['from']} to {day['until']}, seed {day['seed']}"]
    for site in day["sites"]:
        columns = ", ".join(f"{count} {name}" for name, count in site["columns"].items() if count)
        reasons = ", ".join(f"{count} {reason.replace('_', ' ')}" for reason, count in site["exceptions"].items())
        lines += [
            "",
            f"{site['code']}: {site['lines']} lines typed, {len(site['refused'])} refused, {site['fixes']:,} positions",
            f"  {site['jobs']} jobs: {columns}",
            f"  unbilled {show(site['unbilled'], currency)}, at risk {show(site['at_risk'], currency)},"
            f" invoiced {show(site['invoiced'], currency)} on {site['invoices']} document{'' if site['invoices'] == 1 else 's'}",
            f"  exceptions: {reasons or 'none'}",
        ]
    lines += ["", "Both sites ended equal." if day["equal"] else f"The sites differ in {', '.join(day['differences'])}."]
    return "\n".join(lines)
