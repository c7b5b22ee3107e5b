"""One cell's text to a value: amounts, quantities, yes and no, telephones, postcodes, pins.

It stands apart so that every reader understands “1.234,50 €” and “51°30'26"N” alike; days and instants are in dates.

Always: an empty cell is None; what cannot be read raises ValueError with a sentence that says how to write it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Literal

from fsconsole.inbox.dates import DateOrder, Order, date_order, day, instant, is_empty
from fsconsole.values.money import minor, round_half_away

__all__ = [
    "DateOrder", "Mark", "Order", "amount", "date_order", "day", "decimal_mark", "instant", "is_empty", "latitude",
    "longitude", "money", "phone_digits", "phones", "pin", "postcode", "quantity", "whole", "yes",
]  # fmt: skip

Mark = Literal[".", ","]

#: Larger than any real figure, and well inside the store's 64-bit integers.
LIMIT = 10**15

_YES = frozenset(["y", "yes", "true", "t", "1", "x", "on", "ja", "j", "oui", "o", "si", "sí", "sim", "da", "kyllä", "✓",
    "✔", "checked", "required", "active", "enabled"])
_NO = frozenset(["n", "no", "false", "f", "0", "off", "nein", "non", "nej", "ei", "não", "nee", "unchecked", "inactive",
    "disabled"]) | {"not required"}
_CURRENCY = re.compile(
    r"(?:US|AU|CA|NZ|HK)?[£€$¥₹₽₺₪]|zł|Kč|Ft\b|kr\b\.?|Fr\.|Rs\.?|R(?=\s?\d)"
    r"|\b(?:AED|AUD|BGN|BRL|CAD|CHF|CNY|CZK|DKK|EUR|GBP|HKD|HUF|ILS|INR|ISK|JPY|KWD|MXN|NOK|NZD|PLN|RON|SAR|SEK|SGD"
    r"|TRY|USD|ZAR)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d[\d.,' ’]*|[.,]\d+")
_DMS = re.compile(
    r"([NSEW])?\s*(\d{1,3})\s*[°º]\s*(?:(\d{1,2}(?:[.,]\d+)?)\s*['′’])?"
    r"\s*(?:(\d{1,2}(?:[.,]\d+)?)\s*(?:\"|″|”|''))?\s*([NSEW])?",
    re.IGNORECASE,
)
_DECIMAL_DEGREES = re.compile(r"([NSEW])?\s*([+-]?\d{1,3}(?:[.,]\d+)?)\s*°?\s*([NSEW])?", re.IGNORECASE)


def decimal_mark(samples: Iterable[str], default: Mark = ".") -> Mark:
    """Which mark a column's amounts have before the decimals, from those of its texts that can only be read one way."""
    points = commas = 0
    for text in samples:
        found = _NUMBER.search(text)
        if not found:
            continue
        digits = found[0].rstrip(" .,'’")
        last = max(digits.rfind("."), digits.rfind(","))
        if last < 0:
            continue
        one_kind = digits.count(digits[last])
        other = "," if digits[last] == "." else "."
        # 1.234 and 1,234 can be read both ways; a second mark, or other than three places after it, decides.
        if one_kind == 1 and (other in digits or len(digits) - last - 1 != 3):
            decimal = digits[last]
        elif one_kind > 1:
            decimal = other
        else:
            continue
        points += decimal == "."
        commas += decimal == ","
    if points == commas:
        return default
    return "." if points > commas else ","


def amount(text: str, mark: Mark = ".") -> Decimal | None:
    """The number in a cell: ``£1,234.50``, ``1.234,50 EUR``, ``1 234,50``, ``1'234.50``, ``(12.00)``, ``12.00-``.

    ``mark`` is the column's decimal mark, for what can be read both ways such as ``1,234``.
    """
    if is_empty(text):
        return None
    body = _CURRENCY.sub(" ", text.replace("\u2212", "-").replace("\xa0", " ").replace("\u202f", " ")).strip()
    negative = False
    if body.startswith("(") and body.endswith(")"):
        negative, body = True, body[1:-1].strip()
    if body[-2:].upper() in ("CR", "DR"):
        negative, body = negative or body[-2:].upper() == "CR", body[:-2].strip()
    for end in (body[:1], body[-1:]):
        if end == "-":
            negative = not negative
            body = body.strip("-").strip()
            break
    body = body.removeprefix("+").strip()
    if is_empty(body):
        return None
    if not _NUMBER.fullmatch(body):
        raise ValueError(f"“{text}” is not an amount; write it like 1234.50")
    try:
        value = Decimal(_plain(body, mark, text))
    except InvalidOperation:
        raise ValueError(f"“{text}” is not an amount; write it like 1234.50") from None
    if value >= LIMIT:
        raise ValueError(f"“{text}” is too large to be an amount")
    return -value if negative and value else value


