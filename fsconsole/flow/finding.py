"""What a person means by ``1042``, ``amy``, ``acme``, ``fri 14:00``, ``3d``.

It stands apart because the prompt, the forms and the scripts must all mean the same by the same word.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from fsconsole.desk import Desk
from fsconsole.errors import Refused, UsageError
from fsconsole.store.rows import fetch, fetch_all
from fsconsole.values.money import round_half_away

if TYPE_CHECKING:
    from fsconsole.values.terms import Contract
    from fsconsole.values.work import Asset, Client, Job, Location, Part, Technician

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
#: What a weekday may be shortened from; “mono” is a meter and no Monday.
WEEKDAYS = ("monday", "tuesday", "wednesday", "weds", "thursday", "friday", "saturday", "sunday")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
LETTER = {"job": "", "contract": "C", "client": "K", "location": "L", "asset": "A"}


def typed_words(line: str) -> list[str]:
    """The words of a line; quotation marks hold words together, also within one: ``by:"Mr Patel"``. Raises UsageError."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="")
    lexer.whitespace_split = True
    lexer.quotes = '"'
    lexer.commenters = lexer.escape = ""
    try:
        return list(lexer)
    except ValueError:
        raise UsageError("A quotation mark is left open.", 'Close it: sg 1042 "A Patel"') from None


def quoted(words: Sequence[str]) -> str:
    """The line that ``typed_words`` reads as these words."""
    return " ".join(f'"{word}"' if re.search(r"\s", word) or not word else word for word in words)


def pairs(words: str, keys: Collection[str]) -> tuple[dict[str, str], list[str]]:
    """The ``key:value`` words among those typed, and the rest. A key is one of ``keys``; any other colon is just a colon."""
    found: dict[str, str] = {}
    rest: list[str] = []
    for word in typed_words(words):
        key, colon, value = word.partition(":")
        if colon and key.lower() in keys:
            found[key.lower()] = value.strip()
        else:
            rest.append(word)
    return found, rest


def ids_of(desk: Desk, kind: str, text: str) -> list[bytes]:
    """Ids of the live rows a reference may mean: ours first when only the number is typed."""
    typed = text.upper()
    store = desk.store
    live = f'SELECT id FROM "{kind}" WHERE gone = 0 AND merged_into IS NULL AND ref '
    exact = [row[0] for row in store.sql(live + "= ?", (typed,))] or [row[0] for row in store.sql(live + "= ?", (text,))]
    if exact:
        return exact
    letter = LETTER[kind]
    number = typed.removeprefix(letter) if letter else typed
    if not number.isdigit():
        return []
    ours = [row[0] for row in store.sql(live + "= ?", (f"{store.code}-{letter}{number}",))]
    if ours:
        return ours
    codes = [row[0] for row in store.sql("SELECT DISTINCT code FROM site WHERE code != ?", (store.code,))]
    return [row[0] for code in codes for row in store.sql(live + "= ?", (f"{code}-{letter}{number}",))]


def _one(found: Sequence[Any], text: str, kind: str, name: str) -> Any:
    if not found:
        raise Refused(f"There is no {kind} “{text}”.", f"Find it with: find {text}")
    if len(found) > 1:
        some = ", ".join(str(getattr(one, name)) for one in found[:4])
        raise Refused(f"“{text}” may be {len(found)} {kind}s: {some}.", "Type more of it, or its reference.")
    return found[0]


def job(desk: Desk, text: str) -> Job:
    """The job a reference means; digits alone mean our own series first. Raises Refused."""
    found = [fetch(desk.store, "job", row) for row in ids_of(desk, "job", text)]
    return _one(found, text, "job", "ref")  # type: ignore[no-any-return]


def contract(desk: Desk, text: str) -> Contract:
    """The contract a reference means. Raises Refused."""
    found = [fetch(desk.store, "contract", row) for row in ids_of(desk, "contract", text)]
    return _one(found, text, "contract", "ref")  # type: ignore[no-any-return]


def technician(desk: Desk, text: str) -> Technician:
    """The technician of a code, or of the start of a code or name. Raises Refused."""
    low = text.lower()
    everyone: list[Technician] = fetch_all(desk.store, "technician")
    exact = [one for one in everyone if one.code.lower() == low or one.name.lower() == low]
    near = [
        one for one in everyone if one.code.lower().startswith(low) or any(w.startswith(low) for w in one.name.lower().split())
    ]
    if not exact and not near:
        codes = ", ".join(sorted(one.code for one in everyone)[:12])
        raise Refused(f"There is no technician “{text}”.", f"There are {codes}." if codes else "Import technicians first.")
    return _one(exact or near, text, "technician", "code")  # type: ignore[no-any-return]


