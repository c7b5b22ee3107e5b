from __future__ import annotations

from pathlib import Path

from fsconsole.console.screens.contract import ContractView
from fsconsole.console.screens.draft import DraftView
from fsconsole.console.screens.invoice import InvoiceView
from fsconsole.store.queries import ageing, money
from tests.console.company import typed
from tests.console.grid import grid
from tests.console.worked import worked


async def test_left_and_right_go_through_drafts_invoices_payments_and_age(tmp_path: Path) -> None:
    app, _ = worked(tmp_path, view="money")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.3)
        assert "to invoice" in grid(app)
        await pilot.press("right")
        assert "No invoice was issued" in grid(app)
        await pilot.press("right")
        assert "No payment came in yet" in grid(app)
        await pilot.press("right")
        assert "could have been billed" in grid(app)
        await pilot.press("right")
        assert "to invoice" in grid(app)


async def test_a_draft_opens_line_by_line_with_its_reasons_and_leads_to_the_contract(tmp_path: Path) -> None:
    app, firm = worked(tmp_path, view="money")
    async with app.run_test(size=(160, 40)) as pilot:
        await pilot.pause(0.3)
        draft = app.screen.value()
        listed = money.draft_lines(firm.store, firm.now, draft.payer, draft.order_number, draft.currency)
        assert sum(line.amount for line in listed) == draft.amount > 0
        await pilot.press("enter")
        await pilot.pause(0.2)
        assert isinstance(app.screen, DraftView)
        assert app.screen.asked.count() == len(listed)
        await pilot.press("enter")
        await pilot.pause(0.2)
        assert isinstance(app.screen, ContractView)


async def test_what_is_issued_leaves_the_drafts_and_stands_among_the_invoices(tmp_path: Path) -> None:
    app, firm = worked(tmp_path, view="money")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.3)
        before = app.screen.asked.count()
        firm.do("bill C204")
        app.screen.reload()
        assert app.screen.asked.count() < before
        await pilot.press("right")
        row = app.screen.value()
        assert (row.client, row.gross > 0) == ("Acme Ltd", True)
        await pilot.press("enter")
        await pilot.pause(0.2)
        assert isinstance(app.screen, InvoiceView)
        assert row.number in grid(app)
        assert "Care Plus" in grid(app)


async def test_only_what_is_open_is_one_key(tmp_path: Path) -> None:
    app, firm = worked(tmp_path, view="money")
    firm.do("bill C204")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.3)
        await pilot.press("right", "x")
        assert "only what is open" in grid(app)
        assert app.screen.asked.count() == money.count_invoices(firm.store, open_only=True)


async def test_each_list_has_its_own_filter_words(tmp_path: Path) -> None:
    app, firm = worked(tmp_path, view="money")
    firm.do("bill C204")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.3)
        await pilot.press("right", "slash", *typed("nobody"))
        assert "0 of 1" in grid(app)
        await pilot.press("escape")
        await pilot.pause(0.2)
        assert "1 document" in grid(app)


def test_the_steps_of_age_hold_everything_that_is_not_billed(tmp_path: Path) -> None:
    from tests.company import company

    firm = company(tmp_path)
    firm.do("d 1042 amy", "en amy", "a amy", "c 1042", "labour 1042 1h")
    steps = ageing.unbilled_by_age(firm.store, firm.now)
    drafts = money.drafts(firm.store, firm.now)
    assert sum(step.amount for step in steps) == sum(draft.amount for draft in drafts) > 0
    for step in steps:
        assert sum(payer.amount for payer in ageing.payers_of_age(firm.store, firm.now, step.step)) == step.amount
