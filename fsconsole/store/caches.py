"""Tables that are not synced: the store's own books, and caches that are derived and rebuilt at will.

It stands apart from tables.py because nothing here enters the change log.
"""

from __future__ import annotations

#: The store's own books.
BOOKS = """
CREATE TABLE own (key TEXT PRIMARY KEY, value BLOB);
CREATE TABLE log (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    stamp BIGINT NOT NULL,
    site INTEGER NOT NULL,
    act BLOB NOT NULL,
    by_ TEXT NOT NULL,
    verb TEXT NOT NULL,
    body BLOB NOT NULL,
    UNIQUE (stamp, act)
);
CREATE INDEX log_act ON log (act);
CREATE INDEX log_site ON log (site, n);
CREATE TABLE touched (row BLOB NOT NULL, stamp BIGINT NOT NULL, kind INTEGER NOT NULL, PRIMARY KEY (row, stamp)) WITHOUT ROWID;
CREATE TABLE dirty (kind INTEGER NOT NULL, row BLOB NOT NULL, PRIMARY KEY (kind, row)) WITHOUT ROWID;
CREATE TABLE series (kind TEXT PRIMARY KEY, next INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE contested (
    row BLOB NOT NULL, field INTEGER NOT NULL, stamp BIGINT NOT NULL,
    kind INTEGER NOT NULL, value BLOB, winner BIGINT NOT NULL,
    PRIMARY KEY (row, field, stamp)
) WITHOUT ROWID;
CREATE TABLE parked (kind INTEGER NOT NULL, row BLOB NOT NULL, field INTEGER NOT NULL, stamp BIGINT NOT NULL, value BLOB,
    PRIMARY KEY (kind, row, field, stamp)) WITHOUT ROWID;
CREATE TABLE blob (digest BLOB PRIMARY KEY, bytes BLOB, kind TEXT NOT NULL, expires TEXT, published INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
"""

#: Sync's books: frames of every site, cursors, what each author had heard, membership, what is held.
EXCHANGE = """
CREATE TABLE frame (site INTEGER NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, hash BLOB NOT NULL,
    bytes BLOB NOT NULL, published INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (site, epoch, seq, hash));
CREATE INDEX frame_waiting ON frame (site, epoch, seq) WHERE published = 0;
CREATE INDEX frame_hash ON frame (hash);
CREATE TABLE tip (site INTEGER NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, hash BLOB NOT NULL, stamp BIGINT NOT NULL,
    PRIMARY KEY (site, epoch)) WITHOUT ROWID;
CREATE TABLE cursor (site INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, hash BLOB NOT NULL,
    stamp BIGINT NOT NULL DEFAULT 0, state TEXT NOT NULL DEFAULT 'live', says TEXT NOT NULL DEFAULT '', heard_at BIGINT);
CREATE TABLE heard (author INTEGER NOT NULL, at BIGINT NOT NULL, of INTEGER NOT NULL, through BIGINT NOT NULL,
    PRIMARY KEY (author, of, at)) WITHOUT ROWID;
CREATE TABLE member (n INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, bytes BLOB NOT NULL, published INTEGER NOT NULL DEFAULT 0);
CREATE TABLE held (name TEXT PRIMARY KEY, site INTEGER, verdict TEXT NOT NULL, says TEXT NOT NULL, since BIGINT NOT NULL, size INTEGER) WITHOUT ROWID;
CREATE TABLE head (site INTEGER PRIMARY KEY, counter INTEGER NOT NULL, bytes BLOB NOT NULL, at BIGINT NOT NULL) WITHOUT ROWID;
"""

