"""Kept here: one site's store on SQLite. The only package that imports peewee.

One save is one transaction: the rows, their clocks, the batch in the log, the marks of what must be derived again.

    fields      columns and how they are written
    declare     how a table is declared
    tables      every synced table, declared once (tables_owed: money); puts writes to them, from names and Python values
    caches      what is derived and rebuilt at will, and the store's own books (log, frames, cursors, dirty marks)
    migrations  numbered small functions, run on open after a backup
    mounts      which kind of disk a store lies on
    opening     open a store: Store, its connection, who we are
    apply       changes -> tables: ours and theirs alike
    record      the one door for what is done here
    blobs       trails, photos and papers by their digest
    rows        row -> value
    history     what happened to a thing, from the log
    preload     every table as parts of a snapshot, and back
    replay      the log on an empty store gives this store
    queries/    everything a screen or a flow asks, by noun

Always: replaying the log on an empty store gives this store, caches aside.
"""
