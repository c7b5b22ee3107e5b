"""The made-up company holds together: what its files name is there, once, and what they add up adds up.

It stands apart because demo, tests and screenshots rest on these files; it reads them with csv and tomllib alone.
"""

# ruff: noqa: DTZ007 - the files hold local clock times and the tests compare like with like
from __future__ import annotations

import csv
import io
import json
import math
import re
import tomllib
from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
COMPANY = FIXTURES / "company"
DEMO_DAY = date(2026, 3, 3)
Row = dict[str, str]


@cache
def table(name: str) -> list[Row]:
    with (COMPANY / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, strict=True))


@cache
def story() -> dict[str, Any]:
    return tomllib.loads((FIXTURES / "day" / "script.toml").read_text(encoding="utf-8"))


def values(name: str, column: str) -> set[str]:
    return {row[column] for row in table(name) if row[column]}


def several(cell: str) -> list[str]:
    return [piece.strip() for piece in cell.split(";") if piece.strip()]


def missing(name: str, column: str, there: set[str]) -> set[str]:
    return values(name, column) - there


def metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    east = (b[1] - a[1]) * math.cos(math.radians((a[0] + b[0]) / 2))
    return math.hypot(b[0] - a[0], east) * 111_200


def places() -> dict[tuple[str, str], tuple[float, float]]:
    pins = {row["Postcode"]: (float(row["Latitude"]), float(row["Longitude"])) for row in table("postcodes")}
    return {
        (row["Client"], row["Name"]): (float(row["Latitude"]), float(row["Longitude"]))
        if row["Latitude"]
        else pins[row["Postcode"].split()[0]]
        for row in table("locations")
    }


FILES = sorted(path.stem for path in COMPANY.glob("*.csv"))


@pytest.mark.parametrize("name", FILES)
def test_every_row_has_as_many_cells_as_the_header(name: str) -> None:
    with (COMPANY / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        widths = {len(row) for row in csv.reader(file, strict=True)}
    assert len(widths) == 1


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("clients", "Ref"), ("clients", "Name"), ("locations", "Ref"), ("assets", "Ref"), ("assets", "Serial"),
        ("technicians", "Code"), ("technicians", "Phone"), ("parts", "Code"), ("postcodes", "Postcode"),
    ],
)  # fmt: skip
def test_what_identifies_a_row_is_there_and_unique(name: str, column: str) -> None:
    cells = [row[column] for row in table(name)]
    assert all(cells)
    assert [cell for cell, times in Counter(cells).items() if times > 1] == []


def test_every_client_that_is_named_is_a_client() -> None:
    clients = values("clients", "Name")
    named = ("locations", "contacts", "assets", "contracts", "rates", "invoices", "payments")
    wrong = {name: missing(name, "Client", clients) for name in (*named, "jobs_history", "jobs_open")}
    assert {name: gaps for name, gaps in wrong.items() if gaps} == {}
    assert missing("clients", "Payer", clients) == missing("contracts", "Payer", clients) == set()


def test_every_location_that_is_named_belongs_to_the_client_it_is_named_with() -> None:
    there = {(row["Client"], row["Name"]) for row in table("locations")}
    for name in ("contacts", "assets", "jobs_history", "jobs_open"):
        named = {(row["Client"], row["Location"]) for row in table(name) if row["Location"]}
        assert named - there == set(), name
    for row in table("contracts"):
        assert {(row["Client"], place) for place in several(row["Locations covered"])} <= there


def test_a_job_names_an_asset_that_stands_where_the_job_is() -> None:
    stands = {row["Serial"]: (row["Client"], row["Location"]) for row in table("assets")}
    for row in (*table("jobs_history"), *table("jobs_open")):
        assert stands[row["Serial"]] == (row["Client"], row["Location"]), row["Ref"]


def test_contracts_cover_assets_of_their_own_client() -> None:
    owner = {row["Serial"]: row["Client"] for row in table("assets")}
    for row in table("contracts"):
        assert {owner[serial] for serial in several(row["Serials"])} <= {row["Client"]}, row["Ref"]


