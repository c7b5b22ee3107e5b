"""Every key on every screen, pressed in the real program: it lives, says sentences, and the store is what its log says."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from fsconsole.clock import FixedClock, ids_from
from fsconsole.desk import Desk
from fsconsole.errors import FsError
from fsconsole.opening import login_name
from fsconsole.store.opening import open_store
from fsconsole.verbs import run
from tests.company import START
from tests.console.robot import PRESSED, Seat, furnished, proved, put_away, sentences

#: How each screen is come to from the board: keys, or a line at the prompt.
SCREENS: dict[str, tuple[str, ...]] = {
    "board": (), "day": ("f3",), "map": ("f4",), "clients": ("f5",), "contracts": ("f6",), "exceptions": ("f7",), "drafts": ("f8",),
    "invoices": ("f8", "right"), "payments": ("f8", "right", "right"), "age": ("f8", "right", "right", "right"), "sites": ("f9",),
    "job": (":open 1042",), "client": (":open K1",), "contract": (":open C204",), "technician": (":open amy",), "location": (":open L1",),
    "asset": (":open A1",), "find": ("ctrl+f",), "messages": (":messages",), "help": ("question_mark",), "call": ("n",),
    "palette": ("ctrl+p",), "line": ("colon",), "filter": ("slash",),
}  # fmt: skip
#: Where rows can be filtered away and marked.
LISTS = ("board", "day", "clients", "contracts", "exceptions", "drafts", "invoices")
WORDS = ("amy", "1042", "finch", "zzz", "-1", "£", "fri 14:00", "x2", "!!", "?d 1042", "日本", "[/b]", "C204")


def come(seat: Seat, way: Sequence[str]) -> None:
    lines = [step[1:] for step in way if step.startswith(":")]
    seat.press("escape")
    seat.chord("f2", *(step for step in way if not step.startswith(":")))
    for line in lines:
        seat.line(line)


def refused(seat: Seat) -> list[str]:
    """What the messages say was refused or failed."""
    come(seat, (":messages",))
    said: list[tuple[str, str]] = []  # how, and what: a long message goes on in the lines below it
    for line in seat.look(0.2):
        if line[2:10].count(":") == 2:
            said.append((line[12:].split()[0], line[21:].strip()))
        elif said and line.strip() and not line[:20].strip():
            how, words = said.pop()
            said.append((how, f"{words} {line.strip()}"))
        elif said:
            break
    return [words for how, words in said if how in ("refused", "failed")]


def taken_back(home: Path) -> int:
    """Takes back, as whoever sat here, all that can be; how many acts that were."""
    store = open_store(home / "site.db")
    clock = FixedClock(START.replace(hour=11, minute=30))
    count = 0
    try:
        desk = Desk(store, clock, ids_from(clock), login_name())
        while count < 500:
            try:
                run(desk, "u")
            except FsError:
                return count
            count += 1
        return count
    finally:
        store.close()


def test_a_few_hundred_keys_at_random_end_in_a_whole_screen_and_a_whole_store(tmp_path: Path) -> None:
    home, dice = put_away(furnished(tmp_path), tmp_path), random.Random(7)
    with Seat(home, size=(100, 30)) as seat:
        for name in ("board", "map", "exceptions", "job", "call", "drafts", "day", "palette"):
            come(seat, SCREENS[name])
            for key in dice.choices(PRESSED, k=9):
                if key == "escape" and dice.random() < 0.8:
                    continue
                seat.press(key, calm=0.01)
                seat.check()
            if dice.random() < 0.5:
                seat.type(dice.choice(WORDS))
                seat.press("enter")
        seat.check()
        come(seat, ())
        seat.repainted()
        assert sentences(refused(seat)) == []
        seat.leave()
    proved(home)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(6))
def test_some_thousand_keys_at_random(seed: int, tmp_path: Path) -> None:
    home, dice = put_away(furnished(tmp_path), tmp_path), random.Random(seed)
    size = dice.choice([(80, 24), (120, 40), (200, 50), (60, 18)])
    with Seat(home, *dice.choice([(), (), ("--ascii",), ("--read-only",)]), size=size) as seat:
        for _ in range(60):
            come(seat, dice.choice(list(SCREENS.values())))
            for key in dice.choices([*PRESSED, "backspace"], k=40):
                if key == "backspace" and "F2" in seat.terminal.display[1][:4]:
                    continue  # on the board it leaves
                seat.press(key, calm=0.005)
                seat.check()
                if dice.random() < 0.05:
                    seat.type(dice.choice(WORDS))
        come(seat, ())
        seat.repainted()
        assert sentences(refused(seat)) == []
        seat.leave()
    proved(home)


@pytest.mark.long
@pytest.mark.parametrize("name", SCREENS)
@pytest.mark.parametrize("state", ["nothing", "one", "several", "read-only"])
def test_every_key_on_every_screen(name: str, state: str, tmp_path: Path) -> None:
    if state in ("nothing", "several") and name not in LISTS:
        pytest.skip("nothing here is filtered or marked")
    home = put_away(furnished(tmp_path), tmp_path)
    with Seat(home, *(["--read-only"] if state == "read-only" else [])) as seat:
        if state == "nothing":
            come(seat, SCREENS[name])
            seat.press("slash")
            seat.type("zzzz\r")
            seat.look()
        for key in PRESSED:
            come(seat, SCREENS[name])
            if state == "several":
                seat.chord("space", "down", "space", "down", "space")
            seat.press(key)
            seat.check()
            seat.press("enter")
            seat.check()
        come(seat, SCREENS[name])
        seat.repainted()
        assert sentences(refused(seat)) == []
        seat.leave()
    proved(home)
    if state == "read-only":
        assert taken_back(home) == 0
    else:
        taken_back(home)
        proved(home)