def _plain(body: str, mark: Mark, text: str) -> str:
    """Digits with a decimal point, thousands separators checked and taken out."""
    body = body.replace(" ", "\0").replace("'", "\0").replace("’", "\0")
    points, commas = body.count("."), body.count(",")
    if points and commas:
        decimal = "." if body.rfind(".") > body.rfind(",") else ","
    elif points + commas == 1:
        found = "." if points else ","
        before, _, after = body.partition(found)
        grouped = len(after) == 3 and before.isdigit() and 1 <= len(before) <= 3 and before != "0"
        decimal = found if found == mark or not grouped else ""
    else:
        decimal = ""
    head, _, tail = body.rpartition(decimal) if decimal else (body, "", "")
    groups = re.split(r"[.,\0]", head)
    if len(groups) > 1 and not (all(2 <= len(g) <= 3 for g in groups[1:-1]) and len(groups[-1]) == 3):
        raise ValueError(f"“{text}” is not an amount: its thousands are not in groups of three; write it like 1234.50")
    return "".join(groups) + ("." + tail if tail else "")


def money(text: str, currency: str = "GBP", mark: Mark = ".") -> int | None:
    """Minor units of the amount in a cell, rounded half away from zero where it has more places."""
    value = amount(text, mark)
    return None if value is None else minor(value, currency)


def quantity(text: str, mark: Mark = ".") -> int | None:
    """Thousandths of the number in a cell: ``1.5`` and ``1,5`` are 1500. A unit after the number is left out."""
    number = re.match(r"\s*\(?[-+\u2212]?\s*[\d.,' ’]*\d\)?-?", text)
    rest = text[number.end() :].strip() if number else ""
    value = amount(number[0] if number and rest.isalpha() and len(rest) <= 6 else text, mark)
    return None if value is None else round_half_away(value * 1000)


def whole(text: str) -> int | None:
    """A whole number; a unit after it (``30 days``) is left out."""
    if is_empty(text):
        return None
    found = re.fullmatch(r"([+-]?\d{1,9})(?:[.,]0+)?(?:\s*[A-Za-z]+)?", text.strip())
    if not found:
        raise ValueError(f"“{text}” is not a whole number")
    return int(found[1])


def yes(text: str) -> bool | None:
    """Yes or no, in the words that exports have for it."""
    word = text.strip().lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    if is_empty(text):
        return None
    raise ValueError(f"“{text}” is neither yes nor no")


def phones(text: str) -> tuple[str, ...]:
    """Each telephone number in a cell as its finding key: see :func:`phone_digits`."""
    keys = (phone_digits(piece) for piece in re.split(r"[/;,|]| or |\n", text))
    return tuple(dict.fromkeys(key for key in keys if len(key) >= 5))


def phone_digits(text: str) -> str:
    """What two spellings of one telephone number share: its last nine digits, without an extension.

    ``+44 (0)20 7946 0123``, ``0044 20 7946 0123`` and ``020 7946 0123 ext 4`` all give ``079460123``.
    """
    text = re.split(r"\b(?:ext?|extension|x)\b\.?|#|x(?=\d)", text, maxsplit=1, flags=re.IGNORECASE)[0]
    digits = "".join(str(int(c)) for c in text.replace("(0)", "") if c.isdecimal())
    return digits[-9:]


def postcode(text: str) -> str:
    """A postcode in one spelling: capitals, single spaces; a British one with its space put in: ``SW1A 1AA``."""
    code = " ".join(text.upper().split())
    joined = code.replace(" ", "")
    if re.fullmatch(r"[A-Z]{1,2}\d[A-Z\d]?\d[A-Z]{2}", joined):
        return f"{joined[:-3]} {joined[-3:]}"
    return code


def latitude(text: str) -> int | None:
    """Degrees north x 10^7."""
    return _degrees(text, 90, "NS", "a latitude; write degrees like 51.50741 (-90 to 90)")


def longitude(text: str) -> int | None:
    """Degrees east x 10^7."""
    return _degrees(text, 180, "EW", "a longitude; write degrees like -0.12776 (-180 to 180)")


def _degrees(text: str, most: int, sides: str, what: str) -> int | None:
    if is_empty(text):
        return None
    body = text.strip().replace("\u2212", "-")
    if found := _DECIMAL_DEGREES.fullmatch(body):
        side, value = found[1] or found[3], Decimal(found[2].replace(",", "."))
    elif found := _DMS.fullmatch(body):
        side = found[1] or found[5]
        parts = [Decimal((part or "0").replace(",", ".")) for part in found.group(2, 3, 4)]
        if parts[1] >= 60 or parts[2] >= 60:
            raise ValueError(f"“{text}” is not {what}")
        value = parts[0] + parts[1] / 60 + parts[2] / 3600
    else:
        raise ValueError(f"“{text}” is not {what}")
    if side and side.upper() not in sides:
        raise ValueError(f"“{text}” is not {what}; are the two columns exchanged?")
    if (side and side.upper() == sides[1].upper() and sides == "NS") or (side and side.upper() == "W"):
        value = -value
    if abs(value) > most:
        raise ValueError(f"“{text}” is not {what}")
    return round_half_away(value.scaleb(7))


def pin(lat: int | None, lon: int | None) -> tuple[int, int] | None:
    """Both coordinates or None; raises ValueError when one is missing or both are nought (an unset position)."""
    if lat is None and lon is None:
        return None
    if lat is None or lon is None:
        raise ValueError("a latitude needs a longitude beside it")
    if lat == 0 and lon == 0:
        raise ValueError("0/0 is not a place of yours: the position was not set")
    return lat, lon