def test_a_contract_has_thirty_refs_every_kind_and_both_timings() -> None:
    rows = table("contracts")
    assert len({row["Ref"] for row in rows}) == 30
    assert {"care", "care plus", "maintenance", "rental", "time and materials"} == {
        row["Kind"] for row in rows
    } - {""}
    assert {row["Timing"] for row in rows} - {""} == {"advance", "arrears"}
    assert {(row["Every"], row["Unit"]) for row in rows} - {("", "")} == {
        ("1", "month"),
        ("3", "month"),
        ("1", "year"),
    }
    assert {row["Currency"] for row in rows} - {""} == {"GBP"}


def test_some_contract_still_covers_an_asset_that_was_removed_and_some_assets_are_on_none() -> None:
    covered = {serial for row in table("contracts") for serial in several(row["Serials"])}
    assert any(row["Removed"] for row in table("assets") if row["Serial"] in covered)
    assert any(not row["Removed"] for row in table("assets") if row["Serial"] not in covered)


def test_technicians_parts_and_contracts_that_are_named_are_there() -> None:
    technicians, parts, contracts = (
        values("technicians", "Code"),
        values("parts", "Code"),
        values("contracts", "Ref"),
    )
    assert (
        missing("vehicles", "Technician", technicians) == missing("stock", "Technician", technicians) == set()
    )
    assert missing("jobs_history", "Technician", technicians) == set()
    assert missing("stock", "Part", parts) == set()
    assert {part for row in table("jobs_history") for part in several(row["Parts"])} <= parts
    for name in ("jobs_history", "jobs_open", "invoices", "rates"):
        assert missing(name, "Contract", contracts) == set(), name


def test_a_technician_with_the_skill_went_to_every_job() -> None:
    skills = {row["Code"]: several(row["Skills"]) for row in table("technicians")}
    assert all(row["Skill"] in skills[row["Technician"]] for row in table("jobs_history"))


def test_job_references_are_unique_over_history_and_open_jobs() -> None:
    refs = [row["Ref"] for row in (*table("jobs_history"), *table("jobs_open"))]
    assert len(refs) == len(set(refs))


def test_history_was_reported_before_it_was_finished_and_before_the_demo_day() -> None:
    for row in table("jobs_history"):
        reported = datetime.strptime(row["Reported at"], "%d/%m/%Y %H:%M").date()
        finished = datetime.strptime(row["Finished on"], "%d/%m/%Y").date()
        assert date(2025, 3, 1) <= reported <= finished < DEMO_DAY, row["Ref"]


def test_history_shouts_and_leaves_costs_empty_here_and_there() -> None:
    rows = table("jobs_history")
    assert 0.05 < sum(row["Title"].isupper() for row in rows) / len(rows) < 0.25
    assert 0.1 < sum(not row["Cost"] for row in rows) / len(rows) < 0.4


def test_invoice_lines_add_up_to_their_invoice() -> None:
    by_number: dict[str, list[Row]] = {}
    for row in table("invoices"):
        by_number.setdefault(row["Number"], []).append(row)
    for number, rows in by_number.items():
        head = ("Client", "Kind", "Issued on", "Due on", "Net", "Tax", "Gross", "Open amount", "Order number")
        assert len({tuple(row[column] for column in head) for row in rows}) == 1, number
        net, tax, gross = (Decimal(rows[0][column]) for column in ("Net", "Tax", "Gross"))
        assert sum(Decimal(row["Line amount"]) for row in rows) == net, number
        assert net + tax == gross, number
        assert abs(Decimal(rows[0]["Open amount"])) <= abs(gross), number


