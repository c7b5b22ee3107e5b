"""Any bytes in: never a traceback, and good rows are kept."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fsconsole.desk import Desk
from fsconsole.flow.import_kinds import IMPORTERS
from fsconsole.flow.imports import import_file
from fsconsole.flow.tracks import import_tracks
from fsconsole.store.replay import verify
from tests.flow.test_imports import new_desk, new_store

HEADERS = {
    "clients": b"Account No,Company,Phone,Postcode,Terms,PO Required",
    "locations": b"Site No,Client,Site Name,Postcode,Lat,Lon",
    "contacts": b"Client,Name,Role,Email",
    "assets": b"Serial,Client,Site,Type,Installed",
    "technicians": b"Code,Name,Skills,Shift Start",
    "vehicles": b"Registration,Driver,From,To",
    "parts": b"Code,Description,Cost",
    "contracts": b"Contract,Customer,Start,End,Amount,Frequency,Serials",
    "rates": b"Type,Amount,Customer,Contract",
    "jobs": b"Job No,Customer,Site,Serial,Title,Reported,Status,Completed,Cost",
    "readings": b"Serial,Meter,Reading,Date",
    "stock": b"Part,Warehouse,Qty",
    "invoices": b"Invoice No,Customer,Date,Net,VAT,Outstanding",
    "payments": b"Invoice,Customer,Amount,Date",
    "policies": b"name,start,value",
    "indexes": b"Index,Month,Value",
    "holidays": b"Date,Holiday,Calendar",
    "taxes": b"Tax,Percent,From",
}
CELLS = st.one_of(
    st.sampled_from([b"", b"Acme Ltd", b"acme", b"SN1", b"SN-1", b"1", b"-3", b"2026-01-05", b"31/12/2025", b"12.50", b"1.234,5", b"yes"]),
    st.binary(max_size=12),
)
ROWS = st.lists(st.lists(CELLS, max_size=10).map(b",".join), max_size=12).map(b"\n".join)


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with tempfile.TemporaryDirectory() as folder:
        store = new_store(Path(folder) / "site.db")
        yield new_desk(store)
        store.close()


@pytest.mark.parametrize("kind", IMPORTERS)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.one_of(st.binary(max_size=300), ROWS))
def test_any_bytes_under_a_good_header_end_in_a_report(kind: str, desk: Desk, data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{kind}.csv"
        path.write_bytes(HEADERS[kind] + b"\n" + data)
        first = import_file(desk, kind, path, rejects_folder=Path(folder))
        again = import_file(desk, kind, path, rejects_folder=Path(folder))
    assert min(first.added, first.updated, first.unchanged, first.rejected) >= 0
    assert (again.added, again.act) == (0, b"")
    assert again.rejected == first.rejected


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(junk=ROWS)
def test_a_good_row_before_the_damage_is_always_kept(desk: Desk, junk: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "parts.csv"
        path.write_bytes(b"Code,Description,Cost\nZZ-GOOD,Good part,1.00\n" + junk)
        import_file(desk, "parts", path, rejects_folder=Path(folder))
    assert desk.store.sql("SELECT count(*) FROM part WHERE name = 'Good part' AND gone = 0") == [(1,)]


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.binary(max_size=400), name=st.sampled_from(["a.gpx", "a.csv", "a.rec", "a.nmea", "policies.toml"]))
def test_any_bytes_as_a_trail_or_as_toml_end_in_a_report(desk: Desk, data: bytes, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        if name.endswith("toml"):
            import_file(desk, "policies", path, rejects_folder=Path(folder))
        else:
            import_tracks(desk, [path])


def test_what_all_that_left_behind_replays_to_the_same_store(desk: Desk) -> None:
    assert verify(desk.store).difference == ""
