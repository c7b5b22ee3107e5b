"""A price file: one readable TOML file that holds a contract and all that happened to it, read to plain values.

It stands apart because a salesperson writes the file and the rules read an Agreement; this is the whole way between.

Always: what is wrong is a reject with its line, its field and what was expected; nothing is guessed. Decimals are
exact: no float is ever made.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from fsconsole.inbox.terms_called import like, slip
from fsconsole.inbox.terms_fields import READERS, Field, Setting, WrongValue, one_of
from fsconsole.inbox.terms_known import SECTIONS, TERM_KINDS
from fsconsole.inbox.terms_values import Wrong, agreement_of
from fsconsole.inbox.toml_lines import Place, line_at, lines_of
from fsconsole.values.agreement import Agreement, Row
from fsconsole.values.money import places
from fsconsole.values.terms import Contract
from fsconsole.values.work import NO_ID, Reject


class TermsFile(NamedTuple):
    """What a price file says: the agreement, how far to price, what it expects, and what it wrote of it."""

    agreement: Agreement
    through: date | None
    expect: Mapping[str, Any]
    sections: frozenset[str]
    rows: Mapping[str, Sequence[Row]] = {}
    notes: tuple[Reject, ...] = ()  # what was taken as written, but is seldom meant


@dataclass(slots=True)
class _Reading:
    """One pass over a file: where things stand, and what was wrong."""

    file: str
    lines: Mapping[Place, int]
    rejects: list[Reject] = field(default_factory=list)
    setting: Setting = field(default_factory=Setting)
    zoned: bool = False  # whether the contract says in which zone its local times are

    def wrong(self, place: Place, value: Any, reason: str) -> None:
        name = ".".join(str(part) for part in place if not isinstance(part, int))
        shown = "" if isinstance(value, dict | list) or value is None else str(value)
        self.rejects.append(Reject(self.file, line_at(dict(self.lines), place), name, shown, reason))


#: What the rows of a file say that does not hold, with the place of each, as one who knows the rules sees it.
Check = Callable[[Mapping[str, Sequence[Row]]], Iterable[Wrong]]


def read_terms(data: bytes, file: str = "terms.toml", check: Check | None = None) -> tuple[TermsFile | None, list[Reject]]:
    """The values of a price file and what could not be taken; None when it is not TOML at all.

    What ``check`` finds in the rows is told with its file, line and field, as everything else that is wrong.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        return None, [Reject(file, line, "", "", "this is not UTF-8 text; save the file as UTF-8")]
    try:
        tables = tomllib.loads(text, parse_float=Decimal)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError, ArithmeticError) as error:
        found = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        what = "a number in it is too long" if isinstance(error, ArithmeticError) else re.sub(r"\s*\(at .*\)", "", str(error))
        what = what or "it is not TOML"
        hint = "" if found else "; see toml.io for how it is written"
        line = int(found[1]) if found else text.count("\n") + 1
        what = slip(what, (text.splitlines()[line - 1 : line] or [""])[0]) if found else what
        return None, [Reject(file, line, "", "", f"not TOML: {what[0].lower()}{what[1:]}{hint}")]
    reading = _Reading(file, lines_of(text))
    sections = _sections(reading, tables)
    rows = _rows(reading, sections)
    agreement, wrong = agreement_of(rows, reading.setting)
    for place, value, reason in (*wrong, *(check(rows) if check else ())):
        reading.wrong(place, value, reason)
    through = rows["contract"][0].get("through") if rows.get("contract") else None
    expect = tables.get("expect")
    if not isinstance(expect, dict | None):
        reading.wrong(("expect",), None, "a section is written [expect]")
    told = frozenset(rows) - {"expect"}
    notes = _notes(reading, rows, agreement)
    return TermsFile(agreement, through, expect if isinstance(expect, dict) else {}, told, rows, notes), reading.rejects


#: Revisions that are looked at where they come before what they change begins.
EARLY = ("price", "quantity", "transfer", "suspend", "end")
BELOW = "that is below nothing: each period is a credit; what comes off another price is a [[discount]]"


