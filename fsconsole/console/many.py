"""One verb for all that is marked, as one act; and one's own acts by name, to be taken back or done again.

It stands apart because both are asked about before anything is done, and neither is needed until then.

Always: the number is named before it is done; what is refused for one thing stops none of the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from fsconsole import verbs
from fsconsole.console import report
from fsconsole.console.dialogs import AskText, Choice, Confirm
from fsconsole.console.telling import clock_words
from fsconsole.errors import FsError
from fsconsole.flow import undo

if TYPE_CHECKING:
    from fsconsole.console.app import ConsoleApp
    from fsconsole.console.screens.base import Chosen

#: References named in the question.
NAMED = 12


def ask_for_all(app: ConsoleApp, verb: verbs.Verb, things: Sequence[Chosen]) -> None:
    """Asks how many are meant, and for what the verb takes besides them."""
    refs = ", ".join(one.ref for one in things[:NAMED]) + (" …" if len(things) > NAMED else "")
    asked = f"{verb.name} {len(things)} marked ({refs})"
    if len(verb.takes) > 1:
        rest = " ".join(verb.usage.split()[2:])
        example = verb.example.split(" ", 2)[-1]
        app.push_screen(
            AskText(f"{asked} with {rest}:", hint=example),
            lambda answer: None if answer is None else act_on_all(app, verb, things, answer),
        )
    else:
        app.push_screen(Confirm(f"{asked}?"), lambda answer: None if answer is None else act_on_all(app, verb, things, ""))


def act_on_all(app: ConsoleApp, verb: verbs.Verb, things: Sequence[Chosen], more: str) -> None:
    """Does it as soon as nobody else writes, and says how many were done and why the others were not."""
    words = f"{verb.name} {len(things)} marked"
    app.waiting.when_free(words, lambda: _act_on_all(app, verb, things, more))


def _act_on_all(app: ConsoleApp, verb: verbs.Verb, things: Sequence[Chosen], more: str) -> None:
    desk = replace(app.desk, within=app.desk.ids())
    rows: list[bytes] = []
    refused: list[tuple[str, str]] = []
    for one in things:
        line = f"{verb.keys[0]} {one.ref} {more}".rstrip()
        try:
            rows.append(verbs.run(desk, line).row or one.row)
        except FsError as error:
            refused.append((one.ref, error.why))
            app.keep_said(f"“{line}”: {error}", "warn")
        except Exception as error:
            where = report.write(app.home, error, desk.now, f"verb {verb.name} for {len(things)}")
            refused.append((one.ref, f"failed; what happened is in {where}"))
    if refused:
        ref, why = refused[0]
        others = f", nor {', '.join(one for one, _ in refused[1:6])}" if len(refused) > 1 else ""
        app.say(f"{verb.name.capitalize()}: {len(rows)} of {len(things)} done. Not {ref} ({why.rstrip('.')}){others}.", "warn")
    else:
        app.say(f"{verb.name.capitalize()}: {len(rows)} done   {app.look.glyphs.dot} u takes all of it back", "good")
        if (clear := getattr(app.here, "clear_marks", None)) is not None:
            clear()
    if rows:
        app.watcher.own_act()
        app.spread(rows)


def ask_which(app: ConsoleApp) -> None:
    """Shows one's own acts by name: the chosen one is taken back, or done again where it was."""
    acts = undo.own_acts(app.desk)
    if not acts:
        app.say(f"There is nothing of {app.desk.by}'s to take back here.", "warn")
        return

    def took(one: undo.OwnAct) -> None:
        way = undo.redo if one.undone else undo.undo
        typed = "redo" if one.undone else "u"
        app.waiting.when_free(
            f"{typed} {one.words}", lambda: app.perform(typed, lambda desk: way(desk, one.act), role="field")
        )

    choices = [
        Choice(one, one.words, clock_words(app.desk, one.at) + (", taken back: enter does it again" if one.undone else ""))
        for one in acts
    ]
    app.choose("Take back which act?", choices, took)
