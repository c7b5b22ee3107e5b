"""Rows of a price file kept as JSON values, read back as the rules read them, and written as a price file again.

It stands apart from the reading of files because a store keeps what was read, and gives it back without a file.

Always: what is read, kept and read back is the same value; what is written is read as the same value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from fsconsole.inbox.terms_fields import WEEKDAYS, Field
from fsconsole.values.money import places

#: What a row says about the file that it came from.
OF_FILE = ("line", "place")


def kept(row: Mapping[str, Any], *without: str) -> dict[str, Any]:
    """A read row as JSON values: decimals, days and instants as words."""
    return {name: as_json(value) for name, value in row.items() if name not in (*OF_FILE, *without)}


def as_json(value: Any) -> Any:
    """A read value as JSON knows it: decimals and days as words."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: as_json(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(one) for one in value]
    return value


def read_back(row: Mapping[str, Any], fields: Iterable[Field]) -> dict[str, Any]:
    """A kept row as read values. A name that no field has stays as it is."""
    known = {one.name: one for one in fields}
    return {name: _back(value, known[name]) if name in known else value for name, value in row.items()}


def _back(value: Any, about: Field) -> Any:
    if value is None:
        return None
    kind = about.kind
    if kind == "table":
        return read_back(value, about.fields)
    if kind == "tables":
        return [read_back(one, about.fields) for one in value]
    if kind.endswith(" list"):
        return tuple(_one(each, kind.removesuffix(" list")) for each in value)
    return _one(value, kind)


def _one(value: Any, kind: str) -> Any:
    if kind in ("number", "percent", "part"):
        return Decimal(str(value))
    if kind == "day" or (kind == "holiday" and re.fullmatch(r"\d{4}-\d\d-\d\d", value)):
        return date.fromisoformat(value)
    if kind == "instant":
        return datetime.fromisoformat(value)
    if kind == "moment":
        return datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
    if kind in ("every", "span"):
        return tuple(value)
    if kind == "anchor":
        return date.fromisoformat(value) if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value) else value
    return value


# --- as a price file --------------------------------------------------------------------------------------------------


def as_toml(section: str, row: Mapping[str, Any], fields: Iterable[Field], currency: str, *, many: bool = True) -> str:
    """A read row as a table of a price file, in the order of its fields. What is None is left out."""
    known = list(fields)
    names = [one.name for one in known]
    lines = [f"[[{section}]]" if many else f"[{section}]"]
    for about in known:
        if row.get(about.name) is not None:
            lines.append(f"{about.name} = {written(row[about.name], about, currency)}")
    unknown = sorted(set(row) - set(names) - set(OF_FILE))
    if unknown:
        raise ValueError(f"a price file's [{section}] has no field {', '.join(unknown)}")
    return "\n".join(lines)


def written(value: Any, about: Field, currency: str) -> str:
    """A read value as its field is written in TOML."""
    if about.kind == "table":
        return _inline(value, about.fields, currency)
    if about.kind == "tables":
        return "[" + ", ".join(_inline(one, about.fields, currency) for one in value) + "]"
    if about.kind.endswith(" list"):
        kind = about.kind.removesuffix(" list")
        return "[" + ", ".join(_plain(each, kind, currency) for each in value) + "]"
    return _plain(value, about.kind, currency)


def _inline(row: Mapping[str, Any], fields: Iterable[Field], currency: str) -> str:
    known = {one.name: one for one in fields}
    inside = [f"{name} = {written(value, known[name], currency)}" for name, value in row.items() if name in known]
    return "{ " + ", ".join(inside) + " }"


def _plain(value: Any, kind: str, currency: str) -> str:
    if kind in ("money", "off"):
        digits = places(currency)
        return f"{Decimal(value).scaleb(-digits):.{digits}f}"
    if kind in ("every", "span"):
        count, unit = value
        if "-" in unit:
            return f'"{unit}s"'
        return f'"{count} {unit}{"s" if count != 1 else ""}"'
    if kind == "anchor" and isinstance(value, tuple) and value[0] == "nth":
        first = {1: "first", 2: "second", 3: "third", 4: "fourth", -1: "last", -2: "second last"}[value[1]]
        return f'"{first} {WEEKDAYS[value[2] - 1]}"'
    return plain_toml(value)


def plain_toml(value: Any) -> str:
    """A plain value as TOML writes it: instants with their offset, decimals exactly."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(name)} = {plain_toml(one)}" for name, one in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(plain_toml(one) for one in value) + "]"
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda found: f"\\u{ord(found[0]):04X}", escaped) + '"'


def _key(name: Any) -> str:
    return str(name) if re.fullmatch(r"[A-Za-z0-9_-]+", str(name)) else plain_toml(str(name))
