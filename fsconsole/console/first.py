"""The first run: a few questions on plain lines, each with an answer ready, then the workspace of ``init`` or ``join``.

It stands apart from the screens because there is no store yet to show.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

from fsconsole.errors import SyncError
from fsconsole.places import Home
from fsconsole.settings import read_settings, write_settings


def first_run(home: Home, user: str, *, ask: Callable[[str], str] = input, say: Callable[[str], None] = print) -> bool:
    """Asks who we are and makes the workspace, or joins one with an invitation's code.

    False when the person left (ctrl+d, ctrl+c). Enter takes the answer shown.
    """
    from fsconsole.opening import local_timezone

    say("There is no workspace here yet. A few questions; enter takes what stands in brackets, ctrl+d leaves.")
    say("To look around in a made-up company instead: fsconsole demo\n")
    zone = local_timezone()
    try:
        if code := ask("If another office invited you, the invitation's code, else enter: ").strip():
            _join(home, user, code, ask, say)
            return True
        name = _asked(ask, say, "Your company's name", "My company", lambda text: "")
        code = _asked(ask, say, "A short code for this office, such as LDN", _code_of(zone), _code_trouble).upper()
        zone = _asked(ask, say, "Time zone", zone, _zone_trouble)
        shared = _asked(
            ask, say, "A folder shared with your other offices (a synced or network folder), or nothing", "", _folder_trouble
        )
    except (EOFError, KeyboardInterrupt):
        say("\nNothing was made.")
        return False
    _make(home, user, name, code, zone, Path(shared).expanduser().absolute() if shared else None)
    say(f"\n{code} is ready in {home.data}. Bring your data with: fsconsole import clients FILE.csv\n")
    return True


def _join(home: Home, user: str, code: str, ask: Callable[[str], str], say: Callable[[str], None]) -> None:
    """Joins with a code; asks again, folder and all, until it is taken. Raises EOFError when the person leaves."""
    from fsconsole.opening import join_home, whole_code

    while True:
        code = whole_code(code, ask)
        folder = ask("The folder shared with that office: ").strip()
        try:
            store, to_come = join_home(home, Path(folder).expanduser().absolute(), code, user)
        except SyncError as error:
            say(f"  {error}")
            code = ask(f"The invitation's code [{code}]: ").strip() or code
        else:
            say(f"\n{store.code} has joined and is ready in {home.data}. {to_come}".rstrip() + "\n")
            store.close()
            return


def _make(home: Home, user: str, name: str, code: str, zone: str, shared: Path | None) -> None:
    from fsconsole.clock import clock_from, ids_from
    from fsconsole.opening import login_name
    from fsconsole.sync.founding import found

    home.make()
    clock = clock_from()
    store = found(
        home, code=code, name=name, shared=shared, currency=_currency_of(zone), timezone=zone, now=clock.now(),
        ids=ids_from(clock), by=user or login_name(),
    )  # fmt: skip
    store.close()
    settings, _ = read_settings(home.settings)
    settings.shared = str(shared or "")
    write_settings(home.settings, settings)


def _asked(
    ask: Callable[[str], str], say: Callable[[str], None], question: str, ready: str, trouble: Callable[[str], str]
) -> str:
    while True:
        answer = ask(f"{question}{f' [{ready}]' if ready else ''}: ").strip() or ready
        why = trouble(answer)
        if not why:
            return answer
        say(f"  {why}")


def _code_trouble(text: str) -> str:
    return "" if re.fullmatch(r"[A-Za-z][A-Za-z0-9]{1,5}", text) else "Two to six letters and digits, a letter first."


def _zone_trouble(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ValueError, OSError, KeyError):
        return f"“{text}” is not a time zone; write it like Europe/London."
    return ""


def _folder_trouble(text: str) -> str:
    if not text or Path(text).expanduser().is_dir():
        return ""
    return "There is no such folder. Make it first, or press enter, and later: fsconsole share DIR"


def _code_of(zone: str) -> str:
    """The first letters of the zone's city: Europe/London gives LON."""
    city = re.sub(r"[^A-Z]", "", zone.rpartition("/")[2].upper())[:3]
    return city if "/" in zone and len(city) == 3 else "HQ"


def _currency_of(zone: str) -> str:
    """What is most likely paid in there; another is set with ``init --currency``."""
    if zone in ("Europe/London", "Europe/Belfast", "Europe/Jersey", "Europe/Guernsey", "Europe/Isle_of_Man"):
        return "GBP"
    if zone.startswith("Europe/"):
        return "EUR"
    return "USD" if zone.startswith(("America/", "US/")) else "GBP"
