"""How references, times and names are said, so that every alert and every exception says them alike."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from fsconsole.values.work import Technician


def short(ref: str, series: str) -> str:
    """A reference as it is typed at home: ``LDN-1042`` is 1042 at LDN and stays LDN-1042 elsewhere."""
    return ref.removeprefix(f"{series}-") if series else ref


def hhmm(at: datetime, timezone: str) -> str:
    """The local time of an instant: ``08:55``."""
    return f"{at.astimezone(ZoneInfo(timezone)):%H:%M}"


def moment(at: datetime, timezone: str) -> str:
    """The local day and time of an instant: ``Mon 2 Mar 08:55``."""
    local = at.astimezone(ZoneInfo(timezone))
    return f"{local:%a} {local.day} {local:%b %H:%M}"


@lru_cache(maxsize=4096)
def day(on: date) -> str:
    """``2 Mar 2026``."""
    return f"{on.day} {on:%b %Y}"


def metres(distance: int) -> str:
    """``180 m``, ``3.2 km``."""
    return f"{distance} m" if distance < 1000 else f"{distance // 1000}.{distance % 1000 // 100} km"


def count(number: int, one: str, many: str = "") -> str:
    """``1 fix``, ``2 fixes``."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def several(one: str) -> str:
    """A unit as it is said of several: ``copies``, ``pages``; signs and short ones such as ``kWh`` and ``km`` stay."""
    if len(one) < 4 or not one.isalpha() or not one.islower() or one.endswith("s"):
        return one
    if one.endswith("y") and one[-2] not in "aeiou":
        return one[:-1] + "ies"
    return one + ("es" if one.endswith(("x", "ch", "sh")) else "s")


def listed(words: Iterable[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    *first, last = [*words] or [""]
    return f"{', '.join(first)} and {last}" if first else last


def called(technician: Technician | None) -> str:
    """A technician's first name, else their code."""
    if technician is None:
        return "the technician"
    return technician.name.split()[0] if technician.name.strip() else technician.code
