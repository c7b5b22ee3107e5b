"""How fast money is worked out, each figure as a ratio to a yardstick in the same run, printed as a Markdown table.

    python -m tests.bench.billing [--contracts 10000] [--jobs 50000] [--history 1000000] [--part kinds|month|one]

Kinds: charges a second by kind of term, against a loop that does nothing but the arithmetic. Month: everything billable
of that many contracts and jobs worked out and issued, against plain sqlite3 that writes the same rows; memory. One: one
change settled with 1,000 and with a long history of jobs behind it.
"""

from __future__ import annotations

import argparse
import gc
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

from fsconsole.clock import FixedClock, ids_from
from fsconsole.desk import Desk
from fsconsole.flow.invoice import bill_all
from fsconsole.flow.settle import settle
from fsconsole.inbox.terms_file import read_terms
from fsconsole.rules.priced import FIRST
from fsconsole.store.bulk import roomy, save_rows
from fsconsole.store.opening import Store, open_store
from fsconsole.store.record import grouped, save
from fsconsole.store.tables import Put, put

NOW = datetime(2026, 3, 3, 9, tzinfo=UTC)
MONTH = date(2026, 3, 1)
#: Tables that the month's run writes.
WRITTEN = ("charge_now", "case_now", "contract_now", "job_now", "invoice", "invoice_line", "log")
CHUNK = 4_000


def seconds(work: Callable[[], object]) -> float:
    gc.collect()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def row(*cells: object) -> None:
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


# --- by kind ----------------------------------------------------------------------------------------------------------

HEAD = "[contract]\nfrom = 2016-01-15\nuntil = 2026-01-15\nanchor = 1\n"
USAGE = "".join(
    f"[[usage]]\non = {year}-{month:02}-20\nunits = {100 + month}\n" for year in range(2016, 2026) for month in range(1, 13)
)
LABOUR = "".join(
    f"[[labour]]\non = {year}-{month:02}-20\nminutes = {60 + month}\n" for year in range(2016, 2026) for month in range(1, 13)
)
ASSETS = "".join(f'[[asset]]\nname = "a{n}"\nfrom = 20{16 + n % 9}-0{n % 9 + 1}-11\n' for n in range(10))
KINDS = {
    "fixed": '[[term]]\nname = "t"\namount = 300.00\n',
    "fixed, a price that changes each year": '[[term]]\nname = "t"\namount = 300.00\n[[escalator]]\nfrom = 2017-01-10\npercent = 3\n',
    "per asset, ten of them": '[[term]]\nname = "t"\nkind = "per asset"\namount = 30.00\n' + ASSETS,
    "meter": '[[term]]\nname = "t"\nkind = "meter"\ntiers = [{ upto = 100, price = 1.00 }, { price = 0.50 }]\n' + USAGE,
    "hours": '[[term]]\nname = "t"\nkind = "hours"\nincluded = 60\nprice = 90.00\n' + LABOUR,
    "time": '[[term]]\nname = "t"\nkind = "time"\nprice = 72.00\nstep = 15\n' + LABOUR,
}


def arithmetic(count: int) -> int:
    """So many shares of a price and nothing else: the least that a charge can cost."""
    total = 0
    for days in range(count):
        part, rest = divmod(30000 * (days % 28 + 1), 31)
        total += part + (2 * rest >= 31)
    return total


