"""What is published for everybody, from a file: values of indexes, holidays, tax rates.

It stands apart because these belong to no contract and no client, and change what many are worth.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from fsconsole.flow.import_rows import Importer, Values, WrongRow
from fsconsole.flow.matching import Ids, name_key


def published_id(workspace: bytes, kind: str, name: str, start: date | None) -> bytes:
    """The id of what is published: the same at every site, so that two of one name and day are one."""
    return Ids(workspace, "published").of(f"{kind} {name_key(name)} {start.isoformat() if start else ''}".strip())


def month_of(text: str) -> date | None:
    """The first day of a month: 2025-03, 2025-03-31, 03/2025, Mar 2025; None for anything else."""
    words = " ".join(text.replace("/", "-").split())
    for form in ("%Y-%m", "%Y-%m-%d", "%m-%Y", "%b %Y", "%B %Y", "%b-%Y", "%B-%Y", "%Y %b", "%Y %B"):
        try:
            return datetime.strptime(words, form).replace(tzinfo=UTC).date().replace(day=1)
        except ValueError:
            continue
    return None


def number_of(text: str) -> Decimal | None:
    """A number above 0 as it is published: 131.2, 131,2, 4.5%."""
    plain = text.strip().removesuffix("%").strip().replace(" ", "")
    if plain.count(",") == 1 and "." not in plain:
        plain = plain.replace(",", ".")
    try:
        value = Decimal(plain.replace(",", ""))
    except InvalidOperation:
        return None
    return value if value.is_finite() and value >= 0 else None


class _Published(Importer):
    """Known by what it is, its name and its day."""

    table = "published"
    always = ("kind", "name", "start", "value")
    kind = ""

    def _name(self, v: Values) -> str:
        return str(v.get("name", "")).strip()

    def _start(self, v: Values) -> date | None:
        start = v.get("start")
        return start if isinstance(start, date) else None

    def _value(self, v: Values) -> str:
        value = number_of(str(v["value"]))
        if value is None:
            raise WrongRow("value", str(v["value"]), "expected a number such as 131.2")
        return f"{value:f}"

    def key(self, v: Values) -> str:
        start = self._start(v)
        return f"{self.kind} {name_key(self._name(v))} {start.isoformat() if start else ''}".strip()

    def natural(self, v: Values) -> str:
        return self.key(v)

    def find(self, v: Values) -> bytes | None:
        row = published_id(self.known.store.workspace, self.kind, self._name(v), self._start(v))
        return row if self.known.store.one("SELECT 1 FROM published WHERE id = ? AND gone = 0", (row,)) else None

    def build(self, v: Values, custom: Mapping[str, str], only: set[str] | None) -> dict[str, Any]:
        return {"kind": self.kind, "name": self._name(v), "start": self._start(v), "value": self._value(v)}


class Indexes(_Published):
    """A published index in a month."""

    kind = "index"

    def _start(self, v: Values) -> date | None:
        month = month_of(str(v["month"]))
        if month is None:
            raise WrongRow("month", str(v["month"]), "expected a month such as 2025-03")
        return month


class Holidays(_Published):
    """A day on which nobody works, on one working calendar or on all."""

    kind = "holiday"

    def _value(self, v: Values) -> str:
        return str(v.get("value", "")).strip()


class TaxRates(_Published):
    """A tax rate by name, from a day on, in percent."""

    kind = "rate"


__all__ = ["Holidays", "Indexes", "TaxRates", "month_of", "number_of", "published_id"]
