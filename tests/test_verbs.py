"""Every verb of the one table, end to end on a small company: its own example acts, dry runs, is refused and undone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fsconsole import verbs
from fsconsole.changes.batch import Act, Batch, Rows
from fsconsole.changes.stamp import make
from fsconsole.errors import FsError, Refused, UsageError
from fsconsole.flow.settle import settle
from fsconsole.store import derive
from fsconsole.store.apply import apply
from fsconsole.store.opening import Store
from fsconsole.store.record import log, save
from fsconsole.store.tables import KINDS, Merge, put
from tests.company import Company, company

#: What must have happened before a verb's example can.
THERE = ("d 1042 amy", "en amy", "a amy")
DONE = (*THERE, "c 1042")
BEFORE: dict[str, tuple[str, ...]] = {
    "quote": ("under 1042 C204",),
    "transfer": ("client Harrow Dental phone:02079460155",),
    "covered": ("uncover 1042 misuse",),
    "location": ("client Harrow Dental",),
    "asset": ("drop C204 21-0093 today", "client Harrow Dental", "location harrow Surgery"),
    "contact": ("client Harrow Dental",),
    "priority": ("pri 1042 2",),
    "resume": ("pause C204 2026-04-01",),
    "acknowledge": ("d 1042 amy",),
    "told": ("d 1042 amy",),
    "en route": ("d 1042 amy",),
    "on site": ("d 1042 amy @0830", "en amy @0840"),
    "waiting parts": THERE,
    "parts in": (*THERE, "wp 1042 compressor"),
    "complete": THERE,
    "sign off": DONE,
    "no access": ("d 1042 amy",),
    "return needed": THERE,
    "abort": THERE,
    "take off": ("d 1042 amy",),
    "wake": ("park 1042 fri",),
    "card": DONE,
    "labour": DONE,
    "part": DONE,
    "nil": DONE,
    "cover": ("drop C204 21-0093 today",),
    "write off": ("d 1042 amy", "en amy", "a amy", "c 1042"),
    "credit": ("bill C204",),
    "undo": ("n 1042 something",),
    "redo": ("n 1042 something", "u"),
    "chase": ("d 1008 ben", "en ben", "a ben", "c ben"),
    "own": ("d 1008 ben", "en ben", "a ben", "c ben"),
    "snooze": ("d 1008 ben", "en ben", "a ben", "c ben"),
    "free": (*DONE, "labour 1042 1h", "hold 1042 survey"),
    "dispute": ("bill C204",),
    "uphold": ("bill C204", "dispute LDN-I0001 never ordered"),
    "claim": ("promise 1042 9:30 10:00",),
    "suspend": ("promise 1042 9:30 10:00",),
    "waive": ("d 1008 ben", "en ben", "a ben", "c ben", "order 1008 77"),
}
#: Examples whose things the small company calls otherwise.
INSTEAD = {
    "renew": "renew LDN-C300",
    "asset": "asset harrow boiler serial:21-0099 @surgery",
    "write off": "close 1042 below minimum",
    "merge": "merge client K1 K2",
    "keep": "keep 1010 MAN",
    "lock": "lock 2026-02 !! agreed with the board",
    "accept": "accept LDS-C101",
    "decline": "decline LDS-C101",
    "withdraw": "withdraw LDS-C102 LDS has closed !! agreed with the board",
}
#: Verbs that issue: they are not undone but credited.
ISSUES = ("bill", "credit")
#: Verbs that pass on a billing right: another site may have acted on it.
HANDED = ("offer", "accept", "decline", "withdraw")


@pytest.fixture
def acme(tmp_path: Path) -> Company:
    return company(tmp_path)


def rows(store: Store) -> dict[str, dict[bytes, tuple[Any, ...]]]:
    """Every synced row that stands: neither gone nor void, without clocks and stamps."""
    found: dict[str, dict[bytes, tuple[Any, ...]]] = {}
    for model in KINDS.values():
        columns = [column for column in model.columns.values() if column.column_name not in ("void", "gone")]
        names = ", ".join(f'"{column.column_name}"' for column in columns)
        alive = "void = 0" if model.merge is Merge.FACT else "gone = 0" if "gone" in model.columns else "1 = 1"
        empty = tuple(column.empty for column in columns if column.column_name != "key")
        found[model._meta.table_name] = {
            row[0]: row[1:]
            for row in store.sql(f'SELECT id, {names} FROM "{model._meta.table_name}" WHERE {alive}')
            if tuple(cell for cell, column in zip(row[1:], columns, strict=True) if column.column_name != "key") != empty
        }
    return found


def derived(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """What the board, the drafts and the exception queue show."""
    return {
        "jobs": store.sql(
            "SELECT ref, column_, tech_code, told, due_at, due_what, since, value, estimate, covered, stuck FROM job_now ORDER BY ref"
        ),
        "charges": store.sql("SELECT key, amount, notional, covered_by, estimate, reason, fenced FROM charge_now ORDER BY key"),
        "cases": store.sql("SELECT key, says, value, since, until, waits_for FROM case_now ORDER BY key"),
    }


def written(store: Store) -> list[tuple[Any, ...]]:
    """Everything that a write of any kind would change: the log, the numbers given, the marks."""
    return [
        *store.sql("SELECT count(*), max(stamp) FROM log"), *store.sql("SELECT kind, next FROM series ORDER BY kind"),
        *store.sql("SELECT key, value FROM own ORDER BY key"), *store.sql("SELECT count(*) FROM dirty"),
    ]  # fmt: skip


def two_sites_wrote(one: Company) -> None:
    """Job 1010, whose priority LDN and MAN both wrote, neither having read the other."""
    job, store = one.desk.ids(), one.store
    save(
        store,
        Act(one.desk.ids(), "ann", "import"),
        [
            put("site", one.desk.ids(), code="MAN", number=2, name="Manchester"),
            put(
                "job",
                job,
                ref="LDN-1010",
                client=one.ids["finch"],
                location=one.ids["reading"],
                kind="repair",
                title="Filters",
                priority=1,
            ),
        ],
        one.now,
    )
    with store.writing() as conn:
        number = next(c.number for n, c in KINDS[30].columns.items() if n == "priority")
        lost = make(int(one.now.timestamp() * 1000) - 5000, 0, 2)
        (clock,) = conn.execute("SELECT c_priority FROM job WHERE id = ?", (job,)).fetchone()
        conn.execute(
            "INSERT INTO contested (row, field, stamp, kind, value, winner) VALUES (?, ?, ?, ?, ?, ?)",
            (job, number, lost, 30, 4, clock),
        )
        derive.mark(conn, derive.ROW, [job])
    settle(store, one.now)


def leeds_beside_us(one: Company) -> None:
    """LDS made two contracts, and offered us to bill the first."""
    offered, kept = bytes(15) + b"\x01", bytes(15) + b"\x02"
    save(
        one.store,
        Act(one.desk.ids(), "ann", "init"),
        [
            put("site", bytes(15) + b"\x08", code="LDN", number=1, role="owner"),
            put("site", bytes(15) + b"\x09", code="LDS", number=2, role="billing"),
        ],
        one.now,
    )
    puts = [
        put("contract", offered, ref="LDS-C101", client=one.ids["finch"], name="Care"),
        put("contract", kept, ref="LDS-C102", client=one.ids["finch"], name="Care"),
        put("handover", bytes(15) + b"\x03", thing=offered, what="offer", to=1, at=one.now),
    ]
    written = [Rows(one.kind, tuple(one.values), [(one.id, *one.values.values())]) for one in puts]
    batch = Batch(stamp=make(int(one.now.timestamp() * 1000), 0, 2), act=Act(bytes(16), "kim", "offer"), rows=written)
    with one.store.writing() as conn:
        apply(conn, batch)
        log(conn, batch)
    settle(one.store, one.now)


def money_and_a_rise(one: Company) -> None:
    """A payment that stands nowhere, an invoice it is for, and a rise of C204 that wants notice."""
    one.do("bill C204")
    rise = {"percent": "3", "notice": 30, "notified": [], "from": "2026-06-01"}
    save(
        one.store,
        Act(one.desk.ids(), "ann", "import"),
        [
            put("payment", one.desk.ids(), client=one.ids["acme"], amount=5000, currency="GBP", reference="BACS-77"),
            put("clause", one.desk.ids(), contract=one.ids["c204"], kind="escalator", name="rise", details=rise),
        ],
        one.now,
    )
    settle(one.store, one.now)


def agreed_more(one: Company, what: str) -> None:
    """A contract that is renewed by notice, or an SLA that credits what is late and the call under it."""
    row, asked = one.desk.ids(), what == "claimed"
    values = {"respond": 60, "percent": "5", "claim": "claimed"} if asked else {}
    puts = [
        put("term", one.desk.ids(), contract=one.ids["c204"] if asked else row, kind="sla" if asked else "fixed", name="promise",
            amount=0 if asked else 9000, start=one.desk.today, details=values),
    ]  # fmt: skip
    if not asked:
        puts.append(put("contract", row, ref="LDN-C300", client=one.ids["acme"], start=one.desk.today,
                        end=one.desk.today.replace(year=2027), renews="by notice", renewal_months=12))  # fmt: skip
    save(one.store, Act(one.desk.ids(), "ann", "import"), puts, one.now)
    settle(one.store, one.now)


def ready(one: Company, verb: verbs.Verb) -> str:
    if verb.name in HANDED:
        leeds_beside_us(one)
    if verb.name == "attach":
        photo = one.store.path.with_name("photo.jpg")
        photo.write_bytes(b"\xff\xd8\xff photo")
        return f'attach 1042 "{photo}"'
    if verb.name == "decide":
        from tests.stories.test_every_reason import promise_missed

        promise_missed(one)
        return "decide C205 credit"
    if verb.name == "unlock":
        one.do("lock 2026-02 !! agreed with the board")
    if verb.name in ("apply", "notice"):
        money_and_a_rise(one)
    if verb.name in ("renew", "claimed"):
        agreed_more(one, verb.name)
    if verb.name == "keep":
        two_sites_wrote(one)
    for line in BEFORE.get(verb.name, ()):
        one.do(line)
    if verb.name == "on site":
        one.wait(15)
    return INSTEAD.get(verb.name, verb.example)


@pytest.mark.parametrize("verb", verbs.VERBS, ids=lambda verb: verb.name)
def test_each_example_dry_runs_without_writing_then_acts_and_is_taken_back(acme: Company, verb: verbs.Verb) -> None:
    line = ready(acme, verb)
    standing, shown, books = rows(acme.store), derived(acme.store), written(acme.store)

    dry = verbs.run(acme.desk, f"?{line}")
    assert dry.words
    assert rows(acme.store) == standing
    assert written(acme.store) == books

    done = verbs.run(acme.desk, line)
    assert done.words
    if verb.name == "find":
        assert done.row == acme.ids["acme"]
        return
    assert done.act
    assert rows(acme.store) != standing
    acme.wait(1)

    if verb.name in ISSUES or verb.name in HANDED:
        with pytest.raises(Refused, match="credit" if verb.name in ISSUES else "billing right"):
            acme.do("u")
        return
    if verb.name in ("undo", "redo"):
        acme.do("redo" if verb.name == "undo" else "u")
    else:
        acme.do("u")
    after = rows(acme.store)
    assert {table: held for table, held in after.items() if held != standing[table]} == {}
    if verb.name != "keep":  # whoever takes that back has read both values too: nothing is contested any more
        assert derived(acme.store) == shown


def test_no_two_verbs_are_typed_or_called_alike() -> None:
    keys = [key for verb in verbs.VERBS for key in verb.keys]
    assert len(set(keys)) == len(keys)
    assert len({verb.name for verb in verbs.VERBS}) == len(verbs.VERBS)


def test_a_verb_that_is_refused_writes_nothing(acme: Company) -> None:
    acme.do("d 1008 ben", "en ben", "a ben")
    refused = (
        "log nobody boiler down",
        "log acme boiler down",  # two places
        "log acme",
        "d 1042 zed",
        "d 1042 ben",  # no gas ticket
        "c 1042",
        "sg 1008 unattended",
        "x 1008 changed their mind",
        "a amy",
        "labour 1042 1h",
        "bill 1008",
        "close 1008 too small",
        "under 1008 C204",
        "credit LDN-I0009 wrong",
        "waive 1042 no reason",
        "keep 1008 LDN",
        "policy repeat_dayz 14",
        "pin L12 nowhere",
        "promise 1042 01:00 02:00",
        "cover C204 21-0093",
        "redo",
        "nonsense 1042",
    )
    standing, books = rows(acme.store), written(acme.store)
    for line in refused:
        with pytest.raises(FsError) as told:
            verbs.run(acme.desk, line)
        assert isinstance(told.value, Refused | UsageError), line
        assert told.value.instead or isinstance(told.value, UsageError) or line == "redo", line
        assert rows(acme.store) == standing, line
        assert written(acme.store) == books, line


def test_a_guard_is_overridden_with_a_reason_that_stands_in_the_log(acme: Company) -> None:
    with pytest.raises(Refused, match="needs gas"):
        acme.do("d 1042 ben")
    with pytest.raises(UsageError, match="reason"):
        acme.do("d 1042 ben !!")
    acme.do("d 1042 ben !! nobody else is near")
    assert acme.column("LDN-1042") == "dispatched"
    assert acme.store.one("SELECT verb FROM log ORDER BY n DESC LIMIT 1") == ("d 1042 ben !! nobody else is near",)


def test_a_role_may_only_do_its_verbs(acme: Company) -> None:
    acme.desk.role = "dispatch"
    with pytest.raises(Refused, match="role billing"):
        acme.do("bill C204")
    acme.desk.role = "viewer"
    with pytest.raises(Refused, match="role field"):
        acme.do("n 1042 hello")
    assert acme.do("find acme").row == acme.ids["acme"]


def test_back_dating_keeps_both_times(acme: Company) -> None:
    acme.do("d 1042 amy", "en amy")
    acme.wait(60)
    acme.do("a amy @0912")
    (at, stamp) = acme.store.sql("SELECT at, stamp FROM event WHERE what = 'arrive'")[0]
    assert at == int(acme.now.replace(hour=9, minute=12).timestamp() * 1000)
    assert stamp >> 21 > at


def test_a_whole_day_of_one_job_from_the_call_to_the_credit_note(acme: Company) -> None:
    acme.do("contact K2 ap accounts@finch.example", "order 1008 4500118", "d 1008 ben", "en ben", "a ben")
    acme.wait(80)
    acme.do("labour 1008 1h35", "part 1008 PCB-77", "card 1008 board replaced", "c 1008")
    with pytest.raises(Refused, match="cannot go out: card without sign-off"):
        acme.do("bill 1008")
    acme.do('sg 1008 "A Finch"')
    billed = acme.do("bill 1008")
    # 1 h 35 is billed as 1.75 h: 126.00, a part 249.00, a call-out 45.00, and 20 % of tax on their sum.
    assert billed.words.startswith("LDN-I0001: an invoice to Finch & Co, 3 lines, £420.00 + £84.00 tax = £504.00, order 4500118")
    assert acme.column("LDN-1008") == "closed"
    with pytest.raises(Refused, match="Nothing of LDN-1008 is billable"):
        acme.do("bill 1008")
    acme.do("credit LDN-I0001 wrong order number")
    assert acme.column("LDN-1008") == "signed off"
    assert acme.do("bill 1008").ref == "LDN-I0003"
    assert [row[0] for row in acme.store.sql("SELECT number FROM invoice ORDER BY number")] == [
        "LDN-I0001",
        "LDN-I0002",
        "LDN-I0003",
    ]


def test_the_suggested_step_is_taken_or_put_at_the_prompt(acme: Company) -> None:
    acme.do("d 1008 ben", "en ben", "a ben", "c ben")
    keys = {row[0].split(":")[0]: row[0] for row in acme.store.sql("SELECT key FROM case_now")}
    done = verbs.take_step(acme.desk, keys["complete_no_card"])
    assert not isinstance(done, str)
    assert done.words == "1008 complete, no card: ben chased"
    assert verbs.take_step(acme.desk, keys["no_ap_contact"]) == "contact K2 ap "
    with pytest.raises(Refused, match="not open"):
        verbs.take_step(acme.desk, "no_such_case:00")


def test_the_word_being_typed_is_completed_by_what_the_verb_takes(acme: Company) -> None:
    def offered(text: str) -> list[str]:
        return [line for line, _ in verbs.completions(acme.desk, text)]

    assert offered("d 10") == ["d 1008 ", "d 1042 "]
    assert offered("?d 1042 am") == ["?d 1042 amy "]
    assert offered("log ac") == ["log Acme Ltd "]
    assert offered("log acme boiler @u") == ["log acme boiler @unit3 "]
    assert offered("log acme ac") == []
    assert "wp " in offered("w")


def test_every_line_of_help_is_whole() -> None:
    for verb in verbs.VERBS:
        assert verb.usage.split()[0] == verb.keys[0]
        assert verb.help.endswith(".")
        assert verb.example.split()[0] in verb.keys
        assert not verb.role or verb.role in verbs.ROLES


TYPED = """
1042 1008 C204 K1 K2 L12 amy ben acme finch fri 14:00 3d eta x2 travel 1h35 @unit3 @0912 !1 #21-0093 po:7 for:14:00-16:00
plan:90 !! ? {who} { } 21-0093 PCB-77 today repeat_days ap a@b.example LDN-I0001 client location asset labour 9.99 51.5,-0.1
"""
WORDS = st.one_of(st.sampled_from(TYPED.split()), st.text(max_size=12))


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=st.sampled_from(sorted(verbs.BY_KEY)), words=st.lists(WORDS, max_size=5))
def test_whatever_is_typed_is_done_or_answered_in_a_sentence(busy: Company, key: str, words: list[str]) -> None:
    line = " ".join([key, *words])
    try:
        answer = verbs.run(busy.desk, line).words
    except FsError as told:
        answer = str(told)
    assert answer
    list(verbs.completions(busy.desk, line))


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """A company in the middle of its day, at a desk that only says what would happen."""
    one = company(tmp_path_factory.mktemp("busy"))
    one.do("d 1008 ben", "en ben", "a ben", "c ben", "d 1042 amy", "en amy", "a amy", "bill C204")
    one.desk.dry = True
    return one
