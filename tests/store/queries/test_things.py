"""Lists of clients, places, equipment, jobs, contracts and people; and what is offered while one types."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from fsconsole import verbs
from fsconsole.store.queries import contracts, jobs, people, things
from tests.company import Company, company


@pytest.fixture
def acme(tmp_path: Path) -> Company:
    return company(tmp_path)


def test_a_client_is_listed_with_what_it_has_and_what_is_not_billed(acme: Company) -> None:
    rows = {row.name: row for row in things.clients(acme.store, acme.now)}
    one = rows["Acme Ltd"]
    assert (one.ref, one.locations, one.assets, one.contracts, one.open_jobs, one.unbilled) == ("LDN-K1", 2, 1, 1, 1, 87000)
    assert rows["Finch & Co"].order_required


def test_what_was_merged_away_is_in_no_list(acme: Company) -> None:
    acme.do("merge client K1 K2")
    assert [row.name for row in things.clients(acme.store, acme.now)] == ["Acme Ltd"]
    assert things.count(acme.store, "client") == 1
    assert {row.client for row in things.assets(acme.store)} == {"Acme Ltd"}


def test_lists_are_filtered_paged_and_counted_alike(acme: Company) -> None:
    assert [row.name for row in things.locations(acme.store)] == ["HQ", "Unit 3", "Reading"]
    assert [row.name for row in things.locations(acme.store, offset=1, limit=1)] == ["Unit 3"]
    assert [row.name for row in things.locations(acme.store, "acme !hq")] == ["Unit 3"]
    assert things.count(acme.store, "location", "acme !hq") == 1
    assert things.place(acme.store, "location", acme.ids["reading"]) == 2
    assert things.place(acme.store, "location", acme.ids["reading"], "acme") is None
    assert [row.name for row in things.locations(acme.store, unpinned=True)] == ["Reading"]
    assert things.count(acme.store, "location", unpinned=True) == 1
    (boiler,) = things.assets(acme.store, client=acme.ids["acme"])
    assert (boiler.serial, boiler.location, boiler.contract, boiler.open_jobs) == ("21-0093", "Unit 3", "LDN-C204", 1)
    assert things.assets(acme.store, location=acme.ids["hq"]) == []
    assert [row.role for row in things.contacts(acme.store, acme.ids["acme"])] == ["accounts payable"]


def test_a_contract_is_listed_with_its_next_period_and_its_cases(acme: Company) -> None:
    (row,) = contracts.contracts(acme.store, acme.now)
    assert (row.ref, row.next_start, row.next_amount, row.unbilled, row.covers, row.cases) == (
        "LDN-C204", "2026-03-18", 29000, 87000, 1, 3,
    )  # fmt: skip
    assert contracts.count_contracts(acme.store, "care") == 1
    assert contracts.contracts(acme.store, acme.now, "!care") == []
    for sort in contracts.SORTS:
        assert len(contracts.contracts(acme.store, acme.now, sort=sort)) == 1


def test_jobs_of_a_thing_are_the_newest_first(acme: Company) -> None:
    acme.do("log acme noise #21-0093", "d 1043 amy", "en amy", "a amy", "ab amy wrong part")
    assert [row.ref for row in jobs.jobs_of(acme.store, asset=acme.ids["boiler"])] == ["LDN-1043", "LDN-1042"]
    assert [row.ref for row in jobs.jobs_of(acme.store, location=acme.ids["reading"])] == ["LDN-1008"]
    # Whoever was sent once counts, though nobody is on it now.
    assert [row.ref for row in jobs.jobs_of(acme.store, technician=acme.ids["amy"])] == ["LDN-1043"]
    assert [row.ref for row in jobs.jobs_of(acme.store, contract=acme.ids["c204"])] == ["LDN-1043", "LDN-1042"]
    acme.do("x 1042 sorted itself out")
    assert [row.ref for row in jobs.jobs_of(acme.store, client=acme.ids["acme"], open_only=True)] == ["LDN-1043"]
    assert jobs.count_jobs_of(acme.store, client=acme.ids["acme"]) == 2
    since = acme.now - timedelta(days=1)
    assert [row.ref for row in jobs.recent(acme.store, since, asset=acme.ids["boiler"], but=acme.ids["job"])] == ["LDN-1043"]


def test_people_and_pins_are_listed_for_the_map(acme: Company) -> None:
    acme.do("d 1042 amy", "en amy")
    amy, ben = people.technicians(acme.store, acme.now)
    assert (amy.code, amy.state, amy.ref, amy.where, amy.skills) == ("amy", "en route", "LDN-1042", "Unit 3", ("gas",))
    assert (ben.state, ben.job) == ("", None)
    assert [row.code for row in people.technicians(acme.store, acme.now, "electr")] == ["ben"]
    assert [(pin.ref, pin.column) for pin in people.pins(acme.store)] == [("LDN-1042", "en route")]  # 1008 has no pin


@pytest.mark.parametrize(
    ("take", "typed", "offered"),
    [
        ("job", "10", ["1008", "1042"]),
        ("job", "104", ["1042"]),
        ("job", "boiler", ["1042"]),
        ("visit", "am", ["amy"]),
        ("visit", "1042", ["1042"]),
        ("technician", "ree", ["amy"]),
        ("client", "fin", ["K2"]),
        ("client", "k", ["K1", "K2"]),
        ("call", "fin", ["Finch & Co"]),
        ("call", "@unit", ["@unit3"]),
        ("call", "#21", ["#21-0093"]),
        ("contract", "c2", ["C204"]),
        ("jobs_or_contract", "C20", ["C204"]),
        ("location", "read", ["L12"]),
        ("part", "pcb", ["PCB-77"]),
        ("case", "C204", ["C204/contract_period_unbilled"]),
        ("person", "j", ["jo"]),
        ("choice", "l", ["LDN"]),
        ("day", "t", ["today", "tomorrow", "tue", "thu"]),
        ("rate_kind", "ca", ["call-out"]),
        ("words", "a", []),
        ("job", "%", []),
    ],
)
def test_what_may_stand_next_is_offered(acme: Company, take: str, typed: str, offered: list[str]) -> None:
    assert list(dict.fromkeys(value for value, _ in things.completions_for(acme.store, take, typed))) == offered


def test_whatever_is_offered_is_understood(acme: Company) -> None:
    """A completion is worth nothing if the verb then asks what it means."""
    acme.do("d 1008 ben", "en ben", "a ben", "c ben")
    for take in ("job", "client", "technician", "contract", "asset", "location", "part", "visit", "case"):
        for value, _ in things.completions_for(acme.store, take, ""):
            if take == "visit" and value != "1008":
                continue  # nobody else was sent anywhere yet
            found, used = verbs.TAKES[take](acme.desk, [value])
            assert used == 1, (take, value)
            assert found


def test_nothing_typed_breaks_a_completion(acme: Company) -> None:
    for take in verbs.TAKES:
        for typed in ("", "'", '"', "%", "_", "(", "1'; --", "é", "@", "#", "@%", "x" * 300, "9" * 40):
            for value, says in things.completions_for(acme.store, take, typed):
                assert value
                assert isinstance(says, str)
