"""Hands faster than the screen: what is typed in one go means what it would mean key by key."""

from __future__ import annotations

from pathlib import Path

from tests.console.robot import SENDS, Seat, furnished, put_away


def test_what_is_typed_in_one_go_is_done_word_for_word(tmp_path: Path) -> None:
    screens = ("f7", "f5", "f3", "f8", "f4", "f6", "f9", "f2")
    with Seat(put_away(furnished(tmp_path), tmp_path)) as seat:
        for name in (*screens, *screens):
            seat.type(f"{SENDS[name]}:n 1042 {name} amy owns it\r")
        seat.type(":messages\r")
        seat.until("When", 30)
        lines = [line for line in seat.look(0.4) if "11:00:00" in line]
        assert all("noted:" in line for line in lines), "something else was done\n" + seat.story()
        assert len(lines) == 2 * len(screens), seat.story()

        seat.type(f"{SENDS['f2']}nfinch\tdoor adrift, key with amy\x05")
        seat.until("Door adrift, key with amy", 20)

        seat.type("\x10new job\rfinch\tno light at all\x05")
        seat.until("No light at all", 20)
        seat.check()
        seat.leave()
