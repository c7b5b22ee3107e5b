"""Who may bill: one site at a time; what was billed without the right becomes a credit and an alarm, at every site."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from fsconsole import verbs
from fsconsole.changes.batch import Act
from fsconsole.desk import Desk, Done
from fsconsole.errors import Refused
from fsconsole.flow import finding, right
from fsconsole.flow.settle import settle
from fsconsole.store.record import save
from fsconsole.store.rows import fetch_all
from fsconsole.store.tables import put
from fsconsole.sync.joining import join
from fsconsole.sync.members import remove
from fsconsole.sync.proof import prove
from tests.sync.made import Office, Workspace, digest

Offices = tuple[Workspace, Office, Office, Office]


@pytest.fixture
def offices(tmp_path: Path) -> Iterator[Offices]:
    """LDN, LDS and MAN; LDN made contract LDN-C101, 100.00 a month in advance."""
    made = Workspace(tmp_path)
    lds, man = made.joined("LDS"), made.joined("MAN")
    ldn = made.first
    client, contract = made.ids(), made.ids()
    puts = [
        put("client", client, ref="LDN-K1", name="Acme", email="ap@acme.example"),
        put("contract", contract, ref="LDN-C101", client=client, name="Care", start=date(2026, 3, 1)),
        put(
            "term", made.ids(), contract=contract, kind="fixed", amount=10_000, every=1, unit="month", timing="advance",
            proration="actual", tax_rate=0,
        ),
    ]  # fmt: skip
    save(ldn.store, Act(made.ids(), "amy", "contract"), puts, ldn.clock.now())
    made.settle()
    for one in (ldn, lds, man):
        settle(one.store, one.clock.now())
    yield made, ldn, lds, man
    made.close()


def do(office: Office, line: str) -> Done:
    settle(office.store, office.clock.now())
    done = verbs.run(Desk(office.store, office.clock, office.ids, "amy"), line)
    office.clock.move(office.clock.now() + timedelta(seconds=1))
    return done


def met(made: Workspace) -> None:
    made.settle()
    for one in made.offices:
        settle(one.store, one.clock.now())


def due(office: Office) -> list[tuple[int, str]]:
    """What is drafted and due by now."""
    rows = office.store.sql("SELECT amount, reason FROM charge_now WHERE billable_from <= '2026-03-03' AND fenced = '' ORDER BY amount")
    return [(amount, reason) for amount, reason in rows if amount]


def alarms(office: Office) -> list[str]:
    return [says for (says,) in office.store.sql("SELECT says FROM case_now WHERE reason = 'billed_without_right'")]


def test_32_the_right_is_handed_over_by_offer_and_acceptance_and_nobody_bills_in_between(offices: Offices) -> None:
    made, ldn, lds, man = offices
    with pytest.raises(Refused, match="LDN-C101 is billed at LDN"):
        do(lds, "bill LDN-C101")
    assert do(ldn, "offer C101 LDS").words == "LDN-C101 offered to LDS; nobody bills it until LDS accepts or declines"
    with pytest.raises(Refused, match="LDN has offered LDN-C101 to LDS, and nobody bills it"):
        do(ldn, "bill C101")
    with pytest.raises(Refused, match="is not on offer"):
        do(lds, "accept LDN-C101")  # it has not arrived yet
    met(made)
    with pytest.raises(Refused, match="was offered to LDS"):
        do(man, "accept LDN-C101")
    assert [says for (says,) in lds.store.sql("SELECT says FROM case_now WHERE reason = 'right_offered'")] == [
        "LDN-C101: LDN offered to LDS to bill it, and LDS has not answered"
    ]
    do(lds, "accept LDN-C101")
    assert do(lds, "bill LDN-C101").ref == "LDS-I0001"
    met(made)
    for one in made.offices:
        assert right.holder_words(one.store, finding.contract(Desk(one.store, one.clock, one.ids, "x"), "LDN-C101")) == "LDS"
        assert due(one) == []
        assert alarms(one) == []
        assert not one.store.sql("SELECT 1 FROM case_now WHERE reason = 'right_offered'")
    with pytest.raises(Refused, match="billed at LDS"):
        do(ldn, "bill C101")


def test_32_a_declined_offer_leaves_the_billing_where_it_was(offices: Offices) -> None:
    made, ldn, lds, _ = offices
    do(ldn, "offer C101 LDS")
    met(made)
    do(lds, "decline LDN-C101")
    met(made)
    assert do(ldn, "bill C101").ref == "LDN-I0001"
    with pytest.raises(Refused, match="has no role that bills|There is no site"):
        do(ldn, "offer C101 YRK")


def test_32_a_right_withdrawn_ends_at_a_position_and_what_both_billed_is_credited_once_with_an_alarm(offices: Offices) -> None:
    made, ldn, lds, man = offices
    do(ldn, "offer C101 LDS")
    met(made)
    do(lds, "accept LDN-C101")
    met(made)
    # LDS is cut off, and goes on billing; the owner takes the right back and bills the same month.
    do(lds, "bill LDN-C101")
    with pytest.raises(Refused, match="LDS is a member and may be billing"):
        do(ldn, "withdraw C101 LDS burnt down")
    with pytest.raises(Refused, match="MAN is a site in the role billing"):
        do(man, "withdraw LDN-C101 LDS burnt down !! sure")
    do(ldn, "withdraw C101 LDS burnt down !! told by the landlord")
    do(ldn, "bill C101")
    met(made)
    for one in made.offices:
        ((amount, reason),) = due(one)
        assert amount == -10_000
        assert reason.startswith("-100.00 GBP: LDS-I0001 of LDS billed 100.00 GBP without the billing right") or "LDS-I0001" in reason
        assert len(alarms(one)) == 1
    assert do(ldn, "bill C101").words.startswith("LDN-I0002: a credit note to Acme")
    met(made)
    for one in made.offices:
        assert due(one) == []
        assert alarms(one) == []
        assert prove(one.store, one.home).good
    assert len({digest(one.store) for one in made.offices}) == 1
    billed = sum(line.amount for line in fetch_all(man.store, "invoice_line"))
    assert billed == 10_000


def test_32_what_a_site_forges_without_the_right_bills_nothing_away(offices: Offices) -> None:
    made, ldn, lds, man = offices
    ((amount, _),) = due(ldn)
    (key, contract, client) = ldn.store.sql("SELECT key, contract, payer FROM charge_now WHERE amount = ? LIMIT 1", (amount,))[0]
    invoice = lds.ids()
    forged = [
        put("invoice", invoice, number="LDS-I0001", kind="invoice", client=client, currency="GBP", net=amount, gross=amount, origin="ours"),
        put("invoice_line", lds.ids(), invoice=invoice, key=key, contract=contract, amount=amount, text="forged"),
    ]
    save(lds.store, Act(lds.ids(), "eve", "bill"), forged, lds.clock.now())
    met(made)
    for one in (ldn, lds, man):
        assert [amount for amount, _ in due(one)] == [-10_000, 10_000]
        assert len(alarms(one)) == 1
    # Credited where it was issued, it is as if it had never been.
    do(lds, "credit LDS-I0001 forged")
    met(made)
    for one in (ldn, lds, man):
        assert [amount for amount, _ in due(one)] == [10_000]
        assert alarms(one) == []
    assert do(ldn, "bill C101").ref == "LDN-I0001"


def test_32_what_a_removed_site_billed_falls_to_the_owner(offices: Offices) -> None:
    made, ldn, lds, man = offices
    do(ldn, "offer C101 LDS")
    met(made)
    do(lds, "accept LDN-C101")
    met(made)
    remove(ldn.store, ldn.home, "LDS", ldn.clock.now(), draw=ldn.draw)
    met(made)
    assert do(ldn, "bill C101").ref == "LDN-I0001"
    met(made)
    assert due(man) == []
    assert alarms(man) == []


def test_an_office_that_was_removed_and_invited_anew_is_handed_the_billing_and_gives_no_number_a_second_time(offices: Offices) -> None:
    made, ldn, lds, _ = offices
    do(ldn, "offer C101 LDS")
    met(made)
    do(lds, "accept LDN-C101")
    remove(ldn.store, ldn.home, "LDS", ldn.clock.now(), draw=ldn.draw)
    # Removed while it could not be reached, it issued an invoice of which nobody else ever heard.
    assert do(lds, "bill LDN-C101").ref == "LDS-I0001"
    lost = made.invited("LDS")
    anew = Office(
        made.home("ANEW"),
        join(
            made.home("ANEW"), shared=made.shared, code=made.invited("LDS"), now=made.clock.now(), ids=made.ids, by="bob",
            draw=made.random.randbytes,
        ),
        made.clock, made.ids, made.random.randbytes,
    )  # fmt: skip
    assert lost
    made.offices.append(anew)
    met(made)
    assert anew.store.sql("SELECT number FROM site WHERE code = 'LDS' AND role = 'billing'") == [(anew.store.site,)]
    do(ldn, "offer C101 LDS")
    met(made)
    do(anew, "accept LDN-C101")
    assert do(anew, "bill LDN-C101").ref == "LDS-IB-0001"
    met(made)
    assert [row[0] for row in ldn.store.sql("SELECT number FROM invoice")] == ["LDS-IB-0001"]
    assert do(anew, "credit LDS-IB-0001 wrong sum").ref == "LDS-IB-0002"


def test_a_site_without_the_role_to_bill_logs_work_that_the_owner_bills(offices: Offices) -> None:
    made, ldn, _, _ = offices
    yrk = made.joined("YRK", "dispatch")
    made.settle()
    client = ldn.store.sql("SELECT id FROM client")[0][0]
    row = yrk.put("job", ref="YRK-1001", client=client, title="Boiler")
    met(made)
    job = next(one for one in fetch_all(ldn.store, "job") if one.id == row)
    assert right.may_bill(ldn.store, job)
    assert right.holder_words(yrk.store, job) == "LDN"
    with pytest.raises(Refused, match="YRK is a site in the role dispatch"):
        do(yrk, "bill YRK-1001")