def bench_kinds() -> None:
    row("kind", "charges/s", "the arithmetic alone", "times as long")
    row("---", "---", "---", "---")
    for name, text in KINDS.items():
        read, rejects = read_terms((HEAD + text).encode())
        assert read is not None, rejects
        agreement, term = read.agreement, read.agreement.terms[0]
        rule, count = FIRST[term.kind], len(FIRST[term.kind](term, agreement, date(2026, 1, 15)))
        times = max(1, 12_000 // max(count, 1))

        def work(rule=rule, term=term, agreement=agreement, times=times) -> None:
            for _ in range(times):
                rule(term, agreement, date(2026, 1, 15))

        ours = min(seconds(work) for _ in range(3))
        bare = min(seconds(lambda count=count, times=times: arithmetic(count * times)) for _ in range(3))
        row(name, f"{count * times / ours:,.0f}", f"{count * times / bare:,.0f} /s", f"{ours / bare:.0f}")


# --- the month's run --------------------------------------------------------------------------------------------------


def company(folder: Path, contracts: int, jobs: int) -> tuple[Store, Desk]:
    store = open_store(folder / "store.db")
    store.set_own(site=1, code="LDN", timezone="Europe/London", currency="GBP")
    clock = FixedClock(NOW)
    desk = Desk(store, clock, ids_from(clock, Random(1)), "bench")
    fill(store, desk, _company(desk, contracts, jobs))
    return store, desk


def fill(store: Store, desk: Desk, things: Iterator[Put]) -> None:
    with roomy(store):
        some: list[Put] = []
        for thing in things:
            some.append(thing)
            if len(some) >= CHUNK:
                save_rows(store, desk.act("fill"), grouped(some), NOW)
                some = []
        save_rows(store, desk.act("fill"), grouped(some), NOW)


def _company(desk: Desk, contracts: int, jobs: int) -> Iterator[Put]:
    new, start = desk.ids, datetime(2026, 2, 10, 9, tzinfo=UTC)
    yield put("technician", (amy := new()), code="amy", name="Amy Reed")
    yield put("rate", new(), kind="labour", amount=7200, step_minutes=15)
    clients = [new() for _ in range(max(1, contracts // 2))]
    people = [amy, *(new() for _ in range(max(1, jobs // 100)))]
    for number, person in enumerate(people[1:]):
        yield put("technician", person, code=f"t{number}", name=f"Technician {number}")
    places = {client: new() for client in clients}
    for number, client in enumerate(clients):
        yield put("client", client, ref=f"LDN-K{number}", name=f"Client {number}")
        yield put("contact", new(), client=client, name="A Patel", role="accounts payable", email="ap@example.org")
        yield put("location", places[client], ref=f"LDN-L{number}", client=client, name="HQ")
    for number in range(contracts):
        contract, client = new(), clients[number % len(clients)]
        yield put("contract", contract, ref=f"LDN-C{number}", client=client, name="Care", kind="care", start=MONTH)
        yield put("term", new(), contract=contract, kind="fixed", name="Care", amount=30000 + number % 100, every=1, unit="month",
                  timing="advance", proration="actual", start=MONTH)  # fmt: skip
    for number in range(jobs):
        job, visit, client, who = new(), new(), clients[number % len(clients)], people[number % len(people)]
        at = start + timedelta(hours=2 * (number // len(people)))
        yield put("job", job, ref=f"LDN-{number + 1000}", client=client, location=places[client], title="Boiler down", kind="repair",
                  priority=3, order_number="4500", reported_at=at)  # fmt: skip
        yield put("visit", visit, job=job, number=1, technician=who)
        for step, what in enumerate(("release", "depart", "arrive", "complete", "sign")):
            yield put("event", new(), visit=visit, what=what, at=at + timedelta(minutes=step * 20))
        yield put("labour", new(), job=job, visit=visit, technician=who, kind="labour", minutes=60, start=at + timedelta(minutes=40))
        yield put("card", new(), job=job, visit=visit, technician=who, done="Replaced the lead", at=at + timedelta(minutes=70))
        yield put("sign_off", new(), job=job, visit=visit, how="signed", name="A Patel", at=at + timedelta(minutes=80))


def raw(folder: Path, source: Store, tables: tuple[str, ...]) -> tuple[float, int]:
    """Seconds for plain sqlite3 to write the same rows into the same tables with their indexes; and how many."""
    path = folder / "raw.db"
    open_store(path).close()
    conn = sqlite3.connect(path, isolation_level=None)
    conn.execute("PRAGMA journal_mode = wal")
    conn.execute("PRAGMA synchronous = full")
    total, count = 0.0, 0
    for table in tables:
        rows = source.sql(f'SELECT * FROM "{table}"')
        if not rows:
            continue
        statement = f'INSERT INTO "{table}" VALUES ({",".join("?" * len(rows[0]))})'

        def write(rows=rows, statement=statement) -> None:
            for first in range(0, len(rows), 1000):
                conn.execute("BEGIN")
                conn.executemany(statement, rows[first : first + 1000])
                conn.execute("COMMIT")

        total += seconds(write)
        count += len(rows)
    conn.close()
    return total, count


def bench_month(contracts: int, jobs: int) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        store, desk = company(folder, contracts, jobs)
        log = store.one("SELECT count(*) FROM log")[0]
        start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        drafted = seconds(lambda: settle(store, NOW))
        issued = seconds(lambda: bill_all(desk, NOW.date(), issue=True))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        documents = store.one("SELECT count(*) FROM invoice")[0]
        lines = store.one("SELECT count(*) FROM invoice_line")[0]
        held = store.one("SELECT count(*) FROM case_now")[0]
        again = len(store.sql("SELECT 1 FROM charge_now WHERE amount != 0 AND billable_from <= ? LIMIT 1", (NOW.date().isoformat(),)))
        store.raw.execute("DELETE FROM log WHERE rowid <= ?", (log,))
        bare, rows = raw(folder, store, WRITTEN)
        store.close()
    whole = drafted + issued
    row("the month's run", "seconds", "plain sqlite3, the same rows", "times as long", "target")
    row("---", "---", "---", "---", "---")
    row(f"{contracts:,} contracts and {jobs:,} jobs worked out and issued ({documents:,} documents, {lines:,} lines)",
        f"{whole:.1f}", f"{bare:.1f} s ({rows:,} rows)", f"{whole / bare:.1f}", "≤ 10")  # fmt: skip
    row("of it worked out from nothing", f"{drafted:.1f}", f"{(contracts + jobs) / drafted:,.0f} /s", f"{drafted / bare:.1f}", "≤ 10")
    row("of it `bill --issue`, and worked out again", f"{issued:.1f}", f"{documents / issued:,.0f} documents/s",
        f"{issued / bare:.1f}", "≤ 10")  # fmt: skip
    row("memory at its most", f"{peak / 1024:.0f} MB", f"{start / 1024:.0f} MB before", "", "≤ 300 MB")
    print(f"\n{held:,} cases; {'nothing' if not again else 'something'} left to bill\n")


# --- one change -------------------------------------------------------------------------------------------------------


def bench_one(sizes: tuple[int, ...]) -> None:
    figures = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as place:
            store, desk = company(Path(place), 10, 50)
            fill(store, desk, _history(desk, size))
            settle(store, NOW)
            job = store.one("SELECT id FROM job WHERE ref = 'LDN-1000'")[0]
            term = store.one("SELECT id FROM term LIMIT 1")[0]
            samples: dict[str, list[float]] = {"job": [], "contract": []}
            for number in range(31):
                fact = put("labour", desk.ids(), job=job, kind="labour", minutes=5 + number, start=NOW)
                save(store, desk.act("labour"), [fact], NOW)
                samples["job"].append(seconds(lambda store=store: settle(store, NOW)))
                save(store, desk.act("term"), [put("term", term, amount=30_000 + number)], NOW)
                samples["contract"].append(seconds(lambda store=store: settle(store, NOW)))
            figures.append({name: statistics.median(found) * 1000 for name, found in samples.items()})
            store.close()
    row("one change settled", *(f"{size:,} jobs of history" for size in sizes), "ratio", "target")
    row("---", *("---" for _ in sizes), "---", "---")
    for name in ("job", "contract"):
        told = [f"{figure[name]:.1f} ms" for figure in figures]
        row(f"a fact of a {name}", *told, f"{figures[-1][name] / figures[0][name]:.2f}", "independent")


def _history(desk: Desk, jobs: int) -> Iterator[Put]:
    client, location = desk.ids(), desk.ids()
    yield put("client", client, ref="LDN-K90000", name="Old")
    yield put("location", location, client=client, name="HQ")
    for number in range(jobs):
        yield put("job", desk.ids(), ref=f"LDN-{number + 100_000}", client=client, location=location, title="Service", kind="repair",
                  priority=3, reported_at=NOW - timedelta(hours=number % 50_000), finished_on=date(2020, 1, 1))  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--contracts", type=int, default=10_000)
    parser.add_argument("--jobs", type=int, default=50_000)
    parser.add_argument("--history", type=int, default=1_000_000)
    parser.add_argument("--part", choices=("kinds", "month", "one"))
    args = parser.parse_args()
    parts = {
        "kinds": bench_kinds,
        "month": lambda: bench_month(args.contracts, args.jobs),
        "one": lambda: bench_one((1_000, args.history)),
    }
    if args.part:
        parts[args.part]()
        return
    for part in parts:
        # Each in a process of its own, so that its memory is its own.
        subprocess.run([sys.executable, "-m", "tests.bench.billing", *sys.argv[1:], "--part", part], check=True)
        print()


if __name__ == "__main__":
    main()