def test_payments_pay_invoices_that_are_there_and_leave_what_is_open() -> None:
    invoices = {row["Number"]: row for row in table("invoices")}
    paid: Counter[str] = Counter()
    for row in table("payments"):
        if not row["Invoice"]:
            continue  # money that came for no document: somebody is asked about it
        assert row["Client"] == invoices[row["Invoice"]]["Client"]
        paid[row["Invoice"]] += int(Decimal(row["Amount"]) * 100)
    for number, row in invoices.items():
        if row["Kind"] == "invoice":
            left = int(Decimal(row["Gross"]) * 100) - paid[number]
            assert left == int(Decimal(row["Open amount"]) * 100), number


def test_an_invoice_line_is_about_a_job_of_history_or_a_term_of_a_contract() -> None:
    jobs = {row["Ref"] for row in table("jobs_history")}
    terms = {(row["Ref"], row["Term"]) for row in table("contracts")}
    for row in table("invoices"):
        assert row["Job"] in jobs if row["Job"] else (row["Contract"], row["Term"]) in terms, row["Number"]


def test_no_contract_period_is_billed_twice_and_periods_follow_on() -> None:
    lines = [row for row in table("invoices") if row["Term"] and row["Kind"] == "invoice"]
    keys = [(row["Contract"], row["Term"], row["Start"]) for row in lines]
    assert len(keys) == len(set(keys))
    for first, then in zip(sorted(lines, key=_period), sorted(lines, key=_period)[1:], strict=False):
        if (first["Contract"], first["Term"]) == (then["Contract"], then["Term"]):
            assert first["End"] < then["Start"]


def _period(row: Row) -> tuple[str, str, str]:
    return row["Contract"], row["Term"], row["Start"]


def test_fixed_fees_due_since_the_cut_over_and_not_billed_come_to_a_believable_sum() -> None:
    billed = {(row["Contract"], row["Term"], row["Start"]) for row in table("invoices") if row["Term"]}
    owed = Decimal(0)
    for row in (row for row in table("contracts") if row["Term kind"] == "fixed"):
        contract = next(head for head in table("contracts") if head["Ref"] == row["Ref"])
        start = date.fromisoformat(contract["Start"])
        last = date.fromisoformat(contract["End"]) if contract["End"] else date(2099, 12, 31)
        end = last + timedelta(days=1)
        fence = max(date.fromisoformat(contract["Elsewhere until"] or "2025-01-01"), start)
        months = int(row["Every"]) * (12 if row["Unit"] == "year" else 1)
        period = start
        while period < end:
            after = _months_later(period, months)
            due = period if row["Timing"] == "advance" else min(after, end)
            if due > DEMO_DAY:
                break
            if period >= fence and (row["Ref"], row["Term"], period.isoformat()) not in billed:
                owed += Decimal(row["Amount"])
            period = after
    assert Decimal(10_000) < owed < Decimal(60_000)


