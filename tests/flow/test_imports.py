"""Their files come in: what a person may rely on, kind by kind."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from fsconsole.clock import FixedClock, ids_from
from fsconsole.desk import Desk
from fsconsole.errors import BadInput
from fsconsole.flow.imports import Report, import_file
from fsconsole.flow.undo import undo
from fsconsole.store.opening import Store, open_store
from fsconsole.store.record import save
from fsconsole.store.replay import verify
from fsconsole.store.rows import fetch_all
from fsconsole.store.tables import put

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def new_store(path: Path, site: int = 1, code: str = "LDN") -> Store:
    store = open_store(path)
    store.set_own(site=site, code=code, workspace=b"w" * 16, timezone="Europe/London", currency="GBP")
    return store


def new_desk(store: Store, seed: int = 1) -> Desk:
    clock = FixedClock(NOW)
    return Desk(store, clock, ids_from(clock, Random(seed)), "pat", settling=False)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return new_desk(new_store(tmp_path / "site.db"))


class Files:
    """Writes a file and imports it."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        self.desk, self.folder = desk, folder

    def __call__(self, kind: str, text: str, name: str = "", **how: object) -> Report:
        path = self.folder / (name or f"{kind}.csv")
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return import_file(self.desk, kind, path, **how)  # type: ignore[arg-type]


@pytest.fixture
def take(desk: Desk, tmp_path: Path) -> Files:
    return Files(desk, tmp_path)


def edit(desk: Desk, kind: str, row: bytes, **values: object) -> None:
    save(desk.store, desk.act("edit"), [put(kind, row, **values)], desk.now)


def by(desk: Desk, kind: str, name: str, **equal: object) -> list[Any]:
    """The rows of a kind in the order of one of their fields."""
    return sorted(fetch_all(desk.store, kind, **equal), key=lambda one: getattr(one, name))


def counts(report: Report) -> tuple[int, int, int, int]:
    return report.added, report.updated, report.unchanged, report.rejected


def batches(desk: Desk) -> int:
    return int(desk.store.sql("SELECT count(*) FROM log")[0][0])


CLIENTS = """Account No,Company Name,Telephone,Postcode,Region
C001,Acme Ltd,020 7946 0001,SW1A 1AA,South
C002,Bolt & Sons,020 7946 0002,M1 1AE,North
"""


def test_clients_come_in_with_their_own_columns_as_custom_fields(desk: Desk, take: Files) -> None:
    report = take("clients", CLIENTS)
    assert counts(report) == (2, 0, 0, 0)
    acme, bolt = by(desk, "client", "ref")
    assert (acme.ref, acme.name, acme.phone, acme.postcode) == ("C001", "Acme Ltd", "020 7946 0001", "SW1A 1AA")
    assert bolt.custom == {"Region": "North"}
    assert report.match["Company Name"] == "name"
    assert report.match["Region"] == "custom “Region”"


def test_the_same_file_twice_adds_nothing_and_writes_nothing(desk: Desk, take: Files) -> None:
    take("clients", CLIENTS)
    before = batches(desk)
    report = take("clients", CLIENTS)
    assert counts(report) == (0, 0, 2, 0)
    assert batches(desk) == before
    assert report.act == b""


def test_a_newer_file_overwrites_what_changed_and_never_a_persons_edit(desk: Desk, take: Files) -> None:
    take("clients", CLIENTS)
    acme = fetch_all(desk.store, "client", ref="C001")[0]
    edit(desk, "client", acme.id, phone="020 7946 9999", notes="rings back")
    report = take("clients", CLIENTS.replace("SW1A 1AA", "SW1A 2AA"), "clients 2026-03-01.csv")
    assert counts(report) == (0, 1, 1, 0)
    acme = fetch_all(desk.store, "client", ref="C001")[0]
    assert (acme.postcode, acme.phone, acme.notes) == ("SW1A 2AA", "020 7946 9999", "rings back")


