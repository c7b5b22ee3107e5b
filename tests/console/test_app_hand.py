"""How many keys the day's commonest acts take, counted: a dispatcher's hand is the measure."""

from __future__ import annotations

from pathlib import Path

import pytest

from fsconsole.console.keymap import Keymap
from fsconsole.console.palette import Palette
from tests.console.company import SIZES, console, typed
from tests.console.grid import assert_grid, grid


async def test_a_job_for_a_known_client_takes_at_most_twelve_keys_beside_its_words(tmp_path: Path) -> None:
    app, firm = console(tmp_path)
    keys = ["n", *typed("fin"), "tab", "ctrl+e"]
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press(*keys[:-1], *typed("panel dark again"), keys[-1])
        await pilot.pause(0.2)
    assert firm.store.one("SELECT 1 FROM job WHERE title = 'Panel dark again'") is not None
    assert len(keys) <= 12


async def test_dispatching_takes_at_most_eight_keys_and_moving_a_state_at_most_four(tmp_path: Path) -> None:
    app, firm = console(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press(*typed("1042\n"))
        sent = ["d", *typed("am"), "enter"]
        await pilot.press(*sent)
        assert firm.column("LDN-1042") == "dispatched"
        assert len(sent) <= 8
        for key, column in (("e", "en route"), ("a", "on site"), ("c", "complete")):
            firm.wait(20)
            await pilot.press(key)
            assert firm.column("LDN-1042") == column


async def test_a_clients_last_visit_takes_at_most_six_keys_beside_the_name(tmp_path: Path) -> None:
    app, firm = console(tmp_path)
    firm.do("d 1008 ben", "en ben", "a ben")
    firm.wait(30)
    firm.do("c 1008")
    keys = [*typed(":f "), "enter"]
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press(*keys[:-1], *typed("finch"), keys[-1])
        await pilot.pause(0.3)
        seen = grid(app)
    assert "Finch & Co" in seen
    assert "Panel fault" in seen
    assert len(keys) <= 6


@pytest.mark.parametrize("size", SIZES)
async def test_the_palette_looks_as_it_did(tmp_path: Path, size: tuple[int, int]) -> None:
    app, _ = console(tmp_path)
    async with app.run_test(size=size) as pilot:
        await pilot.pause(0.4)
        await pilot.press("ctrl+p", *typed("dispa"))
        await pilot.pause(0.2)
        assert isinstance(app.screen, Palette)
        assert_grid(app, f"app-palette-{size[0]}x{size[1]}")


@pytest.mark.parametrize("size", SIZES)
async def test_help_looks_as_it_did(tmp_path: Path, size: tuple[int, int]) -> None:
    app, _ = console(tmp_path)
    async with app.run_test(size=size) as pilot:
        await pilot.pause(0.4)
        await pilot.press(*typed("1042\n"), "question_mark")
        await pilot.pause(0.2)
        assert_grid(app, f"app-help-{size[0]}x{size[1]}")


def test_a_letter_means_one_verb_for_each_kind_of_thing() -> None:
    from fsconsole import verbs

    for kind in {verb.group for verb in verbs.VERBS}:
        given = [verb.key for verb in verbs.VERBS if verb.key and verb.takes and verb.group == kind]
        assert len(given) == len(set(given)), kind
        assert set(given) <= set(Keymap().letters(kind)), kind


async def test_every_action_of_the_key_table_can_be_taken_without_a_fault(tmp_path: Path) -> None:
    from fsconsole.console.keys import KEYS

    app, _ = console(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        for key in KEYS:
            if key.where != "app" or key.action == "quit":
                continue
            await app.run_action(key.action)
            await pilot.pause(0.05)
            while len(app.screen_stack) > 2:
                await app.pop_screen()
            if app.here is not None and app.here.line.kind:
                app.here.line.close()
            app.go("board")
            await pilot.pause(0.05)
        assert not [one for one in app.said if one.level == "error"], [one.words for one in app.said]


async def test_help_counts_what_can_be_read_not_its_headings(tmp_path: Path) -> None:
    app, _ = console(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.4)
        await pilot.press("question_mark")
        await pilot.pause(0.2)
        everything = len(app.screen._entries())
        assert f"1–16 of {everything}" in grid(app)
        await pilot.press("slash")
        app.screen.line.edit.set("")
        assert app.screen.take_filter("") == f"{everything} of {everything}"


async def test_news_bears_another_mark_than_what_was_done_and_what_was_refused(tmp_path: Path) -> None:
    app, _ = console(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.2)
        for say, mark in (
            (lambda: app.say("Quiet until nine."), "»"),
            (lambda: app.act("?n 1042 porter"), "»"),
            (lambda: app.act("n 1042 porter"), "✓"),
            (lambda: app.act("d 9999 amy"), "✗"),
        ):
            say()
            await pilot.pause()
            assert grid(app).splitlines()[-2].startswith(f" {mark} ")
