"""Undo by name, redo, undo of a form and of a bulk act as one; filters in one grammar; copying; themes seen before they are chosen."""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path

import pytest

from fsconsole.console.copying import MOST, copy, sequence
from fsconsole.console.dialogs import AskText, PickOne
from fsconsole.flow import story, undo
from fsconsole.store.queries.narrow import Wanted, holds, unknown_fields, wanted
from fsconsole.terminal import can_copy
from tests.console.company import console, typed
from tests.console.grid import grid


async def test_a_call_with_a_new_client_is_taken_back_and_done_again_as_one_act(tmp_path: Path) -> None:
    app, firm = console(tmp_path)
    counts = [f"SELECT count(*) FROM {kind} WHERE gone = 0" for kind in ("client", "location", "asset", "job")]
    before = [firm.store.one(query) for query in counts]
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("n", *typed("Harrow Dental"), "tab", *typed("chair stuck"), "tab", *typed("Surgery HA1 2AB"), "tab")
        await pilot.press(*typed("chair 21-77"), "ctrl+e")
        await pilot.pause(0.2)
        assert firm.store.one("SELECT 1 FROM job WHERE title = 'Chair stuck' AND gone = 0") is not None
        assert [firm.store.one(query) for query in counts] != before
        await pilot.press("u")
        await pilot.pause(0.2)
        assert [firm.store.one(query) for query in counts] == before
        assert "log Harrow Dental Chair stuck" in app.said[-1].words
        await pilot.press("ctrl+r")
        await pilot.pause(0.2)
    assert firm.store.one("SELECT 1 FROM job WHERE title = 'Chair stuck' AND gone = 0") is not None
    assert firm.store.one("SELECT 1 FROM client WHERE name = 'Harrow Dental' AND gone = 0") is not None


async def test_what_is_marked_goes_as_one_act_that_names_its_number_first(tmp_path: Path) -> None:
    app, firm = console(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.2)
        await pilot.press("space", "space", "p")
        await pilot.pause(0.1)
        assert isinstance(app.screen, AskText)
        assert "park 2 marked (1008, 1042)" in grid(app)
        await pilot.press(*typed("3d waiting for the landlord"), "enter")
        await pilot.pause(0.2)
        assert {firm.column("LDN-1042"), firm.column("LDN-1008")} == {"parked"}
        assert "Park: 2 done" in app.said[-1].words
        await pilot.press("u")
        await pilot.pause(0.2)
        assert {firm.column("LDN-1042"), firm.column("LDN-1008")} == {"logged"}
        assert "and 1 more" in app.said[-1].words


async def test_an_earlier_act_is_taken_back_and_done_again_by_name_and_both_stand_in_the_jobs_story(tmp_path: Path) -> None:
    app, firm = console(tmp_path)
    firm.do("pri 1042 4", "n 1008 key with the porter")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.2)
        await pilot.press("U", *typed("pri"), "enter")
        await pilot.pause(0.2)
        assert firm.store.one("SELECT priority FROM job WHERE ref = 'LDN-1042'") == (1,)
        assert firm.store.one("SELECT count(*) FROM note WHERE void = 0 AND text LIKE 'key%'") == (1,)
        await pilot.press("U", *typed("pri"), "enter")
        await pilot.pause(0.2)
        assert firm.store.one("SELECT priority FROM job WHERE ref = 'LDN-1042'") == (4,)
    words = [one.typed for one in story.told(firm.store, [firm.ids["job"]])]
    assert words[:3] == ["redo of “pri 1042 4”", "undo of “pri 1042 4”", "pri 1042 4"]


def test_u_with_words_takes_back_the_latest_act_that_holds_them(tmp_path: Path) -> None:
    _, firm = console(tmp_path)
    firm.do("pri 1042 4", "pri 1008 5", "u pri 1042")
    assert firm.store.one("SELECT priority FROM job WHERE ref = 'LDN-1042'") == (1,)
    assert firm.store.one("SELECT priority FROM job WHERE ref = 'LDN-1008'") == (5,)
    assert [(one.words, one.undone) for one in undo.own_acts(firm.desk, 2)] == [("pri 1008 5", False), ("pri 1042 4", True)]


# Filters.


def test_one_grammar_narrows_every_list() -> None:
    assert wanted('bell !chiller tech:amy !state:"on site" http://x', ("tech", "state")) == [
        Wanted("", "bell"), Wanted("", "chiller", True), Wanted("tech", "amy"), Wanted("state", "on site", True), Wanted("", "http://x"),
    ]  # fmt: skip
    assert wanted("! tech:", ("tech",)) == []
    assert holds("client:acme !owner:jo", {"client": "Acme Ltd", "owner": "raj"})
    assert not holds("client:jo", {"client": "Acme Ltd", "owner": "jo"})
    assert unknown_fields("cleint:acme tech:amy 10:30", ("client", "tech")) == ["cleint"]


