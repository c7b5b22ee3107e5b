"""Two that are one are joined by a person, and taken apart again by undo."""

from __future__ import annotations

from pathlib import Path

import pytest

from fsconsole.desk import Desk
from fsconsole.errors import Refused
from fsconsole.flow.merge import duplicates, likely_pairs, merge, survivor
from fsconsole.flow.pins import unpinned
from fsconsole.flow.undo import undo
from fsconsole.store.replay import verify
from fsconsole.store.rows import fetch, fetch_all
from tests.flow.test_imports import Files, by, counts, new_desk, new_store

JOBS = "WO,Customer,Site,Serial,Title\n1,Acme Ltd,Depot,SN1,Leak\n2,ACME Limited,Yard,SN2,Noise\n3,Bolt,Shed,,Hum\n"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = new_desk(new_store(tmp_path / "site.db"))
    Files(desk, tmp_path)("jobs", JOBS)
    return desk


def client(desk: Desk, name: str) -> bytes:
    return bytes(fetch_all(desk.store, "client", name=name)[0].id)


def test_a_merge_moves_every_link_in_one_act_and_undo_restores_it(desk: Desk) -> None:
    keep, drop = client(desk, "Acme Ltd"), client(desk, "ACME Limited")
    done = merge(desk, "client", keep, drop)
    assert done.words == "ACME Limited (LDN-K2) merged into Acme Ltd (LDN-K1), 3 links moved"
    for kind in ("job", "location", "asset"):
        assert drop not in {row.client for row in fetch_all(desk.store, kind)}
    assert fetch(desk.store, "client", drop).merged_into == keep
    assert survivor(desk.store, "client", drop) == keep
    undo(desk, done.act)
    assert fetch(desk.store, "client", drop).merged_into is None
    assert len(fetch_all(desk.store, "job", client=drop)) == 1
    assert verify(desk.store).difference == ""


def test_the_kept_client_takes_what_it_lacks_and_keeps_what_it_has(desk: Desk, tmp_path: Path) -> None:
    text = "Company,Phone,Email,Region\nAcme Ltd,0201,,\nACME Limited,0999,ap@acme.example,North\n"
    Files(desk, tmp_path)("clients", text)
    merge(desk, "client", client(desk, "Acme Ltd"), client(desk, "ACME Limited"))
    acme = fetch_all(desk.store, "client", name="Acme Ltd")[0]
    assert (acme.phone, acme.email, acme.custom) == ("0201", "ap@acme.example", {"Region": "North"})


def test_an_invoice_of_the_dropped_client_is_a_fact_and_read_through_it(desk: Desk, tmp_path: Path) -> None:
    Files(desk, tmp_path)("invoices", "Invoice No,Customer,Date,Net\nI-1,ACME Limited,2026-01-05,100\n")
    keep, drop = client(desk, "Acme Ltd"), client(desk, "ACME Limited")
    merge(desk, "client", keep, drop)
    (invoice,) = fetch_all(desk.store, "invoice")
    assert invoice.client == drop
    assert survivor(desk.store, "client", invoice.client) == keep


def test_after_a_merge_a_file_with_the_dropped_name_finds_the_kept_client(desk: Desk, tmp_path: Path) -> None:
    keep = client(desk, "Acme Ltd")
    merge(desk, "client", keep, client(desk, "ACME Limited"))
    report = Files(desk, tmp_path)("jobs", "WO,Customer,Title\n9,ACME Limited,Drip\n", "more.csv")
    assert report.created == {}
    assert by(desk, "job", "ref")[-1].client == keep
    assert counts(Files(desk, tmp_path)("jobs", JOBS)) == (0, 0, 3, 0)


def test_locations_and_assets_are_joined_alike(desk: Desk) -> None:
    depot, _, yard = by(desk, "location", "name")
    merge(desk, "location", depot.id, yard.id)
    assert {job.location for job in fetch_all(desk.store, "job", client=client(desk, "ACME Limited"))} == {depot.id}
    one, two = by(desk, "asset", "serial")
    merge(desk, "asset", one.id, two.id)
    assert [row.id for row in fetch_all(desk.store, "asset", "merged_into IS NULL")] == [one.id]


def test_a_chain_of_merges_ends_at_the_last_and_a_ring_is_broken(desk: Desk) -> None:
    acme, other, bolt = (client(desk, name) for name in ("Acme Ltd", "ACME Limited", "Bolt"))
    merge(desk, "client", acme, other)
    merge(desk, "client", bolt, acme)
    assert survivor(desk.store, "client", other) == bolt
    with desk.store.writing() as conn:
        conn.execute("UPDATE client SET merged_into = ? WHERE id = ?", (other, bolt))
    assert survivor(desk.store, "client", other) in (acme, bolt, other)


def test_what_cannot_be_meant_is_refused_with_what_would_help(desk: Desk) -> None:
    keep, drop = client(desk, "Acme Ltd"), client(desk, "ACME Limited")
    with pytest.raises(Refused, match="itself"):
        merge(desk, "client", keep, keep)
    with pytest.raises(Refused, match="no such client"):
        merge(desk, "client", keep, b"x" * 16)
    with pytest.raises(Refused, match="cannot be merged"):
        merge(desk, "invoice", keep, drop)
    merge(desk, "client", keep, drop)
    with pytest.raises(Refused, match="merged already, into Acme Ltd"):
        merge(desk, "client", client(desk, "Bolt"), drop)
    with pytest.raises(Refused, match="Merge into Acme Ltd"):
        merge(desk, "client", drop, client(desk, "Bolt"))


def test_likely_duplicates_are_told_and_gone_once_joined(desk: Desk) -> None:
    assert duplicates(desk.store) == ["Acme Ltd (LDN-K1) and ACME Limited (LDN-K2): the same name but for its spelling"]
    (pair,) = likely_pairs(desk.store)
    merge(desk, "client", pair.first.id, pair.second.id)
    assert duplicates(desk.store) == []


def test_a_dry_merge_only_says_what_it_would_do(desk: Desk) -> None:
    desk.dry = True
    done = merge(desk, "client", client(desk, "Acme Ltd"), client(desk, "ACME Limited"))
    assert (done.dry, done.act) == (True, b"")
    assert len(fetch_all(desk.store, "client", "merged_into IS NULL")) == 3


def test_locations_without_a_pin_are_listed_by_client(desk: Desk) -> None:
    assert [(one.client, one.name) for one in unpinned(desk.store)] == [("ACME Limited", "Yard"), ("Acme Ltd", "Depot"), ("Bolt", "Shed")]
