"""Two offices draft the same thing while apart, through one shared folder: it is billed once, and both say so."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from fsconsole import verbs
from fsconsole.desk import Desk
from fsconsole.errors import Refused
from fsconsole.flow.invoice import bill_all
from fsconsole.flow.settle import settle
from fsconsole.store.queries import exceptions, money
from tests.sync.made import Office, Workspace


def desk(office: Office) -> Desk:
    settle(office.store, office.clock.now())
    return Desk(office.store, office.clock, office.ids, "ann", words="bill")


def drafts(office: Office) -> list[tuple[str, int]]:
    settle(office.store, office.clock.now())
    return [(row.name, row.amount) for row in money.drafts(office.store, office.clock.now())]


def test_what_both_draft_while_apart_is_billed_once(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    ldn = workspace.first
    acme = ldn.put("client", None, ref="LDN-K1", name="Acme Foods", email="ap@acme.example")
    care = ldn.put("contract", None, ref="LDN-C1", client=acme, name="Care", start=date(2026, 1, 1))
    ldn.put("term", None, contract=care, kind_="fixed", name="Care", amount=29000, every=1, unit="month", timing="advance",
            proration="actual", start=date(2026, 1, 1))  # fmt: skip
    lds = workspace.joined("LDS")
    workspace.settle()
    assert drafts(ldn) == drafts(lds) != []

    # The line is cut. Both see the same draft, both try to issue it: only the site with the right can.
    away = tmp_path / "away"
    workspace.shared.rename(away)
    workspace.later(minutes=5)
    through = ldn.clock.now().date()
    billed = [row for row in bill_all(desk(ldn), through, issue=True) if row["number"]]
    assert billed
    assert [row for row in bill_all(desk(lds), through, issue=True) if row["number"]] == []
    with pytest.raises(Refused, match="billed at LDN"):
        verbs.run(desk(lds), "bill LDN-C1")
    # Meanwhile Leeds holds it back, and says so; what is out is out.
    verbs.run(desk(lds), "hold LDN-C1 they rang about the price")

    away.rename(workspace.shared)
    workspace.settle()
    assert drafts(ldn) == drafts(lds) == []
    for office in (ldn, lds):
        lines = office.store.sql("SELECT key, sum(amount) FROM invoice_line WHERE void = 0 GROUP BY key")
        assert len(lines) == len({key for key, _ in lines})
        assert all(amount == 29000 for _, amount in lines)
        assert sum(amount for _, amount in lines) == sum(row["amount"] for row in billed)
        assert not [one for one in exceptions.open_cases(office.store, office.clock.now()) if one.reason == "double_charge"]
    # The hold stands at both: what comes next waits for a person.
    workspace.later(days=40)
    for office in (ldn, lds):
        settle(office.store, office.clock.now())
        held = [one for one in exceptions.open_cases(office.store, office.clock.now()) if one.reason == "held_back"]
        assert {one.says for one in held} <= {
            "held back: they rang about the price: C1 Acme Foods",
            "held back: they rang about the price: LDN-C1 Acme Foods",
        }
        assert held
    workspace.close()
