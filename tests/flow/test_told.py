"""What screens tell of a job, a contract, a day and a caller."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from fsconsole.errors import Refused
from fsconsole.flow import caller
from fsconsole.flow.agreement import agreement
from fsconsole.flow.day import axis, day_rows
from fsconsole.flow.story import story
from fsconsole.flow.telling import history_of, show_thing
from fsconsole.store.instants import ms
from fsconsole.store.queries import things
from tests.company import Company, company


@pytest.fixture
def acme(tmp_path: Path) -> Company:
    return company(tmp_path)


def test_a_story_tells_visits_charges_cases_and_who_did_what(acme: Company) -> None:
    acme.do("d 1008 ben", "en ben", "a ben")
    acme.wait(57)
    acme.do("labour 1008 1h", "c ben", "n 1008 key with the porter")
    told = story(acme.store, acme.ids["older"], acme.now)
    assert told is not None
    (visit,) = told.visits
    assert (visit.number, visit.name, visit.state, visit.told, visit.on_site) == (1, "Ben Cole", "complete", "sent", 59)
    assert sorted((line.kind, line.amount, line.billed, line.rest) for line in told.charges) == [
        ("call-out", 4500, 0, 4500),
        ("labour", 7200, 0, 7200),
    ]
    assert all(line.held_by for line in told.charges)
    assert {case.reason for case in told.cases} == {"complete_no_card", "order_missing"}
    assert [note.text for note in told.notes] == ["key with the porter"]
    newest = told.history[0]
    assert (newest.site, newest.by, newest.typed) == ("LDN", "jo", "n 1008 key with the porter")
    assert told.history[-1].typed == "import company"
    acme.do("u")
    told = story(acme.store, acme.ids["older"], acme.now)
    assert told is not None
    assert told.history[0].typed == "undo of “n 1008 key with the porter”"
    assert told.history[0].wrote == ("took back note",)


def test_covered_work_stands_at_nought_with_its_worth(acme: Company) -> None:
    acme.do("d 1042 amy", "en amy", "a amy")
    acme.do("labour 1042 1h", "part 1042 PCB-77", "c amy")
    told = story(acme.store, acme.ids["job"], acme.now)
    assert told is not None
    assert (told.amount, told.notional) == (0, 7200 + 24900 + 4500)
    assert told.covered == "contract LDN-C204 covers labour, parts and call-out"
    assert told.contract is not None
    assert told.respond_by is not None


def test_what_was_billed_is_told_beside_what_is_left(acme: Company) -> None:
    acme.do(
        "contact K2 ap a@finch.example",
        "order 1008 77",
        "d 1008 ben",
        "en ben",
        "a ben",
        "labour 1008 1h",
        "card 1008 ok",
        "c ben",
    )
    acme.do('sg 1008 "A Finch"', "bill 1008", "labour 1008 30")
    told = story(acme.store, acme.ids["older"], acme.now)
    assert told is not None
    lines = {line.kind: (line.amount, line.billed, line.rest) for line in told.charges}
    assert lines == {"call-out": (4500, 4500, 0), "labour": (10800, 7200, 3600)}


def test_there_is_no_story_of_nothing(acme: Company) -> None:
    assert story(acme.store, b"\0" * 16, acme.now) is None
    assert agreement(acme.store, b"\0" * 16, acme.now) is None
    assert caller.caller(acme.store, b"\0" * 16, acme.now) is None


def test_every_period_of_a_contract_says_what_became_of_it(acme: Company) -> None:
    acme.do("bill C204")
    acme.wait(16 * 24 * 60)  # 19 March: April may be billed from the 18th
    acme.do("pri 1008 2")
    told = agreement(acme.store, acme.ids["c204"], acme.now)
    assert told is not None
    assert [(line.period, line.state, line.billed, line.rest, line.numbers) for line in told.periods] == [
        ("Jan 2026", "billed", 29000, 0, "LDN-I0001"),
        ("Feb 2026", "billed", 29000, 0, "LDN-I0001"),
        ("Mar 2026", "billed", 29000, 0, "LDN-I0001"),
        ("Apr 2026", "billable", 0, 29000, ""),
        ("May 2026", "open", 0, 29000, ""),
    ]
    assert (told.unbilled, told.billed) == (29000, 87000)
    assert told.terms[0].words == "£290.00 a month, in advance, part periods by days, from 1 Jan 2026"
    assert told.covers[0].includes == "labour, parts and call-out"
    assert told.promises == "somebody on site within 2 h and working again within 8 h, in office hours"


def test_the_day_says_who_is_at_what_until_when_and_when_they_are_free(acme: Company) -> None:
    acme.do("d 1042 amy", "en amy", "a amy", "book 1008 ben 10:00")
    amy, ben = day_rows(acme.store, acme.now)
    assert (amy.code, amy.state, amy.ref, amy.where) == ("amy", "on site", "LDN-1042", "Unit 3")
    assert amy.ends_about is not None
    assert f"{amy.ends_about:%H:%M}" == "10:02"  # an hour from 09:02, as such a job usually takes
    assert amy.next_free == amy.ends_about
    assert {span.kind for span in amy.spans} == {"drive", "work", "plan"}
    assert (ben.state, ben.promised, ben.kept) == ("free", 1, 0)
    assert [(span.kind, f"{span.start:%H:%M}", span.ref) for span in ben.spans] == [("plan", "10:00", "1008")]
    assert ben.next_free == acme.now  # there is time for something before ten
    first, last = axis(acme.store, [amy, ben], acme.now.date())
    assert first <= amy.shift_start < amy.shift_end <= last


def test_a_booking_right_away_is_no_gap_and_a_missed_one_is_late(acme: Company) -> None:
    acme.do("book 1008 ben 09:20")
    ben = day_rows(acme.store, acme.now)[1]
    assert ben.next_free is not None
    assert f"{ben.next_free:%H:%M}" == "10:20"
    assert not ben.late
    acme.wait(30)
    assert day_rows(acme.store, acme.now)[1].late


def test_who_is_absent_is_not_free(acme: Company) -> None:
    acme.do("sick ben tomorrow flu")
    ben = day_rows(acme.store, acme.now)[1]
    assert (ben.state, ben.next_free) == ("absent", None)
    assert ben.note == "absent until Wed 4 Mar 00:00 (flu)"


def test_silence_is_said_instead_of_a_stale_place(acme: Company) -> None:
    acme.do("d 1042 amy", "en amy")
    heard = acme.now - timedelta(minutes=2)
    with acme.store.writing() as conn:
        conn.execute(
            "INSERT INTO position_now (technician, at, lat, lon, metres_today, day) VALUES (?, ?, 1, 1, 3100, '2026-03-03')",
            (acme.ids["amy"], ms(heard)),
        )
    amy = day_rows(acme.store, acme.now)[0]
    assert (amy.silent, amy.metres, amy.heard) == (False, 3100, heard)
    acme.wait(30)
    amy = day_rows(acme.store, acme.now)[0]
    assert amy.silent
    assert amy.next_free is None


def test_what_was_done_today_stays_on_the_line_when_the_job_is_closed(acme: Company) -> None:
    acme.do("d 1008 ben", "en ben", "a ben")
    acme.wait(30)
    acme.do("c ben", "close 1008 too small")
    assert acme.column("LDN-1008") == "closed"
    ben = day_rows(acme.store, acme.now)[1]
    assert (ben.kept, ben.promised, [span.kind for span in ben.spans]) == (1, 1, ["drive", "work"])
    tomorrow = day_rows(acme.store, acme.now, acme.now.date() + timedelta(days=1))[1]
    assert (tomorrow.promised, tomorrow.spans) == (0, ())


@pytest.mark.parametrize(
    ("typed", "kind", "name"),
    [
        ("1042", "job", "Acme Ltd"),
        ("LDN-1042", "job", "Acme Ltd"),
        ("c204", "contract", "Care Plus"),
        ("K2", "client", "Finch & Co"),
        ("020 7946 0121", "client", "Acme Ltd"),
        ("+44 20 7946-0121", "client", "Acme Ltd"),
        ("sl1 4dx", "location", "Unit 3"),
        ("SL14DX", "location", "Unit 3"),
        ("21-0093", "asset", "Vaillant ecoTEC 838 s/n 21-0093"),
        ("patel", "contact", "A Patel"),
        ("finch", "client", "Finch & Co"),
        ("4500118", "job", "Finch & Co"),
        ("acme boiler", "job", "Acme Ltd"),
    ],
)
def test_a_caller_is_found_by_whatever_they_name(acme: Company, typed: str, kind: str, name: str) -> None:
    acme.do("order 1008 4500118")
    hit = caller.search(acme.store, typed)[0]
    assert (hit.kind, hit.name) == (kind, name)


@pytest.mark.parametrize("typed", ["", "   ", '"', "*", "NEAR(", "a OR b AND (", "'; DROP TABLE job", "zzzz"])
def test_nothing_typed_can_be_an_operator(acme: Company, typed: str) -> None:
    assert caller.search(acme.store, typed) == []
    assert things.found(acme.store, typed) == []


def test_a_client_stands_before_the_people_of_the_same_name(acme: Company) -> None:
    acme.do('client Harrow Dental Practice phone:"020 7946 0155" email:office@harrow.example postcode:HA12AB')
    acme.do("contact harrow ap harrow@harrow.example")
    hits = caller.search(acme.store, "harrow")
    assert (hits[0].kind, hits[0].name) == ("client", "Harrow Dental Practice")
    assert "contact" in {hit.kind for hit in hits}


def test_finding_nothing_is_said(acme: Company) -> None:
    with pytest.raises(Refused, match="Nothing here is called “zzzz”"):
        acme.do("find zzzz")
    assert acme.do("find acme").words.startswith("client K1 Acme Ltd: 1 open job")


def test_a_caller_sheet_knows_jobs_contracts_balance_and_places(acme: Company) -> None:
    acme.do("bill C204")
    sheet = caller.caller(acme.store, acme.ids["acme"], acme.now)
    assert sheet is not None
    assert [job.ref for job in sheet.open_jobs] == ["LDN-1042"]
    assert [agreed.ref for agreed in sheet.contracts] == ["LDN-C204"]
    assert [place.name for place in sheet.locations] == ["HQ", "Unit 3"]
    assert (sheet.assets, sheet.balance.open) == (1, 104400)
    assert caller.balance_words(sheet, "GBP") == "£1,044.00 open, £0.00 not billed yet"
    acme.wait(40 * 24 * 60)
    sheet = caller.caller(acme.store, acme.ids["acme"], acme.now)
    assert sheet is not None
    assert sheet.balance.overdue == 104400


def test_a_script_is_told_what_things_are_called_and_never_an_id(acme: Company) -> None:
    acme.do("d 1008 ben", "en ben", "a ben", "labour 1008 1h", "c ben")
    told = show_thing(acme.desk, "1008")
    trail = history_of(acme.desk, "1008")
    wrote = [value for act in trail for value in act["wrote"].values()]
    assert told["client"]
    assert isinstance(told["client"], str)
    assert "LDN-1008 visit 1" in wrote
    assert "Ben Cole" in wrote
    assert not [value for value in (*told.values(), *wrote) if isinstance(value, bytes)]
