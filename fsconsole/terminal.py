"""What a terminal, and whatever lies between it and us, can do and what it keeps back: for ``fsconsole doctor``.

It stands apart from the rest of doctor because it is judged from the environment alone, so that every quirk can be tried.

Always: what cannot be known from here is said as what to look at, never as a fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

#: Terminals that have 24 bits of colour and do not say so in TERM; over SSH COLORTERM, which says it, is not forwarded.
RICH = ("kitty", "alacritty", "foot", "ghostty", "wezterm", "contour", "direct")


def colours(environ: Mapping[str, str]) -> str:
    """How many colours the terminal says it has, in Rich's words: standard, 256 or truecolor."""
    asked, term = environ.get("TEXTUAL_COLOR_SYSTEM", ""), environ.get("TERM", "")
    if asked in ("standard", "256", "truecolor"):
        return asked
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit") or any(name in term.split("-") for name in RICH):
        return "truecolor"
    return "256" if "256" in term else "standard"


class Quirk(NamedTuple):
    """One thing about the terminal: whether it is good, what was found, what to do about it."""

    what: str
    good: bool
    says: str
    instead: str = ""


def quirks(environ: Mapping[str, str], encoding: str, ask: Callable[[str], str], above: Sequence[str] = ()) -> Iterator[Quirk]:
    """Everything worth saying of a terminal.

    ``encoding`` is that of standard output, ``ask`` gives a tmux option's value ('' unknown), ``above`` names the
    programs above us, the nearest first.
    """
    term = environ.get("TERM", "")
    if term in ("", "dumb", "unknown"):
        named = f"{term or 'TERM is not set'}: the console does not start in it" if term == "dumb" else term or "TERM is not set"
        yield Quirk("terminal", False, named, "Set it to what your terminal is: export TERM=xterm-256color")
    else:
        yield Quirk("terminal", True, term)
    yield from _colours(term, environ)
    yield from _letters(encoding, environ)
    yield from _between(term, environ, ask, above)
    yield from _keys(term, environ)
    yield from _copying(environ, ask)


def _colours(term: str, environ: Mapping[str, str]) -> Iterator[Quirk]:
    plain = ", NO_COLOR is set: no colours are used" if "NO_COLOR" in environ else ""
    many = colours(environ)
    if many == "truecolor":
        yield Quirk("colours", True, f"24 bit{plain}")
    elif many == "256":
        over = " (SSH does not forward COLORTERM: SendEnv COLORTERM in ~/.ssh/config)" if environ.get("SSH_CONNECTION") else ""
        yield Quirk("colours", True, f"256{over}{plain}")
    elif term.startswith("screen"):
        yield Quirk("colours", False, f"16: {term} promises no more{plain}", "In ~/.screenrc write: term screen-256color")
    else:
        yield Quirk("colours", True, f"16: the theme for 16 colours is chosen by itself{plain}")


def _letters(encoding: str, environ: Mapping[str, str]) -> Iterator[Quirk]:
    locale = next((environ[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if environ.get(name)), "")
    good = "utf" in encoding.lower()
    named = f"{encoding or 'unknown'}, locale {locale or 'not set'}"
    yield Quirk("encoding", good, named, "Set a UTF-8 locale, such as export LANG=C.UTF-8, or start with --ascii.")
    if good and locale and "utf" not in locale.lower():
        says = f"{locale} is no UTF-8 locale: lines and glyphs may come out as letters"
        yield Quirk("locale", False, says, "Set LANG=C.UTF-8, or start with --ascii.")


def _between(term: str, environ: Mapping[str, str], ask: Callable[[str], str], above: Sequence[str]) -> Iterator[Quirk]:
    if environ.get("TMUX"):
        wait = ask("escape-time")
        slow = wait.isdigit() and int(wait) > 50
        yield Quirk(
            "tmux",
            not slow,
            f"escape-time is {wait} ms" + (": esc answers late" if slow else "") if wait else "its options cannot be read",
            "In ~/.tmux.conf write: set -sg escape-time 10 (backspace and q go back without any wait)",
        )
    if environ.get("STY"):
        yield Quirk("screen", True, "ctrl+a is its own key; esc answers after maptimeout: write maptimeout 10 in ~/.screenrc")
    if any("mosh-server" in one for one in above):
        yield Quirk("mosh", True, "it draws what is on the screen alone; copying passes from mosh 1.4 on")
    if environ.get("SSH_CONNECTION"):
        yield Quirk("link", True, "over SSH: only what changed is sent; a dropped line ends the console and keeps the session")


def _keys(term: str, environ: Mapping[str, str]) -> Iterator[Quirk]:
    putty = "In PuTTY, Terminal > Keyboard: function keys “Xterm R6”; Connection > Data: terminal type xterm-256color."
    if term.startswith("putty"):
        yield Quirk("keys", True, f"F2 to F9 must arrive. {putty}")
    elif term == "xterm" and environ.get("SSH_CONNECTION"):
        yield Quirk("keys", True, f"TERM=xterm over SSH is often PuTTY. {putty}")
    elif term in ("linux", "vt100", "vt220"):
        yield Quirk("keys", True, "F2 to F9 arrive; with shift or ctrl they do not")


def can_copy(environ: Mapping[str, str]) -> str:
    """Why this terminal takes no copy; '' when it may."""
    term = environ.get("TERM", "")
    if environ.get("TMUX") or environ.get("STY"):
        return ""  # what stands behind it cannot be seen from here
    if term == "linux":
        return "the Linux console has no clipboard"
    if term.startswith("putty"):
        return "PuTTY takes no copy from a program"
    if term.startswith(("vt", "ansi", "dumb", "cons", "sun")):
        return f"a terminal of the kind {term} takes no copy from a program"
    return ""


def _copying(environ: Mapping[str, str], ask: Callable[[str], str]) -> Iterator[Quirk]:
    if why := can_copy(environ):
        instead = "Select with the mouse (with shift held), or use another terminal."
        yield Quirk("copying", False, f"y cannot copy here: {why}", instead)
    elif environ.get("TMUX"):
        allows = ask("set-clipboard")
        passes = ask("allow-passthrough")
        good = allows == "on" or passes in ("on", "all") or not allows
        yield Quirk(
            "copying",
            good,
            f"set-clipboard is {allows or 'unknown'}, allow-passthrough {passes or 'unknown'}",
            "In ~/.tmux.conf write: set -g set-clipboard on",
        )
    else:
        yield Quirk("copying", True, "y copies by OSC 52, where the terminal allows it (some ask, some have it switched off)")


def tmux_option(name: str) -> str:
    """The value of a tmux option as the server at hand has it; '' when it cannot be asked."""
    import subprocess  # slow to load, and needed by the doctor alone

    for kind in ("-Aqv", "-sqv"):
        try:
            answer = subprocess.run(["tmux", "show-options", kind, name], capture_output=True, text=True, timeout=1, check=False)
        except (OSError, subprocess.SubprocessError):
            return ""
        if said := answer.stdout.strip():
            return said
    return ""


def programs_above(pid: int, proc: Path = Path("/proc")) -> list[str]:
    """The names of the programs that started this one, the nearest first; empty where the system does not tell."""
    found: list[str] = []
    while pid > 1 and len(found) < 40:
        try:
            told = (proc / str(pid) / "stat").read_text("utf-8", "replace")
        except OSError:
            break
        name, _, rest = told.partition("(")[2].rpartition(")")
        found.append(name)
        pid = int(rest.split()[1])
    return found


__all__ = ["Quirk", "programs_above", "quirks", "tmux_option"]
