"""The whole program in a real terminal: tmux types, and reads the screen as a person would."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fsconsole.flow.settle import settle
from tests.company import company

ROOT = Path(__file__).resolve().parents[2]

pytestmark = [
    pytest.mark.terminal,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed"),
]


class Screen:
    """A tmux of its own with one window of 80x24."""

    def __init__(self, folder: Path, more: str = "") -> None:
        self.socket = folder / "tmux"
        home = folder / "home"
        home.mkdir()
        office = company(home)
        settle(office.store, office.now)
        office.store.close()
        (home / "store.db").rename(home / "site.db")
        shell = f"cd {ROOT} && {sys.executable} -m fsconsole --home {home} {more}; echo left with $?; exec sleep 60"
        environ = {
            **{name: value for name, value in os.environ.items() if name not in ("TMUX", "FSCONSOLE_HOME")},
            "FSCONSOLE_NOW": "2026-03-03T09:05:00Z@1", "TERM": "xterm-256color", "PYTHONPATH": str(ROOT),
        }  # fmt: skip
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", shell, env=environ)

    def tmux(self, *words: str, env: dict[str, str] | None = None) -> str:
        done = subprocess.run(["tmux", "-S", str(self.socket), *words], capture_output=True, text=True, timeout=20, env=env, check=False)
        return done.stdout

    def type(self, *keys: str) -> None:
        for key in keys:
            self.tmux("send-keys", key)
            time.sleep(0.05)

    def until(self, seen: Callable[[str], bool], what: str, seconds: float = 20) -> str:
        """The screen once it shows what is waited for."""
        for _ in range(int(seconds / 0.1)):
            shown = self.tmux("capture-pane", "-p")
            if seen(shown):
                return shown
            time.sleep(0.1)
        raise AssertionError(f"{what}:\n{shown}")


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Screen]:
    made = Screen(tmp_path)
    yield made
    made.tmux("kill-server")


def test_a_dispatcher_logs_a_call_sends_someone_and_leaves_the_terminal_clean(screen: Screen) -> None:
    shown = screen.until(lambda text: "LOGGED" in text and "Board" in text, "the board")
    assert "LDN 09:0" in shown
    assert max(len(line) for line in shown.splitlines()) <= 80

    screen.type(":", "log finch no lights in the hall", "Enter")
    screen.until(lambda text: "No lights" in text or "no lights" in text, "the new job on the board")

    screen.type(":", "d 1043 ben", "Enter")
    said = screen.until(lambda text: "sent to Ben" in text or "There is no job" in text, "what came of it")
    if "There is no job" in said:
        pytest.fail(said)
    screen.until(lambda text: "DISPATCHED 1" in " ".join(text.split()) or "Ben" in text, "the job in its column")

    screen.type("u")
    screen.until(lambda text: "took back" in text, "undo by name")

    screen.type("F7")
    screen.until(lambda text: "exceptions open" in text or "exception" in text.lower(), "the queue")
    screen.type("F2", "?")
    screen.until(lambda text: "dispatch" in text.lower(), "help")
    screen.type("Escape")
    time.sleep(0.3)

    screen.type("C-q")
    left = screen.until(lambda text: "left with" in text, "the shell again")
    assert "left with 0" in left
    assert screen.tmux("display-message", "-p", "#{alternate_on}#{mouse_any_flag}").strip() == "00"


def test_the_console_is_seen_with_its_complaints_sent_to_a_file(tmp_path: Path) -> None:
    screen = Screen(tmp_path, f"2>{tmp_path / 'complaints'}")
    try:
        screen.until(lambda text: "LOGGED" in text, "the board")
        screen.type("C-q")
        assert "left with 0" in screen.until(lambda text: "left with" in text, "the shell again")
    finally:
        screen.tmux("kill-server")
    assert (tmp_path / "complaints").read_text() == ""
