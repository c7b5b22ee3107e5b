"""What doctor says of a terminal: every quirk with what to do about it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from fsconsole.terminal import Quirk, colours, programs_above, quirks

GOOD = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "en_GB.UTF-8"}


def found(environ: Mapping[str, str], encoding: str = "utf-8", above: tuple[str, ...] = (), **options: str) -> dict[str, Quirk]:
    return {one.what: one for one in quirks(environ, encoding, lambda name: options.get(name.replace("-", "_"), ""), above)}


def test_a_good_terminal_has_no_fault() -> None:
    assert all(one.good for one in found(GOOD).values())


@pytest.mark.parametrize(
    ("environ", "what", "says", "instead"),
    [
        ({"TERM": "dumb"}, "terminal", "dumb", "export TERM="),
        ({"TERM": ""}, "terminal", "not set", "export TERM="),
        ({"TERM": "screen"}, "colours", "16", "term screen-256color"),
        ({"TERM": "xterm", "LANG": "de_DE.ISO-8859-1"}, "locale", "no UTF-8", "--ascii"),
        ({"TERM": "linux"}, "copying", "no clipboard", "mouse"),
        ({"TERM": "putty-256color"}, "copying", "PuTTY", "another terminal"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(environ: dict[str, str], what: str, says: str, instead: str) -> None:
    one = found(environ)[what]
    assert not one.good
    assert says in one.says
    assert instead in one.instead


def test_tmux_is_asked_how_long_esc_waits_and_whether_it_lets_a_copy_through() -> None:
    inside = {**GOOD, "TERM": "tmux-256color", "TMUX": "/tmp/x,1,0"}
    slow = found(inside, escape_time="500", set_clipboard="external", allow_passthrough="off")
    assert not slow["tmux"].good
    assert "escape-time 10" in slow["tmux"].instead
    assert not slow["copying"].good
    assert "set-clipboard on" in slow["copying"].instead
    swift = found(inside, escape_time="10", set_clipboard="on")
    assert swift["tmux"].good
    assert swift["copying"].good
    assert found(inside, escape_time="10", set_clipboard="external", allow_passthrough="on")["copying"].good


def test_putty_mosh_screen_and_ssh_are_explained_though_nothing_is_wrong() -> None:
    assert "Xterm R6" in found({"TERM": "xterm", "SSH_CONNECTION": "x"})["keys"].says
    assert "mosh 1.4" in found(GOOD, above=("bash", "mosh-server"))["mosh"].says
    assert "maptimeout" in found({**GOOD, "STY": "1.x"})["screen"].says
    assert "SendEnv" in found({"TERM": "xterm-256color", "SSH_CONNECTION": "x"})["colours"].says
    assert not found(GOOD, encoding="latin-1")["encoding"].good


def test_the_programs_above_are_named_from_the_nearest_on(tmp_path: Path) -> None:
    for pid, name, parent in ((30, "python", 20), (20, "mosh-server (x)", 1)):
        (tmp_path / str(pid)).mkdir()
        (tmp_path / str(pid) / "stat").write_text(f"{pid} ({name}) S {parent} 1 1")
    assert programs_above(30, tmp_path) == ["python", "mosh-server (x)"]
    assert programs_above(os.getpid(), tmp_path) == []


@pytest.mark.parametrize(
    ("term", "many"),
    [("xterm-kitty", "truecolor"), ("foot", "truecolor"), ("alacritty", "truecolor"), ("xterm-ghostty", "truecolor"),
     ("tmux-256color", "256"), ("screen", "standard"), ("vt100", "standard"), ("linux", "standard"), ("football", "standard")],
)  # fmt: skip
def test_the_colours_of_a_terminal_are_known_where_ssh_forwards_only_its_name(term: str, many: str) -> None:
    assert colours({"TERM": term}) == many
