"""A clerk takes a month from open exceptions to reviewed drafts, by keyboard alone, and answers why for every line."""

from __future__ import annotations

from pathlib import Path

from fsconsole.console.screens.draft import DraftView
from fsconsole.console.screens.exceptions import ExceptionsView
from fsconsole.console.screens.invoice import WhyView
from fsconsole.console.screens.policies import PoliciesView
from fsconsole.console.screens.reports import ReportsView
from fsconsole.flow.draft import charges_by_key
from fsconsole.flow.evidence import approved_now
from fsconsole.store.queries import exceptions, money, reports
from tests.console.company import typed
from tests.console.grid import grid
from tests.console.worked import worked


async def test_a_month_from_open_exceptions_to_reviewed_drafts(tmp_path: Path) -> None:
    app, firm = worked(tmp_path, view="board")
    async with app.run_test(size=(80, 24)) as pilot:

        async def press(*keys: str) -> None:
            await pilot.press(*keys)
            await pilot.pause(0.15)

        async def line(text: str) -> None:
            await press(*typed(text), "enter")

        await pilot.pause(0.3)
        await press("f7")
        view = app.screen
        assert isinstance(view, ExceptionsView)

        # By cause, with counts and sums; enter narrows to one, c shows the causes again.
        await press("c")
        assert "contract period not billed" in grid(app)
        await press("enter")
        assert {one.reason for one in view.asked.values.values()} == {"contract_period_unbilled"}
        await press("c", "c")

        # The card is chased by the suggested step, then it comes in; the hours beyond the trail are let go with a reason.
        key = next(one.key for one in exceptions.open_cases(firm.store, firm.now) if one.reason == "complete_no_card")
        assert view.find(key)
        await press("full_stop")
        assert exceptions.case(firm.store, key, firm.now).chased == 1  # type: ignore[union-attr]
        await line(":card 1042 replaced the lead")
        await line(':sg 1042 "A Patel"')
        gap = next(one.key for one in exceptions.open_cases(firm.store, firm.now) if one.reason == "card_minutes_over_gps")
        assert view.find(gap)
        await press("w")
        await line("fetched the part meanwhile")
        assert {one.reason for one in exceptions.open_cases(firm.store, firm.now)} == {"contract_period_unbilled"}

        # The drafts, and one of them line by line: x says why, each with the term it rests on.
        await press("f8", "enter")
        draft = app.screen
        assert isinstance(draft, DraftView)
        assert "first look" in grid(app)
        lines = money.draft_lines(firm.store, firm.now, *draft.draft)
        assert len(lines) == 3
        for each in lines:
            assert draft.find(each.key)
            await press("x")
            assert isinstance(app.screen, WhyView)
            shown = " ".join(grid(app).split())
            assert " ".join(each.reason.split()[:4]) in shown
            assert "What it rests on" in shown
            assert "Billed before" in shown
            await press("backspace")
            assert app.screen is draft

        # All is approved as it stands; a line that changes afterwards asks anew, and is marked on the next look.
        await press("A")
        keys = [each.key for each in lines]
        assert approved_now(firm.store, charges_by_key(firm.store, keys)) == set(keys)
        assert "approved" in grid(app)
        await press("backspace")
        firm.do("revise C204 310.00 2026-03-01")
        await press("enter")
        again = app.screen
        assert isinstance(again, DraftView)
        assert "1 changed" in again.changed_words()
        await press("right_square_bracket")  # the next draft; there is one alone, so it comes round
        assert again.look is not None
        assert len(approved_now(firm.store, charges_by_key(firm.store, keys))) == 2

        # February is not complete until its period is billed, held or waived; then it is closed.
        await press("backspace", "f7", "r", "left")
        report = app.screen
        assert isinstance(report, ReportsView)
        assert report.page == "month"
        assert "February 2026 is not complete" in grid(app)
        await line(":lock 2026-02")
        assert "not complete" in " ".join(grid(app).split())
        await press("escape")
        await line(":hold C204 their board meets on friday")
        assert "February 2026 is complete" in grid(app)
        await line(":lock 2026-02")
        assert "February 2026 is complete" in grid(app)  # what is held stays held
        fenced = firm.store.sql("SELECT count(*) FROM charge_now WHERE fenced = 'locked'")[0][0]
        assert fenced == 2  # January and February stand behind the fence, as one exception
        assert len([one for one in exceptions.open_cases(firm.store, firm.now) if one.reason == "behind_fence"]) == 1


