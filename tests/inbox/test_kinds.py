"""Kinds: headers found by the names people give them, rows read as records."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fsconsole.inbox.kinds import KINDS, Record, help_lines, match, parse_map, read
from fsconsole.inbox.known import header_key
from fsconsole.inbox.sheets import RowReject
from fsconsole.values.work import Reject

LONDON = ZoneInfo("Europe/London")
AWKWARD = Path(__file__).parents[2] / "fixtures" / "awkward"


def records(kind: str, text: str, given: dict[str, str] | None = None, **more) -> list[Record | Reject]:
    return list(read(kind, text.encode(), given, zone=LONDON, **more))


def one(kind: str, text: str, given: dict[str, str] | None = None, **more) -> dict:
    (record,) = records(kind, text, given, **more)
    assert isinstance(record, Record), record
    return record.values


@pytest.mark.parametrize(
    ("kind", "header", "ours"),
    [("jobs", "Work Order No", "ref"), ("jobs", "WO#", "ref"), ("jobs", "Job Number", "ref"), ("jobs", "job_no.", "ref"),
     ("jobs", "Customer", "client"), ("jobs", "Site", "location"), ("jobs", "SERIAL NO.", "asset"),
     ("jobs", "P.O. Number", "order_number"),
     ("jobs", "Date Raised", "reported_at"), ("jobs", "Engineer", "technician"), ("jobs", "Total Cost (£)", "cost"),
     ("assets", "Serial No.", "serial"), ("assets", "Manufacturer", "maker"), ("clients", "Customer Name", "name"),
     ("locations", "Site Name", "name"), ("parts", "SKU", "code"), ("contracts", "Billing Frequency", "every"),
     ("invoices", "InvoiceNumber", "number"), ("vehicles", "Reg No", "vehicle"), ("postcodes", "pcds", "postcode")],
)  # fmt: skip
def test_headers_are_known_by_the_names_people_give_them(kind, header, ours):
    assert match(kind, [header]).used == {ours: header}


def test_two_headers_for_like_things_go_to_the_fields_that_name_them():
    used = match("jobs", ["Customer Ref", "Customer", "Job Type", "Job No", "Description", "Title"]).used
    assert used == {
        "ref": "Job No", "client": "Customer", "title": "Title", "details": "Description", "kind": "Job Type",
        "client_job": "Customer Ref",
    }  # fmt: skip


def test_what_matches_nothing_is_kept_as_a_custom_field():
    (record,) = records("clients", "Name,Shoe size,Mood\nAcme,44,\n")
    assert isinstance(record, Record)
    assert (record.values, record.custom) == ({"name": "Acme"}, {"Shoe size": "44"})


def test_a_map_wins_over_names_and_takes_ours_by_any_name():
    assert one("jobs", "A,B,Client\n7,Boiler,Acme\n", {"work order": "A", "title": "b"}) == {
        "ref": "7", "title": "Boiler", "client": "Acme",
    }  # fmt: skip


def test_a_map_with_a_slip_is_one_reject_with_what_was_meant():
    (reject,) = records("jobs", "Ref,Client,Fault\n1,Acme,x\n", {"titel": "Fault", "client": "Clint"})
    assert "did you mean “title”?" in reject.reason
    assert "did you mean “Client”?" in reject.reason


def test_a_missing_column_is_one_reject_that_says_how_to_name_it():
    (reject,) = records("contacts", "Phone\n123\n")
    assert "--map client=THEIRS" in reject.reason


def test_an_unknown_kind_says_which_there_are():
    with pytest.raises(ValueError, match="did you mean “clients”"):
        read("client", b"", zone=LONDON)


def test_maps_are_written_ours_equals_theirs():
    assert parse_map('ref=WO No, title="Fault, as told" ,x=a=b') == {"ref": "WO No", "title": "Fault, as told", "x": "a=b"}
    for wrong, says in (("ref", "not a pair"), ("a=b,a=c", "twice"), ('a="b', "does not close"), ("=b", "not a pair")):
        with pytest.raises(ValueError, match=says):
            parse_map(wrong)


def test_a_job_is_read_with_its_links_as_text():
    text = (
        "WO#;Customer;Site;Serial;Fault;Description;Type;Prio;Raised;Completed;Status;Tech;Cost;Total;PO\n"
        "17;Acme;Unit 3;SN1;Boiler down;No heat since 6;Reactive;P1;14/07/2026 09:30;15/07/2026;Invoiced;amy;"
        "1.234,50;2.000,00;4711\n"
    )
    assert one("jobs", text) == {
        "ref": "17", "client": "Acme", "location": "Unit 3", "asset": "SN1", "title": "Boiler down",
        "details": "No heat since 6", "kind": "repair", "priority": 1, "reported_at": datetime(2026, 7, 14, 8, 30, tzinfo=UTC),
        "finished_on": date(2026, 7, 15), "status": "closed", "technician": "amy", "cost": 123450, "price": 200000,
        "order_number": "4711",
    }  # fmt: skip


def test_a_long_description_without_a_title_gives_the_title_its_first_words():
    values = one("jobs", "Ref,Client,Description\n1,Acme," + "compressor noisy " * 10 + "\n")
    assert values["title"].startswith("compressor noisy")
    assert len(values["title"]) <= 81
    assert values["details"].startswith(values["title"].rstrip("…"))


def test_a_contract_row_is_one_term_with_days_up_to_and_including_the_last():
    text = (
        "Contract No,Customer,Start,End,Fee,Frequency,Timing,Response Time,Fix Time,Serials,Sites,PO Required,Billed to date\n"
        'K1,Acme,01/04/2026,31/03/2027,"1,160.00",Quarterly,In advance,4h,1 day,SN1; SN2,Unit 3;Unit 4,yes,30/06/2026\n'
    )
    assert one("contracts", text) == {
        "ref": "K1", "client": "Acme", "start": date(2026, 4, 1), "end": date(2027, 4, 1), "amount": 116000,
        "every": 3, "unit": "month", "timing": "advance", "respond_minutes": 240, "restore_minutes": 480,
        "assets": ("SN1", "SN2"), "locations": ("Unit 3", "Unit 4"), "order_required": True, "elsewhere_until": date(2026, 7, 1),
    }  # fmt: skip


def test_every_and_unit_in_two_columns_are_read_together():
    values = one("contracts", "Ref,Client,Every,Unit\nK1,Acme,3,months\n")
    assert (values["every"], values["unit"]) == (3, "month")


def test_an_address_is_joined_from_its_parts_and_a_pin_from_either_form():
    text = (
        "Client,Site Name,Address Line 1,Address Line 2,City,Post Code,GPS\n"
        'Acme,Unit 3,1 High St,,Leeds,ls11aa,"53.8, -1.55"\n'
    )
    assert one("locations", text) == {
        "client": "Acme", "name": "Unit 3", "address": "1 High St, Leeds", "postcode": "LS1 1AA",
        "lat": 538_000_000, "lon": -15_500_000,
    }  # fmt: skip


def test_a_position_at_nought_is_left_out_with_a_doubt_and_the_row_is_kept():
    (record,) = records("locations", "Client,Name,Lat,Lon\nAcme,Unit 3,0,0\n")
    assert isinstance(record, Record)
    assert "lat" not in record.values
    assert "not set" in record.doubts[0]


def test_the_last_day_of_a_warranty_is_turned_into_the_first_day_without():
    assert one("assets", "Client,Serial,Warranty Expiry\nAcme,S1,31/12/2026\n")["warranty_until"] == date(2027, 1, 1)


def test_an_invoice_gets_its_third_amount_from_the_other_two_and_must_add_up():
    assert one("invoices", "Invoice No,Customer,Net,VAT\n1,Acme,100,20\n")["gross"] == 12000
    (reject,) = records("invoices", "Invoice No,Customer,Net,VAT,Total\n1,Acme,100,20,125\n")
    assert "do not add up" in reject.reason


def test_dates_of_a_column_that_leaves_it_open_follow_the_files_other_columns():
    reading = read("jobs", b"Ref,Client,Raised,Completed\n1,A,03/04/2026,04/13/2026\n2,B,05/06/2026,05/06/2026\n", zone=LONDON)
    assert [record.values["finished_on"].month for record in reading] == [4, 5]
    assert reading.orders["reported_at"] == ("mdy", False)


def test_a_file_that_leaves_it_open_everywhere_says_so_and_takes_what_it_is_told():
    reading = read("jobs", b"Ref,Client,Raised\n1,A,03/04/2026\n", zone=LONDON, order="mdy")
    assert reading.orders["reported_at"] == ("mdy", True)
    assert next(reading).values["reported_at"] == datetime(2026, 3, 4, tzinfo=UTC)


def test_a_row_with_several_faults_is_one_reject_that_names_them_all():
    (reject,) = records("jobs", "Ref,Client,Raised,Cost\n1,Acme,soon,cheap\n")
    assert isinstance(reject, RowReject)
    assert (reject.line, reject.field, reject.value) == (2, "Raised", "soon")
    assert "also Cost: “cheap” is not an amount" in reject.reason
    assert reject.row == ("1", "Acme", "soon", "cheap")


def test_cells_that_say_nothing_are_left_out():
    assert one("assets", "Client,Serial,Maker,Installed\nAcme,S1,N/A,-\n") == {"client": "Acme", "serial": "S1"}


def test_a_shouting_history_with_odd_dates_and_empty_costs_keeps_every_good_row():
    reading = read("jobs", AWKWARD / "maintenance-history.csv", zone=LONDON)
    items = list(reading)
    good = {item.values["ref"]: item for item in items if isinstance(item, Record)}
    assert list(good) == ["1001", "1002", "1004", "1005", "1007", "1011"]
    assert good["1001"].line == 5
    assert good["1002"].values["title"] == "NO ACCESS GATE LOCKED, CALL 020 7946 0123 FIRST"
    assert good["1004"].values["finished_on"] == date(2024, 3, 2)
    assert "asset" not in good["1005"].values
    assert good["1007"].values["cost"] == -3500
    assert [item.line for item in items if isinstance(item, Reject)] == [8, 11, 13, 14, 15, 17]


def test_a_german_table_in_windows_1252_is_read_by_map():
    given = {"ref": "Kundennummer", "name": "Kunde", "address": "Straße", "town": "Stadt"}
    reading = list(read("clients", AWKWARD / "clients-cp1252.csv", given, zone=LONDON))
    assert [record.values["name"] for record in reading] == ["Müller & Söhne GmbH", "Café “Zentral”", "Großküchen AG – Süd"]
    assert reading[0].values["address"] == "Hauptstraße 5, München"
    assert reading[0].custom == {"Saldo": "1.234,50"}


def test_a_table_in_utf_16_is_read():
    reading = list(read("clients", AWKWARD / "clients-utf16.csv", zone=LONDON))
    assert [record.values["name"] for record in reading] == ["Łódź Chłodnia", "東京サービス"]


@pytest.mark.parametrize("path", sorted((AWKWARD.parent / "company").glob("*.csv")), ids=lambda path: path.stem)
def test_the_made_up_company_comes_in_without_a_reject(path):
    reading = read("jobs" if path.stem.startswith("jobs") else path.stem, path, zone=LONDON)
    assert reading.match.fits
    assert [item for item in reading if isinstance(item, Reject)] == []


@pytest.mark.parametrize("kind", KINDS)
def test_no_header_means_two_fields_that_are_needed_and_every_field_has_help(kind):
    known = KINDS[kind]
    assert len({each.name for each in known.fields}) == len(known.fields)
    for group in known.required:
        for name in group:
            assert match(kind, [name]).used == {name: name}
    assert all(words for _, words in help_lines(kind))


def test_headers_are_compared_without_case_punctuation_and_the_word_for_number():
    assert {header_key(h) for h in ("WO #", "W.O. Number", "wo_no", "Wo  NR", "wo no.")} >= {"wono"}
    assert header_key("Customer's Name") == "customersname"


def test_a_hundred_thousand_rows_pass_without_being_held_in_memory(tmp_path):
    path = tmp_path / "big.csv"
    with path.open("w") as file:
        file.write("Ref,Client,Title,Raised,Cost\n")
        for number in range(100_000):
            file.write(f"{number},Client {number % 50},Boiler {number},{number % 28 + 1:02}/03/2026,{number % 90}.50\n")
    reading = read("jobs", path, zone=LONDON)
    tracemalloc.start()
    count = sum(isinstance(item, Record) for item in reading)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 100_000
    assert peak < 12 << 20


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(KINDS)), st.binary(max_size=300))
def test_any_bytes_of_any_kind_are_records_or_rejects(kind, data):
    for item in read(kind, data, zone=LONDON):
        assert isinstance(item, Record | Reject)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text(max_size=12), min_size=5, max_size=5))
def test_any_cells_give_one_record_or_one_reject_and_their_neighbours_survive(cells):
    line = ",".join('"' + cell.replace('"', '""').replace("\0", "") + '"' for cell in cells)
    text = f"Ref,Client,Raised,Cost,Priority\nfirst,Acme,2026-01-13,1,high\n{line}\nlast,Acme,2026-01-14,2,low\n"
    items = list(read("jobs", text.encode("utf-8", "replace"), zone=LONDON))
    refs = [item.values.get("ref") for item in items if isinstance(item, Record)]
    assert refs[0] == "first"
    assert refs[-1] == "last"
    assert len(items) <= 3
