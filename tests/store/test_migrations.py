"""A store of an earlier version is widened when it is opened, and prices what it holds as before."""

from __future__ import annotations

import sqlite3
from datetime import date
from pathlib import Path

import pytest

from fsconsole.rules.recurring import contract_charges
from fsconsole.store.migrations import VERSION
from fsconsole.store.opening import open_store
from fsconsole.store.rows import fetch_all
from fsconsole.store.tables import (
    Clause,
    Client,
    Contract,
    Cover,
    Decision,
    Entry,
    InvoiceLine,
    Published,
    Reading,
    Term,
)
from fsconsole.values import terms

#: The first column that each version brought to a table; later tables whole.
BROUGHT = {
    2: {Contract: 26, Term: 18, Cover: 10},
    4: {Client: 16, Reading: 6, Contract: 31, Term: 31, Cover: 12, InvoiceLine: 9, Decision: 6},
}
TABLES = (Clause, Entry, Published)


def narrow(path: Path, version: int = 1) -> None:
    """Takes a store back to an earlier version, with one term in it."""
    with sqlite3.connect(path) as conn:
        for model in TABLES:
            conn.execute(f'DROP TABLE "{model._meta.table_name}"')
        for brought, models in sorted(BROUGHT.items(), reverse=True):
            for model, first in models.items() if brought > version else ():
                there = {row[1] for row in conn.execute(f'PRAGMA table_info("{model._meta.table_name}")')}
                for column in model.columns.values():
                    if first <= column.number < 60:
                        for name in {column.column_name, f"c_{column.column_name}"} & there:
                            conn.execute(f'ALTER TABLE "{model._meta.table_name}" DROP COLUMN "{name}"')
        for name in ("tax", "due"):
            conn.execute(f"ALTER TABLE charge_now DROP COLUMN {name}")
        conn.execute(f"PRAGMA user_version = {version}")
        conn.execute(
            'INSERT INTO term (id, contract, kind, amount, every, unit, timing, proration, "start")'
            " VALUES (x'01', x'02', 'fixed', 30000, 1, 'month', 'advance', 'actual', '2025-01-01')"
        )


def columns_of(path: Path) -> dict[str, set[tuple[str, ...]]]:
    """Every column of every table, and every index, of a store opened as this version opens it."""
    store = open_store(path)
    assert store.sql("PRAGMA user_version") == [(VERSION,)]
    tables = [row[0] for row in store.sql("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found = {name: set(store.sql(f"SELECT name, dflt_value FROM pragma_table_info('{name}')")) for name in tables}
    found["indexes"] = set(store.sql("SELECT name FROM sqlite_master WHERE type = 'index'"))
    store.close()
    return found


@pytest.mark.parametrize("version", [1, 3])
def test_a_store_of_an_earlier_version_gets_the_tables_and_columns_it_lacks(tmp_path: Path, version: int) -> None:
    wanted = columns_of(tmp_path / "new.db")
    open_store(tmp_path / "old.db").close()
    narrow(tmp_path / "old.db", version)
    assert columns_of(tmp_path / "old.db") == wanted


def test_a_term_written_before_is_priced_as_before(tmp_path: Path) -> None:
    open_store(tmp_path / "old.db").close()
    narrow(tmp_path / "old.db")
    (term,) = fetch_all(open_store(tmp_path / "old.db"), "term")
    contract = terms.Contract(id=term.contract)
    assert [one.amount for one in contract_charges(contract, [term], [], date(2025, 1, 31))] == [30000]