#: Caches: each row says what it is about, and is derived from the facts by flow/settle.
CACHES = """
CREATE TABLE job_now (
    job BLOB PRIMARY KEY, ref TEXT NOT NULL, number INTEGER NOT NULL, column_ TEXT NOT NULL,
    visit BLOB, technician BLOB, tech_code TEXT NOT NULL, told TEXT NOT NULL,
    client BLOB, client_name TEXT NOT NULL, location BLOB, location_name TEXT NOT NULL, postcode TEXT NOT NULL, area TEXT NOT NULL,
    asset BLOB, contract BLOB, title TEXT NOT NULL, kind TEXT NOT NULL, priority INTEGER NOT NULL, order_number TEXT NOT NULL,
    reported_at BIGINT, due_at BIGINT, due_what TEXT NOT NULL, since BIGINT, booked_from BIGINT, booked_until BIGINT,
    value BIGINT NOT NULL, estimate INTEGER NOT NULL, covered INTEGER NOT NULL DEFAULT 0, stuck TEXT NOT NULL, site INTEGER NOT NULL,
    skill TEXT NOT NULL DEFAULT '', lat BIGINT, lon BIGINT, words TEXT NOT NULL, version BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX job_now_lane ON job_now (column_, coalesce(due_at, 9007199254740991), number);
CREATE INDEX job_now_recent ON job_now (column_, since);
CREATE INDEX job_now_value ON job_now (column_, estimate, value);
CREATE INDEX job_now_number ON job_now (number);
CREATE INDEX job_now_client ON job_now (client, column_);
CREATE INDEX job_now_technician ON job_now (technician, column_);
CREATE INDEX job_now_location ON job_now (location, reported_at);
CREATE INDEX job_now_asset ON job_now (asset, reported_at);
CREATE TABLE charge_now (
    key TEXT PRIMARY KEY, job BLOB, contract BLOB, term BLOB, payer BLOB, client BLOB, location BLOB,
    kind TEXT NOT NULL, start TEXT, end TEXT, quantity TEXT NOT NULL, amount BIGINT NOT NULL, notional BIGINT NOT NULL,
    cost BIGINT NOT NULL, currency TEXT NOT NULL, covered_by TEXT NOT NULL, billable_from TEXT, estimate INTEGER NOT NULL,
    reason TEXT NOT NULL, fenced TEXT NOT NULL DEFAULT '', order_number TEXT NOT NULL DEFAULT '',
    tax TEXT NOT NULL DEFAULT '', due TEXT
) WITHOUT ROWID;
CREATE INDEX charge_now_job ON charge_now (job);
CREATE INDEX charge_now_contract ON charge_now (contract, start);
CREATE INDEX charge_now_payer ON charge_now (payer);
CREATE INDEX charge_now_open ON charge_now (estimate, fenced, covered_by, billable_from, amount);
CREATE TABLE case_now (
    key TEXT PRIMARY KEY, reason TEXT NOT NULL, thing BLOB NOT NULL, thing_kind TEXT NOT NULL, job BLOB, contract BLOB, client BLOB,
    says TEXT NOT NULL, value BIGINT NOT NULL, credit INTEGER NOT NULL, since BIGINT, until BIGINT,
    waits_for TEXT NOT NULL, step_verb TEXT NOT NULL, step_words TEXT NOT NULL, evidence TEXT NOT NULL, source BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX case_now_value ON case_now (value);
CREATE INDEX case_now_thing ON case_now (thing);
CREATE INDEX case_now_job ON case_now (job);
CREATE INDEX case_now_source ON case_now (source);
CREATE TABLE case_charge (case_key TEXT NOT NULL, charge_key TEXT NOT NULL, PRIMARY KEY (case_key, charge_key)) WITHOUT ROWID;
CREATE INDEX case_charge_charge ON case_charge (charge_key);
CREATE TABLE stay_now (technician BLOB NOT NULL, start BIGINT NOT NULL, end BIGINT NOT NULL, lat BIGINT NOT NULL, lon BIGINT NOT NULL,
    location BLOB, fixes INTEGER NOT NULL, day TEXT NOT NULL, PRIMARY KEY (technician, start)) WITHOUT ROWID;
CREATE INDEX stay_now_location ON stay_now (location, start);
CREATE TABLE position_now (technician BLOB PRIMARY KEY, at BIGINT NOT NULL, lat BIGINT NOT NULL, lon BIGINT NOT NULL, battery INTEGER, metres_today BIGINT NOT NULL DEFAULT 0, day TEXT NOT NULL DEFAULT '') WITHOUT ROWID;
CREATE TABLE contract_now (contract BLOB PRIMARY KEY, through TEXT NOT NULL, next_start TEXT, next_amount BIGINT, year_amount BIGINT NOT NULL DEFAULT 0, says TEXT NOT NULL DEFAULT '') WITHOUT ROWID;
CREATE VIRTUAL TABLE search USING fts5 (words, kind UNINDEXED, row UNINDEXED, tokenize = "unicode61 remove_diacritics 2", prefix = '2 3');
CREATE TABLE search_row (n INTEGER PRIMARY KEY, row BLOB NOT NULL UNIQUE);
"""