def is_technician(desk: Desk, text: str) -> bool:
    try:
        technician(desk, text)
    except Refused:
        return False
    return True


def client(desk: Desk, text: str) -> Client:
    """The client of a reference, a name, or the start of the words of a name. Raises Refused."""
    refs = ids_of(desk, "client", text)
    if refs:
        return _one([fetch(desk.store, "client", row) for row in refs], text, "client", "name")  # type: ignore[no-any-return]
    return _one(clients_like(desk, text.split()), text, "client", "name")  # type: ignore[no-any-return]


def clients_like(desk: Desk, words: Sequence[str]) -> list[Client]:
    """Live clients whose name has a word beginning with each of the words, in that order; an exact name alone."""
    if not words:
        return []
    like = "%" + "%".join(word.lower() for word in words) + "%"
    named = "merged_into IS NULL AND lower(name) LIKE ?"
    found: list[Client] = fetch_all(desk.store, "client", named, [like], order="name LIMIT 200")
    near = [one for one in found if _begin_in_turn(words, one.name.lower())]
    exact = [one for one in near if one.name.lower() == " ".join(words).lower()]
    return exact or near


def _begin_in_turn(words: Sequence[str], name: str) -> bool:
    """Whether words of a name begin with these, one after the other."""
    # By hand: ``re`` keeps hundreds of patterns, and here each letter typed would be another.
    at = 0
    for word in words:
        low = word.lower()
        at = name.find(low, at)
        while at > 0 and (name[at - 1].isalnum() or name[at - 1] == "_"):
            at = name.find(low, at + 1)
        if at < 0:
            return False
        at += len(low)
    return True


def locations_of(desk: Desk, client_id: bytes) -> list[Location]:
    return fetch_all(desk.store, "location", "client = ? AND merged_into IS NULL", [client_id], order="name")


def place(desk: Desk, text: str) -> Location:
    """The location of a reference, or of a name or postcode that only one location has. Raises Refused."""
    found = [fetch(desk.store, "location", row) for row in ids_of(desk, "location", text)]
    if not found:
        query = "merged_into IS NULL AND (lower(name) = ? OR replace(lower(postcode), ' ', '') = ?)"
        found = fetch_all(desk.store, "location", query, [text.lower(), _squeezed(text)], order="name LIMIT 20")
    return _one(found, text, "location", "ref")  # type: ignore[no-any-return]


def location(desk: Desk, client_id: bytes, text: str) -> Location:
    """A client's location by reference, or by the start of a word of its name, address or postcode. Raises Refused."""
    low = _squeezed(text)
    places = locations_of(desk, client_id)
    exact = [one for one in places if low in (_squeezed(one.name), _squeezed(one.ref), _squeezed(one.postcode))]
    near = [
        one
        for one in places
        if low in _squeezed(one.name) or low in _squeezed(one.address) or _squeezed(one.postcode).startswith(low)
    ]
    return _one(exact or near, text, "location of this client", "name")  # type: ignore[no-any-return]