def test_what_the_source_itself_changes_overwrites_even_an_edited_field(desk: Desk, take: Files) -> None:
    take("clients", CLIENTS)
    acme = fetch_all(desk.store, "client", ref="C001")[0]
    edit(desk, "client", acme.id, phone="020 7946 9999")
    take("clients", CLIENTS.replace("020 7946 0001", "020 7946 5555"))
    assert fetch_all(desk.store, "client", ref="C001")[0].phone == "020 7946 5555"


def test_a_column_that_a_newer_file_lacks_is_left_as_it_was(desk: Desk, take: Files) -> None:
    take("clients", CLIENTS)
    report = take("clients", "Account No,Company Name\nC001,Acme Ltd\nC002,Bolt & Sons\n")
    assert counts(report) == (0, 0, 2, 0)
    assert fetch_all(desk.store, "client", ref="C001")[0].phone == "020 7946 0001"
    assert counts(take("clients", CLIENTS)) == (0, 0, 2, 0)


def test_a_cell_the_source_emptied_is_emptied(desk: Desk, take: Files) -> None:
    take("clients", CLIENTS)
    report = take("clients", CLIENTS.replace("020 7946 0001", "").replace("South", ""))
    assert counts(report) == (0, 1, 1, 0)
    acme = fetch_all(desk.store, "client", ref="C001")[0]
    assert (acme.phone, acme.custom) == ("", {})


def test_custom_fields_of_another_source_are_kept(desk: Desk, take: Files) -> None:
    take("clients", CLIENTS)
    take("clients", "Account No,Company Name,Sage\nC001,Acme Ltd,4711\n", "from the books.csv")
    assert fetch_all(desk.store, "client", ref="C001")[0].custom == {"Region": "South", "Sage": "4711"}


def test_a_second_source_fills_what_is_empty_and_overwrites_nothing(desk: Desk, take: Files) -> None:
    take("clients", "Account No,Company Name,Telephone\nC001,Acme Ltd,020 7946 0001\n")
    take("clients", "Account No,Company Name,Telephone,Email\nC001,ACME,0999,ap@acme.example\n", "books.csv")
    acme = fetch_all(desk.store, "client")[0]
    assert (acme.name, acme.phone, acme.email) == ("Acme Ltd", "020 7946 0001", "ap@acme.example")


def test_a_client_without_a_reference_is_known_by_its_name_and_given_one(desk: Desk, take: Files) -> None:
    take("clients", "Company\nAcme Ltd\n")
    assert counts(take("clients", "Company,Phone\nACME  ltd,020 7946 0001\n", "later.csv")) == (0, 1, 0, 0)
    (acme,) = fetch_all(desk.store, "client")
    assert (acme.ref, acme.phone) == ("LDN-K1", "020 7946 0001")


def test_two_clients_of_one_name_under_two_references_stay_two_and_are_reported(desk: Desk, take: Files) -> None:
    report = take("clients", "Account No,Company\nC1,Acme Ltd\nC2,Acme Ltd\n")
    assert counts(report) == (2, 0, 0, 0)
    assert len(report.duplicates) == 1
    assert counts(take("clients", "Account No,Company\nC1,Acme Ltd\nC2,Acme Ltd\n")) == (0, 0, 2, 0)


def test_a_client_spelled_twice_is_reported(desk: Desk, take: Files) -> None:
    report = take("clients", "Company\nAcme Ltd\nThe ACME Limited.\nBolt\n")
    assert report.duplicates == ["Acme Ltd (LDN-K1) and The ACME Limited. (LDN-K2): the same name but for its spelling"]


def test_an_undone_import_is_gone_and_the_same_file_brings_it_back(desk: Desk, take: Files) -> None:
    report = take("clients", CLIENTS)
    undo(desk, report.act)
    assert fetch_all(desk.store, "client") == []
    again = take("clients", CLIENTS)
    assert counts(again) == (2, 0, 0, 0)
    assert [client.ref for client in by(desk, "client", "ref")] == ["C001", "C002"]
    assert counts(take("clients", CLIENTS)) == (0, 0, 2, 0)