def _months_later(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    return day.replace(year=day.year + years, month=month + 1)


def test_readings_are_of_rented_machines_and_never_run_backwards() -> None:
    serials = values("assets", "Serial")
    last: dict[tuple[str, str], tuple[str, float]] = {}
    for row in table("readings"):
        assert row["Serial"] in serials
        day, value = last.get((row["Serial"], row["Meter"]), ("", 0.0))
        assert (day, value) < (row["Day"], float(row["Value"]))
        last[row["Serial"], row["Meter"]] = row["Day"], float(row["Value"])


def test_telephone_numbers_come_from_the_ranges_kept_for_drama() -> None:
    drama = re.compile(r"020 7946 0\d{3}|0113 496 0\d{3}|07700 900\d{3}")
    for name in ("clients", "locations", "contacts", "technicians"):
        assert [
            row["Phone"] for row in table(name) if row["Phone"] and not drama.fullmatch(row["Phone"])
        ] == []
    assert all(row["Email"].endswith(".example") for row in table("contacts") if row["Email"])


def test_every_location_has_a_pin_near_its_postcode_or_a_postcode_that_gives_one() -> None:
    pins = {row["Postcode"]: (float(row["Latitude"]), float(row["Longitude"])) for row in table("postcodes")}
    for row in table("locations"):
        outward = row["Postcode"].split()[0]
        if row["Latitude"]:
            assert metres(pins[outward], (float(row["Latitude"]), float(row["Longitude"]))) < 2500, row["Ref"]
    assert any(not row["Latitude"] for row in table("locations"))


def test_some_clients_have_no_accounts_payable_contact_and_an_agent_pays_for_others() -> None:
    with_payable = {row["Client"] for row in table("contacts") if row["Role"] == "accounts payable"}
    assert 0 < len(values("clients", "Name") - with_payable) < 8
    assert max(Counter(row["Payer"] for row in table("clients") if row["Payer"]).values()) > 1
    assert {row["Order required"] for row in table("clients")} == {"yes", "no"}


def test_policies_carry_the_cut_over_and_the_english_calendar() -> None:
    says = {row["Name"]: row["Value"] for row in table("policies")}
    assert says["cut_over"] == "2026-01-01"
    assert (says["holiday_country"], says["office_hours"]) == ("GB-ENG", "Mon-Fri 08:00-17:30")
    assert all(date.fromisoformat(row["Start"]) <= DEMO_DAY for row in table("policies"))


def where(job: str) -> tuple[str, str]:
    """Client and location of a job in the story."""
    for row in table("jobs_open"):
        if row["Ref"] == job:
            return row["Client"], row["Location"]
    call = next(call for call in story()["call"] if call["job"] == job)
    _, client, *rest = call["say"].split()
    place = next(word[1:] for word in rest if word.startswith("@"))
    hits = [
        key
        for key in places()
        if key[0].lower().split()[0] == client and key[1].lower().replace(" ", "").startswith(place)
    ]
    assert len(hits) == 1, call["say"]
    return hits[0]


def test_every_call_as_typed_means_one_client_and_one_of_its_locations() -> None:
    for call in story()["call"]:
        assert call["say"].startswith("log ")
        assert re.search(r" ![1-4]$", call["say"]), call["say"]
        assert where(call["job"])


def test_the_story_speaks_of_jobs_technicians_and_parts_that_are_there() -> None:
    jobs = values("jobs_open", "Ref") | {call["job"] for call in story()["call"]}
    people, parts = values("technicians", "Code"), values("parts", "Code")
    for line in (*story()["visit"], *story()["booking"]):
        assert line["job"] in jobs
        assert line["who"] in people
        assert set(line.get("parts", {})) | {line.get("part", "CAP-45")} <= parts
    for moment in story()["moment"]:
        named = {moment["job"]} if "job" in moment else set()
        assert named | set(re.findall(r"\{(\w+)\}", moment.get("say", ""))) <= jobs
    assert {line["code"] for line in story()["technician"]} == people


def test_a_technician_with_the_skill_is_sent_and_nobody_who_is_absent() -> None:
    skills = {row["Code"]: several(row["Skills"]) for row in table("technicians")}
    wants = {row["Ref"]: row["Skill"] for row in table("jobs_open")}
    absent = {line["code"] for line in story()["technician"] if "absent" in line}
    assert len(absent) == 1
    for line in (*story()["visit"], *story()["booking"]):
        assert line["who"] not in absent
        assert wants.get(line["job"], skills[line["who"]][0]) in skills[line["who"]], line


def test_nobody_is_in_two_places_and_nothing_starts_before_it_is_reported() -> None:
    reported = {call["job"]: _at(DEMO_DAY, call["at"]) for call in story()["call"]}
    for row in table("jobs_open"):
        reported[row["Ref"]] = datetime.strptime(row["Reported at"], "%d/%m/%Y %H:%M")
    for booking in story()["booking"]:
        assert _at(booking["on"], booking["at"]) > reported[booking["job"]], booking
    free: dict[tuple[str, date], datetime] = {}
    for visit in sorted(story()["visit"], key=lambda line: (line["on"], line["leave"])):
        send, leave, arrive = (_at(visit["on"], visit[word]) for word in ("send", "leave", "arrive"))
        assert send <= leave < arrive
        assert leave >= free.get((visit["who"], visit["on"]), leave), visit
        assert send > reported[visit["job"]], visit
        free[visit["who"], visit["on"]] = arrive + timedelta(minutes=visit["minutes"])
        assert free[visit["who"], visit["on"]] <= _at(visit["on"], "18:00")


def _at(day: date, clock: str) -> datetime:
    return datetime.combine(day, datetime.strptime(clock, "%H:%M").time())


def test_the_moments_worth_watching_are_in_the_story() -> None:
    visits = [line for line in story()["visit"] if line["on"] == DEMO_DAY]
    done = [line for line in visits if line["then"] == "complete"]
    assert any("found" not in line for line in done)
    assert any("found" in line and "sign" in line for line in done)
    assert any((line["minutes"], line.get("claims")) == (80, 240) for line in done)
    assert {"waiting parts", "no access", "return needed"} <= {line["then"] for line in visits}
    sent = [m for m in story()["moment"] if m["what"] == "say" and m["say"].startswith("d ")]
    assert {m["site"] for m in sent} == {"LDN", "LDS"}
    assert len({m["say"].split()[1] for m in sent}) == 1
    edits = [m for m in story()["moment"] if m["what"] == "edit"]
    assert {m["site"] for m in edits} == {"LDN", "LDS"}
    assert len({(m["job"], m["field"]) for m in edits}) == 1
    orders = [m for m in story()["moment"] if m["what"] == "order"]
    required = {row["Name"] for row in table("clients") if row["Order required"] == "yes"}
    assert [where(m["job"])[0] in required for m in orders] == [True]
    assert "order" not in next(call for call in story()["call"] if call["job"] == orders[0]["job"])


def fixes(path: Path) -> list[tuple[datetime, float, float]]:
    """The fixes of one track, read with no more than its own dialect needs."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".gpx":
        points = [node for node in ElementTree.fromstring(text).iter() if node.tag.endswith("}trkpt")]
        times = [next(child.text or "" for child in node if child.tag.endswith("}time")) for node in points]
        return [
            (datetime.fromisoformat(at[:19]), float(node.attrib["lat"]), float(node.attrib["lon"]))
            for at, node in zip(times, points, strict=True)
        ]
    if path.suffix == ".rec":
        rows = [line.split("\t") for line in text.splitlines()]
        said = [(row[0], json.loads(row[2])) for row in rows if row[1] == "*" + " " * 17]
        return [(datetime.fromisoformat(at[:19]), fix["lat"], fix["lon"]) for at, fix in said]
    if path.suffix == ".nmea":
        return [fix for fix in map(_rmc, text.splitlines()) if fix]
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";" if ";" in text.split("\n")[0] else ","))
    if "Ignition" in rows[0]:
        return [
            (
                datetime.strptime(f"{row['Date']} {row['Time']}", "%d/%m/%Y %H:%M:%S"),
                float(row["Latitude"]),
                float(row["Longitude"]),
            )
            for row in rows
        ]
    return [
        (
            datetime.fromisoformat(row["time"][:19]),
            float(row["lat"].replace(",", ".")),
            float(row["lon"].replace(",", ".")),
        )
        for row in rows
    ]


def _rmc(line: str) -> tuple[datetime, float, float] | None:
    body, _, check = line[1:].partition("*")
    total = 0
    for letter in body:
        total ^= ord(letter)
    assert total == int(check, 16), line
    cells = body.split(",")
    if cells[2] != "A":
        return None
    lat = int(cells[3][:2]) + float(cells[3][2:]) / 60
    lon = int(cells[5][:3]) + float(cells[5][3:]) / 60
    return datetime.strptime(cells[9] + cells[1][:6], "%d%m%y%H%M%S"), lat, lon if cells[6] == "E" else -lon


TRACKS = [(line["code"], track) for line in story()["technician"] for track in line.get("tracks", ())]


@pytest.mark.parametrize(("who", "track"), TRACKS)
def test_a_track_moves_forward_in_time_and_stands_at_every_visit_of_its_day(who: str, track: str) -> None:
    points = fixes(FIXTURES / track)
    assert [at for at, _, _ in points] == sorted({at for at, _, _ in points})
    days = {at.date() for at, _, _ in points}
    visits = [line for line in story()["visit"] if line["who"] == who and line["on"] in days]
    assert visits
    pins = places()
    for visit in visits:
        arrive = _at(visit["on"], visit["arrive"])
        pin = _true_pin(where(visit["job"]), pins)
        if pin is None:
            continue
        there = [at for at, lat, lon in points if metres(pin, (lat, lon)) < 100]
        stay = [at for at in there if arrive <= at <= arrive + timedelta(minutes=visit["minutes"])]
        assert len(stay) >= 2, visit
        assert not [
            at for at in there if at < arrive - timedelta(minutes=4) and at > arrive - timedelta(minutes=15)
        ] or (_came_from_next_door(visit, visits)), visit


def _true_pin(
    place: tuple[str, str], pins: dict[tuple[str, str], tuple[float, float]]
) -> tuple[float, float] | None:
    """The location's own pin; None where only its postcode is known, which is too coarse to judge a stay by."""
    given = any(row["Latitude"] for row in table("locations") if (row["Client"], row["Name"]) == place)
    return pins[place] if given else None


def _came_from_next_door(visit: dict[str, Any], visits: list[dict[str, Any]]) -> bool:
    earlier = [line for line in visits if line["on"] == visit["on"] and line["leave"] < visit["leave"]]
    pins = places()
    return bool(earlier) and metres(pins[where(earlier[-1]["job"])], pins[where(visit["job"])]) < 1000


def test_every_track_on_disk_belongs_to_a_technician_of_the_story() -> None:
    on_disk = {path for path in (FIXTURES / "tracks").rglob("*") if path.is_file()}
    assert on_disk == {FIXTURES / track for _, track in TRACKS}


@cache
def history() -> list[Row]:
    text = (FIXTURES / "maintenance_history.csv").read_bytes().decode("cp1252")
    title, rest = text.split("\r\n", 1)
    assert title.startswith("Service history export")
    return list(csv.DictReader(io.StringIO(rest, newline=""), delimiter=";"))


def test_the_foreign_history_is_several_thousand_rows_as_odd_as_they_come() -> None:
    rows = history()
    assert len(rows) > 4000
    assert all(None not in row and None not in row.values() for row in rows)
    assert len({row["Job No"] for row in rows}) == len(rows)
    assert any("\n" in row["Description"] for row in rows)
    assert any(row["Description"].endswith(" ") for row in rows)
    assert 0.1 < sum(row["Description"].isupper() for row in rows) / len(rows) < 0.4
    assert 0.1 < sum(not row["Total"] for row in rows) / len(rows) < 0.4


def test_each_date_column_of_the_foreign_history_has_one_style_but_for_a_few_slips() -> None:
    styles = {"Reported": "%d/%m/%Y", "Due": "%Y-%m-%d", "Completed": "%d.%m.%Y %H:%M"}
    slips = [
        row[column]
        for row in history()
        for column, style in styles.items()
        if row[column] and not _reads(row[column], style)
    ]
    assert sorted(slips) == ["31/02/2021", "ask Tuke", "tbc"]


def _reads(cell: str, style: str) -> bool:
    try:
        datetime.strptime(cell, style)
    except ValueError:
        return False
    return True


def test_the_foreign_history_spells_the_same_client_in_several_ways() -> None:
    names = {row["Customer"].strip() for row in history()}
    for first, second in (("Gannet Seafoods Ltd", "Gannet Seafoods"), ("Café Lumière", "Cafe Lumiere")):
        assert {first, second} <= names


def test_all_fixtures_together_stay_under_three_megabytes() -> None:
    ours = [FIXTURES / "company", FIXTURES / "day", FIXTURES / "tracks"]
    total = sum(path.stat().st_size for folder in ours for path in folder.rglob("*") if path.is_file())
    assert total + (FIXTURES / "maintenance_history.csv").stat().st_size < 3_000_000
