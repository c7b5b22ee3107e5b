"""Numbered steps from one shape of the store to the next, each a small function.

Run on open, by one process, after a backup. Changes are additive: an older console still reads what it knows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable

import peewee

from fsconsole.store import apply, caches, derive, tables
from fsconsole.store.opening import VERSION

__all__ = ["STEPS", "VERSION", "migrate"]


def _first(db: peewee.SqliteDatabase, conn: sqlite3.Connection) -> None:
    """Everything."""
    models = list(tables.KINDS.values())
    with db.bind_ctx(models):
        for model in models:
            for statement, _ in _create_statements(model):
                conn.execute(statement)
    for block in (caches.BOOKS, caches.EXCHANGE, caches.CACHES):
        for statement in block.split(";\n"):
            if statement.strip():
                conn.execute(statement)


def _create_statements(model: type[peewee.Model]) -> list[tuple[str, list[object]]]:
    schema = model._schema  # type: ignore[attr-defined]
    statements = [schema._create_table(safe=False).query()]
    statements += [context.query() for context in schema._create_indexes(safe=False)]
    return statements


def _wider(db: peewee.SqliteDatabase, conn: sqlite3.Connection) -> None:
    """Columns that tables.py has and a table has not, at its end: how terms are billed, renewed and corrected."""
    _widen(db, conn, (tables.Contract, tables.Term, tables.Cover))


def _widen(db: peewee.SqliteDatabase, conn: sqlite3.Connection, models: Iterable[type[peewee.Model]]) -> None:
    for model in models:
        name = model._meta.table_name
        there = {row[1] for row in conn.execute(f'PRAGMA table_info("{name}")')}
        with db.bind_ctx([model]):
            for column in model._meta.sorted_fields:
                if column.column_name not in there:
                    ddl, _ = peewee.Context().sql(column.ddl(peewee.Context())).query()  # type: ignore[no-untyped-call]
                    conn.execute(f'ALTER TABLE "{name}" ADD COLUMN {ddl}')


def _sums(db: peewee.SqliteDatabase, conn: sqlite3.Connection) -> None:
    """The board's headings and the sums of the cases are kept, not counted."""
    statement = ""
    for line in caches.SUMS.strip().splitlines():
        statement += line + "\n"
        if sqlite3.complete_statement(statement):  # a trigger's own statements end in a semicolon too
            conn.execute(statement)
            statement = ""


def _agreed(db: peewee.SqliteDatabase, conn: sqlite3.Connection) -> None:
    """Everything that a price file can say: clauses, entries, what is published; what terms and readings say since."""
    _widen(
        db,
        conn,
        (
            tables.Client, tables.Reading, tables.Contract, tables.Term, tables.Cover, tables.InvoiceLine, tables.Decision,
        ),
    )  # fmt: skip
    _added(db, conn)
    charges = {row[1] for row in conn.execute("PRAGMA table_info(charge_now)")}
    for name, declared in caches.CHARGES.items():
        if name not in charges:
            conn.execute(f"ALTER TABLE charge_now ADD COLUMN {name} {declared}")


def _added(db: peewee.SqliteDatabase, conn: sqlite3.Connection) -> None:
    """Kinds that tables.py has and the store has not: in version 5 the passing on of billing rights, in 7 files."""
    there = {row[0] for row in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    for model in tables.KINDS.values():
        if model._meta.table_name not in there:
            with db.bind_ctx([model]):
                for statement, _ in _create_statements(model):
                    conn.execute(statement)


def _held(db: peewee.SqliteDatabase, conn: sqlite3.Connection) -> None:
    """What a person holds back; what each person of this site last saw of a draft."""
    _widen(db, conn, (tables.Decision,))
    conn.execute(caches.LOOKED)


def _fewer(db: peewee.SqliteDatabase, conn: sqlite3.Connection) -> None:
    """Indexes of links hold no entry for rows without one."""
    there = dict(conn.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"))
    for model in tables.KINDS.values():
        with db.bind_ctx([model]):
            for statement, _ in _create_statements(model)[1:]:
                name = statement.split('"')[1]
                if " WHERE " in statement and " WHERE " not in there.get(name, " WHERE "):
                    conn.execute(f'DROP INDEX "{name}"')
                    conn.execute(statement)


def _written_off(db: peewee.SqliteDatabase, conn: sqlite3.Connection) -> None:
    """What was written off before it was kept beside what is owed is derived again, so that its month lists it."""
    conn.execute("INSERT OR IGNORE INTO dirty (kind, row) SELECT ?, id FROM job WHERE written_off != '' OR cancelled != ''", (derive.JOB,))


#: As many as ``opening.VERSION``: there, so that a store that needs no step is opened without all this.
STEPS: list[Callable[[peewee.SqliteDatabase, sqlite3.Connection], None]] = [
    _first,
    _wider,
    _sums,
    _agreed,
    _added,
    _held,
    _added,
    _fewer,
    _written_off,
]


def migrate(conn: sqlite3.Connection) -> None:
    """Brings the store to this version's shape, in one transaction; a second process finds nothing left to do."""
    db = peewee.SqliteDatabase(":memory:")  # writes the statements; ``conn`` runs them
    conn.execute("BEGIN IMMEDIATE")
    try:
        (version,) = conn.execute("PRAGMA user_version").fetchone()
        for step in STEPS[version:VERSION]:
            step(db, conn)
        if version:
            # What an older version could not name, and this one can.
            apply.unpark(conn)
        conn.execute(f"PRAGMA user_version = {max(version, VERSION)}")
        conn.execute("COMMIT")
    except BaseException:
        conn.execute("ROLLBACK")
        raise