def test_undo_of_a_newer_import_restores_what_the_older_said_and_it_may_come_again(desk: Desk, take: Files) -> None:
    take("clients", CLIENTS)
    newer = CLIENTS.replace("SW1A 1AA", "SW1A 2AA")
    undo(desk, take("clients", newer).act)
    assert fetch_all(desk.store, "client", ref="C001")[0].postcode == "SW1A 1AA"
    assert counts(take("clients", newer)) == (0, 1, 1, 0)


def test_an_import_is_one_act_whatever_its_size(desk: Desk, take: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fsconsole.flow.imports.CHUNK", 10)
    take("clients", "Company\n" + "".join(f"Client {n}\n" for n in range(95)))
    assert desk.store.sql("SELECT count(DISTINCT act), count(*) FROM log")[0] == (1, 10)
    assert desk.store.sql("SELECT count(*) FROM client")[0][0] == 95


def test_an_import_that_was_cut_off_is_completed_by_the_same_file(
    desk: Desk, take: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fsconsole.flow.imports.CHUNK", 10)
    text = "Job No,Customer,Title\n" + "".join(f"{n},Client {n % 7},Leak\n" for n in range(35))

    def stop(done: int, _: int | None) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("fsconsole.flow.imports.TOLD_EVERY", 25)
    with pytest.raises(KeyboardInterrupt):
        take("jobs", text, progress=stop)
    assert desk.store.sql("SELECT count(*) FROM job") == [(20,)]
    assert counts(take("jobs", text)) == (15, 0, 20, 0)
    assert desk.store.sql("SELECT count(DISTINCT ref) FROM job") == [(35,)]


def test_a_dry_run_writes_nothing_and_says_what_would_happen(desk: Desk, take: Files) -> None:
    report = take("jobs", "Job No,Customer,Title\n1,Acme,Leak\n,Acme,\n", dry_run=True)
    assert counts(report) == (1, 0, 0, 1)
    assert report.created == {"client": 1}
    assert report.words.startswith("would be added 1")
    assert batches(desk) == 0
    assert report.rejects_file is None


def test_the_log_of_an_import_replays_to_the_same_store(desk: Desk, take: Files) -> None:
    take("clients", CLIENTS)
    take("clients", CLIENTS.replace("SW1A 1AA", "SW1A 2AA"))
    take("jobs", "Job No,Customer,Site,Serial,Title\n1,Acme Ltd,Depot,SN1,Leak\n")
    assert verify(desk.store).difference == ""


def test_two_sites_that_import_one_file_make_the_same_rows(tmp_path: Path) -> None:
    text = "Job No,Customer,Site,Serial,Title\n1,Acme Ltd,Depot,SN1,Leak\n2,Bolt,Yard,,Noise\n"
    ids = []
    for site, code in ((1, "LDN"), (2, "LDS")):
        store = new_store(tmp_path / f"{code}.db", site, code)
        Files(new_desk(store, site), tmp_path)("jobs", text)
        ids.append([store.sql(f"SELECT id FROM {kind} ORDER BY id") for kind in ("client", "location", "asset", "job", "source_link")])
    assert ids[0] == ids[1]
    assert all(rows for rows in ids[0])


def test_what_is_not_taken_is_written_out_with_its_reason_to_mend_and_import_again(
    desk: Desk, take: Files, tmp_path: Path
) -> None:
    text = "Job No,Customer,Title,Reported\n1,Acme,Leak,2026-01-05\n2,Acme,Noise,someday\n3,,,2026-01-06\n"
    report = take("jobs", text, "jobs.csv")
    assert counts(report) == (1, 0, 0, 2)
    assert [(reject.line, reject.field, reject.value) for reject in report.rejects] == [(3, "Reported", "someday"), (4, "Customer", "")]
    assert report.rejects_file == tmp_path / "rejects" / "jobs-rejects.csv"
    lines = report.rejects_file.read_text().splitlines()
    assert lines[0] == "Job No,Customer,Title,Reported,why"
    assert lines[1].startswith("2,Acme,Noise,someday,")
    mended = report.rejects_file.read_text().replace("someday", "2026-01-07")
    report.rejects_file.write_text(mended)
    second = import_file(desk, "jobs", report.rejects_file)
    assert counts(second) == (1, 0, 0, 1)
    assert second.rejects_file == tmp_path / "rejects" / "jobs-rejects-2.csv"
    assert "why" not in {name for job in fetch_all(desk.store, "job") for name in job.custom}
    whole = take("jobs", text.replace("someday", "2026-01-07").replace("3,,,", "3,Acme,Drip,"), "jobs.csv")
    assert counts(whole) == (1, 0, 2, 0)


def test_a_reference_that_comes_twice_is_refused_when_it_says_something_else(desk: Desk, take: Files) -> None:
    report = take("jobs", "Job No,Customer,Title\n7,Acme,Leak\n7,Acme,Leak\n7,Acme,Noise\n")
    assert counts(report) == (1, 0, 1, 1)
    assert "earlier line" in report.rejects[0].reason
    assert any("repeat an earlier line" in note for note in report.notes)


def test_a_kind_that_does_not_exist_is_named_with_those_that_do(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="clients, locations"):
        import_file(desk, "customers", tmp_path / "none.csv")


def test_a_file_that_is_missing_is_a_reject_not_a_traceback(desk: Desk, tmp_path: Path) -> None:
    report = import_file(desk, "clients", tmp_path / "none.csv")
    assert report.rejected == 1
    assert "cannot be read" in report.rejects[0].reason


def test_progress_is_told_and_ends_at_the_number_of_rows(desk: Desk, take: Files) -> None:
    seen: list[tuple[int, int | None]] = []
    take("clients", "Company\n" + "".join(f"Client {n}\n" for n in range(2500)), progress=lambda *done: seen.append(done))
    assert seen[-1] == (2500, 2500)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


# --- jobs -------------------------------------------------------------------------------------------------------------


def test_jobs_make_the_clients_locations_and_assets_they_name(desk: Desk, take: Files) -> None:
    report = take(
        "jobs",
        "Job No,Customer,Site,Site Postcode,Serial,Title\n1,Acme,Depot,M1 1AE,SN-1,Leak\n2,acme,DEPOT,M1 1AE,SN 1,Noise\n",
    )
    assert report.created == {"client": 1, "location": 1, "asset": 1}
    one, two = by(desk, "job", "ref")
    assert (one.client, one.location, one.asset) == (two.client, two.location, two.asset)
    (location,) = fetch_all(desk.store, "location")
    assert (location.name, location.postcode, location.client) == ("Depot", "M1 1AE", one.client)
    assert fetch_all(desk.store, "asset")[0].serial == "SN-1"


def test_a_job_gets_a_reference_of_ours_and_keeps_the_old_one(desk: Desk, take: Files) -> None:
    take("jobs", "WO,Customer,Title,Customer Job No\nWO-77,Acme,Leak,A/9\n")
    (job,) = fetch_all(desk.store, "job")
    assert (job.ref, job.custom, job.client_job) == ("LDN-1001", {"old reference": "WO-77"}, "A/9")


def test_a_reference_of_our_own_series_is_kept_and_finds_the_job(desk: Desk, take: Files) -> None:
    take("jobs", "WO,Customer,Title\nLDN-1001,Acme,Leak\n")
    report = take("jobs", "WO,Customer,Title,Order No\nldn-1001,Acme,Leak,PO7\n", "other.csv")
    assert counts(report) == (0, 1, 0, 0)
    (job,) = fetch_all(desk.store, "job")
    assert (job.ref, job.order_number) == ("LDN-1001", "PO7")


def test_a_job_is_found_by_the_clients_own_number_from_another_source(desk: Desk, take: Files) -> None:
    take("jobs", "WO,Customer,Title,Customer Job No\n1,Acme,Leak,A/9\n")
    report = take("jobs", "Customer,Title,Customer Job No,Order No\nAcme,Leak,a/9,PO7\n", "portal.csv")
    assert counts(report) == (0, 1, 0, 0)


def test_jobs_without_a_reference_that_say_the_same_stay_two_and_come_once(desk: Desk, take: Files) -> None:
    text = "Customer,Title,Reported\nAcme,Leak,2026-01-05\nAcme,Leak,2026-01-05\n"
    assert counts(take("jobs", text)) == (2, 0, 0, 0)
    assert counts(take("jobs", text)) == (0, 0, 2, 0)


def test_finished_work_is_history_billed_elsewhere_until_a_cut_over_day_is_set(desk: Desk, take: Files) -> None:
    report = take("jobs", "WO,Customer,Title,Completed,Status\n1,Acme,Leak,2025-11-03,Complete\n2,Acme,Drip,,Open\n3,Acme,Hum,,Cancelled\n")
    one, two, three = by(desk, "job", "ref")
    assert (one.finished_on, one.elsewhere_until) == (date(2025, 11, 3), date(2025, 11, 4))
    assert (two.finished_on, two.elsewhere_until, two.cancelled) == (None, None, "")
    assert three.cancelled
    assert any("no cut-over day" in note for note in report.notes)


def test_with_a_cut_over_day_complete_work_is_ours_to_bill_and_closed_work_is_not(desk: Desk, take: Files) -> None:
    assert counts(take("policies", "name,value\ncut_over,2026-01-01\n")) == (1, 0, 0, 0)
    take("jobs", "WO,Customer,Title,Completed,Status\n1,Acme,Leak,2026-02-03,Complete\n2,Acme,Drip,2026-02-04,Invoiced\n")
    one, two = by(desk, "job", "ref")
    assert (one.finished_on, one.elsewhere_until) == (date(2026, 2, 3), None)
    assert two.elsewhere_until == date(2026, 2, 5)


def test_a_day_billed_elsewhere_until_can_be_given_for_the_whole_file(desk: Desk, take: Files) -> None:
    take("jobs", "WO,Customer,Title,Completed\n1,Acme,Leak,2026-02-03\n", elsewhere_until=date(2026, 3, 1))
    assert fetch_all(desk.store, "job")[0].elsewhere_until == date(2026, 3, 1)


def test_a_job_that_the_old_system_finishes_later_is_finished_here(desk: Desk, take: Files) -> None:
    take("jobs", "WO,Customer,Title,Status\n1,Acme,Leak,Open\n")
    report = take("jobs", "WO,Customer,Title,Status,Completed\n1,Acme,Leak,Closed,2026-02-03\n")
    assert counts(report) == (0, 1, 0, 0)
    assert fetch_all(desk.store, "job")[0].finished_on == date(2026, 2, 3)


def test_a_client_named_by_a_job_is_filled_in_by_the_clients_file(desk: Desk, take: Files) -> None:
    take("jobs", "WO,Customer,Title\n1,Acme Ltd,Leak\n")
    report = take("clients", CLIENTS)
    assert counts(report) == (1, 1, 0, 0)
    acme = fetch_all(desk.store, "client", name="Acme Ltd")[0]
    assert (acme.ref, acme.phone) == ("LDN-K1", "020 7946 0001")
    take("jobs", "WO,Customer,Title\n2,C001,Drip\n", "more.csv")
    assert {job.client for job in fetch_all(desk.store, "job")} == {acme.id}


def test_a_history_without_client_names_is_known_by_its_assets(desk: Desk, take: Files) -> None:
    take("assets", "Serial,Client,Site,Type\nSN1,Acme,Depot,Boiler\n")
    take("jobs", "Equipment,Date,Work performed,Cost\nSN1,2024-05-06,REPLACED PUMP,\nPress 4,2024-05-07,OILED,12.50\n")
    pump, oiled = by(desk, "job", "ref")
    assert (pump.client, pump.location) == tuple(desk.store.sql("SELECT client, location FROM asset WHERE serial = 'SN1'")[0])
    assert oiled.custom == {"cost": "12.50"}
    assert oiled.client is None


# --- places, people, things -------------------------------------------------------------------------------------------


def test_locations_come_with_pins_and_access_notes_and_are_known_by_client_and_name(desk: Desk, take: Files) -> None:
    text = "Client,Site Name,Address,Town,Postcode,Lat,Lon,Access\nAcme,Depot,1 High St,Leeds,LS1 1AA,53.8,-1.55,Key at gate\n"
    assert counts(take("locations", text)) == (1, 0, 0, 0)
    (depot,) = fetch_all(desk.store, "location")
    assert (depot.address, depot.lat, depot.lon, depot.pin_from) == ("1 High St, Leeds", 538000000, -15500000, "given")
    assert (depot.access_notes, depot.ref) == ("Key at gate", "LDN-L1")
    assert counts(take("locations", text, "other.csv")) == (0, 0, 1, 0)


def test_two_clients_may_number_their_sites_alike(desk: Desk, take: Files) -> None:
    text = "Site No,Client,Site Name\n1,Acme,Depot\n1,Bolt,Depot\n2,Acme,Yard\n"
    assert counts(take("locations", text)) == (3, 0, 0, 0)
    assert counts(take("locations", text)) == (0, 0, 3, 0)


def test_postcodes_pin_what_has_no_pin_and_what_comes_later(desk: Desk, take: Files) -> None:
    take("locations", "Client,Site Name,Postcode,Lat,Lon\nAcme,Depot,LS1 1AA,,\nAcme,Yard,M1 1AE,53.1,-2.2\nAcme,Shed,XX1 1XX,,\n")
    report = take("postcodes", "pcd,lat,long\nLS11AA,53.8,-1.55\nM1 1AE,53.9,-2\nSW1A 1AA,51.5,-0.1\n")
    assert (report.updated, report.unchanged) == (1, 2)
    assert any("1 locations still have no pin" in note for note in report.notes)
    take("locations", "Client,Site Name,Postcode\nBolt,Palace,SW1A 1AA\n", "more.csv")
    pins = {place.name: (place.lat, place.pin_from) for place in fetch_all(desk.store, "location")}
    assert pins == {
        "Depot": (538000000, "postcode"),
        "Yard": (531000000, "given"),
        "Shed": (None, ""),
        "Palace": (515000000, "postcode"),
    }


def test_contacts_belong_to_a_client_and_say_what_they_are_there_for(desk: Desk, take: Files) -> None:
    text = "Client,First Name,Surname,Role,Email\nAcme,Ann,Ash,Accounts,ann@acme.example\nAcme,Bob,Beech,Site,\n"
    assert counts(take("contacts", text)) == (2, 0, 0, 0)
    ann = fetch_all(desk.store, "contact", name="Ann Ash")[0]
    assert (ann.role, ann.email) == ("accounts payable", "ann@acme.example")
    assert counts(take("contacts", text)) == (0, 0, 2, 0)


def test_assets_of_one_serial_at_two_clients_are_two(desk: Desk, take: Files) -> None:
    text = "Serial No,Client,Site,Make,Model,Installed,Warranty End\nX1,Acme,Depot,Baxi,9,2024-01-05,2026-01-04\nX1,Bolt,Yard,Vokera,2,,\n"
    assert counts(take("assets", text)) == (2, 0, 0, 0)
    acme = fetch_all(desk.store, "asset", maker="Baxi")[0]
    assert (acme.installed, acme.warranty_until) == (date(2024, 1, 5), date(2026, 1, 5))
    assert counts(take("assets", text)) == (0, 0, 2, 0)


def test_technicians_vehicles_and_their_days(desk: Desk, take: Files) -> None:
    take("technicians", "Code,Name,Skills,Shift Start,Shift End,Cost Rate\nAmy,Amy Ash,gas; lifts,7:30,16:30,22.50\n")
    (amy,) = fetch_all(desk.store, "technician")
    assert (amy.code, amy.skills, amy.shift_start, amy.cost_rate) == ("amy", ("gas", "lifts"), "07:30", 2250)
    report = take("vehicles", "Registration,Driver,From,To\nAB12 CDE,amy,2026-01-01,2026-01-31\nZZ9,nobody,,\n")
    assert counts(report) == (1, 0, 0, 1)
    (use,) = fetch_all(desk.store, "vehicle_use")
    assert (use.vehicle, use.technician, use.end) == ("AB12 CDE", amy.id, date(2026, 2, 1))


def test_parts_and_stock_a_new_count_adds_the_difference(desk: Desk, take: Files) -> None:
    take("parts", "Code,Description,Sell\nP1,Pump,120.00\n")
    take("stock", "Part,Warehouse,Qty\nP1,Main,10\n")
    assert counts(take("stock", "Part,Warehouse,Qty\nP1,Main,10\n")) == (0, 0, 1, 0)
    report = take("stock", "Part,Warehouse,Qty\nP1,Main,7\nP9,Main,1\n")
    assert counts(report) == (0, 1, 0, 1)
    assert desk.store.sql("SELECT quantity FROM stock WHERE void = 0 ORDER BY stamp") == [(10000,), (-3000,)]
    take("stock", "Part,Warehouse,Qty\nP1,Main,10\n")
    assert desk.store.sql("SELECT sum(quantity) FROM stock WHERE void = 0") == [(10000,)]


def test_a_corrected_reading_is_another_reading(desk: Desk, take: Files) -> None:
    take("assets", "Serial,Client,Type\nSN1,Acme,Copier\n")
    take("readings", "Serial,Meter,Reading,Date\nSN1,mono,1200,2026-01-31\n")
    assert counts(take("readings", "Serial,Meter,Reading,Date\nSN1,mono,1200,2026-01-31\n")) == (0, 0, 1, 0)
    report = take("readings", "Serial,Meter,Reading,Date\nSN1,mono,1250,2026-01-31\nSN2,mono,1,2026-01-31\n")
    assert counts(report) == (0, 1, 0, 1)
    assert desk.store.sql("SELECT value, void FROM reading ORDER BY stamp") == [(1200000, 1), (1250000, 0)]
    undo(desk, report.act)
    assert [reading.value for reading in fetch_all(desk.store, "reading")] == [1200000]


def test_a_reading_that_a_person_voided_stays_void_when_the_file_comes_again(desk: Desk, take: Files) -> None:
    take("assets", "Serial,Client,Type\nSN1,Acme,Copier\n")
    take("readings", "Serial,Meter,Reading,Date\nSN1,mono,1200,2026-01-31\n")
    (reading,) = fetch_all(desk.store, "reading")
    edit(desk, "reading", reading.id, void=True)
    take("readings", "Serial,Meter,Reading,Date\nSN1,mono,1200,2026-01-31\n")
    assert fetch_all(desk.store, "reading") == []


# --- money ------------------------------------------------------------------------------------------------------------


def test_open_invoices_and_payments_come_in_without_lines_of_ours(desk: Desk, take: Files) -> None:
    text = "Invoice No,Customer,Date,Due,Net,VAT,Outstanding,Job\nI-1,Acme,2026-01-05,2026-02-04,100.00,20.00,120.00,WO-7\n"
    assert counts(take("invoices", text)) == (1, 0, 0, 0)
    (invoice,) = fetch_all(desk.store, "invoice")
    assert (invoice.net, invoice.tax, invoice.gross, invoice.open_amount, invoice.origin) == (10000, 2000, 12000, 12000, "imported")
    assert invoice.custom == {"job": "WO-7"}
    assert fetch_all(desk.store, "invoice_line") == []
    report = take("payments", "Invoice,Amount,Date,Reference\nI-1,50,2026-02-01,BACS 1\nI-1,50,2026-02-01,BACS 1\nnone,1,2026-02-01,x\n")
    assert counts(report) == (2, 0, 0, 1)
    assert [payment[0] for payment in desk.store.sql("SELECT client FROM payment")] == [invoice.client] * 2


def test_an_invoice_whose_open_amount_changed_stands_again_and_its_payments_follow(desk: Desk, take: Files) -> None:
    text = "Invoice No,Customer,Date,Net,Outstanding\nI-1,Acme,2026-01-05,100.00,100.00\n"
    take("invoices", text)
    take("payments", "Invoice,Amount,Date\nI-1,40,2026-02-01\n")
    assert counts(take("invoices", text.replace("100.00,100.00", "100.00,60.00"))) == (0, 1, 0, 0)
    (invoice,) = fetch_all(desk.store, "invoice")
    assert invoice.open_amount == 6000
    assert desk.store.sql("SELECT amount FROM payment WHERE void = 0 AND invoice = ?", (invoice.id,)) == [(4000,)]
    assert counts(take("payments", "Invoice,Amount,Date\nI-1,40,2026-02-01\n")) == (0, 0, 1, 0)


# --- contracts, rates, policies -----------------------------------------------------------------------------------------

CONTRACTS = """Contract No,Customer,Contract Name,Start,Line,Amount,Frequency,Serials,Billed To Date
K1,Acme,Care plan,2025-01-01,Boilers,120.00,monthly,SN1; SN2,2026-02-28
K1,Acme,Care plan,2025-01-01,Lift,300,quarterly,SN3,2025-12-31
K2,Bolt,Cover,2026-04-01,Fee,1200,annual,,
"""


def test_a_contract_is_its_rows_with_terms_and_covers(desk: Desk, take: Files) -> None:
    report = take("contracts", CONTRACTS)
    assert (report.added, report.created) == (2, {"client": 2, "asset": 3, "term": 3, "cover": 3})
    one, two = by(desk, "contract", "ref")
    assert (one.ref, one.name, one.start) == ("K1", "Care plan", date(2025, 1, 1))
    boilers, lift = by(desk, "term", "name", contract=one.id)
    assert (boilers.amount, boilers.every, boilers.unit, boilers.elsewhere_until) == (12000, 1, "month", date(2026, 3, 1))
    assert (lift.every, lift.unit, lift.elsewhere_until) == (3, "month", date(2026, 1, 1))
    (fee,) = fetch_all(desk.store, "term", contract=two.id)
    assert (fee.every, fee.unit, fee.elsewhere_until) == (1, "year", None)
    assert counts(take("contracts", CONTRACTS)) == (0, 0, 3, 0)


def test_a_contract_line_that_says_nothing_of_billing_counts_as_billed_until_today(desk: Desk, take: Files) -> None:
    report = take("contracts", "Contract,Customer,Start,Amount\nK1,Acme,2019-01-01,10\n")
    assert fetch_all(desk.store, "term")[0].elsewhere_until == date(2026, 3, 2)
    assert any("until today" in note for note in report.notes)


def test_a_newer_contract_file_changes_a_price_and_ends_what_it_no_longer_covers(desk: Desk, take: Files) -> None:
    take("contracts", CONTRACTS)
    report = take("contracts", CONTRACTS.replace("120.00", "130.00").replace("SN1; SN2", "SN2"))
    assert report.added == 0
    assert fetch_all(desk.store, "term", name="Boilers")[0].amount == 13000
    assert len(fetch_all(desk.store, "cover")) == 2
    assert len(fetch_all(desk.store, "asset")) == 3
    take("contracts", CONTRACTS)
    assert len(fetch_all(desk.store, "cover")) == 3


def test_rates_belong_to_a_contract_a_client_or_everyone(desk: Desk, take: Files) -> None:
    take("contracts", CONTRACTS)
    text = "Type,Price,Customer,Contract\nLabour,65.00,,\nLabour,55.00,,K1\nTravel,40,Acme,\nLabour,1,,K9\n"
    assert counts(take("rates", text)) == (3, 0, 0, 1)
    assert counts(take("rates", text)) == (0, 0, 3, 1)
    assert sorted(rate.amount for rate in fetch_all(desk.store, "rate")) == [4000, 5500, 6500]


def test_policies_come_from_toml_with_days(desk: Desk, take: Files) -> None:
    text = 'sign_off_required = false\nno_such_thing = 1\n["2026-04-01"]\ntax_rate = 2100\n'
    report = take("policies", text, "policies.toml")
    assert counts(report) == (2, 0, 0, 1)
    assert "no policy" in report.rejects[0].reason
    stood = {(policy.name, policy.start, policy.value) for policy in fetch_all(desk.store, "policy")}
    assert stood == {("sign_off_required", None, False), ("tax_rate", date(2026, 4, 1), 2100)}
    assert report.match == {}, "it has no columns that could be taken for others"
    assert "read as" not in report.in_words()
    assert counts(take("policies", text, "policies.toml")) == (0, 0, 2, 1)
    assert take("policies", "= broken", "policies.toml").rejected == 1
