"""What is new: clients, places, equipment, people, pins, absences."""

from __future__ import annotations

from pathlib import Path

import pytest

from fsconsole.errors import Refused, UsageError
from fsconsole.flow import register
from fsconsole.store.rows import fetch
from fsconsole.values.work import Asset, Client, Contact, Location
from tests.company import Company, company


@pytest.fixture
def acme(tmp_path: Path) -> Company:
    return company(tmp_path)


def test_a_client_takes_its_name_and_key_value_words(acme: Company) -> None:
    done = acme.do('client Harrow Dental phone:"020 7946 0155" email:a@harrow.example order:yes terms:14 postcode:HA12AB')
    client: Client = fetch(acme.store, "client", done.row)
    assert (client.ref, client.name, client.phone, client.order_required, client.terms_days) == (
        "LDN-K3", "Harrow Dental", "020 7946 0155", True, 14,
    )  # fmt: skip


def test_the_same_name_twice_wants_a_reason(acme: Company) -> None:
    with pytest.raises(Refused, match="There is a client Acme Ltd already: K1"):
        acme.do("client acme ltd")
    assert acme.do("client acme ltd !! another company of that name").ref == "LDN-K3"


def test_a_location_is_pinned_and_its_postcode_written_as_people_do(acme: Company) -> None:
    done = acme.do('location acme Depot postcode:sl14dx access:"key with the porter" pin:51.5074,-0.1278')
    place: Location = fetch(acme.store, "location", done.row)
    assert (place.postcode, place.access_notes, place.lat, place.lon, place.pin_from) == (
        "SL1 4DX", "key with the porter", 515074000, -1278000, "given",
    )  # fmt: skip


def test_equipment_stands_at_the_only_place_or_where_it_is_said(acme: Company) -> None:
    lamp: Asset = fetch(acme.store, "asset", acme.do("asset finch lamp serial:L-1 installed:2025-05-01").row)
    assert (lamp.kind, lamp.location, lamp.installed is not None) == ("lamp", acme.ids["reading"], True)
    with pytest.raises(Refused, match="2 locations: HQ, Unit 3"):
        acme.do("asset acme lamp")
    with pytest.raises(Refused, match="is there already: A1"):
        acme.do("asset acme boiler serial:21-0093 @hq")


@pytest.mark.parametrize(
    ("words", "name", "role", "email", "phone"),
    [
        ("ap accounts@finch.example", "Accounts payable", "accounts payable", "accounts@finch.example", ""),
        ("Jo Bell 0118 496 0201 role:site", "Jo Bell", "site", "", "0118 496 0201"),
        ("ap Ann Lee ann@finch.example", "Ann Lee", "accounts payable", "ann@finch.example", ""),
        ("ann@finch.example", "ann@finch.example", "", "ann@finch.example", ""),
    ],
)
def test_a_contact_is_read_from_plain_words(acme: Company, words: str, name: str, role: str, email: str, phone: str) -> None:
    contact: Contact = fetch(acme.store, "contact", acme.do(f"contact finch {words}").row)
    assert (contact.name, contact.role, contact.email, contact.phone) == (name, role, email, phone)


def test_an_accounts_payable_contact_clears_the_case(acme: Company) -> None:
    acme.do("d 1008 ben", "en ben", "a ben", "c ben")
    assert acme.store.one("SELECT 1 FROM case_now WHERE reason = 'no_ap_contact'")
    acme.do("contact K2 ap accounts@finch.example")
    assert acme.store.one("SELECT 1 FROM case_now WHERE reason = 'no_ap_contact'") is None


def test_who_is_sick_is_not_sent_and_what_they_were_to_do_is_said(acme: Company) -> None:
    acme.do("d 1042 amy 14:00")
    assert acme.do("sick amy tomorrow flu").words == "Amy Reed absent until Wed 4 Mar (flu); 1 job to give to someone else: 1042"
    with pytest.raises(Refused, match="absent until Wed 4 Mar 00:00 \\(flu\\)"):
        acme.do("book 1042 amy 15:00")


@pytest.mark.parametrize("words", ["nowhere", "51.5", "91,0", "0,181", "1,2,3"])
def test_a_place_that_is_none_is_said(words: str) -> None:
    with pytest.raises(UsageError):
        register.degrees(words)


@pytest.mark.parametrize(
    ("typed", "kept"), [("sl14dx", "SL1 4DX"), ("SW1A 1AA", "SW1A 1AA"), ("75008", "75008"), ("m1 1ae", "M1 1AE")]
)
def test_a_british_postcode_gets_its_space_and_any_other_stays(typed: str, kept: str) -> None:
    assert register.postcode(typed) == kept
