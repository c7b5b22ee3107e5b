"""Every verb of the table, typed at the prompt of the real program: dry, for real, and taken back."""

from __future__ import annotations

from pathlib import Path

import pytest

from fsconsole import verbs
from fsconsole.store.opening import Store, open_store
from tests.company import company
from tests.console.robot import Seat, proved, put_away
from tests.test_verbs import HANDED, ISSUES, ready, rows, written

#: Verbs whose examples need nothing to have happened before; the others are in the long run.
AT_ONCE = ("log", "dispatch")


def typed(seat: Seat, store: Store, verb: verbs.Verb, line: str) -> None:
    """Types it dry, for real, and takes it back, and looks each time into the store and at the screen."""
    standing, books = rows(store), written(store)
    shown = seat.line(f"?{line}")
    assert written(store) == books, seat.story()
    assert any("would: " in one for one in shown), seat.story()

    seat.line(line)
    seat.check()
    if verb.name == "find":
        return
    assert written(store) != books, seat.story()
    assert rows(store) != standing or verb.name in ("redo", "undo"), seat.story()
    if verb.name in (*ISSUES, *HANDED, "undo", "redo"):
        return
    seat.line("u")
    seat.check()
    assert rows(store) == standing, seat.story()


def test_lines_at_the_prompt_run_dry_act_and_are_taken_back(tmp_path: Path) -> None:
    home = put_away(company(tmp_path), tmp_path)
    store = open_store(home / "site.db")
    with Seat(home, size=(80, 24)) as seat:
        for verb in verbs.VERBS:
            if verb.name in AT_ONCE:
                typed(seat, store, verb, verb.example)
        seat.leave()
    store.close()
    proved(home)


@pytest.mark.long
@pytest.mark.parametrize("verb", [verb for verb in verbs.VERBS if verb.name != "find"], ids=lambda verb: verb.name)
def test_each_verb_at_the_prompt(verb: verbs.Verb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    firm = company(tmp_path)
    monkeypatch.setenv("LOGNAME", "jo")  # whoever did what came before sits here too, and can take it back
    line = ready(firm, verb)
    now = firm.now
    home = put_away(firm, tmp_path)
    store = open_store(home / "site.db")
    with Seat(home, size=(80, 24), env={"FSCONSOLE_NOW": f"{now:%Y-%m-%dT%H:%M:%SZ}"}) as seat:
        typed(seat, store, verb, line)
        seat.leave()
    store.close()
    proved(home)