def _squeezed(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def asset(desk: Desk, text: str) -> Asset:
    """The asset of a reference or serial number. Raises Refused."""
    rows = ids_of(desk, "asset", text)
    found = [fetch(desk.store, "asset", row) for row in rows]
    found = found or fetch_all(desk.store, "asset", "merged_into IS NULL AND lower(serial) = ?", [text.lower()])
    return _one(found, text, "asset", "title")  # type: ignore[no-any-return]


def part(desk: Desk, text: str) -> Part | None:
    """The part of a code, or None: a part nobody listed is still a part used."""
    found = fetch_all(desk.store, "part", "lower(code) = ?", [text.lower()])
    return found[0] if found else None


# --- times ------------------------------------------------------------------------------------------------------------


def day(desk: Desk, text: str) -> date:
    """``today``, ``tomorrow``, ``fri``, ``3d``, ``2w``, ``5 mar``, ``5/3``, ``2026-03-05``. Raises UsageError."""
    low = text.lower().strip()
    today = desk.today
    if low in ("today", "now"):
        return today
    if low in ("tomorrow", "tom"):
        return today + timedelta(days=1)
    if match := re.fullmatch(r"(\d{1,3})([dw])", low):
        return today + timedelta(days=int(match[1]) * (7 if match[2] == "w" else 1))
    if len(low) >= 3 and any(name.startswith(low) for name in WEEKDAYS):
        ahead = (DAYS.index(low[:3]) - today.weekday()) % 7
        return today + timedelta(days=ahead or 7)
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", low):
            return date.fromisoformat(low)
        if match := re.fullmatch(r"(\d{1,2})[/.](\d{1,2})(?:[/.](\d{2,4}))?", low):
            return _near_day(int(match[1]), int(match[2]), match[3], today)
        if match := re.fullmatch(r"(\d{1,2})\s*([a-z]{3})[a-z]*(?:\s*(\d{4}))?", low):
            return _near_day(int(match[1]), MONTHS.index(match[2]) + 1, match[3], today)
    except ValueError:
        pass
    raise UsageError(f"“{text}” is not a day.", "Write fri, 3d, tomorrow, 5/3 or 2026-03-05.")


def _near_day(number: int, month: int, year: str | None, today: date) -> date:
    if year:
        return date(int(year) + (2000 if len(year) == 2 else 0), month, number)
    found = date(today.year, month, number)
    return found if found >= today - timedelta(days=180) else date(today.year + 1, month, number)


def is_day(desk: Desk, text: str) -> bool:
    try:
        day(desk, text)
    except UsageError:
        return False
    return True


def clock_time(text: str) -> time | None:
    """``14:00``, ``1400``, ``9am``, ``0912``; None when it is not a time of day."""
    low = text.lower()
    if match := re.fullmatch(r"(\d{1,2})[:.](\d{2})", low) or re.fullmatch(r"(\d{2})(\d{2})", low):
        hour, minute = int(match[1]), int(match[2])
    elif match := re.fullmatch(r"(\d{1,2})(am|pm)", low):
        hour, minute = int(match[1]) % 12 + (12 if match[2] == "pm" else 0), 0
    else:
        return None
    return time(hour, minute) if hour < 24 and minute < 60 else None


def local(desk: Desk, on: date, at: time) -> datetime:
    """The instant of a local time on a day in this site's zone. In the hour that clocks skip, the later reading."""
    naive = datetime.combine(on, at)
    return naive.replace(tzinfo=desk.zone).astimezone(UTC)


def when(desk: Desk, words: Sequence[str]) -> tuple[datetime | None, int]:
    """The instant that the first one or two words say (``14:00``, ``fri 9:00``, ``tomorrow``) and how many words it took."""
    if not words:
        return None, 0
    first = clock_time(words[0])
    if first is not None:
        return local(desk, desk.today, first), 1
    if is_day(desk, words[0]):
        second = clock_time(words[1]) if len(words) > 1 else None
        return local(desk, day(desk, words[0]), second or time(9)), 2 if second else 1
    return None, 0


def minutes(text: str) -> int | None:
    """``90``, ``90m``, ``1h35``, ``1:35``, ``1.5h`` as whole minutes; None when it is not a length of time."""
    low = text.lower()
    if match := re.fullmatch(r"(\d{1,4})m?(?:in)?", low):
        return int(match[1])
    if match := re.fullmatch(r"(\d{1,2})h(\d{1,2})?m?", low) or re.fullmatch(r"(\d{1,2}):(\d{2})", low):
        return int(match[1]) * 60 + int(match[2] or 0)
    if re.fullmatch(r"\d{1,2}\.\d{1,2}h?", low):
        return round_half_away(Decimal(low.rstrip("h")) * 60)
    return None


def spoken(total: int) -> str:
    """Minutes as people say them: ``35 min``, ``1 h 35``."""
    hours, rest = divmod(total, 60)
    return f"{hours} h {rest:02d}" if hours else f"{rest} min"


def at_words(desk: Desk, at: datetime) -> str:
    """An instant as a person at this site reads it: ``14:00`` today, else ``Fri 6 Mar 14:00``."""
    here = at.astimezone(desk.zone)
    if here.date() == desk.today:
        return f"{here:%H:%M}"
    return f"{here:%a} {here.day} {here:%b %H:%M}"


def day_words(on: date) -> str:
    return f"{on:%a} {on.day} {on:%b}"
