"""Whoever does not know our words finds each act by their own: in the palette, at the prompt, in the help."""

from __future__ import annotations

from pathlib import Path

from fsconsole import verbs
from fsconsole.console import called, keys
from fsconsole.console.palette import Palette
from fsconsole.console.screens.help import HelpView
from tests.console.company import console, typed
from tests.console.grid import grid

#: What a dispatcher, a clerk or an owner would type, and what must stand among the first three.
MEANT = {
    "assign": "dispatch", "send": "dispatch", "call": "new job", "ring": "told", "reschedule": "book", "move": "book",
    "postpone": "park", "van": "Day", "stock": "part", "technician": "Day", "engineer": "Day", "invoice": "bill",
    "overdue": "Money", "unpaid": "Money", "late": "Alerts", "gps": "Map", "trail": "Map", "export": "copy", "search": "find",
    "ticket": "new job", "delete": "cancel", "finish": "complete", "done": "complete", "comment": "note", "photo": "attach",
    "customer": "Clients", "price": "rate", "refund": "credit", "payment": "apply", "warranty": "cover", "signature": "sign off",
    "holiday": "sick", "quit": "leave", "exit": "leave", "dark": "theme amber", "alarm": "Alerts", "unassigned": "Board",
    "sync": "Sites", "redraw": "draw the screen again", "meter": "reading", "urgent": "priority", "travel": "labour",
    "hours": "labour", "duplicate": "merge", "settings": "policies", "history": "messages",
}  # fmt: skip


def test_every_word_stands_for_a_verb_or_a_key_that_there_is() -> None:
    assert set(called.VERBS) <= {verb.name for verb in verbs.VERBS}
    assert set(called.KEYS) <= {key.action for key in keys.KEYS}


async def test_each_act_is_found_by_the_word_a_person_would_use(tmp_path: Path) -> None:
    app, _ = console(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.2)
        palette, missed = Palette(app, app.here), {}
        for word, meant in MEANT.items():
            palette.edit.set(word)
            palette._narrow()
            first = [one.words for one in palette.found[:3]]
            if meant not in first:
                missed[word] = first
    assert missed == {}


async def test_on_the_board_no_word_of_the_palette_leaves_but_leave(tmp_path: Path) -> None:
    app, _ = console(tmp_path, read_only=True)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("ctrl+p", *typed("k"), "enter")
        await pilot.pause(0.2)
        assert app.is_running


async def test_a_word_that_is_no_verb_is_answered_with_the_verbs_that_it_may_mean(tmp_path: Path) -> None:
    app, firm = console(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press(*typed(":assi"))
        await pilot.pause(0.1)
        assert "d JOB [TECHNICIAN] [WHEN]" in grid(app)  # offered under the line
        await pilot.press("tab")
        assert app.here.line.text == "d "
        await pilot.press("ctrl+u", *typed("assign 1042 amy\n"))
        await pilot.pause(0.1)
        assert "“assign” is not a verb. Perhaps: d JOB [TECHNICIAN] [WHEN]" in grid(app)
    assert firm.column("LDN-1042") == "logged"


async def test_help_is_narrowed_by_such_words_too(tmp_path: Path) -> None:
    app, _ = console(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("question_mark", "slash", *typed("reschedule"))
        await pilot.pause(0.1)
        assert isinstance(app.screen, HelpView)
        assert "Book a technician's time" in grid(app)
