"""Text from outside on every screen of the real program: no byte of it steers the terminal, none of it is markup."""

from __future__ import annotations

import csv
import re
import sys
from pathlib import Path

import pytest

from fsconsole.flow.imports import import_file
from fsconsole.flow.settle import settle
from fsconsole.store.record import save
from fsconsole.store.tables import put
from tests.bench.pty_driver import Program
from tests.company import Company
from tests.console.robot import NOW, ROOT, Seat, furnished, proved, put_away
from tests.console.test_robot_keys import SCREENS, come

BAD = "[bold]MARK[/bold]\x1b]0;OWNED\x07\x1b[97;103mLOUD\x1b[0m\x9b97;103mC1\x90q\x9c\u202eedis gnorw\u202c\u2066x\u2069zero\u200b\u200dwidth\ufeff[/nope][@click=app.quit]go[/]\tTAB\nLINE\r\x00\x08\x7f\u2028"  # fmt: skip
LONG = "Longest " + "wörd日本🚧 " * 1500
#: All the sequences that the program itself has use for.
OURS = re.compile(
    r"\x1b\[(?:[\d;]*[ABCDGHKXJMLmr]|\?[\d;]+[hlu]|\?\d+\$p|[<>]\d*u|=\d+;\d+u|\d+ q|6n|0?c|[>?]\d*[cmu]|\d*t)"
    r"|\x1b\]22;[a-z-]*\x07|\x1b(?:[78DM=>c]|\(B)|\x1bP\+q[0-9a-f;]*\x1b\\"
)
NEVER = re.compile("[\x00-\x07\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def haunted(folder: Path) -> Company:
    """The small company, in whose every word something bad stands: by import, by sync, and by what was typed."""
    firm = furnished(folder)
    i = firm.ids
    table = folder / "clients.csv"
    with table.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["name", "phone"], [f"Imported {BAD}", "020 7946 0999"], [LONG[:3000], "020 7946 0998"]])
    import_file(firm.desk, "clients", table)
    save(
        firm.store,
        firm.desk.act("sync"),
        [
            put("client", i["acme"], name=f"Acme {BAD}"), put("client", i["finch"], name=LONG),
            put("location", i["unit3"], name=f"Unit {BAD}", access_notes=LONG), put("asset", i["boiler"], model=BAD, serial=f"s{BAD}"),
            put("technician", i["amy"], name=f"Amy {BAD}"), put("contract", i["c204"], name=BAD), put("term", i["term"], name=BAD),
            put("job", i["job"], title=f"Boiler {BAD}"), put("job", i["older"], title=LONG), put("contact", i["ap"], name=BAD, role=BAD),
        ],
        firm.now,
    )  # fmt: skip
    firm.do(f"n 1042 {BAD}", f"log K2 {BAD}", f"order 1042 {BAD}")
    settle(firm.store, firm.now)
    return firm


#: Screens of the short run.
SOME = ("board", "exceptions", "find")


@pytest.mark.parametrize(
    ("size", "names"),
    [
        ((100, 30), SOME), pytest.param((80, 24), tuple(SCREENS), marks=pytest.mark.long),
        pytest.param((200, 50), tuple(SCREENS), marks=pytest.mark.long),
    ],
)  # fmt: skip
def test_nothing_from_outside_steers_the_terminal_on_any_screen(size: tuple[int, int], names: tuple[str, ...], tmp_path: Path) -> None:
    home = put_away(haunted(tmp_path), tmp_path)
    with Seat(home, size=size) as seat:
        texts = []
        for name in names:
            come(seat, SCREENS[name])
            if name == "find":
                seat.type("acme")
            texts += seat.look(0.05)
            seat.check()
        seat.press("escape", "f2")
        seat.type(f":?n 1042 {''.join(letter for letter in BAD if letter >= ' ' and letter != chr(127))}")
        seat.look(0.3)
        seat.press("enter")
        seat.repainted()
        stream = seat.stream.decode("utf-8")
        assert not NEVER.search(rest := OURS.sub("", stream)), ascii(NEVER.search(rest))
        assert "\x1b" not in rest, ascii(rest[rest.index("\x1b") - 20 :][:60])
        assert not re.search(r"\x1b\[[\d;]*97;103m", stream)
        assert any("[bold]MARK[/bold]" in line for line in texts), "markup is shown as it was written"
        seat.leave()
    proved(home)


def test_a_command_prints_nothing_that_steers_the_terminal(tmp_path: Path) -> None:
    home = put_away(haunted(tmp_path), tmp_path)
    for words in (("list", "clients"), ("do", "log acme again")):
        command = (sys.executable, "-m", "fsconsole", "--home", str(home), *words)
        with Program(command, env={"FSCONSOLE_NOW": NOW, "PYTHONPATH": str(ROOT)}) as program:
            while not program.gone():
                program.read(0.05)
            program.quiet(0.1, 1.0)
            printed = program.output()
            assert "MARK" in printed
            assert "\x1b" not in printed
            assert not NEVER.search(printed.replace("\n", ""))