@pytest.mark.parametrize(
    ("view", "words", "left", "gone"),
    [
        ("f2", "client:finch", "1008", "1042"),
        ("f2", "!client:finch", "1042", "1008"),
        ("f5", "name:acme", "Acme Ltd", "Finch"),
        ("f6", "client:acme", "C204", None),
        ("f7", "!client:acme", "Finch", None),
        ("f7", "reason:card", "no card", None),
        ("f3", "tech:amy", "Amy", "Ben"),
        ("f8", "!payer:acme", "", "Acme"),
    ],
)
async def test_every_list_screen_takes_field_and_inverse(tmp_path: Path, view: str, words: str, left: str, gone: str | None) -> None:
    from tests.console.worked import worked

    app, firm = worked(tmp_path)
    firm.do("d 1008 ben", "en ben", "a ben", "c 1008")
    async with app.run_test(size=(160, 40)) as pilot:
        await pilot.press(view)
        await pilot.pause(0.2)
        await pilot.press(*typed("/" + words))
        await pilot.pause(0.1)
        line = app.here.line  # type: ignore[union-attr]
        assert " of " in line._verdict.words, line._verdict
        await pilot.press("enter")
        await pilot.pause(0.1)
        body = "\n".join(grid(app).splitlines()[2:-3])
        assert left in body
        assert gone is None or gone not in body


async def test_a_misspelt_field_is_said_with_those_there_are(tmp_path: Path) -> None:
    app, _ = console(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press(*typed("/cleint:acme"))
        await pilot.pause(0.1)
        assert "there is no cleint: here, but tech: client:" in grid(app)


# Looks.


async def test_moving_through_the_looks_shows_each_and_esc_puts_back_the_one_before(tmp_path: Path) -> None:
    app, _ = console(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press(*typed(":theme\n"))
        await pilot.pause(0.1)
        before = app.look
        await pilot.press("down")
        seen = app.look
        assert seen.name != before.name
        await pilot.press("escape")
        assert app.look == before
        await pilot.press(*typed(":theme\n"))
        await pilot.pause(0.1)
        await pilot.press("down", "enter")
        assert app.look == seen


# Copying.


def test_a_copy_is_osc_52_and_passes_through_tmux_and_screen() -> None:
    plain = sequence("LDN-1042 é", {"TERM": "xterm-256color"})
    assert plain.startswith("\x1b]52;c;")
    assert b64decode(plain[7:-1]).decode() == "LDN-1042 é"
    tmux = sequence("x", {"TERM": "tmux-256color", "TMUX": "/tmp/s,1,0"})
    assert "\x1bPtmux;\x1b\x1b]52;c;" in tmux
    assert tmux.endswith("\x1b\\")
    screen = sequence("x" * 900, {"TERM": "screen", "STY": "1.x"})
    assert "".join(part.removesuffix("\x1b\\") for part in screen.split("\x1bP")[1:]) == sequence("x" * 900, {})
    assert all(len(part) < 300 for part in screen.split("\x1bP"))


async def test_what_was_copied_is_said_and_what_cannot_be_copied_too(tmp_path: Path) -> None:
    app, _ = console(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.2)
        await pilot.press("space", "y")
        await pilot.pause(0.1)
        assert isinstance(app.screen, PickOne)
        assert "what is marked: 1" in grid(app)
        await pilot.press("down", "enter")
        await pilot.pause(0.1)
        assert "1008" in app.said[-1].words or "1042" in app.said[-1].words
        assert copy(app, "x" * (MOST + 1), {"TERM": "xterm"})[1] == "warn"
        assert "74,995 bytes" in copy(app, "x" * (MOST + 1), {"TERM": "xterm"})[0]
        assert "no clipboard" in copy(app, "LDN-1042", {"TERM": "linux"})[0]
        assert "LDN-1042" in copy(app, "LDN-1042", {"TERM": "linux"})[0]
        assert "set-clipboard" in copy(app, "LDN-1042", {"TERM": "tmux", "TMUX": "x"})[0]
    assert can_copy({"TERM": "putty-256color"})
    assert not can_copy({"TERM": "xterm-256color"})


# References.


@pytest.mark.parametrize(
    ("typed_", "kind"),
    [("1042", "job"), ("LDN-1042", "job"), ("C204", "contract"), ("K1", "client"), ("acme", "client"), ("L1", "location"),
     ("LDN-L1", "location"), ("amy", "technician"), ("Amy Reed", "technician"), ("A1", "asset"), ("21-0093", "asset")],
)  # fmt: skip
def test_every_kind_of_reference_is_understood(tmp_path: Path, typed_: str, kind: str) -> None:
    from fsconsole.flow.telling import thing_meant

    _, firm = console(tmp_path)
    assert thing_meant(firm.desk, typed_)[0] == kind


async def test_open_takes_a_place_a_technician_an_invoice_and_a_site(tmp_path: Path) -> None:
    from tests.console.worked import worked

    app, firm = worked(tmp_path)
    firm.do("bill C204")
    (number,) = firm.store.one("SELECT number FROM invoice LIMIT 1") or ("",)
    seen = []
    async with app.run_test(size=(120, 40)) as pilot:
        for words in ("L1", "amy", number, "LDN"):
            await pilot.press(*typed(f":open {words}\n".lower()))
            await pilot.pause(0.2)
            seen.append(type(app.here).__name__)
    assert seen == ["LocationView", "TechnicianView", "InvoiceView", "SitesView"]