async def test_the_reports_are_gone_through_by_arrows_and_lead_to_what_mends_a_row(tmp_path: Path) -> None:
    app, firm = worked(tmp_path, view="exceptions")
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause(0.3)
        await pilot.press("r")
        await pilot.pause(0.2)
        for page in ("client", "contract", "type", "age"):
            await pilot.press("right")
            await pilot.pause(0.1)
            assert app.screen.page == page  # type: ignore[attr-defined]
            total = sum(row.amount for row in reports.leakage(firm.store, firm.now, page))
            assert total == exceptions.figures(firm.store, firm.now).unbilled
        await pilot.press("right", "left_square_bracket")
        await pilot.pause(0.2)
        assert "January 2026" in grid(app)
        await pilot.press("left", "left", "left", "left", "left", "enter")
        await pilot.pause(0.3)
        assert app.screen.view == "money"  # ready to bill: to the drafts


async def test_a_policy_is_changed_from_its_screen_and_may_begin_on_a_later_day(tmp_path: Path) -> None:
    app, firm = worked(tmp_path, view="board")
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause(0.3)
        await pilot.press(*typed(":policies"), "enter")
        await pilot.pause(0.2)
        view = app.screen
        assert isinstance(view, PoliciesView)
        assert view.find("approve_above")
        await pilot.press("enter")
        await pilot.pause(0.1)
        await pilot.press("backspace", *typed("500.00 from 2026-04-01"), "enter")
        await pilot.pause(0.3)
        assert "£500.00 from 1 Apr 2026" in " ".join(grid(app).split())
        assert firm.store.sql("SELECT value, start FROM policy WHERE name = 'approve_above'") == [("50000", "2026-04-01")]


async def test_a_draft_is_issued_from_its_screen_the_next_one_follows_and_the_issued_lines_say_why(tmp_path: Path) -> None:
    app, firm = worked(tmp_path, view="board")
    firm.do("client Beta Works", "location beta Yard postcode:RG12AB", "log beta door jammed po:9")
    ref = firm.store.sql("SELECT ref FROM job ORDER BY ref DESC LIMIT 1")[0][0].removeprefix("LDN-")
    firm.do(f"d {ref} ben", "en ben", "a ben", f"labour {ref} 1h", f"card {ref} freed", "c ben", f'sg {ref} "B Hart"')
    firm.do("contact beta ap ap@beta.example")
    async with app.run_test(size=(120, 40)) as pilot:

        async def press(*keys: str) -> None:
            await pilot.press(*keys)
            await pilot.pause(0.2)

        await pilot.pause(0.3)
        await press("f8", "enter")
        view = app.screen
        assert isinstance(view, DraftView)
        assert "Draft for Acme Ltd   £870.00 + £174.00 tax" in grid(app)
        await press("A")
        assert "approved" in grid(app).splitlines()[2]
        await press("backspace")
        assert "approved" in next(line for line in grid(app).splitlines() if "Acme Ltd" in line)
        await press("enter", "i")
        assert ": bill K1" in " ".join(grid(app).split())
        await press("enter")
        assert "LDN-I0001: an invoice to Acme Ltd, 3 lines, £870.00 + £174.00 tax" in grid(app)
        assert "u takes it back" not in grid(app)
        await press("right_square_bracket")
        assert "Draft for Beta Works" in grid(app), "what stood behind it stands in its place now"
        await press("backspace", "right", "enter", "x")
        assert isinstance(app.screen, WhyView)
        shown = " ".join(grid(app).split())
        assert "invoice LDN-I0001 on 3 Mar 2026" in shown
        assert "What it rests on" in shown
        assert "20% of £290.00" in shown