def _notes(reading: _Reading, rows: Mapping[str, Sequence[Row]], agreement: Agreement) -> tuple[Reject, ...]:
    """What can be priced as it is written, but looks like a slip: told with its line, and not refused."""
    told = _Reading(reading.file, reading.lines)
    start = agreement.contract.start
    for row, revision in zip(rows.get("revision", ()), agreement.revisions, strict=True):
        term = next((one for one in agreement.terms if one.id == revision.term), None)
        first = max((day for day in (start, term.start if term else None) if day), default=None)
        if revision.start and first and revision.start < first and revision.what in EARLY:
            about = "the term" if term and term.start == first else "the contract"
            then = "nothing is billed" if revision.what == "end" else "it counts from the first day"
            told.wrong((*row["place"], "on"), revision.start, f"that is before {about} begins ({first}): {then}")
    for name in ("term", "asset", "revision"):
        for row in rows.get(name, ()):
            for field_ in ("amount", "quantity"):
                if row.get(field_, 0) < 0:
                    value = Decimal(row[field_])
                    shown = value.scaleb(-places(reading.setting.currency)) if field_ == "amount" else value
                    told.wrong((*row["place"], field_), f"{shown:f}", BELOW)
    return tuple(told.rejects)


def _sections(reading: _Reading, tables: Mapping[str, Any]) -> dict[str, list[Mapping[str, Any]]]:
    """The tables of each known section; a section that is told once may be written [x] or [[x]]."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for name, value in tables.items():
        about = SECTIONS.get(name)
        if about is None:
            known = ", ".join(SECTIONS)
            place: Place = (name, 0) if isinstance(value, list) else (name,)
            hint = like(name, list(SECTIONS)) or _a_kind(name) or f"; there are {known}"
            reading.wrong(place, None, f"there is no section “{name}”{hint}")
            continue
        if name == "expect":
            continue
        several = value if isinstance(value, list) else [value]
        if not all(isinstance(one, dict) for one in several):
            reading.wrong(
                (name,), value, f"{name} is a section: write [{'[' if about.many else ''}{name}{']' if about.many else ''}]"
            )
            continue
        if not about.many and len(several) > 1:
            reading.wrong((name, 1), None, f"there can be only one [{name}]")
        found[name] = several if about.many else several[:1]
    return found


def _a_kind(name: str) -> str:
    """What is written as a section, but is a kind of term."""
    kind = next((one for one in TERM_KINDS if one.replace(" ", "_") == name.lower().replace(" ", "_")), "")
    return f"; it is a kind of term: write [[term]] and kind = \"{kind}\"" if kind else ""


def _of_kinds(place: Place, name: str) -> str:
    """The kinds of term that have a field which this one has not."""
    kinds = [kind for kind, fields in TERM_KINDS.items() if any(one.name == name for one in fields)]
    if place[0] != "term" or len(place) > 2 or not kinds:
        return ""
    return f"; it is a field of kind = {' or '.join(f'“{kind}”' for kind in kinds)}"


def _rows(reading: _Reading, sections: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, list[Row]]:
    """Every section read; the contract first, because its currency and zone decide how the rest is read."""
    rows: dict[str, list[Row]] = {}
    for name in sorted(sections, key=lambda name: (name != "contract", name != "zone")):
        about = SECTIONS[name]
        rows[name] = []
        for index, table in enumerate(sections[name]):
            place: Place = (name, index) if (name, index) in reading.lines or about.many else (name,)
            fields = about.fields
            if name == "term":
                fields = (*fields, *_kind(reading, place, table))
            if name == "contract":
                # Before the rest, whatever the order in which they are written.
                zone, money = _plain(table, "timezone"), _plain(table, "currency") or "GBP"
                reading.zoned = bool(zone)
                reading.setting = _setting(zone, money if re.fullmatch("[A-Z]{3}", money) else "GBP", ())
            shared = reading.setting
            if name == "deadline" and not reading.zoned and (own := _plain(table, "timezone")):
                reading.setting = _setting(own, shared.currency, ())
            row = _read_table(reading, place, table, fields)
            if name != "contract":
                reading.setting = shared
            rows[name].append({**row, "line": line_at(dict(reading.lines), place), "place": place})
        if name == "zone":
            zones = tuple((row["from"], row["timezone"]) for row in rows[name] if "from" in row and "timezone" in row)
            first = rows["contract"][0] if rows.get("contract") else {}
            reading.setting = _setting(first.get("timezone", ""), reading.setting.currency, zones)
            reading.zoned = reading.zoned or bool(zones)
    return rows


def _plain(table: Mapping[str, Any], name: str) -> str:
    value = table.get(name)
    return value if isinstance(value, str) else ""


def _setting(zone: str, currency: str, zones: tuple[tuple[date, str], ...]) -> Setting:
    try:
        READERS["zone"](zone or "UTC", Setting())
    except WrongValue:
        zone = ""
    return Setting(currency, Agreement(contract=Contract(id=NO_ID, timezone=zone, zones=zones)).instant)


def _kind(reading: _Reading, place: Place, table: Mapping[str, Any]) -> tuple[Field, ...]:
    kind = table.get("kind", "fixed")
    known = TERM_KINDS.get(kind) if isinstance(kind, str) else None
    if known is None:
        kinds = ", ".join(TERM_KINDS)
        reading.wrong((*place, "kind"), kind, f"expected one of {kinds}{like(str(kind), list(TERM_KINDS))}")
        return tuple(replace(one, needed=False) for fields in TERM_KINDS.values() for one in fields)
    return known


def _read_table(reading: _Reading, place: Place, table: Mapping[str, Any], fields: Iterable[Field]) -> dict[str, Any]:
    """One table as read values by field; what is wrong is noted and left out."""
    known = {one.name: one for one in fields}
    row: dict[str, Any] = {}
    for name, raw in table.items():
        about = known.get(name)
        if about is None:
            hint = like(name, list(known)) or _of_kinds(place, name) or f"; it has {', '.join(known)}"
            reading.wrong((*place, name), None, f"there is no field “{name}” here{hint}")
            continue
        try:
            row[name] = _read(reading, (*place, name), raw, about)
        except WrongValue as wrong:
            reading.wrong((*place, name), raw, f"expected {wrong}")
    if "last_day" in row:
        if "until" in row:
            reading.wrong((*place, "last_day"), row["last_day"], "say until or last_day, not both")
        elif row["last_day"] < date.max:
            row["until"] = row.pop("last_day") + timedelta(days=1)
    for name, about in known.items():
        if about.needed and name not in table:
            reading.wrong(place, None, f"{name} is missing" + (f": {about.help}" if about.help else ""))
    return row


def _read(reading: _Reading, place: Place, raw: Any, about: Field) -> Any:
    if about.kind == "choice":
        return one_of(raw, about)
    if about.kind == "table":
        if not isinstance(raw, dict):
            raise WrongValue(f"a table such as {{ {', '.join(f'{one.name} = …' for one in about.fields[:3])} }}")
        return _read_table(reading, place, raw, about.fields)
    if about.kind == "tables":
        if not isinstance(raw, list) or not all(isinstance(one, dict) for one in raw):
            raise WrongValue(f"a list of tables such as [{{ {', '.join(f'{one.name} = …' for one in about.fields[:3])} }}]")
        return [_read_table(reading, (*place, index), one, about.fields) for index, one in enumerate(raw)]
    if about.name == "holidays" and isinstance(raw, str) and not raw[:1].isdigit():
        raise WrongValue("the days themselves, such as [2025-12-25, 2025-12-26]: no country's or region's holidays are built in")
    if about.kind.endswith(" list"):
        reader = READERS[about.kind.removesuffix(" list")]
        return tuple(reader(one, reading.setting) for one in (raw if isinstance(raw, list) else [raw]))
    return READERS[about.kind](raw, reading.setting)
