"""Opens the console: the store (asking the few questions of a first run), settings, looks, the app; returns its exit status.

It stands apart because nothing here may be slow: what a first frame does not need is loaded after it.
"""

from __future__ import annotations

import gc
import os
import sys
from argparse import Namespace
from typing import TYPE_CHECKING

from fsconsole.errors import StoreError
from fsconsole.places import Home, shipped
from fsconsole.settings import read_settings
from fsconsole.terminal import colours

if TYPE_CHECKING:
    from fsconsole.console.themes import Look


def open_console(args: Namespace, home: Home) -> int:
    """Runs the console until it is left. ``args``: read_only fresh ascii theme view no_mouse user, and tellings: what it is
    to say at which instants, in their order. Raises FsError."""
    if not sys.stdin.isatty() or not sys.stdout.isatty():
        raise StoreError("The console needs a terminal.", "In a script use the commands that fsconsole --help lists.")
    if not home.store.exists():
        from fsconsole.console.first import first_run

        if not first_run(home, args.user):
            return 130
    gc.disable()  # nothing made before the first frame is garbage, and looking for it took an eighth of the start
    settings, problems = read_settings(home.settings)
    from fsconsole.opening import open_desk, open_home

    args.user = args.user or settings.user
    desk = open_desk(args.user, home, open_home(home, readonly=args.read_only).keep_small())
    desk.area = settings.area
    slow = os.environ.get("TERM", "") == "dumb"
    if slow:
        raise StoreError("TERM is dumb: this terminal cannot place a cursor.", "Use a terminal such as xterm-256color.")

    if not os.isatty(2):
        sys.__stderr__ = sys.__stdout__  # type: ignore[misc]  # Textual draws on it, and with ``2>FILE`` nobody would see the console

    for name in ("COLUMNS", "LINES"):
        os.environ.pop(name, None)  # exported by some shells: they would hide every later size of the terminal

    many = colours(os.environ)
    os.environ["TEXTUAL_COLOR_SYSTEM"] = many  # read when Textual is loaded, which knows fewer terminals than we do

    from fsconsole.console import report
    from fsconsole.console.app import ConsoleApp
    from fsconsole.console.themes import choose

    wanted = args.theme or settings.theme
    looks, wrong = _looks(home, wanted)
    settings.ascii = settings.ascii or args.ascii
    said = [*map(str, problems), *wrong]
    look = choose(looks, wanted, colours=many, no_color="NO_COLOR" in os.environ, ascii=settings.ascii)
    app = ConsoleApp(
        desk, home, settings, look,
        read_only=args.read_only, view=args.view, fresh=args.fresh, problems=said, looks=looks,
    )  # fmt: skip
    app.watcher.tellings.extend(getattr(args, "tellings", ()))
    app.run(mouse=settings.mouse and not getattr(args, "no_mouse", False))
    desk.store.close()
    if app.report is not None:
        print(
            f"fsconsole stopped because of a fault of its own. What is saved is safe. The report is in {app.report}.",
            file=sys.stderr,
        )
        return report.STATUS
    return app.return_code or 0


def complaints(home: Home) -> list[str]:
    """What is wrong with the keys and themes of this home, each with its file, line and key."""
    from fsconsole.console.keymap import SHIPPED, keymap_of

    settings, _ = read_settings(home.settings)
    return [*keymap_of(settings, home.settings, SHIPPED)[1], *_looks(home, settings.theme)[1]]


def _looks(home: Home, wanted: str) -> tuple[dict[str, Look], list[str]]:
    """The themes shipped and this home's own by name, and what is wrong: in their files, or with the one wanted."""
    from fsconsole.console.themes import load_looks

    looks, wrong = load_looks([shipped("themes"), home.themes])
    missing = [] if wanted in looks else [f"There is no theme “{wanted}”. There are {', '.join(looks)}."]
    return looks, [*map(str, wrong), *missing]
