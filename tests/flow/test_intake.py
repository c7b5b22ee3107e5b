"""The call: who, where, what, under what, by when; and what is said better afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fsconsole.errors import Refused, UsageError
from fsconsole.flow import finding, intake
from fsconsole.store.rows import fetch, fetch_all
from fsconsole.store.tables import BY_NAME
from fsconsole.values.work import Job
from tests.company import Company, company


@pytest.fixture
def acme(tmp_path: Path) -> Company:
    return company(tmp_path)


def logged(one: Company, line: str) -> Job:
    done = one.do(line)
    return fetch(one.store, "job", done.row)  # type: ignore[no-any-return]


def test_a_line_with_everything_becomes_a_job_with_everything(acme: Company) -> None:
    job = logged(
        acme,
        'log acme boiler down again @unit3 !1 #21-0093 po:4500118 kind:maintenance skill:gas for:14:00-16:00 plan:1h30 by:"Mr Patel" job:WO-7',
    )
    assert (job.ref, job.title, job.priority, job.kind, job.skill) == ("LDN-1043", "Boiler down again", 1, "maintenance", "gas")
    assert (job.client, job.location, job.asset) == (acme.ids["acme"], acme.ids["unit3"], acme.ids["boiler"])
    assert (job.order_number, job.reported_by, job.client_job, job.planned_minutes) == ("4500118", "Mr Patel", "WO-7", 90)
    assert job.promised_from is not None
    assert job.promised_until is not None
    assert (job.promised_from.hour, job.promised_until.hour) == (14, 16)
    assert job.contract == acme.ids["c204"]


def test_a_new_job_stands_in_the_table_as_it_stands_as_a_value(acme: Company) -> None:
    """What a value takes for granted (a repair, priority 3) the column does not: every such field is written."""
    job = logged(acme, "log finch panel beeping")
    assert (job.kind, job.priority) == ("repair", 3)
    (clocks,) = acme.store.sql("SELECT c_kind > 0 AND c_priority > 0 FROM job WHERE id = ?", (job.id,))
    assert clocks == (1,)
    blank = Job(id=job.id)
    for name, column in BY_NAME["job"].columns.items():
        default = getattr(blank, name.rstrip("_"))
        assert column.pack(default) == column.empty or name in ("kind_", "priority"), name


@pytest.mark.parametrize(
    ("words", "client", "title"),
    [
        ("acme boiler down", "Acme Ltd", "Boiler down"),
        ("acme ltd boiler down", "Acme Ltd", "Boiler down"),
        ("k1 boiler down", "Acme Ltd", "Boiler down"),
        ("finch & co door", "Finch & Co", "Door"),
        ("bell foods chiller warm", "Bell Foods", "Chiller warm"),
        ("bell lane door", "Bell Lane School", "Door"),
    ],
)
def test_the_client_is_the_longest_start_of_the_words_that_means_one(acme: Company, words: str, client: str, title: str) -> None:
    acme.do("client Bell Foods", "client Bell Lane School")
    found, rest = intake.client_meant(acme.desk, words.split())
    assert (found.name, rest) == (client, title)


def test_a_start_that_means_several_clients_lists_them(acme: Company) -> None:
    acme.do("client Bell Foods", "client Bell Lane School")
    with pytest.raises(Refused, match="2 clients: Bell Foods, Bell Lane School"):
        acme.do("log bell chiller warm")


def test_a_client_with_several_places_is_asked_where_and_the_asset_answers(acme: Company) -> None:
    with pytest.raises(Refused, match="2 locations: HQ, Unit 3") as told:
        acme.do("log acme lamp out")
    assert "@hq" in told.value.instead
    assert logged(acme, "log acme noise #21-0093").location == acme.ids["unit3"]
    assert logged(acme, "log acme lamp out @sl11aa").location == acme.ids["hq"]


def test_a_client_without_a_place_is_told_how_to_add_one(acme: Company) -> None:
    acme.do("client Harrow Dental")
    with pytest.raises(Refused, match="no location yet") as told:
        acme.do("log harrow chair stuck")
    assert told.value.instead == "Add it first: location K3 NAME postcode:…"


def test_the_answer_says_who_covers_it_and_by_when(acme: Company) -> None:
    words = acme.do("log acme boiler down #21-0093").words
    assert "contract LDN-C204 covers labour, parts and call-out" in words
    assert "respond by 11:00" in words  # two working hours, from when the office opens at 9
    assert "working again by 17:00" in words


def test_a_repeat_call_open_jobs_and_a_missing_order_are_said(acme: Company) -> None:
    assert "Second call on Vaillant ecoTEC 838 s/n 21-0093 in 30 days (1042)" in acme.do("log acme boiler down #21-0093").words
    assert "Third call on" in acme.do("log acme boiler down #21-0093").words
    said = acme.do("log finch panel dead").words
    assert "Finch & Co wants an order number and there is none yet" in said
    assert "Second call on Reading in 30 days (1008)" in said
    assert "wants an order number" not in acme.do("log finch panel dead po:77").words


def test_the_form_is_told_the_same_before_anything_is_logged(acme: Company) -> None:
    before = acme.store.sql("SELECT count(*) FROM log")
    call = intake.consider(acme.desk, acme.ids["acme"], asset=acme.ids["boiler"])
    assert call.location is not None
    assert call.location.id == acme.ids["unit3"]
    assert call.contract is not None
    assert call.respond_by is not None
    assert call.notices[0].startswith("second call")
    assert acme.store.sql("SELECT count(*) FROM log") == before


def test_a_form_logs_from_rows_and_ids_alike(acme: Company) -> None:
    done = intake.create_job(acme.desk, client=acme.ids["finch"], title="Door stuck", priority=2, order_number="PO 7")
    job: Job = fetch(acme.store, "job", done.row)
    assert (job.priority, job.order_number, job.location) == (2, "PO 7", acme.ids["reading"])
    with pytest.raises(TypeError, match="colour"):
        intake.create_job(acme.desk, client=acme.ids["finch"], title="Door stuck", colour="red")


def test_a_dry_run_takes_no_number(acme: Company) -> None:
    assert acme.do("?log finch door stuck").words.startswith("a new job logged for Finch & Co")
    assert acme.do("log finch door stuck").ref == "LDN-1043"


def test_a_back_dated_call_was_reported_then(acme: Company) -> None:
    job = logged(acme, "log finch door stuck @0812")
    assert job.reported_at is not None
    assert (job.reported_at.hour, job.reported_at.minute) == (8, 12)


@pytest.mark.parametrize("words", ["for:16:00-14:00", "for:sometime", "plan:long", "!7", "priority:x"])
def test_a_word_that_cannot_be_read_is_said_and_nothing_is_logged(acme: Company, words: str) -> None:
    with pytest.raises(UsageError):
        acme.do(f"log finch door stuck {words}")
    assert len(fetch_all(acme.store, "job")) == 2


def test_only_known_keys_are_taken_out_of_the_words(acme: Company) -> None:
    assert logged(acme, "log finch error E12:04 on the panel").title == "Error E12:04 on the panel"
    assert finding.pairs('po:7 "by:Mr Patel" at:noon', ("po", "by")) == ({"po": "7", "by": "Mr Patel"}, ["at:noon"])


@pytest.mark.parametrize("words", [["a b", "c"], ["", "x"], ["by:Mr Patel"], ["plain"]])
def test_words_put_on_a_line_are_read_back(words: list[str]) -> None:
    assert finding.typed_words(finding.quoted(words)) == words


# --- said better afterwards


def test_a_window_takes_its_day_from_the_first_time(acme: Company) -> None:
    acme.do("promise 1042 fri 14:00 16:00")
    job: Job = fetch(acme.store, "job", acme.ids["job"])
    assert (job.promised_from.isoformat(), job.promised_until.isoformat()) == (  # type: ignore[union-attr]
        "2026-03-06T14:00:00+00:00",
        "2026-03-06T16:00:00+00:00",
    )
    acme.do("promise 1042 17:00")
    job = fetch(acme.store, "job", acme.ids["job"])
    assert job.promised_from is None
    assert job.promised_until is not None


def test_cancelling_takes_off_who_has_not_set_out_and_asks_about_who_has(acme: Company) -> None:
    acme.do("d 1042 amy", "d 1008 ben", "en ben")
    with pytest.raises(Refused, match="Ben Cole is en route for LDN-1008") as told:
        acme.do("x 1008 changed their mind")
    assert "ab 1008" in told.value.instead
    assert "Amy Reed taken off" in acme.do("x 1042 sorted itself out").words
    assert acme.column("LDN-1042") == "closed"


def test_an_order_for_a_contract_has_a_ceiling_and_a_last_day(acme: Company) -> None:
    acme.do("order C204 4500091 max:1,160.00 until:2026-12-31")
    row: dict[str, Any] = dict(
        zip(("n", "c", "u"), acme.store.sql("SELECT order_number, order_ceiling, order_until FROM contract")[0], strict=True)
    )
    assert row == {"n": "4500091", "c": 116000, "u": "2027-01-01"}


def test_work_that_is_not_done_is_not_written_off(acme: Company) -> None:
    with pytest.raises(Refused, match="not done yet"):
        acme.do("close 1042 too small")
