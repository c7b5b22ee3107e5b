"""Stopped, continued, resized, ended: a real process in a real pty, looked at through a terminal emulator."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.pty_driver import Program
from tests.company import company
from tests.console.robot import Seat, proved, put_away
from tests.console.terminal import Terminal

ROOT = Path(__file__).parents[2]
APP = """
from textual.widgets import Static
from fsconsole.console.thrifty import Thrifty
class One(Thrifty):
    def compose(self):
        yield Static("first line\\n日本 and 🚧 second\\n" + "last", id="one")
    def key_a(self):
        self.query_one(Static).update("after a key")
    def key_q(self):
        self.exit()
One().run()
"""


class Watched:
    """A program and the terminal it draws on."""

    def __init__(self, program: Program) -> None:
        self.program, self.terminal, self.read = program, Terminal(program.width, program.height), 0

    def look(self, calm: float = 0.25) -> list[str]:
        self.program.quiet(calm, 5)
        for _, data in self.program.heard[self.read :]:
            self.terminal.feed(data.decode("utf-8", "replace"))
        self.read = len(self.program.heard)
        return [line.rstrip() for line in self.terminal.display]


@pytest.fixture
def watched() -> Iterator[Watched]:
    with Program((sys.executable, "-c", APP), size=(40, 6), env={"PYTHONPATH": str(ROOT)}) as program:
        program.first_frame(most=160)
        yield Watched(program)


def wiped(watched: Watched) -> None:
    """What a shell leaves behind while the program is stopped."""
    watched.terminal.feed("\x1b[r\x1b[m\x1b[H\x1b[2J$ ls\r\nfiles")


def test_a_stopped_program_that_is_continued_draws_itself_again(watched: Watched) -> None:
    assert watched.look()[0] == "first line"
    watched.program.send("a")
    assert watched.look()[0] == "after a key"

    os.kill(watched.program.pid, signal.SIGTSTP)
    time.sleep(0.4)
    watched.look()
    wiped(watched)
    os.kill(watched.program.pid, signal.SIGCONT)
    assert watched.look(0.5)[:2] == ["after a key", ""]


def test_a_program_continued_without_having_been_asked_to_stop_draws_itself_too(watched: Watched) -> None:

    watched.look()
    os.kill(watched.program.pid, signal.SIGSTOP)
    time.sleep(0.1)
    wiped(watched)
    os.kill(watched.program.pid, signal.SIGCONT)
    assert watched.look(0.5)[0] == "first line"
    assert watched.look()[2] == "last"


def test_there_and_back_in_size_draws_everything_again(watched: Watched) -> None:
    watched.look()
    time.sleep(1.0)
    watched.terminal.feed("\x1b[2J")
    watched.program.resize(40, 6)

    os.kill(watched.program.pid, signal.SIGWINCH)
    assert watched.look()[0] == "first line"


def test_a_smaller_and_a_larger_terminal_show_it_whole(watched: Watched) -> None:
    watched.look()
    for width, height in ((20, 4), (60, 12)):
        watched.terminal.resize(height, width)
        watched.program.resize(width, height)
        # A busy machine may be quiet for a while before the program has heard of its new size.
        assert any(watched.look(0.4)[0] == "first line" for _ in range(12))
        assert watched.terminal.display[2].rstrip() == "last"
        assert len(watched.terminal.display) == height


@pytest.mark.parametrize(("sign", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)])
def test_a_signal_ends_the_console_with_a_clean_terminal_and_the_status_that_says_which(
    sign: signal.Signals, status: int, tmp_path: Path
) -> None:
    with Seat(put_away(company(tmp_path), tmp_path), size=(80, 24)) as seat:
        seat.press("f7")
        left = seat.program.leave(sign=sign)
        assert (left.status, left.modes) == (status, [])
    proved(tmp_path)


def test_what_runs_in_a_terminal_that_was_killed_ends_though_all_of_it_was_begun_to_outlive_its_shell() -> None:
    begun = "import sys, time; from tests.bench.pty_driver import Program; bare = Program((sys.executable, '-m', 'tests.bench.bare')); "
    command = ["nohup", sys.executable, "-c", begun + "bare.first_frame(most=100); print(bare.pid, flush=True); time.sleep(60)"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT) as terminal:
        assert terminal.stdout is not None
        bare = int(terminal.stdout.readline())
        terminal.kill()
    for _ in range(200):
        if not lives(bare):
            return
        time.sleep(0.05)
    os.kill(bare, signal.SIGKILL)
    pytest.fail("it lives on")


def test_a_terminal_that_is_gone_ends_the_console_though_no_signal_says_so(tmp_path: Path) -> None:
    home = put_away(company(tmp_path), tmp_path)
    ours, its = os.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    command = [sys.executable, "-m", "fsconsole", "--home", str(home)]
    env = {**os.environ, "TERM": "xterm-256color"}
    # Of a session without a terminal of its own nobody is told that this one was closed.
    with subprocess.Popen(command, stdin=its, stdout=its, stderr=its, start_new_session=True, env=env, cwd=ROOT) as console:
        os.close(its)
        drawn = b""
        while select.select([ours], [], [], 20 if len(drawn) < 400 else 1.0)[0]:
            drawn += os.read(ours, 65536)
        os.close(ours)
        try:
            assert console.wait(30) == 128 + signal.SIGHUP
        finally:
            console.kill()
    proved(tmp_path)


def test_while_nobody_types_no_thread_is_woken_and_the_next_key_is_heard(watched: Watched) -> None:
    watched.look()
    own, counts = str(watched.program.pid), []
    for _ in range(40):
        threads = (thread for thread in watched.program._threads() if thread != own)
        counts.append([woken(watched.program.pid, thread) for thread in threads])
        if len(counts) > 3 and counts[-1] == counts[-4]:
            break
        time.sleep(0.25)
    assert counts[-1] == counts[-4]
    watched.program.send("a")
    assert watched.look()[0] == "after a key"


def woken(pid: int, thread: str) -> int:
    """How often a thread has waited for something."""
    told = Path(f"/proc/{pid}/task/{thread}/status").read_text()
    return int(told.partition("\nvoluntary_ctxt_switches:")[2].split()[0])


TALKATIVE = """
from fsconsole.console import listening
listening.LAST_WORDS = 0.5
""" + APP.replace(
    "One().run()",
    """    def key_b(self):
        self._driver.write("far too much for a line that nobody reads " * 3_000)
One().run()
""",
)


def test_a_line_that_stands_still_keeps_nobody_who_leaves() -> None:
    with Program((sys.executable, "-c", TALKATIVE), size=(40, 6), env={"PYTHONPATH": str(ROOT)}) as program:
        program.first_frame(most=160)
        program.send("b")
        time.sleep(0.5)
        program.send("q")
        for _ in range(600):
            if program.gone():
                break
            time.sleep(0.05)
        assert program.status == 0


def test_bytes_that_are_no_text_are_heard_as_a_key_that_means_nothing(watched: Watched) -> None:
    watched.look()
    os.write(watched.program.fd, b"\xff\xc3(\xf0")
    watched.look()
    watched.program.send("a")
    assert watched.look()[0] == "after a key"


def lives(pid: int) -> bool:
    """Whether a process is there, and has not ended already without anybody having asked after it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_leaving_asks_nothing_that_is_answered_too_late(watched: Watched) -> None:
    watched.look()
    left = watched.program.leave("q")
    assert left.status == 0
    assert left.modes == []
    assert left.seconds < 1.0