#: What headings say, kept in step by SQLite itself, so that no screen counts every open job and case at every change.
#: A lane's ``version`` rises with every change of one of its cards.
SUMS = """
CREATE TABLE IF NOT EXISTS lane_now (column_ TEXT PRIMARY KEY, jobs INTEGER NOT NULL, value BIGINT NOT NULL, estimates INTEGER NOT NULL,
    stuck INTEGER NOT NULL, version BIGINT NOT NULL) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS job_now_enters AFTER INSERT ON job_now BEGIN
    INSERT INTO lane_now VALUES (new.column_, 1, new.value, new.estimate != 0, new.stuck != '', 1) ON CONFLICT (column_) DO UPDATE SET
        jobs = jobs + 1, value = value + new.value, estimates = estimates + (new.estimate != 0), stuck = stuck + (new.stuck != ''),
        version = version + 1; END;
CREATE TRIGGER IF NOT EXISTS job_now_leaves AFTER DELETE ON job_now BEGIN
    UPDATE lane_now SET jobs = jobs - 1, value = value - old.value, estimates = estimates - (old.estimate != 0),
        stuck = stuck - (old.stuck != ''), version = version + 1 WHERE column_ = old.column_; END;
CREATE TRIGGER IF NOT EXISTS job_now_moves AFTER UPDATE ON job_now BEGIN
    UPDATE lane_now SET jobs = jobs - 1, value = value - old.value, estimates = estimates - (old.estimate != 0),
        stuck = stuck - (old.stuck != ''), version = version + 1 WHERE column_ = old.column_;
    INSERT INTO lane_now VALUES (new.column_, 1, new.value, new.estimate != 0, new.stuck != '', 1) ON CONFLICT (column_) DO UPDATE SET
        jobs = jobs + 1, value = value + new.value, estimates = estimates + (new.estimate != 0), stuck = stuck + (new.stuck != ''),
        version = version + 1; END;
DELETE FROM lane_now;
INSERT INTO lane_now SELECT column_, count(*), sum(value), sum(estimate != 0), sum(stuck != ''), 1 FROM job_now GROUP BY column_;
DROP INDEX IF EXISTS job_now_due;
CREATE INDEX job_now_due ON job_now (column_, due_at, due_what);
CREATE TABLE IF NOT EXISTS case_sum (credit INTEGER PRIMARY KEY, cases INTEGER NOT NULL, value BIGINT NOT NULL) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS case_now_enters AFTER INSERT ON case_now BEGIN
    INSERT INTO case_sum VALUES (new.credit, 1, max(0, new.value)) ON CONFLICT (credit) DO UPDATE SET
        cases = cases + 1, value = value + max(0, new.value); END;
CREATE TRIGGER IF NOT EXISTS case_now_leaves AFTER DELETE ON case_now BEGIN
    UPDATE case_sum SET cases = cases - 1, value = value - max(0, old.value) WHERE credit = old.credit; END;
CREATE TRIGGER IF NOT EXISTS case_now_moves AFTER UPDATE OF credit, value ON case_now BEGIN
    UPDATE case_sum SET cases = cases - 1, value = value - max(0, old.value) WHERE credit = old.credit;
    INSERT INTO case_sum VALUES (new.credit, 1, max(0, new.value)) ON CONFLICT (credit) DO UPDATE SET
        cases = cases + 1, value = value + max(0, new.value); END;
DELETE FROM case_sum;
INSERT INTO case_sum SELECT credit, count(*), sum(max(0, value)) FROM case_now GROUP BY credit;
CREATE INDEX IF NOT EXISTS case_now_since ON case_now (since) WHERE since IS NOT NULL;
CREATE INDEX IF NOT EXISTS case_now_until ON case_now (until) WHERE until IS NOT NULL;
"""

#: What charges say since: the name of their tax, and when an invoice of their day would be due.
CHARGES = {"tax": "TEXT NOT NULL DEFAULT ''", "due": "TEXT"}

#: What each person saw of a draft when they last looked: {charge key: [amount, reason]}. Theirs alone, so not synced.
LOOKED = """
CREATE TABLE IF NOT EXISTS looked (by_ TEXT NOT NULL, draft TEXT NOT NULL, at BIGINT NOT NULL, lines TEXT NOT NULL,
    PRIMARY KEY (by_, draft)) WITHOUT ROWID
"""

CACHE_TABLES = (
    "job_now", "charge_now", "case_now", "case_charge", "stay_now", "position_now", "contract_now", "search", "search_row",
)  # fmt: skip
