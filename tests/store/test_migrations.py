"""A store of an earlier version is widened when it is opened, and prices what it holds as before."""

from __future__ import annotations

import sqlite3
from datetime import date
from pathlib import Path

from fsconsole.rules.recurring import contract_charges
from fsconsole.store.migrations import VERSION
from fsconsole.store.opening import open_store
from fsconsole.store.rows import fetch_all
from fsconsole.store.tables import Contract, Cover, Term
from fsconsole.values import terms


def narrow(path: Path) -> None:
    """Takes a store back to version 1, with one term in it."""
    with sqlite3.connect(path) as conn:
        for model, first in ((Contract, 26), (Term, 18), (Cover, 10)):
            for column in model.columns.values():
                if first <= column.number < 60:
                    for name in (column.column_name, f"c_{column.column_name}"):
                        conn.execute(f'ALTER TABLE "{model._meta.table_name}" DROP COLUMN "{name}"')
        conn.execute("PRAGMA user_version = 1")
        conn.execute(
            'INSERT INTO term (id, contract, kind, amount, every, unit, timing, proration, "start")'
            " VALUES (x'01', x'02', 'fixed', 30000, 1, 'month', 'advance', 'actual', '2025-01-01')"
        )


def test_a_store_of_the_first_version_gets_the_columns_it_lacks(tmp_path: Path) -> None:
    new = open_store(tmp_path / "new.db")
    wanted = {table: set(new.sql(f"SELECT name FROM pragma_table_info('{table}')")) for table in ("contract", "term", "cover")}
    new.close()
    open_store(tmp_path / "old.db").close()
    narrow(tmp_path / "old.db")
    old = open_store(tmp_path / "old.db")
    for table, columns in wanted.items():
        assert set(old.sql(f"SELECT name FROM pragma_table_info('{table}')")) == columns
    assert old.sql("PRAGMA user_version") == [(VERSION,)]


def test_a_term_written_before_is_priced_as_before(tmp_path: Path) -> None:
    open_store(tmp_path / "old.db").close()
    narrow(tmp_path / "old.db")
    (term,) = fetch_all(open_store(tmp_path / "old.db"), "term")
    contract = terms.Contract(id=term.contract)
    assert [one.amount for one in contract_charges(contract, [term], [], date(2025, 1, 31))] == [30000]
