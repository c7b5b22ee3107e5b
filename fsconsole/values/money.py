"""Amounts of money: integers of the currency's minor unit, and the one rounding rule.

It stands apart because every figure on every invoice passes through these few functions.

Always: no float comes near an amount; what is split sums to what it was split from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache

#: Decimal places of a currency's minor unit where it is not two (ISO 4217).
PLACES = {
    "BHD": 3, "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "IQD": 3, "ISK": 0, "JOD": 3, "JPY": 0, "KMF": 0, "KRW": 0,
    "KWD": 3, "LYD": 3, "OMR": 3, "PYG": 0, "RWF": 0, "TND": 3, "UGX": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
}  # fmt: skip
_CODES = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP "
    "CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR "
    "ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN "
    "MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD "
    "SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW "
    "ZWG"
)
#: The codes of ISO 4217 in use.
CURRENCIES = frozenset(_CODES.split())
SIGNS = {"GBP": "£", "EUR": "€", "USD": "$", "JPY": "¥", "INR": "₹"}


def places(currency: str) -> int:
    """Decimal places of a currency's minor unit, 2 unless ISO 4217 says otherwise."""
    return PLACES.get(currency, 2)


def round_half_away(value: Decimal) -> int:
    """The nearest whole number; a half goes away from zero (EN 16931's usual reading: 0.145 -> 0.15, -0.145 -> -0.15)."""
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def minor(amount: Decimal | int | str, currency: str = "GBP") -> int:
    """Minor units of an amount given in major units: ``minor("12.50") == 1250``.

    Raises ValueError when the text is not a number.
    """
    try:
        value = Decimal(amount)
    except InvalidOperation:
        raise ValueError(f"“{amount}” is not an amount; write it like 1234.50") from None
    if not value.is_finite():
        raise ValueError(f"“{amount}” is not an amount; write it like 1234.50")
    return round_half_away(value.scaleb(places(currency)))


def plain(text: str, currency: str = "") -> str:
    """A number as people type it without its currency's sign and the commas between thousands: ``£1,160.50`` is ``1160.50``.

    What else stands there stays, so that it is taken for no number: ``25,50`` is not 2550, nor ``$20`` £20.
    """
    bare = text.strip().removeprefix(SIGNS.get(currency, "")).strip()
    return bare.replace(",", "") if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", bare) else bare


def typed(text: str, currency: str) -> int:
    """Minor units of an amount as a person types it. Raises ValueError when it is no amount of that currency, or a finer one."""
    amount = minor(plain(text, currency), currency)
    if major(amount, currency) != Decimal(plain(text, currency)):
        raise ValueError(f"“{text}” is finer than {currency} is paid in")
    return amount


def major(amount: int, currency: str = "GBP") -> Decimal:
    """The Decimal in major units of an amount in minor units: ``major(1250) == Decimal("12.50")``."""
    return Decimal(amount).scaleb(-places(currency))


def times(amount: int, factor: Decimal | int) -> int:
    """An amount in minor units times a factor, rounded once, half away from zero."""
    return round_half_away(Decimal(amount) * Decimal(factor))


def split(total: int, weights: Sequence[int | Decimal]) -> list[int]:
    """Pieces of ``total`` in proportion to ``weights``; the last piece takes the remainder.

    The size is split and the sign put back, so that a credit note splits as its invoice did.
    Raises ValueError when no weight is above zero or one is below.
    """
    whole = sum((Fraction(w) for w in weights), Fraction(0))
    if not weights or whole <= 0 or any(w < 0 for w in weights):
        raise ValueError("a split needs weights that are not negative and at least one above zero")
    size, sign = abs(total), -1 if total < 0 else 1
    pieces: list[int] = []
    given = 0
    for weight in weights[:-1]:
        # Capped by what is left, so that many small pieces that all round up cannot turn the last one negative.
        exact = size * Fraction(weight) / whole
        piece = min((2 * exact.numerator + exact.denominator) // (2 * exact.denominator), size - given)
        pieces.append(sign * piece)
        given += piece
    pieces.append(sign * (size - given))
    return pieces


@lru_cache(maxsize=4096)
def show(amount: int, currency: str = "GBP", *, whole: bool = False) -> str:
    """An amount as people write it: ``£1,160.00``, ``−£19.33``; ``whole`` leaves out the minor units: ``£1,160``."""
    digits = places(currency)
    if whole:
        text = f"{round_half_away(Decimal(abs(amount)).scaleb(-digits)):,}"
    else:
        units, rest = divmod(abs(amount), 10**digits)
        text = f"{units:,}.{rest:0{digits}d}" if digits else f"{units:,}"
    sign = SIGNS.get(currency, currency + " ")
    minus = "−" if amount < 0 and text.strip("0.,") else ""
    return f"{minus}{sign}{text}"


def together(amounts: Iterable[tuple[int, str]], home: str = "GBP", *, whole: bool = False) -> str:
    """Amounts with their currencies, each currency summed apart, ``home`` first: ``£1,160.00 + $95.00``."""
    sums: dict[str, int] = {home: 0}
    for amount, currency in amounts:
        sums[currency or home] = sums.get(currency or home, 0) + amount
    said = [show(total, money, whole=whole) for money, total in sums.items() if total]
    return " + ".join(said) or show(0, home, whole=whole)
